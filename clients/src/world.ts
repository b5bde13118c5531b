/** What a client is pointed at: a program, somebody's token, and an administration whose books are there. */

import assert from "node:assert/strict";

import { type DocumentNode, parse } from "graphql";

export interface World {
  /** Of the program, without `/graphql`. */
  url: string;
  token: string;
  administration: string;
}

export function world(): World {
  const { MONITR_URL: url, MONITR_TOKEN: token, MONITR_ADMINISTRATION: administration = "" } = process.env;
  if (!url || !token) throw new Error("MONITR_URL and MONITR_TOKEN say where the program is, and who asks.");
  return { url, token, administration };
}

export const endpoint = (world: World): string => `${world.url}/graphql`;
export const socket = (world: World): string => endpoint(world).replace("http", "ws");
export const authorization = (world: World) => ({ authorization: `Bearer ${world.token}` });

/** A document that no server knows yet. */
export const unheardOf = (): DocumentNode => parse(`{ n${Date.now()}: integrationProviders { key } }`);

/** `fetch`, with a memory of what the client sent by it. */
export class Wire {
  readonly bodies: { query?: string; extensions?: { persistedQuery?: unknown } }[] = [];
  readonly headers = new Set<string>();

  readonly fetch: typeof fetch = (input, init) => {
    new Headers(init?.headers).forEach((_, name) => this.headers.add(name));
    this.bodies.push(JSON.parse(String(init?.body)));
    return fetch(input, init);
  };

  /** Of a document that was asked for twice: its hash is not known, then its text is sent too, then the hash is enough. */
  assertThatHashesStandForTexts(): void {
    const asked = this.bodies.slice(-3);
    assert(asked.every((body) => body.extensions?.persistedQuery));
    assert.deepEqual(asked.map((body) => "query" in body && body.query !== undefined), [false, true, false]);
  }

  /** A browser asks first whether a page of another origin may send these headers. */
  async assertThatBrowsersMaySend(world: World, ...more: string[]): Promise<void> {
    const names = [...this.headers, ...more].join(",");
    const response = await fetch(endpoint(world), {
      method: "OPTIONS",
      headers: {
        origin: world.url,
        "access-control-request-method": "POST",
        "access-control-request-headers": names,
      },
    });
    assert.equal(response.status, 200, `${names}: ${await response.text()}`);
  }
}
