// Accounts that no line takes: first those that are booked on, with what they hold.
import { Badge, Button } from "../../parts/basic.js";
import { sum } from "../../state/amounts.js";
import { number } from "../../state/formats.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";
import { Account, dropping } from "./account.js";
import { takerOf, takesPair } from "./draft.js";

const MOST = 200;

export function Unmapped({ accounts, unmapped, rules, taker, saved, choosing, administration }) {
  const say = useWords("mapping");
  const [over, setOver] = useState();
  const held = heldBy(unmapped, rules);
  const before = saved ? takerOf(saved.rules) : () => null;
  const used = accounts.filter(({ number: each }) => held.has(each) || (taker(each) === null && before(each) !== null));
  const unused = accounts.filter(({ number: each }) => taker(each) === null && before(each) === null && !held.has(each));
  return html`<section class=${`unmapped${over === null ? " over" : ""}`} aria-label=${say("unmapped")} ...${dropping(choosing, null, over, setOver)}>
    <h2>${say("unmapped")} <${Badge} tone=${used.length ? "warn" : "good"}>${number(used.length)}<//></h2>
    ${used.length === 0
      ? html`<p class="hint">${say(saved ? "unmapped.none" : "unmapped.new")}</p>`
      : html`<${List} rows=${used} choosing=${choosing} administration=${administration} held=${held} />`}
    ${unused.length > 0 && html`<${Unused} rows=${unused} isOpen=${!saved} choosing=${choosing} administration=${administration} />`}
  </section>`;
}

/** Of the pairs that the draft does not take either: {amount, note} of each account, the cost centres in the note. */
function heldBy(unmapped, rules) {
  const held = new Map();
  for (const { account, dimensionValue, amount } of unmapped) {
    if (takesPair(rules, account.number, dimensionValue)) continue;
    const known = held.get(account.number) ?? { amounts: [], values: [] };
    known.amounts.push(amount);
    if (dimensionValue) known.values.push(dimensionValue.name);
    held.set(account.number, known);
  }
  return new Map([...held].map(([key, { amounts, values }]) => [key, { amount: sum(amounts), note: values.join(", ") }]));
}

function List({ rows, choosing, administration, held = new Map() }) {
  const say = useWords("mapping");
  return html`
    <${ChooseAll} rows=${rows} choosing=${choosing} />
    <ul class="accounts">${rows.slice(0, MOST).map((account) => html`<${Account} key=${account.number} account=${account} ...${held.get(account.number)} choosing=${choosing} administration=${administration} />`)}</ul>
    ${rows.length > MOST && html`<p class="hint">${say("more", { count: rows.length - MOST })}</p>`}
  `;
}

function ChooseAll({ rows, choosing: { may, chosen, pick } }) {
  const say = useWords("mapping");
  const are = rows.every(({ number: each }) => chosen.has(each));
  const turn = () => pick(new Set(are ? [] : rows.map(({ number: each }) => each)));
  return may && html`<p><${Button} onPress=${turn}>${say(are ? "choose.none" : "choose.all", { count: rows.length })}<//></p>`;
}

function Unused({ rows, isOpen, choosing, administration }) {
  const say = useWords("mapping");
  const [open, turn] = useState(isOpen);
  return html`<details open=${open} onToggle=${(event) => turn(event.currentTarget.open)}>
    <summary>${say(isOpen ? "unmapped.all" : "unused", { count: rows.length })}</summary>
    ${open && html`<${List} rows=${rows} choosing=${choosing} administration=${administration} />`}
  </details>`;
}
