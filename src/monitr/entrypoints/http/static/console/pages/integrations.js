// The logins at Octopus, the dossiers that they open, and their imports.
import { mutate, operation } from "../api/client.js";
import { Badge, Button, Moment } from "../parts/basic.js";
import { Confirm, Dialog } from "../parts/dialog.js";
import { Progress } from "../parts/freshness.js";
import { Asked, Failed, PageHead, failureWords } from "../parts/page.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { moment, number } from "../state/formats.js";
import { EVERY, isUnderWay, runs } from "../state/imports.js";
import { tell, withdraw } from "../state/notices.js";
import { useQuery } from "../state/router.js";
import { useHasWord, useWords } from "../state/words.js";
import { html, useEffect, useState } from "../vendor/view.js";

const of = (name) => operation("pages/integrations", name);
const [CARDS, DOSSIERS] = ["Cards", "Dossiers"].map(of);
const [CONNECT, RECONNECT, SELECT, START, CANCEL, REMOVE, DELETE] = [
  "Connect", "Reconnect", "Select", "Start", "Cancel", "Remove", "Delete",
].map(of);
const RETURN_TO = "/integrations";
const UNHEARD_EVERY = 3_000;
const TONES = {
  CONFIGURED: "good", RECONNECT_REQUIRED: "bad", AWAITING_AUTHORIZATION: "warn",
  QUEUED: "", RUNNING: "warn", WAITING: "warn", SUCCEEDED: "good", FAILED: "bad", CANCELLED: "",
  PASSED: "good", WARNING: "warn", NOT_AVAILABLE: "",
  FRESH: "good", STALE: "warn", NEVER: "",
};

export default function Integrations({ viewer }) {
  const say = useWords("integrations");
  const asked = useAsked(CARDS, {}, { follows: EVERY });
  const live = runs.use();
  useOutcome(asked.data, say);
  useUnheard(asked.data, live, asked.askAgain);
  const may = (permission) => viewer.permissions.includes(permission);
  return html`
    <${PageHead} title=${say("title")} />
    <${Asked} asked=${asked} rows=${8}>
      ${({ integrationProviders }) =>
        integrationProviders.map(
          (provider) => html`<${Provider} key=${provider.key} provider=${provider} live=${live} may=${may} again=${asked.askAgain} />`,
        )}
    <//>
  `;
}

/** A run that begins and ends between two looks of the server is never told of live: while the cards show one that has not
 *  been heard of, they are asked for again. */
function useUnheard(data, live, askAgain) {
  const all = data?.integrationProviders.flatMap(({ integrations }) => integrations.flatMap(({ administrations }) => administrations)) ?? [];
  const unheard = all.some(({ id, lastImport }) => isUnderWay(lastImport) && (live[id]?.id !== lastImport.id || !isUnderWay(live[id])));
  useEffect(() => {
    const timer = unheard && setInterval(askAgain, UNHEARD_EVERY);
    return () => clearInterval(timer);
  }, [unheard]);
}

/** How an OAuth round ended stands in the address; it is told once and taken out of it. */
function useOutcome(data, say) {
  const [query, change] = useQuery();
  const hasWord = useHasWord("integrations");
  const error = query.get("error");
  const isOver = error !== null || query.has("integrationId");
  useEffect(() => {
    if (!isOver || data === null) return;
    const lost = query.get("lost")?.split(",") ?? [];
    const all = data.integrationProviders.flatMap(({ integrations }) => integrations.flatMap(({ administrations }) => administrations));
    const names = all.filter(({ id }) => lost.includes(id)).map(({ name }) => name);
    const told = error === null ? say("outcome.connected") : say(hasWord(`outcome.${error}`) ? `outcome.${error}` : "outcome.other");
    const more = names.length ? ` ${say("outcome.lost", { names: names.join(", ") })}` : "";
    tell(error === null ? "good" : "bad", told + more, { about: "oauth" });
    change({ error: null, integrationId: null, lost: null });
  }, [isOver, data !== null]);
}

/** A hook: does something, and tells what went wrong about it; what was told before is taken back. */
function useDeed(about) {
  const say = useWords("integrations");
  return async (work) => {
    withdraw(about);
    try {
      await work();
    } catch (failure) {
      tell("bad", failureWords(failure, say), { about });
    }
  };
}

async function leaveFor(mutation, variables) {
  const { authorizationUrl } = await mutate(mutation, { ...variables, returnTo: RETURN_TO });
  location.assign(authorizationUrl);
}

function Provider({ provider, live, may, again }) {
  const say = useWords("integrations");
  const deed = useDeed("connect");
  return html`
    <article class="card" aria-label=${provider.name}>
      <div class="row spread">
        <div><h2>${provider.name}</h2><p class="hint">${provider.region} · OAuth 2</p></div>
        ${may("MANAGE_INTEGRATIONS") && html`<${Button} kind="primary" label=${say("add.label", { name: provider.name })} onPress=${() => deed(() => leaveFor(CONNECT, {}))}>${say("add")}<//>`}
      </div>
    </article>
    ${provider.integrations.map(
      (integration) => html`<${Integration} key=${integration.id} provider=${provider} integration=${integration} live=${live} may=${may} again=${again} />`,
    )}
  `;
}

function Integration({ provider, integration, live, may, again }) {
  const say = useWords("integrations");
  const [open, show] = useState(null);
  const deed = useDeed(integration.id);
  const isBroken = integration.status === "RECONNECT_REQUIRED";
  const close = () => show(null);
  return html`<article class="card" aria-label=${say("integration", { name: provider.name })}>
    <div class="row spread">
      <div>
        <h2>${say("integration", { name: provider.name })} <${Badge} tone=${TONES[integration.status]}>${say(`integration.${integration.status}`)}<//></h2>
        <p class="hint">
          ${integration.authorizedAt && say("connected", { when: html`<${Moment} value=${integration.authorizedAt} />` })}
          ${integration.authorizationExpiresAt && [" · ", say("expires", { when: html`<${Moment} value=${integration.authorizationExpiresAt} />` })]}
        </p>
      </div>
      ${may("MANAGE_INTEGRATIONS") &&
      html`<div class="row">
        ${!isBroken && html`<${Button} kind="primary" onPress=${() => show("dossiers")}>${say("select")}<//>`}
        <${Button} kind=${isBroken ? "primary" : "quiet"} onPress=${() => deed(() => leaveFor(RECONNECT, { id: integration.id }))}>${say("reconnect")}<//>
        <${Button} kind="danger" onPress=${() => show("delete")}>${say("delete")}<//>
      </div>`}
    </div>
    ${integration.lastError && html`<p class="notice bad">${sentences(integration.lastError)}</p>`}
    ${integration.administrations.length
      ? html`<ul class="administrations">
          ${integration.administrations.map(
            (each) => html`<${Administration} key=${each.id} administration=${each} live=${live[each.id]} may=${may} again=${again} />`,
          )}
        </ul>`
      : html`<p class="hint">${say("none")}</p>`}
    ${open === "dossiers" && html`<${Dossiers} integration=${integration} again=${again} onClose=${close} />`}
    ${open === "delete" &&
    html`<${Confirm} title=${say("delete.title")} action=${say("delete")} kind="danger solid" onClose=${close} act=${async () => {
      const { purgeAfter } = await mutate(DELETE, { id: integration.id });
      tell("good", say("delete.done", { when: moment(purgeAfter) }), { about: integration.id });
      again();
    }}><p>${say("delete.text")}</p><//>`}
  </article>`;
}

const sentences = ({ message, action }) => [message, action].filter(Boolean).join(" ");

function Administration({ administration, live, may, again }) {
  const say = useWords("integrations");
  const [isRemoving, remove] = useState(false);
  const deed = useDeed(administration.id);
  const { id, name, lastImport } = administration;
  const run = live && live.id === lastImport?.id && isUnderWay(lastImport) ? { ...lastImport, ...live, error: live.error } : lastImport;
  const overview = addressOf("overview", { administration: id });
  const sync = (mode) =>
    deed(async () => {
      const { refused } = await mutate(START, { ids: [id], mode });
      if (refused.length) tell("warn", refused.map(({ message }) => message).join(" "), { about: id });
      again();
    });
  return html`<li id=${`administration-${id}`}>
    <div class="row spread">
      <div>
        <h3><a href=${overview}>${name}</a> ${administration.status !== "ACTIVE" && html`<${Badge} tone="bad">${say(`administration.${administration.status}`)}<//>`}</h3>
        <p class="hint">${[say("dossier", { number: String(administration.dossierNumber) }), administration.vatNumber].filter(Boolean).join(" · ")}</p>
      </div>
      <div class="row">
        ${may("RUN_IMPORTS") &&
        html`<${Button} label=${say("sync.label", { name })} onPress=${() => sync("INCREMENTAL")}>${say("sync")}<//>
          <${Button} label=${say("full.label", { name })} onPress=${() => sync("FULL")}>${say("full")}<//>`}
        ${may("MANAGE_INTEGRATIONS") && html`<${Button} kind="danger" label=${say("remove.label", { name })} onPress=${() => remove(true)}>${say("remove")}<//>`}
      </div>
    </div>
    <${Run} run=${run} name=${name} cancel=${may("RUN_IMPORTS") && (() => deed(() => mutate(CANCEL, { id: run.id })))} />
    <div class="datasets">
      ${administration.datasets
        .filter(({ status }) => status !== "NEVER")
        .map(({ dataset, status, rows }) => html`<${Badge} key=${dataset} tone=${TONES[status]}>${say(`dataset.${dataset}`)}: ${number(rows)}<//>`)}
    </div>
    ${administration.nextImportAt && html`<p class="hint">${say("next", { when: html`<${Moment} value=${administration.nextImportAt} />` })}</p>`}
    ${isRemoving &&
    html`<${Confirm} title=${say("remove.title")} action=${say("remove")} kind="danger solid" onClose=${() => remove(false)} act=${async () => {
      const { purgeAfter } = await mutate(REMOVE, { id });
      tell("good", say("remove.done", { name, when: moment(purgeAfter) }), { about: id });
      again();
    }}><p>${say("remove.text", { name })}</p><//>`}
  </li>`;
}

function Run({ run, name, cancel }) {
  const say = useWords("integrations");
  if (!run) return html`<p class="hint">${say("never")}</p>`;
  const remarks = (run.verification?.checks ?? []).filter(({ detail, status }) => detail && status !== "PASSED");
  return html`
    ${isUnderWay(run)
      ? html`<div class="row run">
          <${Progress} run=${{ ...run, administration: { name } }} />
          ${cancel && html`<${Button} label=${say("cancel.label", { name })} onPress=${cancel}>${say("cancel")}<//>`}
        </div>`
      : html`<p class="run">
          <${Badge} tone=${TONES[run.status]}>${say(`run.${run.status}`)}<//> ${run.verification && html`<${Badge} tone=${run.verification.status === "FAILED" ? "bad" : TONES[run.verification.status]}>${say(`verification.${run.verification.status}`)}<//>`}
          ${run.finishedAt && html` <span class="hint"><${Moment} value=${run.finishedAt} /></span>`}
        </p>`}
    ${run.error && html`<p class="notice bad">${sentences(run.error)}</p>`}
    ${remarks.length > 0 &&
    html`<details>
      <summary>${say("remarks", { count: remarks.length })}</summary>
      ${remarks.map(({ code, detail }) => html`<p key=${code} class="hint">${detail}</p>`)}
    </details>`}
  `;
}

function Dossiers({ integration, again, onClose }) {
  const say = useWords("integrations");
  const asked = useAsked(DOSSIERS, { id: integration.id });
  const [chosen, choose] = useState(new Set());
  const [failure, fail] = useState(null);
  const toggle = (number) => choose((before) => before.symmetricDifference(new Set([number])));
  const select = async () => {
    fail(null);
    try {
      await mutate(SELECT, { id: integration.id, numbers: [...chosen] });
      tell("good", say("selected"), { about: integration.id });
      again();
      onClose();
    } catch (error) {
      fail(error);
    }
  };
  return html`<${Dialog} title=${say("select")} onClose=${onClose}>
    <div class="dialog-body">
      <${Asked} asked=${asked} rows=${4}>
        ${({ integration: found }) => {
          const dossiers = found?.dossiers ?? [];
          if (!dossiers.length) return html`<p>${say("select.none")}</p>`;
          return dossiers.map(
            (dossier) => html`<label key=${dossier.number} class="choice">
              <input type="checkbox" checked=${chosen.has(dossier.number)} disabled=${!dossier.selectable} onChange=${() => toggle(dossier.number)} />
              <span>${dossier.name} (${dossier.number})${dossier.reason && html`<small>${dossier.reason}</small>`}</span>
            </label>`,
          );
        }}
      <//>
    </div>
    ${failure && html`<${Failed} failure=${failure} />`}
    <footer>
      <${Button} onPress=${onClose}>${say("cancel")}<//>
      <${Button} kind="primary" disabled=${chosen.size === 0} onPress=${select}>${say("select.do")}<//>
    </footer>
  <//>`;
}
