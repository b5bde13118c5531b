/** Relay: its compiler, pages by `node(id)`, one connection of all of them in the store, subscriptions. */

import assert from "node:assert/strict";

import { createClient } from "graphql-ws";
import {
  Environment,
  type FetchFunction,
  Network,
  Observable,
  RecordSource,
  Store,
  type SubscribeFunction,
  fetchQuery,
  getSingularSelector,
  requestSubscription,
} from "relay-runtime";
import WebSocket from "ws";

import pageQuery, { type booksPageQuery } from "../generated/relay/booksPageQuery.graphql";
import progress, { type booksProgressSubscription } from "../generated/relay/booksProgressSubscription.graphql";
import query, { type booksQuery } from "../generated/relay/booksQuery.graphql";
import books, { type books_administration$data } from "../generated/relay/books_administration.graphql";
import { Wire, type World, authorization, endpoint, socket } from "./world";

export async function relay(world: World): Promise<void> {
  const wire = new Wire();
  const webSocket = createClient({
    url: socket(world),
    webSocketImpl: WebSocket,
    connectionParams: authorization(world),
  });
  const send: FetchFunction = async ({ text }, variables) => {
    const response = await wire.fetch(endpoint(world), {
      method: "POST",
      headers: {
        ...authorization(world),
        "content-type": "application/json",
        accept: "application/graphql-response+json",
      },
      body: JSON.stringify({ query: text, variables }),
    });
    return response.json();
  };
  const follow: SubscribeFunction = ({ text }, variables) =>
    Observable.create((sink) => webSocket.subscribe({ query: text ?? "", variables }, sink as never));
  const environment = new Environment({
    network: Network.create(send, follow),
    store: new Store(new RecordSource()),
  });
  const id = world.administration;

  const first = await fetchQuery<booksQuery>(environment, query, { id }).toPromise();
  assert(first?.administration);
  const selector = getSingularSelector(books, first.administration);
  assert(selector);
  const shown = () => environment.lookup(selector).data as books_administration$data;
  assert.equal(shown().transactions.edges.length, 2);

  const after = (shown().transactions as { pageInfo?: { endCursor?: string } }).pageInfo?.endCursor;
  await fetchQuery<booksPageQuery>(environment, pageQuery, { id, after, count: 2 }).toPromise();
  assert.equal(new Set(shown().transactions.edges.map((edge) => edge.node.id)).size, 4);

  const statuses: string[] = [];
  await new Promise<void>((ended, failed) => {
    requestSubscription<booksProgressSubscription>(environment, {
      subscription: progress,
      variables: { id },
      onNext: (event) => statuses.push(String(event?.importProgress.status)),
      onCompleted: ended,
      onError: failed,
    });
  });
  assert.deepEqual(statuses, ["SUCCEEDED"]);

  await wire.assertThatBrowsersMaySend(world);
  await webSocket.dispose();
}
