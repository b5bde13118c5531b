// What is open with each customer or supplier; a row opens to its items.
import { Day, Field, Go, Money } from "../../parts/basic.js";
import { Icon } from "../../parts/icon.js";
import { Empty } from "../../parts/page.js";
import { Pager } from "../../parts/table.js";
import { addressOf } from "../../routes.js";
import { number } from "../../state/formats.js";
import { useQuery } from "../../state/router.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";
import { Items } from "./items.js";

const SIZE = 25;
const MOST = 500;
const DOWN = "-";

export function Relations({ administration, viewer, type, on, open }) {
  const say = useWords("outstanding");
  const [query, change] = useQuery();
  const sort = query.get("sort") ?? `${DOWN}total`;
  const found = sorted(matching(open.byRelation, query.get("search") ?? ""), sort);
  const page = Math.min(Number(query.get("page") ?? 0), Math.max(0, Math.ceil(found.length / SIZE) - 1));
  const rows = found.slice(page * SIZE, (page + 1) * SIZE);
  const opened = query.get("relation");
  const heads = [
    ["name", say(`relation.${type}`)],
    ...open.buckets.map(({ label }, index) => [`bucket${index}`, label]),
    ["overdue", say("overdue")],
    ["total", say("total")],
    ["oldest", say("oldestDue")],
  ];
  const order = (key) => change({ sort: sort === `${DOWN}${key}` ? key : `${DOWN}${key}`, page: null });
  const what = { administration, viewer, type, on };
  return html`
    <${Field} label=${say("search")}>
      ${(id) => html`<input id=${id} type="search" value=${query.get("search") ?? ""} onInput=${(event) => change({ search: event.target.value, page: null })} />`}
    <//>
    ${open.byRelation.length === MOST && html`<p class="hint">${say("most", { count: MOST })}</p>`}
    ${found.length === 0
      ? html`<${Empty} title=${say("none")} />`
      : html`<section class="table relations" aria-label=${say(`view.relations.${type}`)} tabindex="0">
          <table>
            <caption class="unseen">${say(`view.relations.${type}`)}</caption>
            <thead><tr>${heads.map(([key, text]) => html`<${Head} key=${key} name=${key} sort=${sort} order=${order}>${text}<//>`)}</tr></thead>
            <tbody>${rows.flatMap((row) => html`<${Row} key=${row.relation?.number ?? ""} row=${row} width=${heads.length} isOpen=${String(row.relation?.number) === opened} ...${what} />`)}</tbody>
          </table>
        </section>
        ${found.length > SIZE && html`<${Pager}
          pageInfo=${{ hasPreviousPage: page > 0, startCursor: page - 1, hasNextPage: (page + 1) * SIZE < found.length, endCursor: page + 1 }}
          turn=${({ after, before }) => change({ page: String(after ?? before) })}
          shown=${say("shown", { from: number(page * SIZE + 1), to: number(page * SIZE + rows.length), total: number(found.length) })}
        />`}`}
  `;
}

function matching(rows, text) {
  const wanted = text.trim().toLowerCase();
  return rows.filter(({ relation }) => !wanted || `${relation?.number ?? ""} ${relation?.name ?? ""}`.toLowerCase().includes(wanted));
}

const cents = (amount) => BigInt(amount.replace(".", ""));

/** What a column sorts by; amounts exactly, in cents. */
function valueOf({ relation, amount, overdue, oldestDueDate, buckets }, key) {
  if (key === "name") return (relation?.name ?? "").toLowerCase();
  if (key === "oldest") return oldestDueDate ?? "";
  if (key === "overdue") return cents(overdue);
  const [, bucket] = /^bucket(\d+)$/.exec(key) ?? [];
  return cents(buckets[bucket]?.amount ?? amount);
}

/** `sort` is the key of a column, downwards with a minus in front. */
function sorted(rows, sort) {
  const isDown = sort.startsWith(DOWN);
  const key = isDown ? sort.slice(1) : sort;
  const compare = (one, other) => {
    if (typeof one === "string") return one.localeCompare(other);
    return one < other ? -1 : one > other ? 1 : 0;
  };
  return rows.toSorted((one, other) => compare(valueOf(one, key), valueOf(other, key)) * (isDown ? -1 : 1));
}

function Head({ name, sort, order, children }) {
  const way = sort === name ? "ascending" : sort === `${DOWN}${name}` ? "descending" : undefined;
  return html`<th scope="col" class=${name === "name" || name === "oldest" ? "" : "numeric"} aria-sort=${way}>
    <button type="button" class="sort" onClick=${() => order(name)}>${children}${way && html`<span aria-hidden="true">${way === "ascending" ? " ▲" : " ▼"}</span>`}</button>
  </th>`;
}

function Row({ row, width, isOpen, administration, viewer, type, on }) {
  const say = useWords("outstanding");
  const [, change] = useQuery();
  const { relation, amount, overdue, oldestDueDate, buckets } = row;
  const ledger = relation && viewer.permissions.includes("SEE_TRANSACTIONS") ? addressOf("ledger", { administration: administration.id }, { relation: relation.number, to: on }) : null;
  const turn = (wanted) => change({ relation: wanted ? relation.number : null });
  const arrow = ({ key }) => ((key === "ArrowRight" && !isOpen) || (key === "ArrowLeft" && isOpen)) && turn(!isOpen);
  return html`<tr>
      <th scope="row">${relation
        ? html`<button type="button" class="twisty" aria-expanded=${String(isOpen)} onClick=${() => turn(!isOpen)} onKeyDown=${arrow}>
            <${Icon} name="right" /><span>${relation.name}</span>
          </button>`
        : say("withoutRelation")}</th>
      ${buckets.map((bucket, index) => html`<td key=${index} class="numeric"><${Amount} value=${bucket.amount} /></td>`)}
      <td class="numeric"><${Amount} value=${overdue} /></td>
      <td class="numeric strong"><${Go} to=${ledger} class="amount-link"><${Money} value=${amount} /><//></td>
      <td><${Day} value=${oldestDueDate} /></td>
    </tr>
    ${isOpen && html`<tr class="opened"><td colspan=${width}>
      <${Items} administration=${administration} viewer=${viewer} type=${type} on=${on} relation=${relation} />
      ${ledger && html`<p><a href=${ledger}>${say("ledger.of", { name: relation.name })}</a></p>`}
    </td></tr>`}`;
}

/** Nothing to see where there is nothing. */
const Amount = ({ value }) => (/[1-9]/.test(value) ? html`<${Money} value=${value} />` : html`<span class="amount none">0</span>`);
