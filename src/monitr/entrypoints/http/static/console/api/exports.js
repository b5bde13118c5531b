// Files of GET /exports (docs/exports.md): they take the token in a header, which no link sends.
import { language } from "../state/language.js";
import { Failure } from "./client.js";
import { session } from "./session.js";

const KEPT_FOR = 60_000;

/** Asks for a file, and gives it to the browser to keep under the name that the server says. `parameters` as in
 *  docs/exports.md, a list for what is repeated there; null ones are left out. Throws Failure. */
export async function takeExport(administration, report, format, parameters) {
  const token = session.token();
  const all = Object.entries(parameters).flatMap(([name, value]) => [value].flat().map((each) => [name, each]));
  const given = all.filter(([, value]) => value != null && value !== "");
  const response = await send(`/exports/${encodeURIComponent(administration)}/${report}.${format}?${new URLSearchParams(given)}`, token);
  if (!response.ok) throw await failureOf(response, token);
  keep(await response.blob(), nameOf(response) ?? `${report}.${format}`);
}

async function send(address, token) {
  try {
    return await fetch(address, { headers: { "accept-language": language.get(), authorization: `Bearer ${token}` } });
  } catch {
    throw new Failure("away");
  }
}

async function failureOf(response, token) {
  const { message } = (await response.json().catch(() => null))?.errors?.[0] ?? {};
  if (response.status === 401) {
    session.expired(token);
    return new Failure("signedOut", message);
  }
  if (response.status === 429 || response.status === 503) return new Failure("busy", message);
  return new Failure(message ? "refused" : "away", message);
}

function nameOf(response) {
  const found = /filename\*=UTF-8''([^;]+)/.exec(response.headers.get("content-disposition") ?? "");
  return found && decodeURIComponent(found[1]);
}

/** A Blob as a file of that name, where the browser keeps what it is given. */
export function keep(blob, name) {
  const address = URL.createObjectURL(blob);
  Object.assign(document.createElement("a"), { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_FOR);
}
