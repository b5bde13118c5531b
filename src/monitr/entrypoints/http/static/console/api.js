// The GraphQL API as this page uses it: POST for queries and mutations, graphql-transport-ws for live progress.

export class Unauthenticated extends Error {}

export async function ask(token, query, variables = {}) {
  const response = await fetch("/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ query, variables }),
  });
  const answer = await response.json().catch(() => ({ errors: [{ message: `The API answered ${response.status}.` }] }));
  if (response.status === 401) throw new Unauthenticated(answer.errors?.[0]?.message ?? "The token is not accepted.");
  if (answer.errors?.length) throw new Error(answer.errors.map((error) => error.message).join(" "));
  return answer.data;
}

/** Calls `onEvent` with each event of the subscription and `onEnd` once at its end; returns how to stop it. */
export function follow(token, query, variables, onEvent, onEnd) {
  const address = new URL("/graphql", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const socket = new WebSocket(address, "graphql-transport-ws");
  const send = (message) => socket.send(JSON.stringify(message));
  socket.onopen = () => send({ type: "connection_init", payload: { authorization: `Bearer ${token}` } });
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "connection_ack") send({ id: "1", type: "subscribe", payload: { query, variables } });
    else if (message.type === "ping") send({ type: "pong" });
    else if (message.type === "next") onEvent(message.payload);
    else if (message.type === "complete" || message.type === "error") socket.close(1000);
  };
  socket.onclose = () => onEnd();
  return () => socket.close(1000);
}

const RUN = `fragment Run on ImportRun {
  id mode status progress finishedAt
  verification { status checks { code status detail } }
  error { message action }
}`;

const ADMINISTRATION = `fragment AdministrationRow on Administration {
  id dossierNumber name vatNumber status lastSuccessfulImportAt nextImportAt
  datasets { dataset status rows }
  lastImport { ...Run }
}
${RUN}`;

export const CARDS = `query Cards {
  integrationProviders(category: ACCOUNTING_SOFTWARE) {
    key name region
    integrations {
      id status authorizedAt authorizationExpiresAt
      lastError { message action }
      administrations { ...AdministrationRow }
    }
  }
}
${ADMINISTRATION}`;

export const PROGRESS = `subscription Progress($id: ID!) { importProgress(administrationId: $id) { ...Run } }
${RUN}`;

export const DOSSIERS = `query Dossiers($id: ID!) {
  integration(id: $id) { dossiers { number name vatNumber selectable reason } }
}`;

const PROBLEM = "... on Problem { code message }";

export const CONNECT = `mutation Connect($returnTo: String) {
  result: connectIntegration(input: { provider: OCTOPUS, returnTo: $returnTo }) {
    ... on AuthorizationRequired { authorizationUrl } ${PROBLEM}
  }
}`;

export const RECONNECT = `mutation Reconnect($id: ID!, $returnTo: String) {
  result: reconnectIntegration(input: { integrationId: $id, returnTo: $returnTo }) {
    ... on AuthorizationRequired { authorizationUrl } ${PROBLEM}
  }
}`;

export const SELECT = `mutation Select($id: ID!, $numbers: [Int!]!) {
  result: selectAdministrations(input: { integrationId: $id, dossierNumbers: $numbers }) {
    ... on AdministrationsSelected { administrations { id } } ${PROBLEM}
  }
}`;

export const START = `mutation Start($ids: [ID!]!, $mode: ImportMode) {
  result: startImports(input: { administrationIds: $ids, mode: $mode }) {
    ... on ImportsStarted { imports { id } refused { message } } ${PROBLEM}
  }
}`;

export const CANCEL = `mutation Cancel($id: ID!) {
  result: cancelImport(input: { importId: $id }) { ... on ImportCancelled { import { id } } ${PROBLEM} }
}`;

export const REMOVE = `mutation Remove($id: ID!) {
  result: removeAdministration(input: { administrationId: $id }) {
    ... on AdministrationRemoved { purgeAfter } ${PROBLEM}
  }
}`;

export const DELETE = `mutation Delete($id: ID!) {
  result: deleteIntegration(input: { integrationId: $id }) { ... on IntegrationDeleted { purgeAfter } ${PROBLEM} }
}`;
