// Where one can go, and who one is; on a phone it is a drawer.
import { session } from "../api/session.js";
import { Button, Go, Select } from "../parts/basic.js";
import { Icon } from "../parts/icon.js";
import { ROUTES, addressOf } from "../routes.js";
import { LANGUAGES, language } from "../state/language.js";
import { THEMES, theme } from "../state/theme.js";
import { speak, useWords } from "../state/words.js";
import { html, useEffect, useRef, useState } from "../vendor/view.js";

const NARROW = matchMedia("(width < 56rem)");

export function Sidebar({ isOpen, onClose, ...more }) {
  const say = useWords();
  const isNarrow = useNarrow();
  if (!isNarrow) return html`<aside class="sidebar"><${Inside} ...${more} /></aside>`;
  return isOpen && html`<${Drawer} title=${say("menu")} onClose=${onClose}><${Inside} ...${more} /><//>`;
}

function useNarrow() {
  const [isNarrow, set] = useState(NARROW.matches);
  useEffect(() => {
    const change = ({ matches }) => set(matches);
    NARROW.addEventListener("change", change);
    return () => NARROW.removeEventListener("change", change);
  }, []);
  return isNarrow;
}

function Drawer({ title, onClose, children }) {
  const box = useRef(null);
  const say = useWords();
  useEffect(() => box.current.showModal(), []);
  return html`<dialog ref=${box} class="drawer" aria-label=${title} onClose=${onClose} onClick=${(event) => event.target === box.current && onClose()}>
    <div class="sidebar"><${Button} icon="close" kind="plain drawer-close" label=${say("close")} onPress=${onClose} />${children}</div>
  </dialog>`;
}

function Inside({ viewer, administration, switcher }) {
  const say = useWords();
  const offered = ROUTES.filter(({ icon, needs }) => icon && (!needs || viewer?.permissions.includes(needs)));
  const isOfOne = ({ path }) => path.includes(":administration");
  return html`
    <a class="brand" href="/"><img src="/static/console/icon.svg" alt="" width="28" height="28" />Monitr</a>
    <nav aria-label=${say("nav")}>
      <${Entries} routes=${offered.filter((route) => !isOfOne(route))} />
      ${switcher}
      ${administration && html`<${Entries} routes=${offered.filter(isOfOne)} administration=${administration} />`}
    </nav>
    <div class="sidebar-foot">
      <div class="preferences">
        <${Select} label=${say("language")} value=${language.use()} options=${Object.entries(LANGUAGES)} onChange=${speak} />
        <${Select} label=${say("theme")} value=${theme.use()} options=${THEMES.map((each) => [each, say(`theme.${each}`)])} onChange=${theme.set} />
      </div>
      ${viewer &&
      html`<div class="viewer">
        <p><span class="hint">${say("signedInAs")}</span><br /><span class="subject" title=${viewer.subject}>${viewer.subject}</span></p>
        <${Button} icon="out" kind="plain" label=${say("signOut")} onPress=${session.signOut} />
      </div>`}
    </div>
  `;
}

function Entries({ routes, administration }) {
  const say = useWords();
  return html`<ul class="nav">
    ${routes.map(
      ({ page, icon }) => html`<li key=${page}>
        <${Go} to=${addressOf(page, { administration })}><${Icon} name=${icon} />${say(`nav.${page}`)}<//>
      </li>`,
    )}
  </ul>`;
}
