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
import { Growing } from "./overview/growing.js";

const OVERVIEW = operation("pages/overview", "Overview");
const OPEN = operation("pages/overview", "Open");
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
    ${viewer.permissions.includes("SEE_REPORTS")
      ? bookyear
        ? html`<${Figures} administration=${administration} bookyear=${bookyear} viewer=${viewer} />`
        : html`<${Nothing} administration=${administration} />`
      : html`<section class="tiles" aria-label=${say("tiles", { day: day(today()) })}><${OpenItems} administration=${administration} to=${today()} /></section>`}
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
  const to = bookyear.endDate < today() ? bookyear.endDate : today();
  const asked = useAsked(
    OVERVIEW,
    { id: administration.id, from: bookyear.startDate, to, end: bookyear.endDate },
    { follows: administration.id },
  );
  return html`<${Asked} asked=${asked} waiting=${html`<${Waiting} />`}>
    ${({ administration: figures }) => {
      const has = { now: isComplete(figures, bookyear.startDate), before: isComplete(figures, yearBefore(bookyear.startDate)) };
      return html`<${Freshness} administration=${administration.id} freshness=${figures.soFar.freshness} />
      <section class="tiles" aria-label=${say("tiles", { day: day(to) })}>
        <${ResultAndCash} administration=${administration} bookyear=${bookyear} figures=${figures} to=${to} has=${has} />
        ${viewer.permissions.includes("SEE_RECEIVABLES") && html`<${OpenItems} administration=${administration} to=${to} />`}
      </section>
      <div class="overview">
        ${figures.soFar.freshness.completeFrom === null
          ? html`<${Growing} administration=${administration} bookyear=${bookyear} to=${to} />`
          : html`<${Months} months=${figures.months} to=${to} has=${has} names=${names} />`}
        <${InShort} administration=${administration} bookyear=${bookyear} soFar=${figures.soFar} to=${to} has=${has} names=${names} />
      </div>`;
    }}
  <//>`;
}

/** The room of tiles, chart and table. */
function Waiting() {
  const say = useWords("overview");
  return html`<div role="status">
    <span class="unseen">${say("state.loading")}</span>
    <div class="freshness" />
    <div class="tiles">${[1, 2, 3, 4].map((each) => html`<div key=${each} class="bone tile-room" />`)}</div>
    <div class="overview"><div class="bone chart-room" /><div class="bone chart-room" /></div>
  </div>`;
}

/** Whether the books are complete from a day on. Until the first import has compared them, no report counts them: what
 *  is not known is a dash then, and not zero. */
const isComplete = ({ soFar }, day) => {
  const from = soFar.freshness.completeFrom;
  return from !== null && from <= day;
};

const amountsOf = (statement, key) => statement.lines.find((line) => line.key === key)?.amounts ?? [null, null];

function ResultAndCash({ administration, bookyear, figures, to, has }) {
  const say = useWords("overview");
  const { soFar, position } = figures;
  const tile = (key, [value, before], page, note) => html`<${Tile}
    title=${say(key)} value=${has.now ? value : null} before=${has.before ? before : null} beforeTitle=${say("before", { day: day(yearBefore(to)) })}
    currency=${administration.currency} note=${note}
    to=${addressOf(page, { administration: administration.id }, { bookyear: bookyear.number })}
  />`;
  return [
    tile("result", amountsOf(soFar, RESULT), "profit-and-loss", say("soFar", { from: day(bookyear.startDate), to: day(to) })),
    tile("cash", amountsOf(position, CASH), "balance-sheet", say("onDay", { day: day(to) })),
  ];
}

function OpenItems({ administration, to }) {
  const say = useWords("overview");
  const id = administration.id;
  const now = useOpen(id, to);
  const before = useOpen(id, yearBefore(to));
  const isRead = administration.lastSuccessfulImportAt !== null;
  const tile = (key, type) => html`<${Tile}
    title=${say(key)} value=${(isRead && now?.[key].total) || null} before=${(isRead && before?.[key].total) || null}
    beforeTitle=${say("before", { day: day(yearBefore(to)) })} currency=${administration.currency} less
    note=${isRead && now ? say("overdue", { amount: money(now[key].overdue, { currency: administration.currency, digits: 0 }) }) : "\u00a0"}
    to=${addressOf("outstanding", { administration: id }, { type })}
  />`;
  return [tile("receivables", "RECEIVABLE"), tile("payables", "PAYABLE")];
}

/** A hook: what was open at the end of a day; null: not known, or not yet. */
function useOpen(id, day) {
  const { data, isOld } = useAsked(OPEN, { id, day }, { follows: id });
  return isOld ? null : (data?.administration ?? null);
}

function Months({ months, to, has, names }) {
  const say = useWords("overview");
  const [query, change] = useQuery();
  const shown = query.get("show") in SHOWN ? query.get("show") : "result";
  const points = pointsOf(months, SHOWN[shown], to, has);
  const series = [{ key: "now", name: names.now }, ...(has.before ? [{ key: "before", name: names.before }] : [])];
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
function pointsOf({ columns, lines }, key, to, has) {
  const amounts = lines.find((line) => line.key === key)?.amounts ?? [];
  const pairs = columns.map(({ from, isComparison }, index) => ({ from, isComparison, amount: amounts[index] }));
  const before = pairs.filter(({ isComparison }) => isComparison);
  return pairs
    .filter(({ isComparison }) => !isComparison)
    .map(({ from, amount }, index) => {
      const own = has.now && from <= to ? amount : null;
      const last = has.before ? before[index].amount : null;
      return { key: from, name: month(from), amount: own, before: last, values: { now: asNumber(own), before: asNumber(last) } };
    });
}

const asNumber = (amount) => (amount === null ? null : Number(amount));

function InShort({ administration, bookyear, soFar, to, has, names }) {
  const say = useWords("overview");
  const rows = LINES.map((key) => soFar.lines.find((line) => line.key === key)).filter(Boolean);
  const before = ({ amounts }) => (has.before ? amounts[1] : null);
  const now = ({ amounts }) => (has.now ? amounts[0] : null);
  const link = addressOf("profit-and-loss", { administration: administration.id }, { bookyear: bookyear.number });
  return html`<section class="in-short">
    <header><h2>${say("inShort")}</h2>${link && html`<a href=${link}>${say("inShort.more")}</a>`}</header>
    <${Table}
      caption=${say("inShort.caption", { from: day(bookyear.startDate), to: day(to) })}
      rows=${rows} rowKey=${({ key }) => key} rowClass=${({ key }) => (SUMS.has(key) ? "sum" : "")}
      columns=${[
        { key: "name", head: say("line"), rowHead: true, cell: ({ name }) => name },
        { key: "now", head: names.now, numeric: true, cell: (row) => html`<${Money} value=${now(row)} digits=${0} />` },
        { key: "before", head: names.before, numeric: true, cell: (row) => html`<${Money} value=${before(row)} digits=${0} />` },
        { key: "difference", head: say("difference"), numeric: true, cell: (row) => html`<${Difference} value=${now(row)} before=${before(row)} less=${/^6/.test(row.key)} />` },
      ]}
    />
  </section>`;
}
