// Bundles the pinned packages for the console, and writes beside them which they are and under which licence.
import { readFileSync, readdirSync, writeFileSync, mkdirSync } from "node:fs";
import { build } from "esbuild";

const FOLDER = new URL("../src/monitr/entrypoints/http/static/console/vendor/", import.meta.url);
const here = (path) => new URL(path, import.meta.url);
const read = (path) => readFileSync(here(path), "utf8");

const { metafile } = await build({
  absWorkingDir: here(".").pathname,
  entryPoints: ["view.js", "charts.js", "oauth.js"],
  bundle: true,
  format: "esm",
  minify: true,
  target: "es2022",
  legalComments: "none",
  metafile: true,
  write: true,
  outdir: FOLDER.pathname,
});

const bundled = Object.entries(metafile.outputs).flatMap(([output, { inputs }]) =>
  Object.entries(inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput)
    .map(([input]) => /node_modules\/([^/]+)/.exec(input)?.[1])
    .filter(Boolean)
    .map((name) => [name, output.split("/").at(-1)]),
);
const files = Map.groupBy ? Map.groupBy(bundled, ([name]) => name) : group(bundled);

function group(pairs) {
  const groups = new Map();
  for (const pair of pairs) groups.set(pair[0], [...(groups.get(pair[0]) ?? []), pair]);
  return groups;
}

const rows = [...files].sort(([a], [b]) => a.localeCompare(b)).map(([name, pairs]) => {
  const { version, license } = JSON.parse(read(`node_modules/${name}/package.json`));
  return { name, version, license, files: [...new Set(pairs.map(([, file]) => `\`${file}\``))].join(", ") };
});
const licence = (name) => readdirSync(here(`node_modules/${name}/`)).find((file) => /^licen[cs]e/i.test(file));

mkdirSync(FOLDER, { recursive: true });
writeFileSync(
  new URL("vendored.md", FOLDER),
  [
    "# What is vendored here",
    "",
    "Written by `make vendor` from `vendoring/`, where the versions are pinned; the licences are in `LICENCES`. Nothing is",
    "changed: esbuild takes the parts that are used, and minifies them.",
    "",
    "| package | version | licence | in |",
    "| --- | --- | --- | --- |",
    ...rows.map((row) => `| ${row.name} | ${row.version} | ${row.license} | ${row.files} |`),
    "",
  ].join("\n"),
);
writeFileSync(
  new URL("LICENCES", FOLDER),
  rows.map(({ name, version }) => `${name} ${version}\n\n${read(`node_modules/${name}/${licence(name)}`).trim()}\n`).join(`\n${"-".repeat(80)}\n\n`),
);
