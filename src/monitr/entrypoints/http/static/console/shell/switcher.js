// Which administration one looks at; many are found by name, number or VAT number.
import { operation } from "../api/client.js";
import { Dialog } from "../parts/dialog.js";
import { Asked } from "../parts/page.js";
import { Icon } from "../parts/icon.js";
import { ROUTES, addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { useWords } from "../state/words.js";
import { html, useEffect, useId, useState } from "../vendor/view.js";

const FIND = operation("shell/shell", "FindAdministrations");
const ADMINISTRATION = operation("shell/shell", "Administration");
const TYPING = 150;

/** `known`: the first of them, as the Shell has asked for; `page` is kept where it is one of an administration. */
export function Switcher({ id, page, known }) {
  const say = useWords();
  const [isOpen, open] = useState(false);
  const among = known.edges.map(({ node }) => node).find((node) => node.id === id);
  const asked = useAsked(ADMINISTRATION, { id, reports: false }, { skip: !id || among !== undefined });
  const chosen = among ?? asked.data?.administration;
  return html`
    <button type="button" class="switcher" aria-haspopup="dialog" onClick=${() => open(true)}>
      <span><span class="hint">${say("administration")}</span><span class="switcher-name">${chosen?.name ?? say("switcher.choose")}</span></span>
      <${Icon} name="chevron" />
    </button>
    ${isOpen && html`<${Choice} id=${id} page=${page} onClose=${() => open(false)} />`}
  `;
}

function Choice({ id, page, onClose }) {
  const say = useWords();
  const label = useId();
  const [text, setText] = useState("");
  const search = useSettled(text.trim());
  const asked = useAsked(FIND, { search: search || null });
  const kept = ROUTES.some((route) => route.page === page && route.icon && route.path.includes(":administration")) ? page : "overview";
  return html`<${Dialog} title=${say("switcher.title")} onClose=${onClose} kind="finder">
    <label for=${label} class="unseen">${say("switcher.search")}</label>
    <input id=${label} type="text" autocomplete="off" placeholder=${say("switcher.search")} value=${text} autofocus onInput=${(event) => setText(event.target.value)} onKeyDown=${move} />
    <${Asked} asked=${asked} rows=${5}>
      ${({ administrations: { totalCount, edges } }) => html`
        <p class="hint" role="status">${say("switcher.found", { count: totalCount })}</p>
        <ul class="found" onKeyDown=${move}>
          ${edges.map(
            ({ node }) => html`<li key=${node.id}>
              <a href=${addressOf(kept, { administration: node.id })} aria-current=${node.id === id ? "true" : undefined} onClick=${onClose}>
                <span>${node.name}</span><span class="hint">${[node.dossierNumber, node.vatNumber].filter(Boolean).join(" · ")}</span>
              </a>
            </li>`,
          )}
        </ul>
      `}
    <//>
  <//>`;
}

/** The arrows go through what was found. */
function move(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const box = event.currentTarget.closest(".dialog-box");
  const all = [box.querySelector("input"), ...box.querySelectorAll(".found a")];
  all[Math.min(Math.max(all.indexOf(document.activeElement) + step, 0), all.length - 1)].focus();
}

/** A hook: the value once it has been left alone for a moment. */
function useSettled(value) {
  const [settled, settle] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => settle(value), TYPING);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
}
