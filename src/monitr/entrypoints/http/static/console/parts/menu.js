// Deeds behind one button.
import { html, useId, useLayoutEffect, useRef, useState } from "../vendor/view.js";
import { Button } from "./basic.js";

/** `label` names the button; `items`: {key, text, act | to, kind: "danger", narrow: only where there is little room}, or
 *  false for one that is not offered. The arrows go through them, Escape gives the focus back. */
export function Menu({ label, icon = "more", items }) {
  const [isOpen, open] = useState(false);
  const box = useRef(null);
  const id = useId();
  const all = items.filter(Boolean);
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    visible(box.current)[0]?.focus();
    const outside = ({ target }) => box.current.contains(target) || open(false);
    addEventListener("pointerdown", outside);
    return () => removeEventListener("pointerdown", outside);
  }, [isOpen]);
  const shut = () => {
    open(false);
    box.current.querySelector("button").focus();
  };
  const press = (event) => {
    if (event.key === "Tab") return open(false);
    if (event.key !== "Escape" && !(event.key in STEPS)) return;
    event.preventDefault();
    if (event.key === "Escape") return shut();
    STEPS[event.key](visible(box.current))?.focus();
  };
  const choose = (act) => {
    shut();
    act();
  };
  if (!all.length) return null;
  return html`<div class="menu" ref=${box} onKeyDown=${isOpen ? press : undefined}>
    <${Button} icon=${icon} kind="plain" label=${label} aria-haspopup="menu" aria-expanded=${String(isOpen)} aria-controls=${isOpen ? id : undefined} onPress=${() => open(!isOpen)} />
    ${isOpen &&
    html`<ul id=${id} role="menu" aria-label=${label}>
      ${all.map(
        ({ key, text, act, to, kind = "", narrow }) => html`<li key=${key} role="none" class=${narrow ? "narrow" : ""}>
          ${to
            ? html`<a role="menuitem" tabindex="-1" href=${to}>${text}</a>`
            : html`<button type="button" role="menuitem" tabindex="-1" class=${kind} onClick=${() => choose(act)}>${text}</button>`}
        </li>`,
      )}
    </ul>`}
  </div>`;
}

const visible = (box) => [...box.querySelectorAll("[role=menuitem]")].filter((item) => item.checkVisibility());
const next = (items) => items[items.indexOf(document.activeElement) + 1] ?? items[0];
const before = (items) => items[items.indexOf(document.activeElement) - 1] ?? items.at(-1);
const STEPS = { ArrowDown: next, ArrowUp: before, Home: (items) => items[0], End: (items) => items.at(-1) };
