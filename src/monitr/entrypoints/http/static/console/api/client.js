// Queries and mutations: POST /graphql. Documents lie in .graphql files beside what sends them, and nowhere else: the
// server reads the same files to know what it may trust.
import { language } from "../state/language.js";
import { session } from "./session.js";

const PATIENCE = 60_000;
const texts = new Map();

/** One operation of a file: `operation("pages/overview", "Overview")` is of pages/overview.graphql. */
export const operation = (file, name) => ({ file, name });

/** The text of its file: an operation with all that stands beside it, which the server leaves alone. */
export function textOf({ file }) {
  if (!texts.has(file)) {
    const text = fetch(new URL(`../${file}.graphql`, import.meta.url)).then((response) => {
      if (!response.ok) throw new Failure("away");
      return response.text();
    });
    text.catch(() => texts.delete(file));
    texts.set(file, text);
  }
  return texts.get(file);
}

/** What went wrong, for a person. `kind`: "away" (no answer; it is tried again), "busy" (too much at once, `seconds` to
 *  wait), "signedOut", "refused" (the server says why in `message`) or "problem" (of a mutation, with its `code`). */
export class Failure extends Error {
  constructor(kind, message = "", more = {}) {
    super(message);
    this.kind = kind;
    Object.assign(this, more);
  }
}

/** The data of a query. Throws Failure. */
export async function ask(operation, variables = {}, { signal } = {}) {
  const token = session.token();
  const query = await textOf(operation).catch(() => Promise.reject(new Failure("away")));
  const response = await send(token, { query, operationName: operation.name, variables }, signal);
  const answer = await response.json().catch(() => null);
  const first = answer?.errors?.[0];
  if (response.status === 401) {
    session.expired(token);
    throw new Failure("signedOut", first?.message);
  }
  if (response.status === 429 || response.status === 503) {
    throw new Failure("busy", first?.message, { seconds: Number(response.headers.get("retry-after")) || 5 });
  }
  if (!answer || (response.status >= 500 && !first)) throw new Failure("away");
  if (first) throw new Failure("refused", first.message, { code: first.extensions?.code });
  return answer.data;
}

/** The success of a mutation's union, selected as `result`. Throws Failure, of a Problem with its code. */
export async function mutate(operation, variables) {
  const { result } = await ask(operation, variables);
  if (result.code) throw new Failure("problem", result.message, result);
  return result;
}

async function send(token, body, signal) {
  const patience = AbortSignal.timeout(PATIENCE);
  try {
    return await fetch("/graphql", {
      method: "POST",
      headers: {
        accept: "application/graphql-response+json, application/json",
        "accept-language": language.get(),
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      signal: signal ? AbortSignal.any([signal, patience]) : patience,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Failure("away");
  }
}
