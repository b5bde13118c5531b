// Which dossiers of a login become administrations.
import { mutate } from "../../api/client.js";
import { Badge, Button } from "../../parts/basic.js";
import { useExplained } from "../../parts/deeds.js";
import { Dialog } from "../../parts/dialog.js";
import { Asked } from "../../parts/page.js";
import { useAsked } from "../../state/asking.js";
import { tell, withdraw } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html, useEffect, useId, useRef, useState } from "../../vendor/view.js";
import { DOSSIERS, SELECT, selectionOf } from "./deeds.js";

const SEARCHED_FROM = 7;
const SEEN_AT_A_GLANCE = 5;
const JUST_NOW = 15 * 60_000;

export function Dossiers({ integration, again, onClose }) {
  const say = useWords("integrations");
  const explained = useExplained();
  const asked = useAsked(DOSSIERS, { id: integration.id });
  const [chosen, choose] = useState(null);
  const [failure, fail] = useState(null);
  const all = asked.data?.integration?.dossiers ?? [];
  const ready = all.filter(({ selectable }) => selectable);
  const isIdle = asked.data !== null && ready.length === 0;
  useEffect(() => {
    if (asked.data && chosen === null) choose(new Set(firstChoice(integration, ready)));
  }, [asked.data]);
  const select = async () => {
    fail(null);
    try {
      await mutate(SELECT, { id: integration.id, numbers: [...chosen] });
      tell("good", say("selected", { count: chosen.size }), { about: selectionOf(integration) });
      for (const about of [integration.id, "oauth"]) withdraw(about);
      again();
      onClose();
    } catch (error) {
      fail(error);
    }
  };
  const refused = asked.failure && { ...asked, failure: Object.assign(new Error(explained(asked.failure)), asked.failure) };
  return html`<${Dialog} title=${say("select")} onClose=${onClose} kind="dossiers">
    <${Asked} asked=${refused ?? asked} rows=${4}>
      ${({ integration: found }) =>
        all.length
          ? html`<${Choices} dossiers=${all} ready=${ready} integration=${integration.id} isBack=${isBack(found)} chosen=${chosen ?? new Set()} choose=${choose} />`
          : html`<p>${say("select.none")}</p>`}
    <//>
    ${failure && html`<p class="notice bad" role="alert">${explained(failure)}</p>`}
    <footer>
      <${Button} onPress=${onClose}>${say(isIdle ? "close" : "cancel")}<//>
      ${!isIdle && html`<${Button} kind="primary" disabled=${!chosen?.size} onPress=${select}>${say("select.do", { count: chosen?.size ?? 0 })}<//>`}
    </footer>
  <//>`;
}

/** Of a new login what can be selected, where it is so little that it is all in sight. */
const firstChoice = ({ administrations }, ready) =>
  administrations.length === 0 && ready.length <= SEEN_AT_A_GLANCE ? ready.filter(({ administration }) => !administration).map(({ number }) => number) : [];

/** Whether the login was authorised again a moment ago. */
function isBack({ timeline }) {
  const event = timeline.edges[0]?.node;
  return event?.what === "RECONNECTED" && Date.now() - new Date(event.at) < JUST_NOW;
}

function Choices({ dossiers, ready, integration, isBack, chosen, choose }) {
  const say = useWords("integrations");
  const id = useId();
  const [text, search] = useState("");
  const isFound = ({ name, number, vatNumber }) => plain([name, number, vatNumber].join(" ")).includes(plain(text));
  const offered = ready.filter(isFound).map(({ number }) => number);
  const toggle = (numbers, wanted) => choose((before) => (wanted ? new Set([...before, ...numbers]) : new Set([...before].filter((each) => !numbers.includes(each)))));
  const found = dossiers.filter(isFound);
  return html`
    ${dossiers.length >= SEARCHED_FROM &&
    html`<label for=${id} class="unseen">${say("select.search")}</label>
      <input id=${id} class="search" type="text" autocomplete="off" placeholder=${say("select.search")} value=${text} onInput=${(event) => search(event.target.value)} />
      <p class="hint" role="status">${say("select.found", { count: found.length })}</p>`}
    ${offered.length > 1 && html`<${All} numbers=${offered} chosen=${chosen} toggle=${toggle} />`}
    <div class="choices" role="group" aria-label=${say("select.list")}>
      ${found.map(
        (dossier) => html`<${Choice} key=${dossier.number} dossier=${dossier} integration=${integration} isBack=${isBack} isChosen=${chosen.has(dossier.number)} toggle=${toggle} />`,
      )}
    </div>
  `;
}

const plain = (text) => text.normalize("NFD").replace(/[\u0300-\u036f.\s]/g, "").toLowerCase();

function All({ numbers, chosen, toggle }) {
  const say = useWords("integrations");
  const box = useRef(null);
  const count = numbers.filter((each) => chosen.has(each)).length;
  const isAll = count === numbers.length;
  useEffect(() => void (box.current.indeterminate = count > 0 && !isAll), [count, isAll]);
  return html`<label class="choice all">
    <input ref=${box} type="checkbox" checked=${isAll} onChange=${() => toggle(numbers, !isAll)} />
    <span>${say("select.all", { count: numbers.length })}</span>
  </label>`;
}

function Choice({ dossier, integration, isBack, isChosen, toggle }) {
  const say = useWords("integrations");
  const { number, name, vatNumber, selectable, administration } = dossier;
  const isOurs = administration?.integration.id === integration;
  const reason = isOurs ? null : dossier.reason;
  return html`<label class=${selectable ? "choice" : "choice closed"}>
    <input type="checkbox" checked=${isChosen || isOurs} disabled=${!selectable} onChange=${() => toggle([number], !isChosen)} />
    <span>
      ${name} ${isOurs && html`<${Badge} tone=${isBack ? "good" : ""}>${say(isBack ? "select.back" : "select.connected")}<//>`}
      <small>${[say("dossier", { number: String(number) }), vatNumber].filter(Boolean).join(" · ")}</small>
      ${administration && !isOurs && selectable && html`<small class="moves">${say("select.moves", { label: administration.integration.label })}</small>`}
      ${reason && html`<small class="reason">${reason}</small>`}
    </span>
  </label>`;
}
