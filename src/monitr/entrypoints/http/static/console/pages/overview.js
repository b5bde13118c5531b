// The year so far at a glance; every figure leads down to the page behind it.
import { operation } from "../api/client.js";
import { Money, Segments, Select } from "../parts/basic.js";
import { Chart } from "../parts/chart.js";
import { Freshness } from "../parts/freshness.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { Table } from "../parts/table.js";
import { Difference, Tile } from "../parts/tile.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { day, money, month, today, yearBefore } from "../state/formats.js";
import { isUnderWay, runs } from "../state/imports.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";

const OVERVIEW = operation("pages/overview", "Overview");
const RESULT = "9904";
const CASH = "54/58";
const SHOWN = { result: RESULT, revenue: "70/76A", charges: "60/66A" };
const LINES = ["70/76A", "60/66A", "9901", "75/76B", "65/66B", "67/77", RESULT];
const SUMS = new Set(["9901", RESULT]);

export default function Overview({ administration, viewer }) {
  const say = useWords("overview");
  const [query, change] = useQuery();
  const bookyear = bookyearOf(administration.bookyears ?? [], query.get("bookyear"));
  const years = (administration.bookyears ?? []).toReversed().map(({ number, description }) => [String(number), description]);
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      ${bookyear && html`<${Select} label=${say("bookyear")} value=${String(bookyear.number)} options=${years} onChange=${(number) => change({ bookyear: number }, { push: true })} />`}
    <//>
    ${bookyear
      ? html`<${Figures} administration=${administration} bookyear=${bookyear} viewer=${viewer} />`
      : html`<${Nothing} administration=${administration} />`}
  `;
}

/** The one that was asked for, else the one of today, else the newest. */
function bookyearOf(bookyears, asked) {
  const now = today();
  return (
    bookyears.find(({ number }) => String(number) === asked) ??
    bookyears.find(({ startDate, endDate }) => startDate <= now && now <= endDate) ??
    bookyears.at(-1)
  );
}

function Nothing({ administration }) {
  const say = useWords("overview");
  const run = runs.use()[administration.id];
  return html`<${Empty} title=${say(isUnderWay(run) ? "nothing.importing" : "nothing.title")}><p class="hint">${say("nothing.text")}</p><//>`;
}

function Figures({ administration, bookyear, viewer }) {
  const say = useWords("overview");
  const { bookyears } = administration;
  const names = { now: bookyear.description, before: bookyears[bookyears.indexOf(bookyear) - 1]?.description ?? say("yearBefore") };
  const may = (permission) => viewer.permissions.includes(permission);
  const to = bookyear.endDate < today() ? bookyear.endDate : today();
  const asked = useAsked(
    OVERVIEW,
    {
      id: administration.id,
      from: bookyear.startDate,
      to,
      end: bookyear.endDate,
      days: [to, yearBefore(to)],
      reports: may("SEE_REPORTS"),
      receivables: may("SEE_RECEIVABLES"),
    },
    { follows: administration.id },
  );
  return html`<${Asked} asked=${asked} rows=${9}>
    ${({ administration: figures }) => html`
      ${figures.soFar && html`<${Freshness} administration=${administration.id} freshness=${figures.soFar.freshness} />`}
      <${Tiles} administration=${administration} bookyear=${bookyear} figures=${figures} to=${to} />
      ${figures.soFar &&
      html`<div class="overview">
        <${Months} months=${figures.months} to=${to} hasBefore=${hasBefore(figures, bookyear)} names=${names} />
        <${InShort} administration=${administration} bookyear=${bookyear} soFar=${figures.soFar} to=${to} hasBefore=${hasBefore(figures, bookyear)} names=${names} />
      </div>`}
    `}
  <//>`;
}

/** Whether the year before has been read whole: its figures grow while the first import runs. */
const hasBefore = ({ soFar }, { startDate }) => {
  const from = soFar.freshness.completeFrom;
  return from !== null && from <= yearBefore(startDate);
};

const amountsOf = (statement, key) => statement.lines.find((line) => line.key === key)?.amounts ?? [null, null];

function Tiles({ administration, bookyear, figures, to }) {
  const say = useWords("overview");
  const { soFar, position, receivables, payables } = figures;
  const about = { administration: administration.id };
  const year = { bookyear: bookyear.number };
  const beforeTitle = say("before", { day: day(yearBefore(to)) });
  const known = !soFar || hasBefore(figures, bookyear);
  const tile = (key, [value, before], page, query, more = {}) => html`<${Tile}
    title=${say(key)} value=${value} before=${known ? before : null} beforeTitle=${beforeTitle}
    currency=${administration.currency} to=${addressOf(page, about, query)} ...${more}
  />`;
  const open = (key, items, type) =>
    tile(key, items.map(({ total }) => total), "outstanding", { type }, {
      less: true,
      note: say("overdue", { amount: money(items[0].overdue, { currency: administration.currency, digits: 0 }) }),
    });
  return html`<section class="tiles" aria-label=${say("tiles", { day: day(to) })}>
    ${soFar && tile("result", amountsOf(soFar, RESULT), "profit-and-loss", year, { note: say("soFar", { from: day(bookyear.startDate), to: day(to) }) })}
    ${position && tile("cash", amountsOf(position, CASH), "balance-sheet", year, { note: say("onDay", { day: day(to) }) })}
    ${receivables && open("receivables", receivables, "RECEIVABLE")}
    ${payables && open("payables", payables, "PAYABLE")}
  </section>`;
}

function Months({ months, to, hasBefore, names }) {
  const say = useWords("overview");
  const [query, change] = useQuery();
  const shown = query.get("show") in SHOWN ? query.get("show") : "result";
  const points = pointsOf(months, SHOWN[shown], to, hasBefore);
  const series = [{ key: "now", name: names.now }, ...(hasBefore ? [{ key: "before", name: names.before }] : [])];
  const filled = points.filter(({ amount }) => amount !== null);
  const best = filled.reduce((most, point) => (most === null || Number(point.amount) > Number(most.amount) ? point : most), null);
  const summary = best ? say("chart.summary", { what: say(shown), count: filled.length, month: month(best.key, "long"), amount: money(best.amount) }) : say("chart.empty");
  return html`<${Chart}
    title=${say("chart.title")} summary=${summary} drawing="columns"
    data=${{ points: points.map((point) => ({ ...point, title: titleOf(point, series) })), series }}
    table=${{
      rows: points,
      rowKey: ({ key }) => key,
      columns: [
        { key: "month", head: say("month"), rowHead: true, cell: ({ key }) => month(key, "long") },
        { key: "now", head: names.now, numeric: true, cell: ({ amount }) => html`<${Money} value=${amount} />` },
        { key: "before", head: names.before, numeric: true, cell: ({ before }) => html`<${Money} value=${before} />` },
      ],
    }}
  >
    <${Segments} label=${say("chart.show")} value=${shown} options=${Object.keys(SHOWN).map((key) => [key, say(key)])} onChange=${(show) => change({ show: show === "result" ? null : show })} />
  <//>`;
}

const titleOf = ({ key, amount, before }, series) =>
  [month(key, "long"), ...series.map((each) => `${each.name}: ${shownAmount(each.key === "now" ? amount : before)}`)].join("\n");

const shownAmount = (amount) => (amount === null ? "–" : money(amount));

/** One for each month of the bookyear; what has not begun has no amount. */
function pointsOf({ columns, lines }, key, to, hasBefore) {
  const amounts = lines.find((line) => line.key === key)?.amounts ?? [];
  const pairs = columns.map(({ from, isComparison }, index) => ({ from, isComparison, amount: amounts[index] }));
  const before = pairs.filter(({ isComparison }) => isComparison);
  return pairs
    .filter(({ isComparison }) => !isComparison)
    .map(({ from, amount }, index) => {
      const own = from <= to ? amount : null;
      const last = hasBefore ? before[index].amount : null;
      return { key: from, name: month(from), amount: own, before: last, values: { now: asNumber(own), before: asNumber(last) } };
    });
}

const asNumber = (amount) => (amount === null ? null : Number(amount));

function InShort({ administration, bookyear, soFar, to, hasBefore, names }) {
  const say = useWords("overview");
  const rows = LINES.map((key) => soFar.lines.find((line) => line.key === key)).filter(Boolean);
  const before = ({ amounts }) => (hasBefore ? amounts[1] : null);
  const link = addressOf("profit-and-loss", { administration: administration.id }, { bookyear: bookyear.number });
  return html`<section class="in-short">
    <header><h2>${say("inShort")}</h2>${link && html`<a href=${link}>${say("inShort.more")}</a>`}</header>
    <${Table}
      caption=${say("inShort.caption", { from: day(bookyear.startDate), to: day(to) })}
      rows=${rows} rowKey=${({ key }) => key} rowClass=${({ key }) => (SUMS.has(key) ? "sum" : "")}
      columns=${[
        { key: "name", head: "", rowHead: true, cell: ({ name }) => name },
        { key: "now", head: names.now, numeric: true, cell: ({ amounts }) => html`<${Money} value=${amounts[0]} digits=${0} />` },
        { key: "before", head: names.before, numeric: true, cell: (row) => html`<${Money} value=${before(row)} digits=${0} />` },
        { key: "difference", head: say("difference"), numeric: true, cell: (row) => html`<${Difference} value=${row.amounts[0]} before=${before(row)} less=${/^6/.test(row.key)} />` },
      ]}
    />
  </section>`;
}
