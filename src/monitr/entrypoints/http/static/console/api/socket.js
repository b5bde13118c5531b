// One graphql-transport-ws socket for the whole page. It comes back by itself, and tells everybody who listens that
// it has begun anew, since something may have been missed.
import { language } from "../state/language.js";
import { textOf } from "./client.js";
import { session } from "./session.js";

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 30_000;
const LISTEN_EVERY = 20_000;
const ANSWER_WITHIN = 10_000;
const TOKEN_REFUSED = 4403;

const subscriptions = new Map();
const states = new Set();
let socket = null;
let acknowledged = false;
let failures = 0;
let ids = 0;
let retry;
let pulse;
let silence;

/** Sends a subscription as long as it is wanted, over every socket there will be. `next` takes its data, `begun` is called
 *  whenever it begins (what was asked before may be old by now), `ended` when the server has completed or refused it.
 *  Returns how to stop. */
export function subscribe(operation, variables, { next, begun = () => {}, ended = () => {} }) {
  const id = String(++ids);
  subscriptions.set(id, { operation, variables, next, begun, ended });
  if (acknowledged) start(id);
  else connect();
  return () => {
    if (!subscriptions.delete(id)) return;
    if (acknowledged) send({ id, type: "complete" });
    if (!subscriptions.size) close();
  };
}

/** Calls `listener(isConnected)` whenever that changes; returns how to stop it. */
export function onConnection(listener) {
  states.add(listener);
  return () => states.delete(listener);
}

const send = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));

async function start(id) {
  const { operation, variables, begun } = subscriptions.get(id);
  const over = socket;
  const query = await textOf(operation).catch(() => null);
  if (over !== socket || !subscriptions.has(id)) return;
  if (query === null) return over.close(1000);
  send({ id, type: "subscribe", payload: { query, operationName: operation.name, variables } });
  begun();
}

function connect() {
  clearTimeout(retry);
  const token = session.token();
  if (socket || !subscriptions.size || !token) return;
  const address = new URL("/graphql", location.href);
  address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
  const opened = new WebSocket(address, "graphql-transport-ws");
  socket = opened;
  silence = setTimeout(() => opened.close(1000), ANSWER_WITHIN);
  opened.onopen = () =>
    send({ type: "connection_init", payload: { authorization: `Bearer ${token}`, "accept-language": language.get() } });
  opened.onmessage = ({ data }) => opened === socket && hear(JSON.parse(data));
  opened.onclose = ({ code }) => opened === socket && lost(code, token);
}

function hear(message) {
  clearTimeout(silence);
  const subscription = subscriptions.get(message.id);
  if (message.type === "connection_ack") begin();
  else if (message.type === "ping") send({ type: "pong" });
  else if (message.type === "next" && message.payload.data) subscription?.next(message.payload.data);
  else if (message.type === "complete" || message.type === "error") {
    subscriptions.delete(message.id);
    subscription?.ended();
  }
}

function begin() {
  acknowledged = true;
  failures = 0;
  pulse = setInterval(listen, LISTEN_EVERY);
  for (const id of subscriptions.keys()) start(id);
  for (const listener of states) listener(true);
}

/** A connection that died without a word does not answer. */
function listen() {
  const asked = socket;
  clearTimeout(silence);
  silence = setTimeout(() => asked.close(1000), ANSWER_WITHIN);
  send({ type: "ping" });
}

function lost(code, token) {
  forget();
  for (const listener of states) listener(false);
  if (code === TOKEN_REFUSED) session.expired(token);
  const pause = Math.min(FIRST_PAUSE * 2 ** failures++, LONGEST_PAUSE);
  retry = setTimeout(connect, pause * (0.75 + Math.random() / 2));
}

function forget() {
  clearTimeout(silence);
  clearInterval(pulse);
  socket = null;
  acknowledged = false;
}

function close() {
  const left = socket;
  forget();
  clearTimeout(retry);
  left?.close(1000);
}

/** With another token or in another language the socket begins anew, and what is shown is asked anew anyway. */
function renew() {
  close();
  failures = 0;
  connect();
}

session.onChange(renew);
language.onChange(renew);
addEventListener("online", () => {
  failures = 0;
  connect();
});
