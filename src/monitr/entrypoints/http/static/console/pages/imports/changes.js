// The bookings that a run added, changed and removed, with what they are about.
import { ask, operation } from "../../api/client.js";
import { Badge, Button, Day, Go, Money } from "../../parts/basic.js";
import { Asked } from "../../parts/page.js";
import { Table } from "../../parts/table.js";
import { addressOf } from "../../routes.js";
import { useAsked } from "../../state/asking.js";
import { useWords } from "../../state/words.js";
import { html, useEffect, useState } from "../../vendor/view.js";

const CHANGES = operation("pages/imports", "Changes");
const BOOKING = operation("pages/imports", "Booking");
const TONES = { ADDED: "good", CHANGED: "warn", REMOVED: "bad" };

/** `administration`: with its `bookyears`. */
export function Changes({ run, administration }) {
  const say = useWords("imports");
  const [after, turn] = useState(null);
  const asked = useAsked(CHANGES, { run, after });
  return html`<${Asked} asked=${asked} rows=${3}>
    ${({ node }) => {
      if (!node) return null;
      const { importChanges, newAccounts, newDimensionValues } = node;
      const { hasNextPage, endCursor } = importChanges.pageInfo;
      return html`
        <${News} administration=${administration.id} accounts=${newAccounts} values=${newDimensionValues} />
        ${importChanges.totalCount > 0
          ? html`<${Bookings} rows=${importChanges.edges.map((edge) => edge.node)} count=${importChanges.totalCount} administration=${administration} />`
          : html`<p class="hint">${say("changes.none")}</p>`}
        ${(hasNextPage || after) &&
        html`<p class="pager">
          <${Button} disabled=${!after} onPress=${() => turn(null)}>${say("changes.first")}<//>
          <${Button} disabled=${!hasNextPage} onPress=${() => turn(endCursor)}>${say("changes.more")}<//>
        </p>`}
      `;
    }}
  <//>`;
}

function News({ administration, accounts, values }) {
  const say = useWords("imports");
  const to = (account) => addressOf("ledger", { administration }, { account });
  return html`
    ${accounts.length > 0 && html`<p>${say("newAccounts", { count: accounts.length })} ${accounts.map((account, index) => [index > 0 && ", ", html`<${Go} key=${account} to=${to(account)}>${account}<//>`])}</p>`}
    ${values.length > 0 && html`<p>${say("newDimensionValues", { count: values.length })} ${values.join(", ")}</p>`}
  `;
}

function Bookings({ rows, count, administration }) {
  const say = useWords("imports");
  const found = useBookings(administration.id, rows);
  const year = ({ bookyear }) => administration.bookyears?.find(({ number }) => number === bookyear)?.description ?? bookyear;
  const of = ({ kind, bookingCode }) => (kind === "REMOVED" ? null : (found[bookingCode] ?? null));
  const about = (row) => [...new Set((of(row)?.lines ?? []).map(({ relation, description }) => relation?.name ?? description))].find(Boolean);
  const to = ({ kind, bookingCode }) => (kind === "REMOVED" ? null : addressOf("booking", { administration: administration.id, booking: bookingCode }));
  return html`<${Table}
    caption=${say("changes", { count })} seen rows=${rows} rowKey=${({ bookingCode }) => bookingCode}
    columns=${[
      { key: "booking", head: say("booking"), rowHead: true, cell: (row) => html`<${Go} to=${to(row)}>${year(row)} ${row.journalKey} ${row.documentNumber}<//>` },
      { key: "kind", head: say("change"), cell: ({ kind }) => html`<${Badge} tone=${TONES[kind]}>${say(`kind.${kind}`)}<//>` },
      { key: "date", head: say("date"), cell: (row) => html`<${Day} value=${of(row)?.date ?? null} />` },
      { key: "about", head: say("about"), cell: (row) => about(row) ?? "–" },
      { key: "amount", head: say("amount"), numeric: true, cell: (row) => html`<${Money} value=${total(of(row))} />` },
    ]}
  />`;
}

/** The sum of what a booking debits, exactly; null: not known. */
function total(booking) {
  if (!booking || booking.lines.length < booking.lineCount) return null;
  const cents = booking.lines.reduce((sum, { debit }) => sum + BigInt(debit.replace(".", "")), 0n);
  const text = String(cents).padStart(3, "0");
  return `${text.slice(0, -2)}.${text.slice(-2)}`;
}

/** A hook: {code: booking}, of those that have come so far. */
function useBookings(id, rows) {
  const [found, find] = useState({});
  const codes = rows.filter(({ kind }) => kind !== "REMOVED").map(({ bookingCode }) => bookingCode);
  useEffect(() => {
    const ending = new AbortController();
    const all = async () => {
      for (const code of codes) {
        const data = await ask(BOOKING, { id, code }, { signal: ending.signal }).catch(() => null);
        if (ending.signal.aborted) return;
        find((before) => ({ ...before, [code]: data?.administration?.booking }));
      }
    };
    all();
    return () => ending.abort();
  }, [codes.join(" ")]);
  return found;
}
