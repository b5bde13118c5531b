// What is told to a person besides what the page shows. A notice goes with its cause: with the page it was told on, with
// the next one of the same `about`, when it is dismissed, or when somebody else signs in: it may name what is not theirs.
import { session } from "../api/session.js";
import { address } from "./router.js";
import { useEffect, useRef } from "../vendor/view.js";
import { store } from "./store.js";

let numbers = 0;
export const notices = store([]);

/** `tone`: "good", "warn" or "bad". `stays` outlives a change of page, once. */
export function tell(tone, text, { about = null, stays = false } = {}) {
  const kept = notices.get().filter((each) => about === null || each.about !== about);
  notices.set([...kept, { number: ++numbers, tone, text, about, stays }]);
}

export const dismiss = (number) => notices.set(notices.get().filter((each) => each.number !== number));

/** Takes back what was told about something. */
export const withdraw = (about) => notices.set(notices.get().filter((each) => each.about !== about));

/** A hook: takes back what was told about something once its cause is another. */
export function useWithdrawn(about, cause) {
  const before = useRef(cause);
  useEffect(() => {
    if (before.current !== cause) withdraw(about);
    before.current = cause;
  }, [cause]);
}

let path = address.get().path;
address.onChange((next) => {
  if (next.path === path) return;
  path = next.path;
  notices.set(notices.get().filter((each) => each.stays).map((each) => ({ ...each, stays: false })));
});

let who = session.who();
session.onChange(() => {
  if (session.who() !== who) notices.set([]);
  who = session.who();
});
