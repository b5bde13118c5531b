// One document: its head, its lines, and what is still open of it.
import { operation } from "../api/client.js";
import { Badge, Day, Go, Money } from "../parts/basic.js";
import { Freshness } from "../parts/freshness.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { Pager, Table } from "../parts/table.js";
import { addressOf } from "../routes.js";
import { isZero, sum } from "../state/amounts.js";
import { useAsked } from "../state/asking.js";
import { number } from "../state/formats.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";

const BOOKING = operation("pages/booking", "Booking");
const OPEN = operation("pages/booking", "OpenItem");
const ROWS = 500;
const OPEN_ON = { 40: "RECEIVABLE", 44: "PAYABLE" };

export default function Booking({ params, administration, viewer }) {
  const say = useWords("booking");
  const [query, change] = useQuery();
  const after = Number(query.get("after")) || 0;
  const asked = useAsked(BOOKING, { id: administration.id, code: params.booking, first: ROWS, after }, { follows: administration.id });
  const found = asked.data?.administration.booking;
  const name = found ? say("name", { journal: found.journalKey, number: String(found.documentNumber) }) : say("title");
  return html`
    <${PageHead} title=${name} about=${administration.name} />
    <${Asked} asked=${asked} rows=${8}>
      ${({ administration: { booking, freshness, journals } }) =>
        booking === null
          ? html`<${Empty} title=${say("gone.title")}><p class="hint">${say("gone.text")}</p><//>`
          : html`
              <${Freshness} administration=${administration.id} freshness=${freshness} />
              <${Head} administration=${administration} booking=${booking} journals=${journals} viewer=${viewer} />
              <${Lines} administration=${administration} booking=${booking} after=${after} turn=${(next) => change({ after: next || null }, { push: true })} />
            `}
    <//>
  `;
}

const firstOf = (lines, key) => lines.find((line) => line[key] != null)?.[key] ?? null;
const spanOf = (bookyear) => ({ from: bookyear?.startDate, to: bookyear?.endDate });
const yearOf = (administration, booking) => administration.bookyears?.find((each) => each.number === booking.bookyear);

function Head({ administration, booking, journals, viewer }) {
  const say = useWords("booking");
  const { lines, journalKey } = booking;
  const id = administration.id;
  const bookyear = yearOf(administration, booking);
  const journal = journals.find(({ key, bookyear: of }) => key === journalKey && of === booking.bookyear);
  const relation = firstOf(lines, "bookingRelation");
  const facts = [
    ["journal", html`<${Go} to=${addressOf("ledger", { administration: id }, { journal: journalKey, ...spanOf(bookyear) })}>${journalKey} ${journal?.name}<//>`],
    ["number", String(booking.documentNumber)],
    ["date", html`<${Day} value=${booking.date} />`],
    ["due", html`<${Day} value=${firstOf(lines, "dueDate")} />`],
    ["bookyear", [bookyear?.description ?? booking.bookyear, booking.period && say("period", { number: String(booking.period % 100) })].filter(Boolean).join(" · ")],
    ["relation", relation ? html`<${Go} to=${addressOf("ledger", { administration: id }, { relation: relation.number })}>${relation.name}<//> <span class="hint">${relation.vatNumber}</span>` : "–"],
    ["reference", firstOf(lines, "reference") ?? "–"],
  ];
  return html`<section class="card booking-head" aria-label=${say("head")}>
    <dl>${facts.map(([key, value]) => html`<div key=${key}><dt>${say(key)}</dt><dd>${value}</dd></div>`)}</dl>
    <p class="row">
      <${Badge} tone=${booking.isBalanced ? "good" : "bad"}>${say(booking.isBalanced ? "balanced" : "unbalanced")}<//>
      <${Open} administration=${administration} booking=${booking} viewer=${viewer} />
    </p>
  </section>`;
}

/** What the relation still owes of it, or we do; only where a line of it can be open. */
function Open({ administration, booking, viewer }) {
  const say = useWords("booking");
  const line = booking.lines.find(({ account, relation }) => relation && account.number.slice(0, 2) in OPEN_ON);
  const type = line && OPEN_ON[line.account.number.slice(0, 2)];
  const may = viewer.permissions.includes(type === "PAYABLE" ? "SEE_REPORTS" : "SEE_RECEIVABLES");
  const asked = useAsked(
    OPEN,
    { id: administration.id, type: type ?? "RECEIVABLE", relation: line?.relation.number ?? 0 },
    { follows: administration.id, skip: !line || !may },
  );
  const items = asked.data?.administration.outstandingItems.items;
  if (!items) return null;
  const own = items.edges.map(({ node }) => node).filter(({ bookingCode }) => bookingCode === booking.code);
  if (own.length === 0) return items.pageInfo.hasNextPage ? null : html`<span class="hint">${say("open.none")}</span>`;
  const late = Math.max(...own.map(({ daysOverdue }) => daysOverdue));
  const open = sum(own.map(({ amountOutstanding }) => amountOutstanding));
  return html`
    <${Badge} tone=${late > 0 ? "warn" : ""}>${late > 0 ? say("open.late", { count: late }) : say("open.notDue")}<//>
    <${Go} to=${addressOf("outstanding", { administration: administration.id }, { type, relation: line.relation.number })}>
      ${say("open", { amount: html`<${Money} value=${open} currency=${administration.currency} />` })}
    <//>
  `;
}

function Lines({ administration, booking, after, turn }) {
  const say = useWords("booking");
  const { lines, lineCount } = booking;
  const isWhole = lines.length === lineCount;
  const total = { id: "sum", isSum: true, debit: sum(lines.map(({ debit }) => debit)), credit: sum(lines.map(({ credit }) => credit)) };
  const pageInfo = { hasPreviousPage: after > 0, hasNextPage: after + lines.length < lineCount, startCursor: Math.max(after - ROWS, 0), endCursor: after + ROWS };
  return html`<div class="booking-lines">
    <${Table} caption=${say("lines")} rows=${lines} rowKey=${({ id }) => id} rowClass=${({ entryType }) => (entryType === "YEAR_OPENING" ? "opening" : "")}
      columns=${columnsOf(administration, booking, isWhole, say)} foot=${[total]} />
    ${!isWhole &&
    html`<${Pager} pageInfo=${pageInfo} turn=${({ after: next, before }) => turn(next ?? before)}
      shown=${say("shown", { from: number(after + 1), to: number(after + lines.length), total: number(lineCount) })} />`}
  </div>`;
}

/** Without those that no line fills. */
function columnsOf(administration, booking, isWhole, say) {
  const id = administration.id;
  const span = spanOf(yearOf(administration, booking));
  const { lines } = booking;
  const amount = (value) => !isZero(value) && html`<${Money} value=${value} />`;
  const columns = [
    {
      key: "account", head: say("account"), rowHead: true, has: () => true,
      cell: ({ isSum, account }) => isSum ? say(isWhole ? "sum" : "sum.part") : html`<${Go} to=${addressOf("ledger", { administration: id }, { account: account.number, ...span })}>${account.number}<//> ${account.name}`,
    },
    {
      key: "description", head: say("description"), has: ({ description, entryType }) => description || entryType === "YEAR_OPENING",
      cell: ({ description, entryType }) => html`${entryType === "YEAR_OPENING" && html`<${Badge}>${say("opening")}<//> `}${description}`,
    },
    {
      key: "relation", head: say("relation"), has: ({ relation }) => relation,
      cell: ({ relation }) => relation && html`<${Go} to=${addressOf("ledger", { administration: id }, { relation: relation.number })}>${relation.name}<//>`,
    },
    { key: "dimension", head: say("dimension"), has: ({ dimensionValues }) => dimensionValues.length > 0, cell: ({ dimensionValues }) => dimensionValues?.map(({ name }) => name).join(", ") },
    { key: "vat", head: say("vat"), has: ({ vatSection }) => vatSection, cell: ({ vatSection }) => vatSection },
    {
      key: "currency", head: say("currency"), numeric: true, has: ({ currency }) => currency !== administration.currency,
      cell: ({ currency, currencyAmount }) => currencyAmount != null && html`<${Money} value=${currencyAmount} /> ${currency}`,
    },
    { key: "debit", head: say("debit"), numeric: true, has: () => true, cell: ({ debit }) => amount(debit) },
    { key: "credit", head: say("credit"), numeric: true, has: () => true, cell: ({ credit }) => amount(credit) },
  ];
  return columns.filter(({ has }) => lines.some(has));
}
