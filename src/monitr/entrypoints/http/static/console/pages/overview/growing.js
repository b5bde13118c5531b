// The result by month from the lines that the first import has read so far. Reports count a bookyear when it has been
// compared with Octopus; until then this is what can be seen of it.
import { operation } from "../../api/client.js";
import { Money } from "../../parts/basic.js";
import { Chart } from "../../parts/chart.js";
import { isZero, negated } from "../../state/amounts.js";
import { useAsked } from "../../state/asking.js";
import { money, month } from "../../state/formats.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";

const GROWING = operation("pages/overview", "Growing");
const SHOWN = 12;
const AT_ONCE = 6;
const CLASSES = [6, 7];

export function Growing({ administration, bookyear, to }) {
  const say = useWords("overview");
  const months = monthsOf(bookyear);
  const found = [...useSums(administration.id, months.slice(0, AT_ONCE)), ...useSums(administration.id, months.slice(AT_ONCE))];
  const points = months.map(({ from }, index) => pointOf(from, to, found[index]));
  return html`<${Chart}
    title=${say("growing.title")} drawing="columns"
    summary=${say(points.some(({ amount }) => amount !== null) ? "growing.text" : "chart.empty")}
    data=${{ points, series: [{ key: "now", name: bookyear.description }] }}
    table=${{
      rows: points,
      rowKey: ({ key }) => key,
      columns: [
        { key: "month", head: say("month"), rowHead: true, cell: ({ key }) => month(key, "long") },
        { key: "now", head: bookyear.description, numeric: true, cell: ({ amount }) => html`<${Money} value=${amount} />` },
      ],
    }}
  ><p class="hint">${say("growing.text")}</p><//>`;
}

/** A hook: the sums of up to six months, each null until it is known. */
function useSums(id, months) {
  const filters = months.map((each) => ({ ...each, accountClasses: CLASSES }));
  const asked = Array.from({ length: AT_ONCE }, (_, index) => [`m${index + 1}`, filters[index] ?? filters.at(-1)]);
  const { data } = useAsked(GROWING, { id, ...Object.fromEntries(asked) }, { follows: id, skip: months.length === 0 });
  return months.map((_, index) => data?.administration?.[`m${index + 1}`] ?? null);
}

/** What has not begun, or of which no line has been read, has no amount. */
function pointOf(from, to, found) {
  const isThere = found && from <= to && !(isZero(found.totals.debit) && isZero(found.totals.credit));
  const amount = isThere ? negated(found.totals.net) : null;
  const value = amount === null ? null : Number(amount);
  return { key: from, name: month(from), amount, values: { now: value }, title: `${month(from, "long")}: ${amount === null ? "–" : money(amount)}` };
}

/** The calendar months of a bookyear, the last twelve. */
function monthsOf({ startDate, endDate }) {
  const months = [];
  for (let first = startDate; first <= endDate; ) {
    const [year, number] = first.split("-").map(Number);
    const next = new Date(Date.UTC(year, number, 1)).toISOString().slice(0, 10);
    const last = new Date(Date.UTC(year, number, 0)).toISOString().slice(0, 10);
    months.push({ from: first, to: last < endDate ? last : endDate });
    first = next;
  }
  return months.slice(-SHOWN);
}
