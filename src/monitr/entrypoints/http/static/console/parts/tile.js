// One figure with last year's beside it.
import { money, percent } from "../state/formats.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { Go, Money } from "./basic.js";

/** `value` and `before` are amounts of the API, null: not there yet. `to` is the page behind it; `note` a line below;
 *  `less` says that less is better, which colours the difference. */
export function Tile({ title, value, before, beforeTitle, to, note, currency, less = false }) {
  const say = useWords();
  return html`<article class="tile">
    <h2><${Go} to=${to}>${title}<//></h2>
    <p class="tile-value">
      <${Money} value=${value} currency=${currency} digits=${0} />
      <${Difference} value=${value} before=${before} less=${less} />
    </p>
    <p class="hint">${before == null ? say("tile.noBefore") : `${beforeTitle} ${money(before, { digits: 0 })}`}</p>
    ${note && html`<p class="hint">${note}</p>`}
  </article>`;
}

/** How much more than before, as a part of it: drawn from floats, since nobody adds it up. */
export function Difference({ value, before, less = false }) {
  if (value == null || before == null || Number(before) === 0) return null;
  const ratio = (Number(value) - Number(before)) / Math.abs(Number(before));
  if (Math.abs(ratio) < 0.0005) return html`<span class="difference">=</span>`;
  const tone = ratio > 0 !== less ? "up" : "down";
  return html`<span class=${`difference ${tone}`}>${ratio > 0 ? "▲" : "▼"} ${percent(Math.abs(ratio), { digits: Math.abs(ratio) < 1 ? 1 : 0 })}</span>`;
}
