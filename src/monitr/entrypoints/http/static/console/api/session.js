// Who is signed in: nothing else in the console touches the token. It comes from the demo (preset), from the
// organisation's issuer (oidc.js), from the front end around this page (embedding.js), or is given by hand.
import { embedding } from "./embedding.js";
import { beforeItExpires, claims, openIdConnect } from "./oidc.js";

const KEY = "monitr.token";
const told = (name) => document.querySelector(`meta[name="monitr-${name}"]`).content;
/** Whose token it is, unverified. */
const whose = (token) => {
  const { sub, org } = claims(token ?? "");
  return `${org} ${sub}`;
};
const here = () => location.pathname + location.search + location.hash;

const preset = told("demo-token") || null;
const signIn = JSON.parse(told("sign-in"));
const issuer = openIdConnect(signIn);
const host = embedding(JSON.parse(told("embedding")));
const listeners = new Set();
let held = sessionStorage.getItem(KEY) || preset;
let ended = null;
let failure = null;
let mayAskSilently = true;
let forgetExpiry = () => {};

function change(token, why = null) {
  held = token;
  ended = why;
  if (token && token !== preset) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
  forgetExpiry();
  if (token && token !== preset) forgetExpiry = beforeItExpires(token, renew);
  for (const listener of listeners) listener();
}

/** Without a word nobody becomes somebody else, who may have signed in at the issuer meanwhile: then the token runs out.
 *  Where the issuer grants no renewal, the page goes there and comes back, unless a person is in the middle of something:
 *  then they are asked to sign in when the token has run out. */
async function renew() {
  if (host) return host.want("expiring");
  const token = held;
  const next = await issuer?.renew();
  if (token !== held) return;
  if (next && whose(next) === whose(token)) change(next);
  else if (next) return;
  else if (issuer && mayAskSilently && !document.querySelector("dialog[open], input:focus, textarea:focus, select:focus"))
    await issuer.begin(here(), { silently: true });
}

/** What the issuer has answered; the address becomes that of before. */
async function takeAnswer() {
  try {
    const { token, returnTo, silently } = await issuer.finish(new URL(location.href));
    history.replaceState(null, "", returnTo);
    if (token && !(silently && whose(token) !== whose(held))) return change(token);
    mayAskSilently = false;
  } catch (error) {
    failure = error.message;
    history.replaceState(null, "", "/");
  }
  change(held);
}

export const session = {
  /** Once, before anything is drawn. */
  async begin() {
    host?.onToken((token) => change(token));
    host?.want("start");
    if (issuer?.isAnswer(location)) await takeAnswer();
    else change(held);
  },
  /** Of every request and socket; null: nobody is signed in. */
  token: () => held,
  /** Whose token it is: stays where it is renewed. */
  who: () => whose(held),
  /** Why nobody is: null (never was), "signedOut" or "expired". */
  ended: () => ended,
  /** How one signs in here: "host" (the page around this one), "issuer", "unavailable" (the issuer does not answer), or
   *  null: with a token alone. */
  way: () => (host ? "host" : issuer ? "issuer" : signIn.unavailable ? "unavailable" : null),
  /** Why the last sign-in at the issuer failed, in its words; or null. */
  failure: () => failure,
  /** Whether the demo's own token can be taken again. */
  hasPreset: () => preset !== null,
  signIn: (token) => change(token ?? preset),
  /** Leaves for the issuer, and comes back to this view. */
  signInAtIssuer: () => issuer.begin(here()),
  signOut() {
    change(null, "signedOut");
    host?.signedOut();
    issuer?.end();
  },
  /** The server took `token` no longer. One of before gives way to the demo's; the host is asked for another. */
  expired(token) {
    if (token !== held) return;
    if (preset && token !== preset) change(preset);
    else change(null, "expired");
    host?.want("refused");
  },
  /** Calls `listener` after each change; returns how to stop it. */
  onChange(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
