/** The audits of GraphQL over HTTP. They look at `__type`, so that the program needs MONITR_GRAPHIQL=on. */

import assert from "node:assert/strict";

import { serverAudits } from "graphql-http";

import { type World, authorization, endpoint } from "./world";

/** What a server MAY do, and this one does not: operations in the address of a GET end up in the logs of proxies. */
const DECLINED = ["5A70", "D6D5", "6A70"];

export async function audits(world: World): Promise<void> {
  const all = serverAudits({
    url: endpoint(world),
    fetchFn: (address: string, init: RequestInit) =>
      fetch(address, { ...init, headers: { ...init?.headers, ...authorization(world) } }),
  });
  const results = await Promise.all(all.map((audit) => audit.fn()));
  const failed = results.filter((result) => result.status !== "ok");
  assert.deepEqual(failed.map(({ id, name }) => `${id} ${name}`), named(DECLINED, results));
  assert.equal(results.length, 61);
}

const named = (ids: string[], results: { id: string; name: string }[]): string[] =>
  results.filter(({ id }) => ids.includes(id)).map(({ id, name }) => `${id} ${name}`);
