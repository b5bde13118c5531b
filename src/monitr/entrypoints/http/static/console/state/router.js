// Addresses: every view has one, filters stand in its query, and back and forward bring a view back as it was left.
import { routeOf } from "../routes.js";
import { store } from "./store.js";

const SETTLED_WITHIN = 2_000;
const here = () => ({ path: location.pathname, search: location.search });

/** {path, search}. */
export const address = store(here());

let focusWanted = false;

/** Goes to an address of the console; with `replace` the one of now leaves the history. */
export function go(to, { replace = false } = {}) {
  const before = location.pathname;
  history[replace ? "replaceState" : "pushState"]({ scroll: 0 }, "", to);
  if (location.pathname !== before) {
    focusWanted = true;
    scrollTo(0, 0);
  }
  address.set(here());
}

/** Whether a new page has just been gone to, whose title takes the focus; asked once. */
export function takesFocus() {
  const wanted = focusWanted;
  focusWanted = false;
  return wanted;
}

/** A hook: the filters of the view, and how to change some (null takes one out; `push` keeps the view of before in the
 *  history, for what a person would call another view). */
export function useQuery() {
  const query = new URLSearchParams(address.use().search);
  const change = (values, { push = false } = {}) => {
    const next = new URLSearchParams(location.search);
    for (const [name, value] of Object.entries(values)) {
      if (value == null || value === "") next.delete(name);
      else next.set(name, value);
    }
    const search = next.toString();
    go(location.pathname + (search ? `?${search}` : ""), { replace: !push });
  };
  return [query, change];
}

function follow(event) {
  const link = event.target.closest?.("a[href]");
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
  if (!link || !isPlain || event.defaultPrevented || link.target || link.hasAttribute("download")) return;
  const to = new URL(link.href);
  if (to.origin !== location.origin || !(to.pathname === "/" || routeOf(to.pathname))) return;
  if (to.hash && to.pathname === location.pathname) return;
  event.preventDefault();
  history.replaceState({ ...history.state, left: link.closest("main") && link.getAttribute("href") }, "");
  go(to.pathname + to.search + to.hash);
}

/** To where the view was scrolled, and to the link by which it was left. The content comes after the address: it is tried
 *  until the page is long enough and has the link, or a person scrolls. */
function bringBack({ scroll = 0, left }) {
  const until = performance.now() + SETTLED_WITHIN;
  let moved = false;
  const stop = () => (moved = true);
  for (const kind of ["wheel", "keydown", "touchstart"]) addEventListener(kind, stop, { once: true, passive: true });
  const step = () => {
    if (moved) return;
    scrollTo(0, scroll);
    const link = left && !focusWanted && document.querySelector(`main a[href="${CSS.escape(left)}"]`);
    if (link) link.focus({ preventScroll: true });
    const isBack = Math.abs(scrollY - scroll) <= 1 && (!left || link);
    if (!isBack && performance.now() < until) requestAnimationFrame(step);
  };
  step();
}

let noting;
function note() {
  clearTimeout(noting);
  noting = setTimeout(() => history.replaceState({ ...history.state, scroll: scrollY }, ""), 150);
}

/** Once, when the page begins. */
export function beginRouting() {
  history.scrollRestoration = "manual";
  document.addEventListener("click", follow);
  addEventListener("scroll", note, { passive: true });
  addEventListener("popstate", ({ state }) => {
    clearTimeout(noting);
    focusWanted = address.get().path !== location.pathname;
    address.set(here());
    requestAnimationFrame(() => bringBack(state ?? {}));
  });
}
