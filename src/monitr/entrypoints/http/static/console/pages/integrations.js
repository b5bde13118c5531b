// The logins at Octopus, the dossiers that they open, and their imports.
import { ask } from "../api/client.js";
import { Button } from "../parts/basic.js";
import { useDeed } from "../parts/deeds.js";
import { Confirm } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { Menu } from "../parts/menu.js";
import { Asked, PageHead } from "../parts/page.js";
import { useAsked } from "../state/asking.js";
import { EVERY, isUnderWay, runs } from "../state/imports.js";
import { tell } from "../state/notices.js";
import { useQuery } from "../state/router.js";
import { useHasWord, useWords } from "../state/words.js";
import { html, useEffect, useState } from "../vendor/view.js";
import { CARDS, CONNECT, OUTCOME, RECONNECT, leaveFor } from "./integrations/deeds.js";
import { LinkFor } from "./integrations/link_for.js";
import { Login } from "./integrations/login.js";

const UNHEARD_EVERY = 3_000;

export default function Integrations({ viewer }) {
  const say = useWords("integrations");
  const asked = useAsked(CARDS, {}, { follows: EVERY });
  const live = runs.use();
  const other = useOutcome(asked.data, say);
  useUnheard(asked.data, live, asked.askAgain);
  useReturn(asked.askAgain);
  const may = (permission) => viewer.permissions.includes(permission);
  return html`
    <${PageHead} title=${say("title")} />
    <nav class="tabs" aria-label=${say("tabs")}><a href="/integrations" aria-current="page">${say("tab")}</a></nav>
    <${Asked} asked=${asked} rows=${8}>
      ${({ integrationProviders }) =>
        integrationProviders.map(
          (provider) => html`<${Provider} key=${provider.key} provider=${provider} live=${live} may=${may} again=${asked.askAgain} />`,
        )}
    <//>
    ${other.integration && html`<${OtherAccount} ...${other} />`}
  `;
}

const integrationsOf = (data) => data?.integrationProviders.flatMap(({ integrations }) => integrations) ?? [];
const administrationsOf = (data) => integrationsOf(data).flatMap(({ administrations }) => administrations);

/** A run that begins and ends between two looks of the server is never told of live: while the cards show one that has not
 *  been heard of, they are asked for again. */
function useUnheard(data, live, askAgain) {
  const unheard = administrationsOf(data).some(
    ({ id, lastImport }) => isUnderWay(lastImport) && (live[id]?.id !== lastImport.id || !isUnderWay(live[id])),
  );
  useEffect(() => {
    const timer = unheard && setInterval(askAgain, UNHEARD_EVERY);
    return () => clearInterval(timer);
  }, [unheard]);
}

/** Somebody who was elsewhere may have connected or removed something there. */
function useReturn(askAgain) {
  useEffect(() => {
    const back = () => document.visibilityState === "visible" && askAgain();
    document.addEventListener("visibilitychange", back);
    return () => document.removeEventListener("visibilitychange", back);
  }, []);
}

/** A hook: how an OAuth round ended stands in the address. It is told once and taken out of it, and the dossiers can be
 *  selected at once. Where another login came back, `{integration, lost, onClose}` asks whether it was meant. */
function useOutcome(data, say) {
  const [query, change] = useQuery();
  const hasWord = useHasWord("integrations");
  const [other, meet] = useState(null);
  const error = query.get("error");
  const connected = query.get("integrationId");
  useEffect(() => {
    if ((error === null && connected === null) || data === null) return;
    const ids = query.get("lost")?.split(",") ?? [];
    const lost = administrationsOf(data).filter(({ id }) => ids.includes(id));
    change({ error: null, integrationId: null, lost: null, select: error === null ? connected : null });
    if (error === null) return void tellConnected(data, connected, lost, say);
    const names = lost.length ? ` ${say("outcome.lost", { names: listed(lost) })}` : "";
    tell("bad", say(hasWord(`outcome.${error}`) ? `outcome.${error}` : "outcome.other") + names, { about: "oauth" });
    const integration = integrationsOf(data).find(({ administrations }) => administrations.some((each) => lost.includes(each)));
    if (error === "different_account" && integration) meet({ integration, lost });
  }, [error, connected, data !== null]);
  return { ...other, onClose: () => meet(null) };
}

/** Who logged in, what is back and what is lost. */
async function tellConnected(data, id, lost, say) {
  const outcome = await ask(OUTCOME, { id }).catch(() => null);
  const event = outcome?.integration?.timeline.edges[0]?.node;
  const own = integrationsOf(data).find((each) => each.id === id)?.administrations ?? [];
  const back = own.filter((each) => each.status === "ACTIVE" && !lost.includes(each));
  const isAgain = event?.what === "RECONNECTED" || own.length > 0;
  const told = [
    isAgain ? say("outcome.reconnected", { user: event?.user ?? "–" }) : say("outcome.connected"),
    back.length > 0 && say("outcome.back", { names: listed(back) }),
    lost.length > 0 && say("outcome.lost", { names: listed(lost) }),
  ];
  tell(lost.length ? "warn" : "good", told.filter(Boolean).join(" "), { about: id });
}

const listed = (administrations) => administrations.map(({ name }) => name).join(", ");

function OtherAccount({ integration, lost, onClose }) {
  const say = useWords("integrations");
  const accept = () => leaveFor(RECONNECT, { id: integration.id, other: true });
  return html`<${Confirm} title=${say("other.title")} action=${say("other.do")} kind="danger solid" act=${accept} onClose=${onClose}>
    <p>${say("other.text", { names: listed(lost) })}</p>
    <p>${say("other.means")}</p>
  <//>`;
}

function Provider({ provider, live, may, again }) {
  const say = useWords("integrations");
  const [query, change] = useQuery();
  const [isLinking, link] = useState(false);
  const deed = useDeed("connect");
  const { name, integrations, retentionDays } = provider;
  const select = (id) => change({ select: id });
  return html`
    <article class="card provider" aria-label=${name}>
      <div class="row spread">
        <div><h2>${name}</h2><p class="hint">${say("provider", { region: say(`region.${provider.region}`) })}</p></div>
        ${may("MANAGE_INTEGRATIONS") &&
        html`<div class="row">
          <${Button} kind="primary" label=${say("add.label", { name })} onPress=${() => deed(() => leaveFor(CONNECT, {}))}>${say("add")}<//>
          <${Menu} label=${say("provider.more", { name })} items=${[{ key: "link", text: say("link.connect"), act: () => link(true) }]} />
        </div>`}
      </div>
      <details class="imported" open=${integrations.length === 0}>
        <summary>${say("imported")}</summary>
        <dl>
          ${provider.datasets.map(({ dataset, usedFor }) => html`<div key=${dataset}><dt>${say(`dataset.${dataset}`)}</dt><dd>${usedFor}</dd></div>`)}
        </dl>
        <p class="hint"><${Icon} name="check" /> ${say("readOnly")}</p>
      </details>
    </article>
    ${integrations.map(
      (integration) => html`<${Login}
        key=${integration.id} provider=${provider} integration=${integration} live=${live} may=${may} again=${again}
        isSelecting=${query.get("select") === integration.id && may("MANAGE_INTEGRATIONS")} select=${select} days=${retentionDays}
      />`,
    )}
    ${isLinking && html`<${LinkFor} mutation=${CONNECT} variables=${{}} integrations=${integrations} again=${again} onConnected=${select} onClose=${() => link(false)} />`}
  `;
}
