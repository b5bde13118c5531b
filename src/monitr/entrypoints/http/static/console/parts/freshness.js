// How far the figures of a page can be trusted, and the way to the proof.
import { addressOf } from "../routes.js";
import { isLive, isUnderWay, runs } from "../state/imports.js";
import { ago, percent } from "../state/formats.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { Badge, Day, Go, Moment } from "./basic.js";

const TONES = { PASSED: "good", WARNING: "warn", FAILED: "bad", NOT_AVAILABLE: "" };

/** `freshness { importRunId importedAt importRunning verification completeFrom closedUntil }` of a report. */
export function Freshness({ administration, freshness }) {
  const say = useWords();
  const run = runs.use()[administration];
  const live = isLive.use();
  const { importRunId, importedAt, verification, completeFrom } = freshness;
  const proof = importRunId && addressOf("proof", { administration, run: importRunId });
  return html`<div class="freshness">
    ${importedAt
      ? html`<${Go} to=${proof} class="proof"><${Badge} tone=${TONES[verification]}>${say(`verification.${verification}`)}<//><//>
          <span class="hint" title=${ago(importedAt)}>${say("freshness.imported", { when: html`<${Moment} value=${importedAt} />` })}</span>`
      : html`<span class="hint">${say("freshness.never")}</span>`}
    ${completeFrom && html`<span class="hint">${say("freshness.completeFrom", { day: html`<${Day} value=${completeFrom} />` })}</span>`}
    ${isUnderWay(run) && html`<${Progress} run=${run} />`}
    ${!live && html`<span class="hint">${say("freshness.notLive")}</span>`}
  </div>`;
}

/** Of a run that is under way; screen readers hear it when asked, not at every step. */
export function Progress({ run }) {
  const say = useWords();
  const lines = run.datasets?.find(({ dataset }) => dataset === "GENERAL_LEDGER")?.fetched ?? 0;
  return html`<span class="progress">
    <progress max="1" value=${run.progress} aria-label=${say("progress.of", { name: run.administration?.name })} />
    <span class="hint">${say(`run.${run.status}`)} · ${percent(run.progress, { digits: 0 })}${lines > 0 && ` · ${say("progress.lines", { count: lines })}`}</span>
  </span>`;
}
