// What is done with logins and their administrations.
import { mutate, operation } from "../../api/client.js";

const of = (name) => operation("pages/integrations", name);
const RETURN_TO = "/integrations";
export const [CARDS, DOSSIERS, OUTCOME] = ["Cards", "Dossiers", "Outcome"].map(of);
export const [CONNECT, RECONNECT, SELECT, REMOVE, DELETE] = ["Connect", "Reconnect", "Select", "Remove", "Delete"].map(of);

/** What is told of a selection, until its first imports have ended. */
export const selectionOf = ({ id }) => `selection of ${id}`;

/** {authorizationUrl expiresAt integration}: of a round that somebody goes through, here or with another browser. */
export const begin = (mutation, variables) => mutate(mutation, { ...variables, returnTo: RETURN_TO });

/** On to Octopus, in this window. */
export async function leaveFor(mutation, variables) {
  const { authorizationUrl } = await begin(mutation, variables);
  location.assign(authorizationUrl);
}
