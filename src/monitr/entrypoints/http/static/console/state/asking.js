// A hook for what a component shows of the API.
import { Failure, ask } from "../api/client.js";
import { session } from "../api/session.js";
import { useEffect, useReducer, useRef } from "../vendor/view.js";
import { onHeadway } from "./imports.js";
import { language } from "./language.js";

const FIRST_PAUSE = 2_000;
const LONGEST_PAUSE = 30_000;

/** Asks, and asks anew when the variables, the language or the token change; after a failure that passes; and, with
 *  `follows`, as the import of that administration makes headway (or, EVERY, as one begins or ends). `data` of before stays until the new is there
 *  (`isOld` while it belongs to other variables), so that nothing jumps. `skip`: not yet. */
export function useAsked(operation, variables = {}, { follows = null, skip = false } = {}) {
  const [, render] = useReducer((count) => count + 1, 0);
  const spoken = language.use();
  const held = useRef({ data: null, failure: null, isAsking: !skip, key: null });
  const key = JSON.stringify([operation.file, operation.name, variables, spoken, session.token()]);
  const again = useRef(() => {});

  useEffect(() => {
    if (skip) return undefined;
    const ending = new AbortController();
    let failures = 0;
    let isAsking = false;
    let isWanted = false;
    let timer;

    async function run() {
      if (isAsking) {
        isWanted = true;
        return;
      }
      isAsking = true;
      isWanted = false;
      clearTimeout(timer);
      Object.assign(held.current, { isAsking: true });
      render();
      try {
        const data = await ask(operation, variables, { signal: ending.signal });
        failures = 0;
        held.current = { data, failure: null, isAsking: false, key };
      } catch (failure) {
        if (ending.signal.aborted) return;
        held.current = { ...held.current, failure: asFailure(failure), isAsking: false };
        if (passes(failure)) timer = setTimeout(run, pause(failure, failures++));
      } finally {
        isAsking = false;
      }
      if (ending.signal.aborted) return;
      render();
      if (isWanted) run();
    }

    again.current = run;
    run();
    const stop = follows ? onHeadway(follows, run) : () => {};
    return () => {
      stop();
      clearTimeout(timer);
      ending.abort();
    };
  }, [key, follows, skip]);

  const { data, failure, isAsking, key: of } = held.current;
  return { data, failure, isAsking, isOld: data !== null && of !== key, askAgain: () => again.current() };
}

const asFailure = (error) => (error instanceof Failure ? error : new Failure("refused", String(error.message ?? error)));
const passes = ({ kind }) => kind === "away" || kind === "busy";
const pause = ({ seconds }, failures) => (seconds ? seconds * 1000 : Math.min(FIRST_PAUSE * 2 ** failures, LONGEST_PAUSE));
