// The imports that are under way, live: one subscription for the whole page, scheduled imports included.
import { operation } from "../api/client.js";
import { onConnection, subscribe } from "../api/socket.js";
import { session } from "../api/session.js";
import { store } from "./store.js";

const PROGRESS = operation("shell/shell", "Progress");
const AT_MOST_EVERY = 1_500;
export const EVERY = "every";
const ENDED = new Set(["SUCCEEDED", "FAILED", "CANCELLED"]);
const listeners = new Map();
const latest = new Map();

/** The last event of each administration's run: {ID: {id status progress mode trigger datasets …}}. */
export const runs = store({});

/** Whether the page hears of imports as they happen. */
export const isLive = store(true);

export const isUnderWay = (run) => run != null && !ENDED.has(run.status);

/** Calls `listener` while an import of the administration makes headway, not more often than is useful, when it begins or
 *  ends, and after a gap in which something may have been missed. Of EVERY administration: when one begins or ends.
 *  Returns how to stop it. */
export function onHeadway(administration, listener) {
  const own = { listener, last: 0, timer: undefined };
  const all = listeners.get(administration) ?? new Set();
  listeners.set(administration, all.add(own));
  return () => {
    clearTimeout(own.timer);
    all.delete(own);
  };
}

function tell(own, atOnce) {
  clearTimeout(own.timer);
  const wait = atOnce ? 0 : Math.max(0, own.last + AT_MOST_EVERY - Date.now());
  own.timer = setTimeout(() => {
    own.last = Date.now();
    own.listener();
  }, wait);
}

function take({ importsProgress: run }) {
  const id = run.administration.id;
  const before = latest.get(id);
  latest.set(id, run);
  runs.set({ ...runs.get(), [id]: run });
  const isTurn = before?.id !== run.id || before.status !== run.status;
  if (isTurn || before.progress !== run.progress) for (const own of listeners.get(id) ?? []) tell(own, isTurn);
  if (isTurn) for (const own of listeners.get(EVERY) ?? []) tell(own, true);
}

function begun() {
  for (const all of listeners.values()) for (const own of all) tell(own, true);
}

/** Once, when the page begins. */
export function followImports() {
  let stop = null;
  const begin = () => {
    stop?.();
    stop = session.token() ? subscribe(PROGRESS, {}, { next: take, begun, ended: () => (stop = null) }) : null;
  };
  session.onChange(() => {
    latest.clear();
    runs.set({});
    begin();
  });
  let dark;
  onConnection((connected) => {
    clearTimeout(dark);
    if (connected) isLive.set(true);
    else dark = setTimeout(() => isLive.set(false), 3_000);
  });
  begin();
}
