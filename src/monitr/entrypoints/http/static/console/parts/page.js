// What each page stands in: its title, and what is there while there is nothing, or nothing any more.
import { useWords } from "../state/words.js";
import { takesFocus } from "../state/router.js";
import { html, useEffect, useRef } from "../vendor/view.js";
import { Button } from "./basic.js";
import { Icon } from "./icon.js";

/** The h1, which takes the focus when the page has been gone to, and the title of the window. `about` is of which
 *  administration; children stand at the right of it: filters, buttons. */
export function PageHead({ title, about, children }) {
  const heading = useRef(null);
  useEffect(() => {
    document.title = [title, about, "Monitr"].filter(Boolean).join(" – ");
  }, [title, about]);
  useEffect(() => {
    if (takesFocus()) heading.current.focus({ preventScroll: true });
  }, []);
  return html`<header class="page-head">
    <div>
      ${about && html`<p class="eyebrow">${about}</p>`}
      <h1 ref=${heading} tabindex="-1">${title}</h1>
    </div>
    ${children && html`<div class="page-tools">${children}</div>`}
  </header>`;
}

/** Keeps the room of what comes: `rows` lines. */
export function Loading({ rows = 3 }) {
  const say = useWords();
  return html`<div class="skeleton" role="status">
    <span class="unseen">${say("state.loading")}</span>
    ${Array.from({ length: rows }, (_, index) => html`<span key=${index} class="bone" />`)}
  </div>`;
}

/** There is nothing, and why, and what to do about it (children). */
export const Empty = ({ title, children }) => html`<div class="empty"><p class="empty-title">${title}</p>${children}</div>`;

/** A Failure of the API in words, with the next step. */
export function Failed({ failure, askAgain }) {
  const say = useWords();
  const next = failure.kind === "away" || failure.kind === "busy" ? say(`failure.${failure.kind}.next`) : null;
  return html`<div class="notice bad" role="alert">
    <${Icon} name="alert" />
    <p>${failureWords(failure, say)} ${next}</p>
    ${askAgain && html`<${Button} onPress=${askAgain}>${say("failure.again")}<//>`}
  </div>`;
}

/** One sentence; the server's own where it has given one. */
export const failureWords = (failure, say) =>
  failure.message || say(["away", "busy", "signedOut"].includes(failure.kind) ? `failure.${failure.kind}` : "failure.refused");

/** What was asked for (of `useAsked`), or the state that it is in; with data of before the failure stands above it.
 *  `children` is a function of the data; `waiting` takes the place of the `rows` where these are not the room it needs. */
export function Asked({ asked, rows, waiting, children }) {
  const { data, failure, isOld, askAgain } = asked;
  if (data === null) return failure ? html`<${Failed} failure=${failure} askAgain=${askAgain} />` : (waiting ?? html`<${Loading} rows=${rows} />`);
  return html`
    ${failure && html`<${Failed} failure=${failure} askAgain=${askAgain} />`}
    <div class=${isOld ? "asked old" : "asked"} aria-busy=${isOld ? "true" : undefined}>${children(data)}</div>
  `;
}
