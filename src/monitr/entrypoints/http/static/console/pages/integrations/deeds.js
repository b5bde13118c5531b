// What is done with logins and administrations, and what is told of it.
import { mutate, operation } from "../../api/client.js";
import { failureWords } from "../../parts/page.js";
import { tell, withdraw } from "../../state/notices.js";
import { useHasWord, useWords } from "../../state/words.js";

const of = (name) => operation("pages/integrations", name);
const RETURN_TO = "/integrations";
export const [CARDS, DOSSIERS, OUTCOME] = ["Cards", "Dossiers", "Outcome"].map(of);
export const [CONNECT, RECONNECT, SELECT, START, CANCEL, REMOVE, DELETE] = [
  "Connect", "Reconnect", "Select", "Start", "Cancel", "Remove", "Delete",
].map(of);

/** What the API says, and the next step. */
export const sentences = ({ message, action }) => [message, action].filter(Boolean).join(" ");

/** A hook: a Failure in words, with the next step where the server has not named it. */
export function useExplained() {
  const say = useWords("integrations");
  const hasWord = useHasWord("integrations");
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

/** What is told of a selection, until its first imports have ended. */
export const selectionOf = ({ id }) => `selection of ${id}`;

/** {authorizationUrl expiresAt integration}: of a round that somebody goes through, here or with another browser. */
export const begin = (mutation, variables) => mutate(mutation, { ...variables, returnTo: RETURN_TO });

/** On to Octopus, in this window. */
export async function leaveFor(mutation, variables) {
  const { authorizationUrl } = await begin(mutation, variables);
  location.assign(authorizationUrl);
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
