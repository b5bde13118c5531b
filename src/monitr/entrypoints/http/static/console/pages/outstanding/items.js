// The open items themselves, oldest due date first: all of them, or those of one relation.
import { operation } from "../../api/client.js";
import { Badge, Day, Go, Money } from "../../parts/basic.js";
import { Asked, Empty } from "../../parts/page.js";
import { Pager, Table } from "../../parts/table.js";
import { addressOf } from "../../routes.js";
import { useAsked } from "../../state/asking.js";
import { day, number } from "../../state/formats.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";

const ITEMS = operation("pages/outstanding", "Items");
const DOCUMENTS = new Set(["A", "V"]);
const SIZE = 50;

/** `relation` is {number, name}; null: the items of all. */
export function Items({ administration, viewer, type, on, relation = null, overdueOnly = false }) {
  const say = useWords("outstanding");
  const [turned, turn] = useState([]);
  const bookings = viewer.permissions.includes("SEE_TRANSACTIONS");
  const variables = { id: administration.id, type, day: on, relation: relation?.number ?? null, overdueOnly, after: turned.at(-1) ?? null, bookings };
  const asked = useAsked(ITEMS, variables, { follows: administration.id });
  const move = ({ after }) => turn(after ? [...turned, after] : turned.slice(0, -1));
  return html`<${Asked} asked=${asked} rows=${3}>
    ${({ administration: { outstandingItems: { items: { edges, pageInfo, totalCount } } } }) => {
      if (totalCount === 0) return html`<${Empty} title=${say("none")} />`;
      const first = turned.length * SIZE;
      return html`
        <${Table}
          caption=${relation ? say("items.of", { name: relation.name, day: day(on) }) : say("items.all", { day: day(on) })}
          rows=${edges.map(({ node }) => node)} rowKey=${({ id }) => id}
          columns=${columnsOf({ administration, bookings, withRelation: relation === null, say })}
        />
        ${(first > 0 || pageInfo.hasNextPage) && html`<${Pager}
          pageInfo=${{ ...pageInfo, hasPreviousPage: first > 0, startCursor: null }} turn=${move}
          shown=${say("shown", { from: number(first + 1), to: number(first + edges.length), total: number(totalCount) })}
        />`}
      `;
    }}
  <//>`;
}

function columnsOf({ administration, bookings, withRelation, say }) {
  const booking = ({ bookingCode }) => (bookings ? addressOf("booking", { administration: administration.id, booking: bookingCode }) : null);
  return [
    {
      key: "document", head: say("document"), rowHead: true,
      cell: (item) => html`<${Go} to=${booking(item)}>${nameOf(item)}<//> <${Kind} item=${item} />`,
    },
    ...(withRelation ? [{ key: "relation", head: say("relation"), cell: ({ relation }) => relation?.name ?? say("withoutRelation") }] : []),
    { key: "date", head: say("date"), cell: ({ date }) => html`<${Day} value=${date} />` },
    { key: "due", head: say("due"), cell: ({ dueDate }) => html`<${Day} value=${dueDate} />` },
    { key: "overdue", head: say("daysOverdue"), numeric: true, cell: ({ daysOverdue }) => (daysOverdue > 0 ? number(daysOverdue) : "–") },
    { key: "text", head: say("text"), cell: ({ description, reference }) => [reference, description].filter(Boolean).join(" · ") || "–" },
    { key: "amount", head: say("amount"), numeric: true, cell: ({ amount }) => html`<${Money} value=${amount} />` },
    { key: "open", head: say("open"), numeric: true, cell: (item) => html`<${Money} value=${item.amountOutstanding} /><${Foreign} item=${item} own=${administration.currency} />` },
  ];
}

const nameOf = ({ booking, bookingCode }) => (booking ? `${booking.journalKey} ${booking.documentNumber}` : bookingCode);

/** A negative item is a credit note in a journal of purchases or sales, else a payment; what the document is tells. */
function Kind({ item }) {
  const say = useWords("outstanding");
  if (!item.amountOutstanding.startsWith("-") || !item.booking) return null;
  return html`<${Badge}>${say(DOCUMENTS.has(item.booking.journalKey[0]) ? "kind.creditNote" : "kind.payment")}<//>`;
}

const Foreign = ({ item, own }) =>
  item.currency !== own && item.currencyAmountOutstanding !== null
    ? html`<br /><span class="hint"><${Money} value=${item.currencyAmountOutstanding} currency=${item.currency} /></span>`
    : null;
