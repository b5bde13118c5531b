// What the imports did: how far the books are read, what has changed, each run with its proof.
import { operation } from "../api/client.js";
import { Badge, Button, Go, Moment } from "../parts/basic.js";
import { cancel, sentences, useDeed, useSync } from "../parts/deeds.js";
import { Progress } from "../parts/freshness.js";
import { Menu } from "../parts/menu.js";
import { Older } from "../parts/older.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { Table } from "../parts/table.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { duration, number } from "../state/formats.js";
import { isUnderWay, runs } from "../state/imports.js";
import { useWithdrawn } from "../state/notices.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html, useEffect, useState } from "../vendor/view.js";
import { Changes } from "./imports/changes.js";
import { Since } from "./imports/since.js";

const HISTORY = operation("pages/imports", "History");
const UNHEARD_EVERY = 3_000;
const TONES = {
  SUCCEEDED: "good", FAILED: "bad", WAITING: "warn",
  PASSED: "good", WARNING: "warn", FRESH: "good", STALE: "warn",
};

export default function Imports({ administration, viewer }) {
  const say = useWords("imports");
  const [query] = useQuery();
  const { id } = administration;
  const asked = useAsked(HISTORY, { id, after: query.get("after") }, { follows: id });
  const live = runs.use()[id];
  const may = (permission) => viewer.permissions.includes(permission);
  useWithdrawn(id, asked.data?.administration?.lastImport?.id);
  useUnheard(asked.data?.administration?.lastImport, live, asked.askAgain);
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      ${may("RUN_IMPORTS") && html`<${Deeds} administration=${administration} again=${asked.askAgain} />`}
    <//>
    <${Asked} asked=${asked} rows=${8}>
      ${({ administration: found }) => html`
        <${Warnings} integration=${found.integration} />
        <${State} found=${found} />
        ${!query.has("after") && html`<${Since} administration=${administration} mayRead=${may("SEE_TRANSACTIONS")} last=${found.lastImport} />`}
        <h2 class="section">${say("history")}</h2>
        ${found.imports.edges.length === 0 && html`<${Empty} title=${say("history.none")} />`}
        <ol class="history">
          ${found.imports.edges.map(
            ({ node }) => html`<${Run} key=${node.id} run=${node} live=${live} administration=${administration} may=${may} again=${asked.askAgain} />`,
          )}
        </ol>
        <${Older} pageInfo=${found.imports.pageInfo} />
        <h2 class="section">${say("datasets")}</h2>
        <${Datasets} datasets=${found.datasets} />
      `}
    <//>
  `;
}

/** A run that begins and ends between two looks of the server is never told of live. */
function useUnheard(last, live, askAgain) {
  const unheard = isUnderWay(last) && (live?.id !== last.id || !isUnderWay(live));
  useEffect(() => {
    const timer = unheard && setInterval(askAgain, UNHEARD_EVERY);
    return () => clearInterval(timer);
  }, [unheard]);
}

function Deeds({ administration, again }) {
  const say = useWords("imports");
  const { id, name } = administration;
  const sync = useSync(id, again);
  return html`<${Button} kind="primary" label=${say("sync.label", { name })} onPress=${() => sync([administration], "INCREMENTAL")}>${say("sync")}<//>
    <${Menu} label=${say("more", { name })} items=${[{ key: "full", text: say("full"), act: () => sync([administration], "FULL") }]} />`;
}

/** What stands in the way, and what will unless somebody acts. */
const Warnings = ({ integration: { lastError, notices } }) => html`
  ${lastError && html`<p class="notice bad">${sentences(lastError)} <${ToIntegrations} /></p>`}
  ${notices.map((notice) => html`<p key=${notice.code} class="notice warn">${sentences(notice)} <${ToIntegrations} /></p>`)}
`;

function ToIntegrations() {
  const say = useWords("imports");
  return html`<${Go} to=${addressOf("integrations")}>${say("toIntegrations")}<//>`;
}

function State({ found }) {
  const say = useWords("imports");
  return html`<dl class="state">
    <div><dt>${say("lastSuccess")}</dt><dd><${Moment} value=${found.lastSuccessfulImportAt} /></dd></div>
    <div><dt>${say("nextImport")}</dt><dd><${Moment} value=${found.nextImportAt} /></dd></div>
  </dl>`;
}

function Datasets({ datasets }) {
  const say = useWords("imports");
  return html`<${Table}
    caption=${say("datasets")} rows=${datasets} rowKey=${({ dataset }) => dataset}
    columns=${[
      { key: "dataset", head: say("dataset"), rowHead: true, cell: ({ dataset }) => say(`dataset.${dataset}`) },
      { key: "rows", head: say("rows"), numeric: true, cell: ({ rows }) => number(rows) },
      { key: "at", head: say("readLast"), cell: ({ lastSuccessfulAt }) => html`<${Moment} value=${lastSuccessfulAt} />` },
      { key: "status", head: say("status"), cell: ({ status }) => html`<${Badge} tone=${status === "FAILED" ? "bad" : TONES[status]}>${say(`datasetStatus.${status}`)}<//>` },
    ]}
  />`;
}

function Run({ run: known, live, administration, may, again }) {
  const say = useWords("imports");
  const [isOpen, open] = useState(false);
  const run = live?.id === known.id && isUnderWay(known) ? { ...known, ...live, datasets: known.datasets } : known;
  const progress = live?.id === known.id ? { ...run, datasets: live.datasets } : run;
  const verification = run.verification?.status;
  const ledger = run.datasets.find(({ dataset }) => dataset === "GENERAL_LEDGER");
  const { id, name } = administration;
  const deed = useDeed(id);
  return html`<li class="card">
    <details open=${isOpen} onToggle=${(event) => open(event.currentTarget.open)}>
      <summary>
        <span class="run-when"><strong><${Moment} value=${run.startedAt ?? run.queuedAt} /></strong><span class="hint">${say(`trigger.${run.trigger}`)} · ${say(`mode.${run.mode}`)}</span></span>
        <span class="run-state">
          ${isUnderWay(run)
            ? html`<${Progress} run=${{ ...progress, administration }} />`
            : html`<${Badge} tone=${TONES[run.status]}>${say(`run.${run.status}`)}<//> ${verification && html`<${Badge} tone=${verification === "FAILED" ? "bad" : TONES[verification]}>${say(`verification.${verification}`)}<//>`}`}
        </span>
        <span class="hint run-lines">${run.status === "SUCCEEDED" && changed(ledger, say)}</span>
        <span class="hint run-took">${run.startedAt && run.finishedAt ? duration(run.startedAt, run.finishedAt) : ""}</span>
      </summary>
      ${isOpen && html`<${Inside} run=${run} administration=${administration} mayRead=${may("SEE_TRANSACTIONS")} />`}
    </details>
    ${run.error && html`<p class=${`notice ${run.status === "WAITING" ? "warn" : "bad"}`}>${sentences(run.error)}</p>`}
    ${isUnderWay(run) && may("RUN_IMPORTS") && html`<${Button} label=${say("cancel.label", { name })} onPress=${() => deed(async () => (await cancel(run), again()))}>${say("cancel")}<//>`}
  </li>`;
}

/** What became of the ledger lines, in words. */
function changed({ inserted, updated, deleted }, say) {
  const parts = Object.entries({ inserted, updated, deleted }).filter(([, count]) => count > 0);
  return parts.length ? parts.map(([what, count]) => say(`lines.${what}`, { count })).join(", ") : say("lines.none");
}

function Inside({ run, administration, mayRead }) {
  const say = useWords("imports");
  const remarks = (run.verification?.checks ?? []).filter(({ status, detail }) => detail && status !== "PASSED");
  const proof = run.verification && addressOf("proof", { administration: administration.id, run: run.id });
  return html`<div class="inside">
    ${proof && html`<p><${Go} to=${proof}>${say("proof")}<//></p>`}
    ${remarks.map(({ code, status, detail }) => html`<p key=${code} class=${`notice ${status === "FAILED" ? "bad" : TONES[status] ?? ""}`}>${detail}</p>`)}
    <${Table}
      caption=${say("read")} rows=${run.datasets} rowKey=${({ dataset }) => dataset}
      columns=${[
        { key: "dataset", head: say("dataset"), rowHead: true, cell: ({ dataset }) => say(`dataset.${dataset}`) },
        { key: "status", head: say("status"), cell: ({ status }) => say(`reading.${status}`) },
        ...["fetched", "inserted", "updated", "unchanged", "deleted"].map((key) => ({ key, head: say(key), numeric: true, cell: (row) => number(row[key]) })),
      ]}
    />
    ${mayRead && run.trigger !== "FIRST" && html`<${Changes} run=${run.id} administration=${administration} />`}
  </div>`;
}
