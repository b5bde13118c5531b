// An account that can be taken to a line: by mouse, or chosen by its box.
import { Go, Money } from "../../parts/basic.js";
import { addressOf } from "../../routes.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";

/** `amount` of what it holds, undefined: not told; `note` behind its name. */
export function Account({ account, amount, note, choosing: { may, chosen, pick }, administration }) {
  const say = useWords("mapping");
  const { number, name, rubric } = account;
  const toggle = () => {
    const next = new Set(chosen);
    if (!next.delete(number)) next.add(number);
    pick(next);
  };
  const drag = (event) => {
    event.dataTransfer.setData("text/plain", (chosen.has(number) ? [...chosen] : [number]).join(","));
    event.dataTransfer.effectAllowed = "move";
  };
  const label = html`<span class="account-number">${number}</span> ${name}${rubric && html` <span class="rubric" title=${say("rubric")}><span class="unseen">${say("rubric")} </span>${rubric}</span>`}`;
  return html`<li class="account" draggable=${may ? "true" : undefined} onDragStart=${may ? drag : undefined}>
    ${may ? html`<label><input type="checkbox" checked=${chosen.has(number)} onChange=${toggle} /> <span>${label}</span></label>` : html`<span>${label}</span>`}
    ${note && html`<span class="hint">${note}</span>`}
    ${amount !== undefined && html`<${Go} to=${addressOf("ledger", { administration: administration.id }, { account: number })}><${Money} value=${amount} /><span class="unseen"> ${say("ledger.of", { number })}</span><//>`}
  </li>`;
}

/** What makes an element take accounts that are dropped on it. */
export function dropping({ may, move }, key, over, setOver) {
  if (!may) return {};
  return {
    onDragOver: (event) => {
      event.preventDefault();
      if (over !== key) setOver(key);
    },
    onDragLeave: (event) => !event.currentTarget.contains(event.relatedTarget) && setOver(undefined),
    onDrop: (event) => {
      event.preventDefault();
      setOver(undefined);
      const numbers = event.dataTransfer.getData("text/plain").split(",").filter((each) => /^\d{6,}$/.test(each));
      if (numbers.length) move(numbers, key);
    },
  };
}
