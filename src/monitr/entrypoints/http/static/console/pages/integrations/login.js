// One login at Octopus: what it opens, and behind the gear what can be done with it.
import { Badge, Button, Moment } from "../../parts/basic.js";
import { sentences, useDeed, useSync } from "../../parts/deeds.js";
import { Menu } from "../../parts/menu.js";
import { isUnderWay } from "../../state/imports.js";
import { useWithdrawn, withdraw } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html, useEffect, useState } from "../../vendor/view.js";
import { Administration } from "./administration.js";
import { RECONNECT, leaveFor, selectionOf } from "./deeds.js";
import { Dossiers } from "./dossiers.js";
import { LinkFor } from "./link_for.js";
import { DeleteAll, RemoveOne } from "./removal.js";

const TONES = { CONFIGURED: "good", RECONNECT_REQUIRED: "bad", AWAITING_AUTHORIZATION: "warn" };

export function Login({ provider, integration, live, may, again, isSelecting, select, days }) {
  const say = useWords("integrations");
  const [open, show] = useState(null);
  const deed = useDeed(integration.id);
  const sync = useSync(integration.id, again);
  const { administrations, lastError, notices, authorizedAt, authorizationExpiresAt } = integration;
  const isBroken = integration.status === "RECONNECT_REQUIRED";
  const isImporting = administrations.some(({ id, lastImport }) => isUnderWay(live[id]?.id === lastImport?.id ? live[id] : lastImport));
  useEffect(() => void (isImporting || withdraw(selectionOf(integration))), [isImporting, administrations.length]);
  useWithdrawn(integration.id, integration.status);
  const reconnect = () => deed(() => leaveFor(RECONNECT, { id: integration.id }));
  const close = () => show(null);
  const name = integration.label || provider.name;
  const manages = may("MANAGE_INTEGRATIONS");
  const hasSome = administrations.length > 0;
  const items = [
    manages && !isBroken && { key: "select", text: say("select"), act: () => select(integration.id), narrow: true },
    may("RUN_IMPORTS") && hasSome && !isBroken && { key: "all", text: say("sync.all"), act: () => sync(administrations, "INCREMENTAL") },
    manages && !isBroken && { key: "reconnect", text: say("reconnect"), act: reconnect },
    manages && { key: "link", text: say("link.reconnect"), act: () => show("link") },
    manages && hasSome && { key: "one", text: say("remove.one"), act: () => show({ remove: administrations[0].id }), kind: "danger" },
    manages && { key: "delete", text: say("delete.all"), act: () => show("delete"), kind: "danger" },
  ];
  const removed = open?.remove && administrations.find(({ id }) => id === open.remove);
  return html`<article class="card" aria-label=${name}>
    <div class="row spread login-head">
      <div>
        <h2>${say("integration", { name: provider.name })} <${Badge} tone=${TONES[integration.status]}>${say(`integration.${integration.status}`)}<//></h2>
        ${integration.label && html`<p>${integration.label}</p>`}
        <p class="hint">${[authorizedAt && say("connected", { when: html`<${Moment} value=${authorizedAt} />` }), authorizationExpiresAt && say("expires", { when: html`<${Moment} value=${authorizationExpiresAt} />` })].filter(Boolean).map((each, index) => [index > 0 && " · ", each])}</p>
      </div>
      <div class="row">
        ${manages &&
        (isBroken
          ? html`<${Button} kind="primary" label=${say("reconnect.label", { name })} onPress=${reconnect}>${say("reconnect")}<//>`
          : html`<${Button} kind=${hasSome ? "quiet wide" : "primary"} onPress=${() => select(integration.id)}>${say("select")}<//>`)}
        <${Menu} icon="gear" label=${say("gear", { name })} items=${items} />
      </div>
    </div>
    ${lastError && html`<p class="notice bad">${sentences(lastError)}</p>`}
    ${notices.map((notice) => html`<p key=${notice.code} class="notice warn">${sentences(notice)}</p>`)}
    ${hasSome
      ? html`<div class="heads wide" aria-hidden="true"><span>${say("administration")}</span><span>${say("lastImport")}</span><span>${say("lastSuccess")}</span><span>${say("nextImport")}</span></div>
          <ul class="administrations">
            ${administrations.map(
              (each) => html`<${Administration} key=${each.id} administration=${each} live=${live[each.id]} may=${may} again=${again} broken=${isBroken ? lastError : null} remove=${() => show({ remove: each.id })} />`,
            )}
          </ul>`
      : html`<p class="hint">${say("none")}</p>`}
    ${isSelecting && html`<${Dossiers} integration=${integration} again=${again} onClose=${() => select(null)} />`}
    ${open === "link" &&
    html`<${LinkFor} mutation=${RECONNECT} variables=${{ id: integration.id }} integrations=${[integration]} again=${again} onConnected=${select} onClose=${close} />`}
    ${removed && html`<${RemoveOne} administrations=${administrations} chosen=${removed} choose=${(id) => show({ remove: id })} days=${days} again=${again} onClose=${close} />`}
    ${open === "delete" && html`<${DeleteAll} integration=${integration} provider=${provider} days=${days} again=${again} onClose=${close} />`}
  </article>`;
}
