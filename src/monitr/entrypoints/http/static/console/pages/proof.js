// The proof sheet of an import: what was compared with what, differences first. It is made to be printed.
import { operation } from "../api/client.js";
import { Badge, Button, Go, Moment, Money } from "../parts/basic.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { Table } from "../parts/table.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { duration, number } from "../state/formats.js";
import { useHasWord, useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { findingsOf } from "./proof/findings.js";

const PROOF = operation("pages/proof", "Proof");
const TOTALS = operation("pages/proof", "Totals");
const TONES = { PASSED: "good", WARNING: "warn", FAILED: "bad", NOT_AVAILABLE: "" };
const WORST_FIRST = ["FAILED", "WARNING", "NOT_AVAILABLE", "PASSED"];
const ENDED = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);

export default function Proof({ params, administration, viewer }) {
  const say = useWords("proof");
  const asked = useAsked(PROOF, { run: params.run }, { follows: administration.id });
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      <${Button} icon="print" onPress=${() => print()}>${say("print")}<//>
    <//>
    <${Asked} asked=${asked} rows=${10}>
      ${({ node: run }) => {
        if (!run || run.administration?.id !== administration.id) return html`<${Empty} title=${say("unknown")} />`;
        if (!run.verification) return html`<${Empty} title=${say(ENDED.has(run.status) ? "none" : "notYet")} />`;
        return html`<${Sheet} run=${run} administration=${administration} viewer=${viewer} />`;
      }}
    <//>
  `;
}

function Sheet({ run, administration, viewer }) {
  const say = useWords("proof");
  const checks = run.verification.checks.toSorted((one, other) => WORST_FIRST.indexOf(one.status) - WORST_FIRST.indexOf(other.status));
  const isNewest = run.administration.freshness.importRunId === run.id;
  const { status } = run.verification;
  return html`<div class="sheet">
    <section class=${`verdict ${TONES[status]}`}>
      <h2>${say(`verdict.${status}`)}</h2>
      <p>${say("verdict.text", { when: html`<${Moment} value=${run.finishedAt} />` })}</p>
    </section>
    ${!isNewest && html`<p class="notice">${say("older")}</p>`}
    <${About} run=${run} administration=${administration} />
    ${checks.filter(({ status, detail }) => status !== "PASSED" && detail).map((check) => html`<${Doubt} key=${check.code} check=${check} administration=${administration.id} />`)}
    <h2>${say("checks")}</h2>
    <${Checks} checks=${checks} />
    ${isNewest && viewer.permissions.includes("SEE_TRANSACTIONS") && html`<${Bookyears} administration=${administration} />`}
    <h2>${say("read")}</h2>
    <${Table}
      caption=${say("read")} rows=${run.datasets} rowKey=${({ dataset }) => dataset}
      columns=${[
        { key: "dataset", head: say("dataset"), rowHead: true, cell: ({ dataset }) => say(`dataset.${dataset}`) },
        { key: "status", head: say("result"), cell: ({ status }) => say(`reading.${status}`) },
        { key: "fetched", head: say("fetched"), numeric: true, cell: ({ fetched }) => number(fetched) },
      ]}
    />
  </div>`;
}

function About({ run, administration }) {
  const say = useWords("proof");
  const facts = {
    dossier: [administration.dossierNumber, administration.vatNumber].filter(Boolean).join(" · "),
    import: `${say(`trigger.${run.trigger}`)} · ${say(`mode.${run.mode}`)}`,
    began: html`<${Moment} value=${run.startedAt} />`,
    ended: html`<${Moment} value=${run.finishedAt} />`,
    took: run.startedAt && run.finishedAt ? duration(run.startedAt, run.finishedAt) : "–",
    run: html`<code>${run.id}</code>`,
  };
  return html`<dl class="facts">${Object.entries(facts).map(([key, value]) => html`<div key=${key}><dt>${say(`fact.${key}`)}</dt><dd>${value}</dd></div>`)}</dl>
    <p class="no-print"><${Go} to=${addressOf("imports", { administration: administration.id })}>${say("toImports")}<//></p>`;
}

const nameOf = (code, say, hasWord) => (hasWord(`check.${code}`) ? say(`check.${code}`) : code);

/** What differs or could not be said, in the server's words, and each finding with the way down to the ledger. */
function Doubt({ check, administration }) {
  const say = useWords("proof");
  const hasWord = useHasWord("proof");
  const title = nameOf(check.code, say, hasWord);
  const { rows, more, isWhole } = findingsOf(check.parameters);
  return html`<section class="doubt">
    <h2>${title} <${Badge} tone=${TONES[check.status]}>${say(`check.${check.status}`)}<//></h2>
    ${!isWhole && html`<p>${check.detail}</p>`}
    ${rows.length > 0 && html`<${Findings} title=${title} findings=${rows} administration=${administration} />`}
    ${isWhole && more > 0 && html`<p class="hint">${say("findings.more", { count: more })}</p>`}
  </section>`;
}

function Findings({ title, findings, administration }) {
  const say = useWords("proof");
  const ledger = (query, text) => html`<${Go} to=${addressOf("ledger", { administration }, query)}>${text}<//>`;
  const money = (key) => ({ key, numeric: true, cell: (finding) => html`<${Money} value=${finding[key] ?? null} />` });
  const columns = [
    { key: "booking", cell: ({ booking }) => booking && html`<${Go} to=${addressOf("booking", { administration, booking })}>${booking}<//>` },
    { key: "accounts", cell: ({ accounts = [], bookyear }) => accounts.map((account, index) => [index > 0 && ", ", html`<span key=${account}>${ledger({ account, bookyear }, account)}</span>`]) },
    { key: "bookyear", cell: ({ bookyear }) => bookyear && ledger({ bookyear }, bookyear) },
    { key: "period", cell: ({ period }) => period },
    { key: "relation", cell: ({ relation }) => relation },
    money("here"),
    money("there"),
    money("difference"),
  ].filter(({ key }) => findings.some((finding) => finding[key] !== undefined));
  return html`<${Table}
    caption=${say("findings", { title })} rows=${findings} rowKey=${({ key }) => key}
    columns=${columns.map((column, index) => ({ ...column, head: say(`finding.${column.key}`), rowHead: index === 0 }))}
  />`;
}

function Checks({ checks }) {
  const say = useWords("proof");
  const hasWord = useHasWord("proof");
  const word = (key) => (hasWord(key) ? say(key) : "–");
  return html`<${Table}
    caption=${say("checks")} rows=${checks} rowKey=${({ code }) => code}
    columns=${[
      { key: "check", head: say("check"), rowHead: true, cell: ({ code, status, detail }) => html`${nameOf(code, say, hasWord)}${status === "PASSED" && detail && html`<br /><span class="hint">${detail}</span>`}` },
      { key: "ours", head: say("ours"), cell: ({ code }) => word(`ours.${code}`) },
      { key: "against", head: say("against"), cell: ({ code }) => word(`against.${code}`) },
      { key: "result", head: say("result"), cell: ({ status }) => html`<${Badge} tone=${TONES[status]}>${say(`check.${status}`)}<//>` },
    ]}
  />`;
}

/** To the cent: what each bookyear debits and credits here. */
function Bookyears({ administration }) {
  const say = useWords("proof");
  const bookyears = (administration.bookyears ?? []).toReversed();
  if (!bookyears.length) return null;
  return html`<h2>${say("bookyears")}</h2>
    <section class="table" aria-label=${say("bookyears")} tabindex="0"><table>
      <caption class="unseen">${say("bookyears")}</caption>
      <thead><tr>
        <th scope="col">${say("finding.bookyear")}</th>
        ${["lines", "debit", "credit", "difference"].map((key) => html`<th key=${key} scope="col" class="numeric">${say(`total.${key}`)}</th>`)}
      </tr></thead>
      <tbody>${bookyears.map((bookyear) => html`<${OfBookyear} key=${bookyear.number} administration=${administration} bookyear=${bookyear} />`)}</tbody>
    </table></section>`;
}

function OfBookyear({ administration: { id, currency }, bookyear }) {
  const { data } = useAsked(TOTALS, { id, bookyear: bookyear.number });
  const { totalCount, totals } = data?.administration?.transactions ?? {};
  return html`<tr>
    <th scope="row"><${Go} to=${addressOf("ledger", { administration: id }, { bookyear: bookyear.number })}>${bookyear.description}<//></th>
    <td class="numeric">${totalCount === undefined ? "–" : number(totalCount)}</td>
    ${["debit", "credit", "net"].map((key) => html`<td key=${key} class="numeric"><${Money} value=${totals?.[key] ?? null} currency=${key === "net" ? undefined : currency} /></td>`)}
  </tr>`;
}
