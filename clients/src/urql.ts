/** urql with Graphcache, which knows the schema, and persisted queries. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import path from "node:path";

import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { cacheExchange } from "@urql/exchange-graphcache";
import { relayPagination } from "@urql/exchange-graphcache/extras";
import { persistedExchange } from "@urql/exchange-persisted";
import { buildSchema, introspectionFromSchema, isObjectType } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

import {
  ImportHistoryDocument,
  ImportProgressDocument,
  StartImportsDocument,
  TransactionsDocument,
  TrialBalanceDocument,
} from "../generated/operations/graphql";
import { Wire, type World, authorization, endpoint, socket, unheardOf } from "./world";

const schema = buildSchema(readFileSync(path.join(__dirname, "../../generated/schema.graphql"), "utf8"));

export async function urql(world: World): Promise<void> {
  const wire = new Wire();
  const webSocket = createClient({
    url: socket(world),
    webSocketImpl: WebSocket,
    connectionParams: authorization(world),
  });
  const client = new Client({
    url: endpoint(world),
    fetch: wire.fetch,
    fetchOptions: { headers: authorization(world) },
    preferGetMethod: false,
    exchanges: [
      cacheExchange({
        schema: introspectionFromSchema(schema),
        keys: withoutKey(),
        resolvers: { Administration: { transactions: relayPagination() } },
      }),
      persistedExchange({ preferGetForPersistedQueries: false }),
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query, variables }) => ({
          subscribe: (sink) => ({
            unsubscribe: webSocket.subscribe({ query: query ?? "", variables: variables as Record<string, unknown> }, sink),
          }),
        }),
      }),
    ],
  });
  const variables = { administrationId: world.administration, first: 2 };

  await client.query(ImportHistoryDocument, variables).toPromise();
  const first = (await client.query(TransactionsDocument, variables).toPromise()).data?.administration?.transactions;
  const after = first?.pageInfo.endCursor;
  const both = (await client.query(TransactionsDocument, { ...variables, after }).toPromise()).data?.administration;
  assert.equal(new Set(both?.transactions.edges.map((edge) => edge.node.id)).size, 4);

  const query = unheardOf();
  await client.query(query, {}).toPromise();
  await client.query(query, {}, { requestPolicy: "network-only" }).toPromise();
  wire.assertThatHashesStandForTexts();

  const cached = await client.query(ImportHistoryDocument, variables, { requestPolicy: "cache-only" }).toPromise();
  assert.equal(cached.data?.administration?.id, world.administration);

  const started = await client.mutation(StartImportsDocument, { administrationIds: ["unknown"] }).toPromise();
  assert(started.data?.startImports.__typename === "UnknownAdministration", String(started.error));
  assert.equal(started.data.startImports.code, "UNKNOWN_ADMINISTRATION");

  const span = { ...variables, from: "2026-12-31", to: "2026-01-01" };
  const refused = await client.query(TrialBalanceDocument, span).toPromise();
  assert.equal(refused.error?.graphQLErrors[0]?.extensions.code, "BAD_USER_INPUT", String(refused.error));

  const statuses: unknown[] = [];
  await new Promise<void>((ended) => {
    client.subscription(ImportProgressDocument, variables).subscribe(({ data, hasNext }) => {
      if (data) statuses.push(data.importProgress.status);
      if (!hasNext) ended();
    });
  });
  assert.equal(statuses.at(-1), "SUCCEEDED");

  await wire.assertThatBrowsersMaySend(world);
  await webSocket.dispose();
}

/** The types that are a part of what stands above them. */
function withoutKey(): Record<string, () => null> {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type));
  const parts = types.filter((type) => !type.name.startsWith("__") && !("id" in type.getFields()));
  return Object.fromEntries(parts.map((type) => [type.name, () => null]));
}
