// One administration in a row: how its imports stand, and behind a button what can be done with it.
import { Badge, Button, Go, Moment } from "../../parts/basic.js";
import { cancel, sentences, useDeed, useSync } from "../../parts/deeds.js";
import { Progress } from "../../parts/freshness.js";
import { Menu } from "../../parts/menu.js";
import { addressOf } from "../../routes.js";
import { isUnderWay } from "../../state/imports.js";
import { useWithdrawn } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";

const TONES = { SUCCEEDED: "good", FAILED: "bad", WAITING: "warn" };
const PROVEN = { PASSED: "good", WARNING: "warn", FAILED: "bad" };

/** `broken`: why its login cannot be used now, which is not said again in the row; null: it can. */
export function Administration({ administration, live, may, again, remove, broken }) {
  const say = useWords("integrations");
  const { id, name, lastImport, status } = administration;
  const sync = useSync(id, again);
  const deed = useDeed(id);
  const isLive = live && live.id === lastImport?.id && isUnderWay(lastImport);
  const run = isLive ? { ...lastImport, ...live, error: live.error } : lastImport;
  useWithdrawn(id, run?.id);
  const canRun = may("RUN_IMPORTS") && !broken;
  const items = [
    canRun && { key: "sync", text: say("sync"), act: () => sync([administration], "INCREMENTAL"), narrow: true },
    canRun && { key: "full", text: say("full"), act: () => sync([administration], "FULL") },
    canRun && isUnderWay(run) && { key: "cancel", text: say("cancel.import"), act: () => deed(() => cancel(run)) },
    may("SEE_INTEGRATIONS") && { key: "history", text: say("history"), to: addressOf("imports", { administration: id }) },
    may("MANAGE_INTEGRATIONS") && { key: "remove", text: say("remove.this"), act: remove, kind: "danger" },
  ];
  return html`<li id=${`administration-${id}`}>
    <div class="who">
      <h3><${Go} to=${addressOf("overview", { administration: id })}>${name}<//> ${status !== "ACTIVE" && html`<${Badge} tone="bad">${say(`administration.${status}`)}<//>`}</h3>
      <p class="hint">${[say("dossier", { number: String(administration.dossierNumber) }), administration.vatNumber].filter(Boolean).join(" · ")}</p>
    </div>
    <div class="last"><${Last} run=${run} administration=${administration} /></div>
    <p class="when"><span class="label">${say("lastSuccess")}</span> <${Moment} value=${administration.lastSuccessfulImportAt} /> <${Proven} administration=${administration} /></p>
    <p class="when"><span class="label">${say("nextImport")}</span> <${Moment} value=${administration.nextImportAt} /></p>
    <div class="row deeds">
      ${canRun && html`<${Button} kind="quiet wide" label=${say("sync.label", { name })} onPress=${() => sync([administration], "INCREMENTAL")}>${say("sync")}<//>`}
      <${Menu} label=${say("more", { name })} items=${items} />
    </div>
    ${run?.error && run.error.message !== broken?.message && html`<p class=${`notice ${run.status === "WAITING" ? "warn" : "bad"}`}>${sentences(run.error)}</p>`}
  </li>`;
}

function Last({ run, administration }) {
  const say = useWords("integrations");
  if (!run) return html`<span class="hint">${say("never")}</span>`;
  if (isUnderWay(run)) return html`<${Progress} run=${{ ...run, administration }} />`;
  return html`<${Badge} tone=${TONES[run.status]}>${say(`run.${run.status}`)}<//>
    ${run.status !== "SUCCEEDED" && run.finishedAt && html` <span class="hint"><${Moment} value=${run.finishedAt} /></span>`}`;
}

/** Of the last import that succeeded, whose figures the reports show, whatever became of a later one. */
function Proven({ administration: { id, freshness } }) {
  const say = useWords("integrations");
  const { importRunId, verification } = freshness;
  if (!importRunId) return null;
  return html`<${Go} to=${addressOf("proof", { administration: id, run: importRunId })} class="proof"><${Badge} tone=${PROVEN[verification]}>${say(`verification.${verification}`)}<//><//>`;
}
