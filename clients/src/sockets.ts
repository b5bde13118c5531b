/** graphql-ws: subscriptions, queries, and the close codes of its protocol. */

import assert from "node:assert/strict";

import type { TypedDocumentNode } from "@graphql-typed-document-node/core";
import { print } from "graphql";
import { type Client, createClient } from "graphql-ws";
import WebSocket from "ws";

import { ImportProgressDocument, LedgerBasicsDocument } from "../generated/operations/graphql";
import { type World, authorization, socket } from "./world";

export async function sockets(world: World): Promise<void> {
  const client = connected(world, authorization(world));
  const variables = { administrationId: world.administration };

  const [event, ...more] = await every(client, ImportProgressDocument, variables);
  assert.equal(event?.importProgress.status, "SUCCEEDED");
  assert.equal(more.length, 0);
  const [basics] = await every(client, LedgerBasicsDocument, variables);
  assert(basics?.administration?.accounts.length);
  await client.dispose();

  const stranger = connected(world, { authorization: "Bearer of bad news" });
  await assert.rejects(every(stranger, ImportProgressDocument, variables), { code: 4403 });
  assert.equal(await closing(world, { type: "nonsense" }), 4400);
  assert.equal(await closing(world, { type: "subscribe", id: "1", payload: { query: "{ __typename }" } }), 4401);
}

const connected = (world: World, connectionParams: Record<string, unknown>): Client =>
  createClient({ url: socket(world), webSocketImpl: WebSocket, connectionParams, retryAttempts: 0 });

async function every<Data, Variables extends Record<string, unknown>>(
  client: Client,
  document: TypedDocumentNode<Data, Variables>,
  variables: Variables,
): Promise<Data[]> {
  const heard: Data[] = [];
  for await (const { data, errors } of client.iterate<Data>({ query: print(document), variables })) {
    assert.equal(errors, undefined);
    if (data) heard.push(data);
  }
  return heard;
}

/** The code with which the socket is closed after the message. */
function closing(world: World, message: object): Promise<number> {
  const one = new WebSocket(socket(world), "graphql-transport-ws");
  one.on("open", () => one.send(JSON.stringify(message)));
  return new Promise((resolve, reject) => one.on("close", resolve).on("error", reject));
}
