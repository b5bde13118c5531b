// A certified OpenID provider on this machine, for the tests of signing in: it takes any user and password, and its access
// tokens are those of an organisation's issuer; a user called renewable gets a refresh token too. node openid-provider.mjs CONSOLE ORGANISATION SECONDS_OF_A_TOKEN
// prints its address. Ends with its standard input.
import { createServer } from "node:http";
import Provider from "oidc-provider";

const [home, organisation, seconds] = process.argv.slice(2);
const RESOURCE = "https://monitr.test/api";

const server = createServer();
await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
const issuer = `http://127.0.0.1:${server.address().port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: "monitr-console",
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      redirect_uris: [`${home}/signed-in`],
      post_logout_redirect_uris: [`${home}/`],
    },
  ],
  scopes: ["openid", "offline_access"],
  pkce: { required: () => true },
  clientBasedCORS: (_, origin) => origin === home,
  extraTokenClaims: () => ({ org: organisation, roles: ["ORGANISATION_ADMIN"], name: "Anna Peeters" }),
  issueRefreshToken: (_, client, code) => code.accountId.startsWith("renewable"),
  ttl: { AccessToken: Number(seconds), IdToken: 3600, Session: 3600, Grant: 3600, Interaction: 3600, RefreshToken: 3600 },
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({ scope: "", audience: RESOURCE, accessTokenFormat: "jwt", accessTokenTTL: Number(seconds) }),
      useGrantedResource: () => true,
    },
  },
});
server.on("request", provider.callback());
console.log(issuer);
process.stdin.resume().on("end", () => process.exit(0));
