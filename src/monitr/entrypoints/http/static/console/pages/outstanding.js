// What customers owe, and what is owed to suppliers, on any day.
import { operation } from "../api/client.js";
import { Field, Money, Segments } from "../parts/basic.js";
import { Chart } from "../parts/chart.js";
import { Exports } from "../parts/exports.js";
import { Freshness } from "../parts/freshness.js";
import { Asked, Empty, Failed, PageHead } from "../parts/page.js";
import { useAsked } from "../state/asking.js";
import { day, money, month, number, today } from "../state/formats.js";
import { isUnderWay, runs } from "../state/imports.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html, useEffect, useRef, useState } from "../vendor/view.js";
import { Items } from "./outstanding/items.js";
import { Relations } from "./outstanding/relations.js";

const OUTSTANDING = operation("pages/outstanding", "Outstanding");
const HISTORY = operation("pages/outstanding", "History");
const NEEDS = { RECEIVABLE: "SEE_RECEIVABLES", PAYABLE: "SEE_REPORTS" };
const MONTHS = 24;

const isDay = (text) => !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().slice(0, 10) === text;

export default function Outstanding({ administration, viewer }) {
  const say = useWords("outstanding");
  const [query, change] = useQuery();
  const types = Object.keys(NEEDS).filter((each) => viewer.permissions.includes(NEEDS[each]));
  const type = types.includes(query.get("type")) ? query.get("type") : (types[0] ?? "RECEIVABLE");
  const on = isDay(query.get("on")) ? query.get("on") : today();
  const asked = useAsked(OUTSTANDING, { id: administration.id, type, day: on }, { follows: administration.id });
  const answered = useRef(type);
  if (!asked.isOld) answered.current = type;
  const turn = (next) => change({ type: next, relation: null, search: null, page: null }, { push: true });
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      ${types.length > 1 && html`<${Segments} label=${say("type")} value=${type} options=${types.map((each) => [each, say(`type.${each}`)])} onChange=${turn} />`}
    <//>
    <${Asked} asked=${asked} rows=${12}>
      ${({ administration: { outstandingItems: open } }) => html`
        <${Freshness} administration=${administration.id} freshness=${open.freshness} />
        ${open.freshness.importedAt === null
          ? html`<${Nothing} administration=${administration} />`
          : html`<${Open} administration=${administration} viewer=${viewer} type=${answered.current} on=${on} open=${open} />`}
      `}
    <//>
  `;
}

const Open = ({ administration, viewer, type, on, open }) => html`
  <${DaySlider} on=${on} open=${open} />
  <${Figures} administration=${administration} type=${type} on=${open.asOf} open=${open} />
  <div class="open-charts">
    <${History} administration=${administration} type=${type} open=${open} />
    <${Ageing} on=${open.asOf} open=${open} />
  </div>
  <${Listed} administration=${administration} viewer=${viewer} type=${type} on=${on} open=${open} />
`;

function Nothing({ administration }) {
  const say = useWords("outstanding");
  const run = runs.use()[administration.id];
  return html`<${Empty} title=${say(isUnderWay(run) ? "nothing.importing" : "nothing.title")}><p class="hint">${say("nothing.text")}</p><//>`;
}

/** The ends of the months that the books have, oldest first, and today. */
function daysOf({ freshness: { completeFrom } }) {
  const last = today();
  const [year, months] = last.split("-").map(Number);
  const ends = Array.from({ length: MONTHS }, (_, index) => new Date(Date.UTC(year, months - 1 - index, 0)).toISOString().slice(0, 10));
  return [...ends.filter((each) => completeFrom !== null && each >= completeFrom).toReversed(), last];
}

/** A hook: how to go to a day. */
function usePick() {
  const [, change] = useQuery();
  return (chosen) => change({ on: chosen === today() ? null : chosen, page: null });
}

function History({ administration, type, open }) {
  const say = useWords("outstanding");
  const pick = usePick();
  const days = daysOf(open);
  const { data, failure, askAgain } = useAsked(HISTORY, { id: administration.id, type, days }, { follows: administration.id });
  const found = new Map((data?.administration.outstandingHistory ?? []).map((each) => [each.asOf, each]));
  const points = days.map((each) => pointOf(each, found.get(each), say));
  const last = found.get(days.at(-1));
  const summary = last ? say("history.summary", { what: say(`type.${type}`), from: day(days[0]), to: day(days.at(-1)), amount: money(last.total) }) : say("state.loading");
  if (failure && !data) return html`<${Failed} failure=${failure} askAgain=${askAgain} />`;
  return html`<${Chart}
    title=${say("history")} summary=${summary} drawing="columns" height=${220}
    data=${{
      points, stacked: true, onPick: ({ key }) => pick(key),
      series: [{ key: "now", name: say("notDue") }, { key: "bad", name: say("overdue") }],
    }}
    table=${{
      rows: points, rowKey: ({ key }) => key,
      columns: [
        { key: "day", head: say("day"), rowHead: true, cell: ({ key }) => day(key) },
        { key: "total", head: say("total"), numeric: true, cell: ({ total }) => html`<${Money} value=${total} />` },
        { key: "overdue", head: say("overdue"), numeric: true, cell: ({ overdue }) => html`<${Money} value=${overdue} />` },
      ],
    }}
  />`;
}

/** What is not due is the rest, for the drawing alone. */
function pointOf(on, found, say) {
  const name = month(on);
  if (!found) return { key: on, name, title: day(on), total: null, overdue: null, values: { now: null, bad: null } };
  const { total, overdue } = found;
  return {
    key: on, name, total, overdue,
    title: [day(on), `${say("total")}: ${money(total)}`, `${say("overdue")}: ${money(overdue)}`].join("\n"),
    values: { now: Number(total) - Number(overdue), bad: Number(overdue) },
  };
}

/** From month end to month end by the slider, to any day by the field. */
function DaySlider({ on, open }) {
  const say = useWords("outstanding");
  const pick = usePick();
  const days = daysOf(open);
  const at = days.findLastIndex((each) => each <= on);
  const [held, hold] = useState(null);
  useEffect(() => hold(null), [on]);
  const index = held ?? Math.max(at, 0);
  const shown = held === null ? on : days[held];
  return html`<div class="day-slider">
    <${Field} label=${say("slider")}>
      ${(id) => html`<input id=${id} type="range" min="0" max=${days.length - 1} step="1" value=${index} aria-valuetext=${day(shown)}
        onInput=${(event) => hold(Number(event.target.value))} onChange=${(event) => pick(days[Number(event.target.value)])} />`}
    <//>
    <${Field} label=${say("day")}>
      ${(id) => html`<input id=${id} type="date" value=${shown} max=${days.at(-1)} onChange=${(event) => event.target.value && pick(event.target.value)} />`}
    <//>
    <p class="hint">${say(`basis.${open.basis}`)}</p>
  </div>`;
}

function Figures({ administration, type, on, open }) {
  const say = useWords("outstanding");
  const amount = (value) => html`<${Money} value=${value} currency=${administration.currency} />`;
  const figures = [
    ["total", amount(open.total), say("total.note", { day: day(on) })],
    ["overdue", amount(open.overdue), open.oldestDueDate ? say("oldest", { day: day(open.oldestDueDate) }) : null],
    ["invoices", amount(open.invoices), say(`invoices.${type}`)],
    ["creditNotes", amount(open.creditNotes), say("creditNotes.note")],
    ["unmatched", amount(open.unmatchedPayments), say("unmatched.note")],
    [`days.${type}`, open.daysOutstanding === null ? "–" : say("days", { count: number(open.daysOutstanding) }), say(`days.${type}.note`)],
  ];
  return html`<section class="tiles outstanding-figures" aria-label=${say("figures", { day: day(on) })}>
    ${figures.map(
      ([key, value, note]) => html`<article key=${key} class="tile">
        <h2>${say(key)}</h2>
        <p class="tile-value">${value}</p>
        ${note && html`<p class="hint">${note}</p>`}
      </article>`,
    )}
  </section>`;
}

function Ageing({ on, open }) {
  const say = useWords("outstanding");
  const points = open.buckets.map(({ label, toDays, count, amount }) => ({
    key: label, name: label, count, amount,
    title: `${label}: ${money(amount)} (${say("items", { count })})`,
    values: toDays === 0 ? { now: Number(amount), bad: null } : { now: null, bad: Number(amount) },
  }));
  const summary = say("ageing.summary", { day: day(on), parts: points.map(({ name, amount }) => `${name} ${money(amount)}`).join("; ") });
  return html`<${Chart}
    title=${say("ageing")} summary=${summary} drawing="columns" height=${220}
    data=${{ points, stacked: true, series: [{ key: "now", name: say("notDue") }, { key: "bad", name: say("overdue") }] }}
    table=${{
      rows: points, rowKey: ({ key }) => key,
      columns: [
        { key: "bucket", head: say("daysOverdue"), rowHead: true, cell: ({ name }) => name },
        { key: "count", head: say("count"), numeric: true, cell: ({ count }) => number(count) },
        { key: "amount", head: say("open"), numeric: true, cell: ({ amount }) => html`<${Money} value=${amount} />` },
      ],
    }}
  />`;
}

function Listed({ administration, viewer, type, on, open }) {
  const say = useWords("outstanding");
  const [query, change] = useQuery();
  const view = query.get("view") === "items" ? "items" : "relations";
  const overdueOnly = query.get("overdue") === "only";
  const what = { administration, viewer, type, on };
  return html`<div class="listed">
    <div class="filters">
      <${Segments} label=${say("view")} value=${view} options=${["relations", "items"].map((each) => [each, say(`view.${each}.${type}`)])} onChange=${(next) => change({ view: next === "items" ? next : null, page: null })} />
      ${view === "items" && html`<label class="row check"><input type="checkbox" checked=${overdueOnly} onChange=${() => change({ overdue: overdueOnly ? null : "only" })} /> ${say("overdueOnly")}</label>`}
      <div class="row listed-files">
        <${Exports} administration=${administration.id} report="outstanding-items" of=${say("title")} parameters=${{ type, asOf: on, overdueOnly: view === "items" && overdueOnly ? true : null }} />
      </div>
    </div>
    ${view === "items"
      ? html`<${Items} key=${`${type} ${on} ${overdueOnly}`} ...${what} overdueOnly=${overdueOnly} />`
      : html`<${Relations} ...${what} open=${open} />`}
  </div>`;
}
