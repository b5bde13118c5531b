// Small parts: amounts, days, badges, buttons, links, fields.
import { day, moment, money } from "../state/formats.js";
import { language } from "../state/language.js";
import { address } from "../state/router.js";
import { html, useId, useState } from "../vendor/view.js";
import { Icon } from "./icon.js";

/** An amount of the API, right-aligned by its column; null: a dash. Options as of `money` in formats.js. */
export function Money({ value, currency, digits, signed }) {
  language.use();
  if (value == null) return html`<span class="amount none">–</span>`;
  const tone = value.startsWith("-") && /[1-9]/.test(value) ? " negative" : "";
  return html`<span class=${`amount${tone}`}>${money(value, { currency, digits, signed })}</span>`;
}

/** A day, YYYY-MM-DD; null: a dash. */
export function Day({ value }) {
  language.use();
  return value == null ? "–" : html`<time datetime=${value}>${day(value)}</time>`;
}

/** A moment of the API; null: a dash. */
export function Moment({ value }) {
  language.use();
  return value == null ? "–" : html`<time datetime=${value}>${moment(value)}</time>`;
}

/** `tone`: "good", "warn", "bad" or none. The words say it too: colour alone never does. */
export const Badge = ({ tone = "", children }) => html`<span class=${`badge ${tone}`}>${children}</span>`;

/** `kind`: "primary", "quiet" or "danger". `label` says what it acts on where the text alone does not. It rests while
 *  the promise of `onPress` is open. */
export function Button({ onPress, kind = "quiet", label, icon, disabled = false, type = "button", children, ...more }) {
  const [isResting, rest] = useState(false);
  const press = async (event) => {
    if (!onPress) return;
    rest(true);
    try {
      await onPress(event);
    } finally {
      rest(false);
    }
  };
  return html`<button
    type=${type} class=${kind} aria-label=${label} title=${children ? undefined : label} aria-disabled=${isResting || undefined}
    disabled=${disabled} onClick=${isResting ? undefined : press} ...${more}
  >${icon && html`<${Icon} name=${icon} />`}${children}</button>`;
}

/** A link to an address of `addressOf`; where there is none (null), its text alone. */
export function Go({ to, children, ...more }) {
  const { path } = address.use();
  if (to == null) return html`<span class=${more.class}>${children}</span>`;
  return html`<a href=${to} aria-current=${to.split("?")[0] === path ? "page" : undefined} ...${more}>${children}</a>`;
}

/** A field with its label above it: `children` is a function of the id. */
export function Field({ label, children }) {
  const id = useId();
  return html`<div class="field"><label for=${id}>${label}</label>${children(id)}</div>`;
}

/** `options`: [value, text] pairs. */
export const Select = ({ label, value, options, onChange }) => html`<${Field} label=${label}>
  ${(id) => html`<select id=${id} value=${value} onChange=${(event) => onChange(event.target.value)}>
    ${options.map(([each, text]) => html`<option key=${each} value=${each} selected=${each === value}>${text}</option>`)}
  </select>`}
<//>`;

/** One of a few, all of them seen. `options`: [value, text] pairs. */
export function Segments({ label, value, options, onChange }) {
  const name = useId();
  return html`<fieldset class="segments">
    <legend class="unseen">${label}</legend>
    ${options.map(
      ([each, text]) => html`<label key=${each}>
        <input type="radio" name=${name} value=${each} checked=${each === value} onChange=${() => onChange(each)} />
        <span>${text}</span>
      </label>`,
    )}
  </fieldset>`;
}

/** The filters of a view in a row; they act at once. */
export const FilterBar = ({ label, children }) => html`<div class="filters" role="group" aria-label=${label}>${children}</div>`;
