// What stands around every page: the sidebar, the bar at the top, and the way from an address to its page.
import { operation } from "../api/client.js";
import { Asked } from "../parts/page.js";
import { Button } from "../parts/basic.js";
import { Notices } from "../parts/notices.js";
import { addressOf, routeOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { EVERY } from "../state/imports.js";
import { address, go } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html, useEffect, useState } from "../vendor/view.js";
import { NotFound, Page, bring } from "./page_of.js";
import { Sidebar } from "./sidebar.js";
import { SignIn } from "./sign_in.js";
import { Switcher } from "./switcher.js";

const SHELL = operation("shell/shell", "Shell");
const ADMINISTRATION = operation("shell/shell", "Administration");
const LAST = "monitr.administration";

export const App = ({ isSignedIn, who }) => (isSignedIn ? html`<${Shell} key=${who} />` : html`<${SignIn} />`);

function Shell() {
  const say = useWords();
  const { path, search } = address.use();
  const found = routeOf(path);
  const asked = useAsked(SHELL, {}, { follows: EVERY });
  const id = useChosen(found?.params.administration, asked.data);
  const [isOpen, open] = useState(false);
  useEffect(() => open(false), [path]);
  useEffect(() => void (found && bring(found.route).catch(() => {})), [path]); // beside the first questions, not after them
  useEffect(() => {
    if (path === "/" && asked.data) go(home(asked.data, search), { replace: true });
  }, [path, asked.data]);

  const viewer = asked.data?.viewer;
  const administrations = asked.data?.administrations;
  const switcher = administrations?.totalCount > 0 && html`<${Switcher} id=${id} page=${found?.route.page} known=${administrations} />`;
  return html`
    <a class="skip" href="#content" onClick=${skip}>${say("skip")}</a>
    <div class="shell">
      <${Sidebar} viewer=${viewer} administration=${id} switcher=${switcher} isOpen=${isOpen} onClose=${() => open(false)} />
      <div class="beside">
        <header class="topbar">
          <${Button} icon="menu" kind="plain" label=${say("menu")} aria-expanded=${String(isOpen)} onPress=${() => open(true)} />
          <a class="brand" href="/"><img src="/static/console/icon.svg" alt="" width="24" height="24" />Monitr</a>
        </header>
        <main id="content" tabindex="-1">
          <${Notices} />
          <${Asked} asked=${asked} rows=${6}>
            ${() => path !== "/" && html`<${Found} found=${found} viewer=${viewer} path=${path} />`}
          <//>
        </main>
      </div>
    </div>
  `;
}

function skip(event) {
  event.preventDefault();
  document.getElementById("content").focus();
}

/** Which administration the sidebar is about: the address's, else the last one, else the first. */
function useChosen(named, data) {
  useEffect(() => {
    if (named) localStorage.setItem(LAST, named);
  }, [named]);
  return named ?? (data && lastOf(data)?.id) ?? null;
}

function lastOf({ administrations }) {
  const nodes = administrations.edges.map(({ node }) => node);
  const kept = localStorage.getItem(LAST);
  return nodes.find(({ id }) => id === kept) ?? nodes.find(({ lastSuccessfulImportAt }) => lastSuccessfulImportAt) ?? nodes[0];
}

/** Where `/` leads; how an OAuth round has ended (`search`) is told by the page of the integrations. */
function home(data, search) {
  const chosen = lastOf(data);
  const overview = chosen && addressOf("overview", { administration: chosen.id });
  const isReturn = /[?&](error|integrationId)=/.test(search);
  return chosen?.lastSuccessfulImportAt && !isReturn ? overview : addressOf("integrations") + search;
}

function Found({ found, viewer, path }) {
  if (!found) return html`<${NotFound} />`;
  const { route, params } = found;
  if (!params.administration) return html`<${Page} key=${path} route=${route} params=${params} viewer=${viewer} />`;
  return html`<${OfAdministration} key=${params.administration} route=${route} params=${params} viewer=${viewer} path=${path} />`;
}

function OfAdministration({ route, params, viewer, path }) {
  const id = params.administration;
  const asked = useAsked(
    ADMINISTRATION,
    { id, reports: viewer.permissions.includes("SEE_REPORTS") },
    { follows: id },
  );
  return html`<${Asked} asked=${asked} rows=${6}>
    ${({ administration }) =>
      administration
        ? html`<${Page} key=${path} route=${route} params=${params} viewer=${viewer} administration=${administration} />`
        : html`<${NotFound} />`}
  <//>`;
}
