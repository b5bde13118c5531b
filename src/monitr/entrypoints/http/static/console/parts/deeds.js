// What is done by a press, and what is told of it; and what is done with imports, wherever they are shown.
import { mutate, operation } from "../api/client.js";
import { tell, withdraw } from "../state/notices.js";
import { useHasWord, useWords } from "../state/words.js";
import { failureWords } from "./page.js";

const START = operation("parts/deeds", "Start");
const CANCEL = operation("parts/deeds", "Cancel");

/** What the API says, and the next step. */
export const sentences = ({ message, action }) => [message, action].filter(Boolean).join(" ");

/** A hook: a Failure in words, with the next step where the server has not named it. */
export function useExplained() {
  const say = useWords();
  const hasWord = useHasWord();
  return (failure) => {
    const next = [failure.code, failure.kind].map((each) => `next.${each}`).find(hasWord);
    return [failureWords(failure, say), next && say(next)].filter(Boolean).join(" ");
  };
}

/** A hook: does something, and tells what went wrong about it; what was told before is taken back. */
export function useDeed(about) {
  const explained = useExplained();
  return async (work) => {
    withdraw(about);
    try {
      await work();
    } catch (failure) {
      tell("bad", explained(failure), { about });
    }
  };
}

/** A hook: imports administrations, and tells of those that are refused. */
export function useSync(about, again) {
  const deed = useDeed(about);
  return (administrations, mode) =>
    deed(async () => {
      const { refused } = await mutate(START, { ids: administrations.map(({ id }) => id), mode });
      const name = (id) => administrations.find((each) => each.id === id)?.name;
      const told = refused.map(({ administrationId, message }) => `${name(administrationId)}: ${message}`);
      if (told.length) tell("warn", told.join(" "), { about });
      again();
    });
}

/** Of an import that is under way. */
export const cancel = (run) => mutate(CANCEL, { id: run.id });
