// A link for whoever has the login at Octopus, where that is somebody else.
import { Button, Moment } from "../../parts/basic.js";
import { useExplained } from "../../parts/deeds.js";
import { Dialog } from "../../parts/dialog.js";
import { Loading } from "../../parts/page.js";
import { tell } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html, useEffect, useId, useState } from "../../vendor/view.js";
import { begin } from "./deeds.js";

const LOOK_EVERY = 4_000;

/** Makes a link at once, and looks whether it was used. `integrations`: what is connected now; `onConnected(id)`. */
export function LinkFor({ mutation, variables, integrations, again, onConnected, onClose }) {
  const say = useWords("integrations");
  const explained = useExplained();
  const [made, make] = useState(null);
  const [failure, fail] = useState(null);
  const create = async () => {
    fail(null);
    try {
      const round = await begin(mutation, variables);
      const before = integrations.find(({ id }) => id === round.integration.id)?.authorizedAt;
      make({ ...round, before });
    } catch (error) {
      fail(error);
    }
  };
  useEffect(() => void create(), []);
  useEffect(() => {
    const timer = made && setInterval(again, LOOK_EVERY);
    return () => clearInterval(timer);
  }, [made]);
  const used = made && integrations.find(({ id, authorizedAt }) => id === made.integration.id && authorizedAt !== (made.before ?? null));
  useEffect(() => {
    if (!used) return;
    tell("good", say("link.used"), { about: "oauth" });
    onClose();
    onConnected(used.id);
  }, [used != null]);
  return html`<${Dialog} title=${say("link.title")} onClose=${onClose}>
    <p>${say("link.text")}</p>
    ${failure && html`<p class="notice bad" role="alert">${explained(failure)}</p>`}
    ${made ? html`<${Address} key=${made.authorizationUrl} round=${made} anew=${create} />` : !failure && html`<${Loading} rows=${2} />`}
    <footer><${Button} onPress=${onClose}>${say("close")}<//></footer>
  <//>`;
}

function Address({ round, anew }) {
  const say = useWords("integrations");
  const id = useId();
  const [isCopied, copied] = useState(false);
  const isOver = useOver(round.expiresAt);
  const copy = async () => {
    await navigator.clipboard?.writeText(round.authorizationUrl).then(() => copied(true), () => {});
    document.getElementById(id).select();
  };
  if (isOver) return html`<p class="notice warn" role="status">${say("link.over")} <${Button} onPress=${anew}>${say("link.anew")}<//></p>`;
  return html`
    <label for=${id}>${say("link.address")}</label>
    <div class="row link-address">
      <input id=${id} type="text" readonly="" value=${round.authorizationUrl} onFocus=${(event) => event.target.select()} />
      <${Button} kind="primary" onPress=${copy}>${say(isCopied ? "link.copied" : "link.copy")}<//>
    </div>
    <p class="hint">${say("link.until", { when: html`<${Moment} value=${round.expiresAt} />` })}</p>
    <p class="hint" role="status">${say("link.waiting")}</p>
  `;
}

/** A hook: whether a moment has passed. */
function useOver(instant) {
  const [isOver, end] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => end(true), Math.max(0, new Date(instant) - Date.now()));
    return () => clearTimeout(timer);
  }, [instant]);
  return isOver;
}
