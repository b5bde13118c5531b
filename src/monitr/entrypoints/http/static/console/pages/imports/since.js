// What has changed since yesterday: all imports that have ended since then together.
import { operation } from "../../api/client.js";
import { useAsked } from "../../state/asking.js";
import { number, today } from "../../state/formats.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";
import { Changes } from "./changes.js";

const SINCE = operation("pages/imports", "Since");
const DAY = 86_400_000;

/** `last`: the newest run, with which it is asked again. */
export function Since({ administration, mayRead, last }) {
  const say = useWords("imports");
  const { data } = useAsked(SINCE, { id: administration.id }, { follows: administration.id });
  const runs = (data?.administration?.imports.edges ?? []).map(({ node }) => node).filter(isRecent);
  const isFirst = runs.some(({ trigger }) => trigger === "FIRST");
  const later = runs.filter(({ trigger }) => trigger !== "FIRST");
  const sums = ["inserted", "updated", "deleted"].map((what) => [what, later.reduce((sum, run) => sum + ledger(run)[what], 0)]);
  const changing = later.filter((run) => Object.values(ledger(run)).some((count) => count > 0));
  return html`<section class="card since" aria-label=${say("since")}>
    <h2>${say("since")}</h2>
    ${isFirst && html`<p class="hint">${say("since.first")}</p>`}
    ${!isFirst && later.length === 0 && html`<p class="hint">${say(last ? "since.noImport" : "since.never")}</p>`}
    ${later.length > 0 && changing.length === 0 && html`<p>${say("since.nothing", { count: later.length })}</p>`}
    ${changing.length > 0 &&
    html`<dl>${sums.map(([what, count]) => html`<div key=${what}><dt>${say(`since.${what}`)}</dt><dd>${number(count)}</dd></div>`)}</dl>
      ${mayRead && changing.map(({ id }) => html`<${Changes} key=${id} run=${id} administration=${administration} />`)}`}
  </section>`;
}

/** Whether it ended yesterday or today, by the days of Belgium. */
function isRecent({ status, finishedAt }) {
  const yesterday = new Date(new Date(`${today()}T00:00:00Z`) - DAY).toISOString().slice(0, 10);
  return status === "SUCCEEDED" && brussels.format(new Date(finishedAt)) >= yesterday;
}

const brussels = new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Brussels" });

function ledger({ datasets }) {
  const { inserted = 0, updated = 0, deleted = 0 } = datasets.find(({ dataset }) => dataset === "GENERAL_LEDGER") ?? {};
  return { inserted, updated, deleted };
}
