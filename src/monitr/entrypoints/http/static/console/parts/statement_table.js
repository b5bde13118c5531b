// The table of a statement: lines that open and close, every amount a link to the lines of the ledger that make it.
import { money } from "../state/formats.js";
import { language } from "../state/language.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { Go } from "./basic.js";
import { Icon } from "./icon.js";
import { Difference } from "./tile.js";

const UNMAPPED = "unmapped";
const DEEPEST = 6;

/** `tree` of treeOf, `columns` as in statement.js; `ledger(accounts, column)` is an address or null, `result` that of what
 *  the year's result is made of, `mapping` that of the mapping. Which lines are open stands in the address. */
export function StatementTable({ caption, tree, columns, ledger, result, mapping }) {
  const say = useWords("statement");
  language.use();
  const [query, change] = useQuery();
  const open = openLines(query.get("open"), tree);
  const digits = query.get("cents") ? 2 : 0;
  const isEmptyShown = query.get("empty") === "shown" || tree.rows.every((row) => !row.isFilled);
  const turn = (key, wanted) => {
    const next = new Set(open);
    if (wanted) next.add(key);
    else next.delete(key);
    change({ open: [...next].join(",") || "none" });
  };
  const rows = tree.rows.filter((row) => (row.isFilled || isEmptyShown) && row.above.every((key) => open.has(key)));
  const cells = ({ amounts, ...row }, to = (column) => (column.change ? null : ledger(row.covered(column.at), column))) =>
    columns.map((column, index) => html`<${Cell} key=${index} column=${column} digits=${digits} amounts=${amounts} to=${to(column)} />`);
  const accounts = (each) =>
    html`<tr key=${`${each.of} ${each.number}`} class="account">
      <th scope="row" class=${`indent-${Math.min(each.level, DEEPEST)}`}><span class="statement-name"><span class="code">${each.number}</span> ${each.name}</span></th>
      ${cells(each)}
    </tr>`;
  return html`<section class="table statement" aria-label=${caption} tabindex="0">
    <table>
      <caption class="unseen">${caption}</caption>
      <thead><tr>
        <th scope="col">${say("line")}</th>
        ${columns.map((column, index) => html`<th key=${index} scope="col" class=${classOf(column)}>${column.head}${column.note && html`<small>${column.note}</small>`}</th>`)}
      </tr></thead>
      <tbody>
        ${tree.unmapped.length > 0 && html`<tr class="unmapped">
          <th scope="row"><${Twisty} isOpen=${open.has(UNMAPPED)} turn=${(wanted) => turn(UNMAPPED, wanted)}>${say("unmapped", { count: tree.unmapped.length })}<//></th>
          <td colspan=${columns.length}><${Go} to=${mapping}>${say("unmapped.map")}<//></td>
        </tr>`}
        ${open.has(UNMAPPED) && tree.unmapped.map((each) => accounts({ ...each, of: UNMAPPED, level: 1 }))}
        ${rows.flatMap((row) => {
          const mayOpen = row.hasParts || row.accounts.length > 0;
          const shown = html`<tr key=${row.key} class=${row.isSum && row.level === 0 ? "sum" : ""}>
            <th scope="row" class=${`indent-${Math.min(row.level, DEEPEST)}`}>
              ${mayOpen
                ? html`<${Twisty} isOpen=${open.has(row.key)} turn=${(wanted) => turn(row.key, wanted)}><${LineName} row=${row} /><//>`
                : html`<span class="statement-name leaf"><${LineName} row=${row} /></span>`}
            </th>
            ${row.key === "RESULT" ? cells(row, () => result) : cells(row)}
          </tr>`;
          const below = open.has(row.key) ? row.accounts : [];
          return [shown, ...below.map((each) => accounts({ ...each, of: row.key, level: row.level + 1 }))];
        })}
      </tbody>
    </table>
  </section>`;
}

/** The rubric's own code, where it is one; the keys of one's own lines are not for reading. */
const LineName = ({ row }) => html`${/^\d/.test(row.key) && html`<span class="code">${row.key}</span> `}${row.name}`;

/** Of the address: "all", "none", keys; without it the outermost lines that have no accounts themselves, and what is
 *  unmapped. */
function openLines(asked, { rows }) {
  if (asked === "none") return new Set();
  if (asked === "all") return new Set([UNMAPPED, ...rows.map(({ key }) => key)]);
  if (asked) return new Set(asked.split(","));
  return new Set([UNMAPPED, ...rows.filter((row) => row.level === 0 && row.hasParts && row.accounts.length === 0).map(({ key }) => key)]);
}

/** Opens and closes by click, Enter, space, and the arrows to the right and left. */
function Twisty({ isOpen, turn, children }) {
  const arrow = (event) => {
    const wanted = { ArrowRight: true, ArrowLeft: false }[event.key];
    if (wanted === undefined || wanted === isOpen) return;
    event.preventDefault();
    turn(wanted);
  };
  return html`<button type="button" class="twisty" aria-expanded=${String(isOpen)} onClick=${() => turn(!isOpen)} onKeyDown=${arrow}>
    <${Icon} name="right" /><span class="statement-name">${children}</span>
  </button>`;
}

const classOf = ({ isComparison, isTotal, change }) => `numeric${isComparison ? " before" : ""}${isTotal ? " total" : ""}${change ? " change" : ""}`;

function Cell({ column, amounts, digits, to }) {
  if (column.change) {
    const [now, before] = column.change;
    const areKnown = now.isKnown && before.isKnown;
    return html`<td class=${classOf(column)}>${areKnown && html`<${Difference} value=${amounts[now.at]} before=${amounts[before.at]} />`}</td>`;
  }
  if (!column.isKnown) return html`<td class=${classOf(column)}><span class="amount none">–</span></td>`;
  const amount = amounts[column.at];
  const tone = !/[1-9]/.test(amount) ? " none" : amount.startsWith("-") ? " negative" : "";
  const shown = money(amount, { digits });
  return html`<td class=${classOf(column)}>${to ? html`<a class=${`amount${tone}`} href=${to}>${shown}</a>` : html`<span class=${`amount${tone}`}>${shown}</span>`}</td>`;
}
