// The ledger lines behind a figure: narrowed by the address, a page at a time, with totals over all that it finds.
import { operation } from "../api/client.js";
import { Badge, Go, Money } from "../parts/basic.js";
import { Exports } from "../parts/exports.js";
import { Freshness } from "../parts/freshness.js";
import { Asked, Empty, Failed, PageHead } from "../parts/page.js";
import { Pager, Table } from "../parts/table.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { day, number } from "../state/formats.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html, useRef } from "../vendor/view.js";
import { filterOf, parametersOf } from "./ledger/filter.js";
import { Filters } from "./ledger/filters.js";

const LINES = operation("pages/ledger", "Lines");
const TOTALS = operation("pages/ledger", "Totals");
const CHOICES = operation("pages/ledger", "Choices");
const ROWS = 100;

export default function Ledger({ administration }) {
  const say = useWords("ledger");
  const [query, change] = useQuery();
  const { data } = useAsked(CHOICES, { id: administration.id });
  const choices = data?.administration;
  const filter = filterOf(query);
  const order = query.get("order") === "oldest" ? "OLDEST_FIRST" : "NEWEST_FIRST";
  const narrow = (values) => change({ ...values, after: null, before: null }, { push: true });
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      ${filter && html`<${Exports} administration=${administration.id} report="transactions" of=${say("title")} parameters=${parametersOf(filter, order)} />`}
    <//>
    <div class="ledger">
      <${Filters} administration=${administration} choices=${choices} query=${query} narrow=${narrow} isWrong=${filter === null} />
      ${filter === null
        ? html`<p class="notice warn" role="alert">${say("account.wrong")}</p>`
        : html`<${Found} administration=${administration} choices=${choices} query=${query} change=${change} filter=${filter} order=${order} />`}
    </div>
  `;
}

function Found({ administration, choices, query, change, filter, order }) {
  const id = administration.id;
  const box = useRef(null);
  const [after, before] = [query.get("after"), query.get("before")];
  const part = before ? { last: ROWS, before } : { first: ROWS, after };
  const asked = useAsked(LINES, { id, filter, order, ...part }, { follows: id });
  const counted = useAsked(TOTALS, { id, filter }, { follows: id });
  const totals = counted.isOld ? null : (counted.data?.administration.transactions ?? null);
  const turn = (cursor) => {
    change({ after: null, before: null, ...cursor }, { push: true });
    box.current?.scrollIntoView({ block: "start" });
  };
  return html`<div ref=${box} class="found-lines">
    <${Totals} currency=${administration.currency} totals=${totals} />
    ${!totals && counted.failure && html`<${Failed} failure=${counted.failure} askAgain=${counted.askAgain} />`}
    <${Asked} asked=${asked} rows=${14}>
      ${({ administration: { freshness, transactions } }) => html`
        <${Freshness} administration=${id} freshness=${freshness} />
        <${Lines} administration=${administration} choices=${choices} query=${query} transactions=${transactions} total=${totals?.totalCount} turn=${turn} />
      `}
    <//>
  </div>`;
}

/** Over everything that the filter finds; their room is there before they are. */
function Totals({ currency, totals }) {
  const say = useWords("ledger");
  const money = (value) => html`<${Money} value=${value} currency=${currency} />`;
  return html`<section aria-label=${say("totals")}><dl class="totals">
    <div><dt>${say("count")}</dt><dd>${totals ? number(totals.totalCount) : "–"}</dd></div>
    <div><dt>${say("debit")}</dt><dd>${money(totals?.totals.debit)}</dd></div>
    <div><dt>${say("credit")}</dt><dd>${money(totals?.totals.credit)}</dd></div>
    <div><dt>${say("net")}</dt><dd>${money(totals?.totals.net)}</dd></div>
  </dl></section>`;
}

function Lines({ administration, choices, query, transactions, total, turn }) {
  const say = useWords("ledger");
  const { edges, pageInfo } = transactions;
  const rows = edges.map(({ node }) => node);
  if (rows.length === 0) return html`<${Empty} title=${say("nothing.title")}><p class="hint">${say("nothing.text")}</p><//>`;
  const days = rows.map(({ effectiveDate }) => effectiveDate).toSorted();
  const span = { from: day(days[0]), to: day(days.at(-1)), count: rows.length };
  const name = nameOf(query, choices, rows);
  const shown = total === undefined ? say("shown", span) : say("shownOf", { ...span, total: number(total) });
  return html`
    ${name && html`<h2 class="narrowed">${name}</h2>`}
    <${Table} caption=${say("caption")} rows=${rows} rowKey=${({ id }) => id} rowClass=${({ entryType }) => (entryType === "YEAR_OPENING" ? "opening" : "")}
      columns=${columnsOf(administration, rows, query, say)} />
    <${Pager} pageInfo=${pageInfo} turn=${turn} shown=${shown} />
  `;
}

/** The account and the relation that the lines are of. */
function nameOf(query, choices, rows) {
  const account = choices?.accounts.find(({ number: each }) => each === query.get("account"));
  const relation = rows.find((row) => row.relation && String(row.relation.number) === query.get("relation"))?.relation;
  const names = [account && `${account.number} ${account.name}`, relation?.name].filter(Boolean);
  return names.length ? names.join(" · ") : null;
}

/** Without those that no row fills. */
function columnsOf(administration, rows, query, say) {
  const id = administration.id;
  const span = { from: query.get("from"), to: query.get("to"), bookyear: query.get("bookyear") };
  const amount = (value) => /[1-9]/.test(value) && html`<${Money} value=${value} />`;
  const columns = [
    { key: "day", head: say("day"), cell: ({ effectiveDate }) => html`<time class="nowrap" datetime=${effectiveDate}>${day(effectiveDate)}</time>` },
    {
      key: "booking", head: say("booking"), rowHead: true,
      cell: (row) => html`<${Go} class="nowrap" to=${addressOf("booking", { administration: id, booking: row.bookingCode })}>${row.journalKey} ${row.documentNumber}<//>`,
    },
    {
      key: "account", head: say("account"), has: () => !/^\d{6,}$/.test(query.get("account") ?? ""),
      cell: ({ account }) => html`<${Go} to=${addressOf("ledger", { administration: id }, { ...span, account: account.number })}>${account.number}<//> <span class="hint">${account.name}</span>`,
    },
    {
      key: "description", head: say("description"),
      cell: ({ entryType, description, reference }) => html`${entryType === "YEAR_OPENING" && html`<${Badge}>${say("opening")}<//> `}${description}${reference && html` <span class="hint">${reference}</span>`}`,
    },
    {
      key: "relation", head: say("relation"), has: ({ relation }) => relation,
      cell: ({ relation }) => relation && html`<${Go} to=${addressOf("ledger", { administration: id }, { ...span, relation: relation.number })}>${relation.name}<//>`,
    },
    { key: "dimension", head: say("dimension"), has: ({ dimensionValues }) => dimensionValues.length > 0, cell: ({ dimensionValues }) => dimensionValues.map(({ name }) => name).join(", ") },
    { key: "debit", head: say("debit"), numeric: true, cell: ({ debit }) => amount(debit) },
    { key: "credit", head: say("credit"), numeric: true, cell: ({ credit }) => amount(credit) },
  ];
  return columns.filter(({ has }) => !has || rows.some(has));
}
