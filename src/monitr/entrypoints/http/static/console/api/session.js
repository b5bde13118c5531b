// Who is signed in: nothing else in the console touches the token. To sign in otherwise (OpenID Connect), this module
// is what changes; its interface stays.

const KEY = "monitr.token";
const listeners = new Set();
const preset = document.querySelector('meta[name="monitr-demo-token"]').content || null;
let held = sessionStorage.getItem(KEY) || preset;
let ended = null;

function change(token, why) {
  held = token;
  ended = why;
  if (token && token !== preset) sessionStorage.setItem(KEY, token);
  else sessionStorage.removeItem(KEY);
  for (const listener of listeners) listener();
}

export const session = {
  /** Of every request and socket; null: nobody is signed in. */
  token: () => held,
  /** Why nobody is: null (never was), "signedOut" or "expired". */
  ended: () => ended,
  /** Whether the demo's own token can be taken again. */
  hasPreset: () => preset !== null,
  signIn: (token) => change(token ?? preset, null),
  signOut: () => change(null, "signedOut"),
  /** The server took `token` no longer. One of before gives way to the demo's. */
  expired(token) {
    if (token !== held) return;
    if (preset && token !== preset) change(preset, null);
    else change(null, "expired");
  },
  /** Calls `listener` after each change; returns how to stop it. */
  onChange(listener) {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
