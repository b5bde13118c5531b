// A statement of the administration: what the pages of the profit and loss account and of the balance sheet have in common.
import { operation } from "../api/client.js";
import { keep } from "../api/exports.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { day, month, today } from "../state/formats.js";
import { language } from "../state/language.js";
import { isUnderWay, runs } from "../state/imports.js";
import { useQuery } from "../state/router.js";
import { loadWords, useWords } from "../state/words.js";
import { html, useRef } from "../vendor/view.js";
import { Badge, Button, FilterBar, Segments, Select } from "./basic.js";
import { Exports } from "./exports.js";
import { Freshness } from "./freshness.js";
import { Asked, Empty, PageHead } from "./page.js";
import { StatementTable } from "./statement_table.js";
import { asFile, treeOf } from "./statement_tree.js";

const STATEMENT = operation("parts/statement", "Statement");
const CHOICES = operation("parts/statement", "Choices");
const INTERVALS = ["MONTH", "QUARTER", "BOOKYEAR"];
const MODELS = ["FULL", "ABRIDGED", "MICRO"];
const FORMS = ["WITH_CAPITAL", "WITHOUT_CAPITAL", "ASSOCIATION"];
const BOOKYEARS_BESIDE = 4;

await loadWords("statement");

/** `kind` is PROFIT_AND_LOSS or BALANCE_SHEET, `title` that of the page; the rest as a page is given it. */
export function Statement({ kind, title, administration, viewer }) {
  const say = useWords("statement");
  const bookyears = administration.bookyears ?? [];
  if (bookyears.length === 0) return html`<${PageHead} title=${title} about=${administration.name} /><${Nothing} administration=${administration} />`;
  return html`<${OfBookyear} ...${{ kind, title, administration, viewer, bookyears }} />`;
}

function Nothing({ administration }) {
  const say = useWords("statement");
  const run = runs.use()[administration.id];
  return html`<${Empty} title=${say(isUnderWay(run) ? "nothing.importing" : "nothing.title")}><p class="hint">${say("nothing.text")}</p><//>`;
}

const oneOf = (asked, known) => (known.includes(asked) ? asked : known[0]);

/** What the address asks for, with what goes without saying. */
function askedFor(query, bookyears) {
  const now = today();
  const bookyear =
    bookyears.find(({ number }) => String(number) === query.get("bookyear")) ??
    bookyears.find(({ startDate, endDate }) => startDate <= now && now <= endDate) ??
    bookyears.at(-1);
  const interval = oneOf(query.get("by"), INTERVALS);
  const first = interval === "BOOKYEAR" ? bookyears[Math.max(0, bookyears.indexOf(bookyear) - BOOKYEARS_BESIDE)] : bookyear;
  const isUnderWayNow = bookyear.startDate <= now && now < bookyear.endDate;
  return {
    bookyear,
    interval,
    from: first.startDate,
    to: isUnderWayNow ? now : bookyear.endDate,
    model: oneOf(query.get("model"), MODELS),
    legalForm: oneOf(query.get("form"), FORMS),
    report: query.get("report"),
    compare: interval !== "BOOKYEAR" && query.get("compare") === "year",
    dimension: dimensionOf(query),
  };
}

function dimensionOf(query) {
  const dimension = query.get("dimension");
  if (!dimension) return null;
  if (query.get("without") === "true") return { dimension, without: true };
  return { dimension, code: query.get("code") };
}

function OfBookyear({ kind, title, administration, viewer, bookyears }) {
  const say = useWords("statement");
  const [query, change] = useQuery();
  const wanted = askedFor(query, bookyears);
  const { from, to, model, legalForm, report, interval, compare, dimension } = wanted;
  const withTotal = kind === "PROFIT_AND_LOSS" && interval !== "BOOKYEAR";
  const compareWith = compare ? "PREVIOUS_YEAR" : "NONE";
  const asked = useAsked(
    STATEMENT,
    { id: administration.id, kind, from, to, model, legalForm, report, interval, compareWith, dimension, withTotal },
    { follows: administration.id },
  );
  const { data: choices } = useAsked(CHOICES, { id: administration.id });
  const answered = useRef(wanted);
  if (!asked.isOld) answered.current = wanted;
  const years = bookyears.toReversed().map(({ number, description }) => [String(number), description]);
  return html`
    <${PageHead} title=${title} about=${administration.name}>
      <${Select} label=${say("bookyear")} value=${String(wanted.bookyear.number)} options=${years} onChange=${(bookyear) => change({ bookyear }, { push: true })} />
      <${Segments} label=${say("by")} value=${interval} options=${INTERVALS.map((each) => [each, say(`by.${each}`)])} onChange=${(by) => change({ by: by === INTERVALS[0] ? null : by })} />
    <//>
    <${Filters} wanted=${wanted} choices=${choices} />
    <${Asked} asked=${asked} rows=${14}>
      ${({ administration: { statement, total } }) => html`<${Shown} ...${{ kind, title, administration, viewer, bookyears, wanted: answered.current, statement, total, choices }} />`}
    <//>
  `;
}

function Filters({ wanted, choices }) {
  const say = useWords("statement");
  const [, change] = useQuery();
  const { model, legalForm, report, interval, compare, dimension } = wanted;
  const own = (choices?.reports ?? []).map(({ id, name }) => [`report ${id}`, name]);
  const choose = (value) => {
    const [, id] = /^report (.+)$/.exec(value) ?? [];
    change({ report: id, model: id || value === MODELS[0] ? null : value, form: id ? null : legalForm === FORMS[0] ? null : legalForm, open: null });
  };
  const values = (choices?.administration.dimensions ?? []).flatMap((each) => [
    [`${each.key} without`, say("dimension.without", { name: each.name.toLowerCase() })],
    ...each.values.map(({ code, name }) => [`${each.key} ${code}`, `${code} ${name === code ? "" : name}`.trim()]),
  ]);
  const chosen = dimension ? `${dimension.dimension} ${dimension.without ? "without" : dimension.code}` : "";
  const narrow = (value) => {
    const [key, code] = value.split(/ (.+)/);
    change({ dimension: key, code: code === "without" ? null : code, without: code === "without" ? "true" : null });
  };
  return html`<${FilterBar} label=${say("filters")}>
    <${Select} label=${say("model")} value=${report ? `report ${report}` : model} options=${[...MODELS.map((each) => [each, say(`model.${each}`)]), ...own]} onChange=${choose} />
    ${!report && html`<${Select} label=${say("form")} value=${legalForm} options=${FORMS.map((each) => [each, say(`form.${each}`)])} onChange=${(form) => change({ form: form === FORMS[0] ? null : form })} />`}
    ${values.length > 1 && html`<${Select} label=${choices.administration.dimensions[0].name} value=${chosen} options=${[["", say("dimension.all")], ...values]} onChange=${narrow} />`}
    ${interval !== "BOOKYEAR" && html`<${Select} label=${say("compare")} value=${compare ? "year" : ""} options=${[["", say("compare.none")], ["year", say("compare.year")]]} onChange=${(value) => change({ compare: value })} />`}
  <//>`;
}

/** `wanted` is what `statement` and `total` answer, which may be the question of before. */
function Shown({ kind, title, administration, viewer, bookyears, wanted, statement, total, choices }) {
  const say = useWords("statement");
  const { bookyear, from, to, report, dimension } = wanted;
  const columns = columnsOf({ kind, statement, total, wanted, bookyears, say });
  const tree = treeOf(statement, total, {
    parents: report ? choices?.reports.find(({ id }) => id === report)?.lines : undefined,
    isOwn: report !== null,
    isRunning: kind === "PROFIT_AND_LOSS",
    // Without a cost centre openings move more of the result than was booked so.
    resultAccounts: dimension?.without ? null : resultAccountsOf(choices),
  });
  const leadTo = (page, query) => addressOf(page, { administration: administration.id }, query);
  const mayOpenLedger = viewer.permissions.includes("SEE_TRANSACTIONS");
  const ledger = (account, { since, to: until }) => (account && mayOpenLedger ? leadTo("ledger", { account, from: since, to: until, ...asQuery(dimension) }) : null);
  const caption = say("caption", { title, from: day(from), to: day(to) });
  return html`
    <${Freshness} administration=${administration.id} freshness=${statement.freshness} />
    <div class="row spread statement-tools">
      <p class="row"><${Balanced} kind=${kind} statement=${statement} dimension=${dimension} report=${report} /></p>
      <${Tools} />
    </div>
    <${StatementTable}
      caption=${caption} tree=${tree} columns=${columns} ledger=${ledger} mapping=${leadTo("mapping", { report })}
      result=${leadTo("profit-and-loss", { bookyear: bookyear.number, ...asQuery(dimension) })}
    />
    <${Files} administration=${administration} title=${title} caption=${caption} wanted=${wanted} tree=${tree} columns=${columns} />
  `;
}

/** null: not there yet. */
const resultAccountsOf = (choices) =>
  choices?.administration.accounts.filter(({ kind }) => kind === "PROFIT_AND_LOSS").map(({ number }) => number) ?? null;

function Tools() {
  const say = useWords("statement");
  const [query, change] = useQuery();
  const turned = (name) => {
    const isShown = query.get(name) === "shown";
    return html`<${Button} aria-pressed=${String(isShown)} onPress=${() => change({ [name]: isShown ? null : "shown" })}>${say(name)}<//>`;
  };
  return html`<div class="row">
    <${Button} onPress=${() => change({ open: "all" })}>${say("open.all")}<//>
    <${Button} onPress=${() => change({ open: "none" })}>${say("open.none")}<//>
    ${turned("empty")}${turned("cents")}
  </div>`;
}

function Files({ administration, title, caption, wanted: { from, to, dimension }, tree, columns }) {
  const say = useWords("statement");
  const spoken = language.use();
  const take = () => {
    const name = `${administration.name} ${title} ${from} ${to}.csv`.replace(/[\\/:*?"<>|]/g, " ");
    keep(new Blob([asFile(tree, columns, spoken, say("line"))], { type: "text/csv;charset=utf-8" }), name);
  };
  return html`<div class="row statement-files">
    <span class="hint">${say("files.statement")}</span>
    <${Button} icon="download" label=${say("export.as", { of: caption, format: "CSV" })} onPress=${take}>CSV<//>
    <span class="hint">${say("files.trialBalance")}</span>
    <${Exports} administration=${administration.id} report="trial-balance" parameters=${{ from, to, ...asQuery(dimension) }} of=${say("files.trialBalance")} />
  </div>`;
}

/** Of a DimensionFilter, as in the addresses of pages and of exports. */
const asQuery = (dimension) => ({ dimension: dimension?.dimension, code: dimension?.code, without: dimension?.without });

function Balanced({ kind, statement, dimension, report }) {
  const say = useWords("statement");
  if (statement.freshness.completeFrom === null) return null;
  if (!statement.isBalanced) {
    const why = statement.unmapped.length > 0 ? say("balanced.unmapped", { count: statement.unmapped.length }) : say("balanced.not");
    return html`<${Badge} tone="bad">${why}<//>`;
  }
  return html`<${Badge} tone="good">${say(dimension || report ? "balanced.mapped" : `balanced.${kind}`)}<//>`;
}

/** {at, head, note, since, to, isComparison, isTotal, isKnown}: `at` is its place among the amounts of a row, `since` the
 *  first day of the ledger lines that make the amount; null: the first of the books. One of them may be {head, change: [COLUMN, COLUMN]}. */
function columnsOf({ kind, statement, total, wanted, bookyears, say }) {
  const { completeFrom } = statement.freshness;
  const yearOf = (date) => bookyears.findLast(({ startDate }) => startDate <= date);
  // Openings carry no cost centre: its balance is made of the lines of all bookyears.
  const balanceSince = (year) => (wanted.dimension && !wanted.dimension.without ? null : (year?.startDate ?? null));
  const column = ({ from, to, isComparison }, head, isTotal = false) => ({
    head,
    note: isTotal || wanted.interval === "BOOKYEAR" ? say("until", { day: day(to) }) : null,
    since: kind === "BALANCE_SHEET" ? balanceSince(yearOf(to)) : from,
    to,
    isComparison,
    isTotal,
    isKnown: completeFrom !== null && completeFrom <= from,
  });
  const totals = (total?.columns ?? []).map((each) => column(each, yearOf(each.to)?.description ?? each.to.slice(0, 4), true));
  const cut = statement.columns.map((each) => column(each, headOf(each, wanted.interval, say)));
  const all = [...totals, ...cut].map((each, at) => ({ ...each, at }));
  const change = (of, against) => ({ head: say("change"), change: [all[of], all[against]] });
  if (wanted.compare && total) return [...all.slice(0, 2), change(0, 1), ...all.slice(2)];
  if (wanted.interval === "BOOKYEAR" && all.length > 1) return [...all, change(all.length - 1, all.length - 2)];
  return all;
}

function headOf({ label, from }, interval, say) {
  if (interval === "MONTH") return `${month(from)} ${from.slice(0, 4)}`;
  if (interval === "QUARTER") return say("quarter", { number: String(Math.ceil(Number(from.slice(5, 7)) / 3)), year: from.slice(0, 4) });
  return label;
}
