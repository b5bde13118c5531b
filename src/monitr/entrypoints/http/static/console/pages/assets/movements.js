// The table of the notes of the annual accounts, by rubric.
import { operation } from "../../api/client.js";
import { Money, Segments, Select } from "../../parts/basic.js";
import { Asked } from "../../parts/page.js";
import { Table } from "../../parts/table.js";
import { sum } from "../../state/amounts.js";
import { useAsked } from "../../state/asking.js";
import { useQuery } from "../../state/router.js";
import { useWords } from "../../state/words.js";
import { html } from "../../vendor/view.js";

const MOVEMENTS = operation("pages/assets", "Movements");
const OF = ["value", "revaluation", "depreciation"];
const COLUMNS = ["opening", "additions", "disposals", "writtenBack", "transfers", "closing"];

export function Movements({ administration, asOf }) {
  const years = (administration.bookyears ?? []).filter(({ startDate }) => startDate <= asOf);
  return years.length > 0 && html`<${OfYear} administration=${administration} asOf=${asOf} years=${years} />`;
}

function OfYear({ administration, asOf, years }) {
  const say = useWords("assets");
  const [query, change] = useQuery();
  const bookyear = years.find(({ number }) => String(number) === query.get("bookyear")) ?? years.at(-1);
  const shown = OF.includes(query.get("of")) ? query.get("of") : OF[0];
  const asked = useAsked(MOVEMENTS, { id: administration.id, asOf, bookyear: bookyear.number }, { follows: administration.id });
  return html`<section>
    <header class="section-head">
      <h2>${say("movements", { bookyear: bookyear.description })}</h2>
      <div class="row">
        <${Segments} label=${say("movements.of")} value=${shown} options=${OF.map((key) => [key, say(`movements.${key}`)])} onChange=${(of) => change({ of: of === OF[0] ? null : of })} />
        <${Select} label=${say("bookyear")} value=${String(bookyear.number)} options=${years.toReversed().map(({ number, description }) => [String(number), description])} onChange=${(number) => change({ bookyear: number })} />
      </div>
    </header>
    <${Asked} asked=${asked} rows=${4}>
      ${({ administration: { fixedAssets: { movements } } }) =>
        movements.length === 0 ? html`<p class="hint">${say("movements.none")}</p>` : html`<${Rubrics} movements=${movements} shown=${shown} />`}
    <//>
  </section>`;
}

function Rubrics({ movements, shown }) {
  const say = useWords("assets");
  const rows = movements.map((row) => ({ ...row[shown], key: row.rubric, title: `${row.rubric} ${row.name}`, netBookValue: row.netBookValue }));
  const columns = [...COLUMNS, "netBookValue"];
  const total = Object.fromEntries(columns.map((key) => [key, sum(rows.map((row) => row[key]))]));
  const head = (key) => say(shown === "depreciation" && ["additions", "disposals"].includes(key) ? `movements.depreciation.${key}` : key === "netBookValue" ? key : `movements.${key}`);
  return html`<${Table} caption=${say(`movements.${shown}`)} rows=${rows} rowKey=${({ key }) => key} foot=${[{ ...total, title: say("sum") }]}
    columns=${[
      { key: "name", head: say("rubric"), rowHead: true, cell: ({ title }) => title },
      ...columns.map((key) => ({ key, head: head(key), numeric: true, cell: (row) => html`<${Money} value=${row[key]} />` })),
    ]} />`;
}
