// What has to be said before the figures are sure: the role of an account, the plan of a category.
import { Badge, Button } from "../../parts/basic.js";
import { isZero } from "../../state/amounts.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";

/** Land, assets under construction and financial assets are not depreciated as a rule. */
const NEVER_PLANNED = /^(220|27|28)/;

export function Unsettled({ assets, may, open }) {
  const say = useWords("assets");
  const accounts = assets.accounts.filter(({ doubt }) => doubt !== null);
  const categories = assets.categories.filter(
    ({ key, netBookValue, depreciationMethod }) => depreciationMethod === null && !isZero(netBookValue) && !NEVER_PLANNED.test(key),
  );
  if (accounts.length + categories.length === 0) return null;
  return html`<section class="card unsettled" aria-label=${say("unsettled")}>
    <h2>${say("unsettled")} <${Badge} tone="warn">${accounts.length + categories.length}<//></h2>
    <ul>
      ${accounts.map((row) => html`<li key=${row.account.number}>
        <span><b>${row.account.number} ${row.account.name}</b> · ${say(`role.${row.role}`)} <span class="hint">${row.doubt}</span></span>
        ${may && html`<${Button} label=${say("labelled", { action: say("role.set"), name: `${row.account.number} ${row.account.name}` })} onPress=${() => open({ account: row })}>${say("role.set")}<//>`}
      </li>`)}
      ${categories.map((category) => html`<li key=${category.key}>
        <span><b>${category.key} ${category.name}</b> <span class="hint">${say("unsettled.plan")}</span></span>
        ${may && html`<${Button} label=${say("labelled", { action: say("plan.set"), name: `${category.key} ${category.name}` })} onPress=${() => open({ category })}>${say("plan.set")}<//>`}
      </li>`)}
    </ul>
    ${!may && html`<p class="hint">${say("unsettled.notYours")}</p>`}
  </section>`;
}
