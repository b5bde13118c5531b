// Signing in at the organisation's own issuer: OpenID Connect, authorization code with PKCE (docs/security.md). The page is
// a public client: it has no secret. What it keeps for the way there and back is in this tab's sessionStorage, until it is
// back; a refresh token is in memory alone.
import * as oauth from "../vendor/oauth.js";

const ROUND = "monitr.sign-in";
const RENEWED_BEFORE = 60_000;
const NO_ANSWER = new Set(["login_required", "interaction_required", "consent_required", "account_selection_required"]);

export class SignInFailed extends Error {}

/** `config`: what the page was told; null: nobody signs in at an issuer here. */
export function openIdConnect(config, { storage = sessionStorage, go = (address) => location.assign(address) } = {}) {
  if (!config?.issuer) return null;
  const client = { client_id: config.client_id };
  const options = { [oauth.allowInsecureRequests]: new URL(config.issuer).protocol === "http:" };
  let refreshToken = null;
  let idToken = null;

  /** Leave for the issuer; `silently`: without asking the person anything. The browser comes back to `returnTo`. */
  async function begin(returnTo, { silently = false } = {}) {
    const round = {
      state: oauth.generateRandomState(),
      nonce: oauth.generateRandomNonce(),
      verifier: oauth.generateRandomCodeVerifier(),
      returnTo,
      silently,
    };
    storage.setItem(ROUND, JSON.stringify(round));
    const address = new URL(config.authorization_endpoint);
    const parameters = {
      client_id: config.client_id,
      redirect_uri: config.redirect_uri,
      response_type: "code",
      scope: config.scopes,
      state: round.state,
      nonce: round.nonce,
      code_challenge: await oauth.calculatePKCECodeChallenge(round.verifier),
      code_challenge_method: "S256",
      ...(config.resource ? { resource: config.resource, audience: config.resource } : {}),
      ...(silently ? { prompt: "none" } : {}),
    };
    for (const [name, value] of Object.entries(parameters)) address.searchParams.set(name, value);
    go(address.href);
  }

  /** Whether `address` is that of an answer of the issuer. */
  const isAnswer = (address) => address.pathname === new URL(config.redirect_uri).pathname;

  /** Of an answer: {token, returnTo, silently}. `token` is null where the issuer would have had to ask the person. An answer counts
   * once, in the tab that asked for it. Throws SignInFailed. */
  async function finish(address) {
    const round = JSON.parse(storage.getItem(ROUND) ?? "null");
    storage.removeItem(ROUND);
    if (!round) throw new SignInFailed("This tab did not ask for a sign-in.");
    const { returnTo, silently } = round;
    try {
      const answer = oauth.validateAuthResponse(config, client, address.searchParams, round.state);
      const response = await oauth.authorizationCodeGrantRequest(
        config, client, oauth.None(), answer, config.redirect_uri, round.verifier,
        { ...options, ...(config.resource ? { additionalParameters: { resource: config.resource } } : {}) },
      );
      const tokens = await oauth.processAuthorizationCodeResponse(config, client, response, {
        expectedNonce: round.nonce,
        requireIdToken: true,
      });
      return { token: kept(tokens), returnTo, silently };
    } catch (error) {
      if (NO_ANSWER.has(error.error)) return { token: null, returnTo, silently };
      throw new SignInFailed(error.error_description ?? error.error ?? error.message, { cause: error });
    }
  }

  /** A new token without leaving the page, or null where the issuer grants none so. */
  async function renew() {
    if (!refreshToken) return null;
    try {
      const response = await oauth.refreshTokenGrantRequest(config, client, oauth.None(), refreshToken, options);
      return kept(await oauth.processRefreshTokenResponse(config, client, response));
    } catch {
      refreshToken = null;
      return null;
    }
  }

  /** End the issuer's session too; the browser comes back to the console's first page. */
  async function end() {
    const [refresh, id] = [refreshToken, idToken];
    refreshToken = idToken = null;
    if (refresh && config.revocation_endpoint)
      await oauth.revocationRequest(config, client, oauth.None(), refresh, options).catch(() => null);
    if (!config.end_session_endpoint) return;
    const address = new URL(config.end_session_endpoint);
    address.searchParams.set("client_id", config.client_id);
    address.searchParams.set("post_logout_redirect_uri", config.signed_out_uri);
    if (id) address.searchParams.set("id_token_hint", id);
    go(address.href);
  }

  function kept(tokens) {
    refreshToken = tokens.refresh_token ?? refreshToken;
    idToken = tokens.id_token ?? idToken;
    return tokens.access_token;
  }

  return { begin, isAnswer, finish, renew, end };
}

/** Calls `renew` a minute before `token` runs out, or half its life where that is shorter; returns how to stop it. */
export function beforeItExpires(token, renew) {
  const { exp, iat } = claims(token);
  if (!exp) return () => {};
  const life = (exp - (iat ?? Date.now() / 1000)) * 1000;
  const due = exp * 1000 - Math.min(RENEWED_BEFORE, life / 2);
  const timer = setTimeout(renew, Math.max(0, Math.min(due - Date.now(), 2 ** 31 - 1)));
  return () => clearTimeout(timer);
}

/** What a token says, unverified: the server decides whether it is true. */
export function claims(token) {
  try {
    const part = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(part));
  } catch {
    return {};
  }
}
