// PostGraphile 5 over the tables of a benchmark's database: the peer of `make bench-read`.
// Its settings come through the environment: DATABASE_URL, PORT, SECRET (of the tokens, HS256).
// It verifies the same token as ours, enters the same role, and reads under the same row security.
import { createServer } from "node:http";
import jwt from "jsonwebtoken";
import { context, lambda } from "postgraphile/grafast";
import { grafserv } from "postgraphile/grafserv/node";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { extendSchema, gql, pgSmartTags } from "postgraphile/utils";

const { DATABASE_URL, PORT, SECRET } = process.env;

const relations = pgSmartTags([
  {
    kind: "class",
    match: "ledger_line",
    tags: {
      foreignKey: [
        "(administration_id, bookyear, account) references account (administration_id, bookyear, number)|@fieldName accountOfLine",
        "(administration_id, relation) references relation (administration_id, number)|@fieldName relationOfLine",
      ],
    },
  },
]);

const viewer = extendSchema({
  typeDefs: gql`
    type Viewer {
      subject: String!
      organisationId: ID!
      roles: [String!]!
      expiresAt: String!
    }
    extend type Query {
      viewer: Viewer!
    }
  `,
  objects: {
    Query: {
      plans: {
        viewer() {
          return lambda(context().get("claims"), (claims) => claims);
        },
      },
    },
    Viewer: {
      plans: {
        subject: ($claims) => lambda($claims, (claims) => claims.sub, true),
        organisationId: ($claims) => lambda($claims, (claims) => claims.org, true),
        roles: ($claims) => lambda($claims, (claims) => claims.roles, true),
        expiresAt: ($claims) => lambda($claims, (claims) => new Date(claims.exp * 1000).toISOString(), true),
      },
    },
  },
});

function claimsOf(request) {
  const [scheme, token] = (request.headers.authorization ?? "").split(" ");
  if (scheme !== "Bearer") throw new Error("no token");
  return jwt.verify(token, SECRET, { algorithms: ["HS256"] });
}

const preset = {
  extends: [PostGraphileAmberPreset],
  plugins: [relations, viewer],
  pgServices: [
    makePgService({ connectionString: DATABASE_URL, schemas: ["public"], poolConfig: { max: 10 } }),
  ],
  grafserv: { graphiql: false, watch: false },
  grafast: {
    explain: false,
    context(requestContext) {
      const claims = claimsOf(requestContext.node.req);
      return {
        claims,
        pgSettings: { role: "monitr_tenant", "app.organisation": claims.org },
      };
    },
  },
};

const server = createServer();
await postgraphile(preset).createServ(grafserv).addTo(server);
server.listen(Number(PORT), "127.0.0.1", () => console.log("ready"));
