/** Apollo Client: a normalised cache, pages, persisted queries, errors, subscriptions. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, CombinedGraphQLErrors, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { relayStylePagination } from "@apollo/client/utilities";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import { lastValueFrom, toArray } from "rxjs";
import WebSocket from "ws";

import {
  AdministrationRowFragmentDoc,
  ImportHistoryDocument,
  ImportProgressDocument,
  StartImportsDocument,
  TransactionsDocument,
  TrialBalanceDocument,
} from "../generated/operations/graphql";
import possibleTypes from "../generated/possible-types.json";
import { Wire, type World, authorization, endpoint, socket, unheardOf } from "./world";

export async function apollo(world: World): Promise<void> {
  const wire = new Wire();
  const webSocket = createClient({
    url: socket(world),
    webSocketImpl: WebSocket,
    connectionParams: authorization(world),
  });
  const client = new ApolloClient({
    clientAwareness: { name: "clients", version: "1" },
    cache: new InMemoryCache({
      possibleTypes,
      typePolicies: { Administration: { fields: { transactions: relayStylePagination(["filter", "orderBy"]) } } },
    }),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(webSocket),
      ApolloLink.from([
        new PersistedQueryLink({ sha256: (text) => createHash("sha256").update(text).digest("hex") }),
        new HttpLink({ uri: endpoint(world), fetch: wire.fetch, headers: authorization(world) }),
      ]),
    ),
  });
  const variables = { administrationId: world.administration, first: 2 };

  await client.query({ query: ImportHistoryDocument, variables });
  const first = await client.query({ query: TransactionsDocument, variables });
  const pages = client.watchQuery({ query: TransactionsDocument, variables });
  const watching = pages.subscribe(() => {});
  await pages.fetchMore({ variables: { after: first.data?.administration?.transactions.pageInfo.endCursor } });
  watching.unsubscribe();
  const both = client.readQuery({ query: TransactionsDocument, variables });
  assert.equal(new Set(both?.administration?.transactions.edges.map((edge) => edge.node.id)).size, 4);

  const query = unheardOf();
  await client.query({ query });
  await client.query({ query, fetchPolicy: "network-only" });
  wire.assertThatHashesStandForTexts();

  const row = client.readFragment({
    id: `Administration:${world.administration}`,
    fragment: AdministrationRowFragmentDoc,
    fragmentName: "AdministrationRow",
  });
  assert(row?.name, "one administration of two operations is one in the cache");

  const unknown = { administrationIds: ["unknown"] };
  const { data } = await client.mutate({ mutation: StartImportsDocument, variables: unknown });
  assert(data?.startImports.__typename === "UnknownAdministration");
  assert.equal(data.startImports.code, "UNKNOWN_ADMINISTRATION");
  assert(possibleTypes.Problem.includes(data.startImports.__typename));

  for (const from of ["2026-12-31", "never"]) {
    const asked = client.query({ query: TrialBalanceDocument, variables: { ...variables, from, to: "2026-01-01" } });
    await assert.rejects(asked, (error) => {
      assert(CombinedGraphQLErrors.is(error), String(error));
      return error.errors[0]?.extensions?.code === "BAD_USER_INPUT";
    });
  }

  const progress = client.subscribe({ query: ImportProgressDocument, variables });
  const events = await lastValueFrom(progress.pipe(toArray()));
  assert.deepEqual(events.map((event) => event.data?.importProgress.status), ["SUCCEEDED"]);

  await wire.assertThatBrowsersMaySend(world, "sentry-trace", "baggage", "traceparent");
  client.stop();
  await webSocket.dispose();
}
