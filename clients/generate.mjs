// The typed documents of all operations that the program knows, from the schema that it prints: what graphql-codegen does
// with docs/frontend.md's codegen.yml, without the two hundred packages of its command line.

import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";

import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { parse } from "graphql";

const OPERATIONS = "../src/monitr/entrypoints/graphql/operations";
const CONFIG = {
  strictScalars: true,
  enumsAsTypes: true,
  useTypeImports: true,
  scalars: { ID: "string", Date: "string", DateTime: "string", Decimal: "string" },
};

const documents = readdirSync(OPERATIONS)
  .map((name) => path.join(OPERATIONS, name))
  .map((location) => ({ location, rawSDL: readFileSync(location, "utf8") }))
  .map((source) => ({ ...source, document: parse(source.rawSDL) }));

const files = await preset.buildGeneratesSection({
  baseOutputDir: "generated/operations/",
  schema: parse(readFileSync("generated/schema.graphql", "utf8")),
  documents,
  config: CONFIG,
  presetConfig: { fragmentMasking: false },
  plugins: [],
  pluginMap: {},
});
for (const folder of ["operations", "relay"]) mkdirSync(`generated/${folder}`, { recursive: true });
for (const file of files) writeFileSync(file.filename, await codegen(file));
