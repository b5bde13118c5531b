// Every asset by itself, a page at a time, oldest acquisition first.
import { operation } from "../../api/client.js";
import { Badge, Button, Day, Field, Go, Money } from "../../parts/basic.js";
import { Asked } from "../../parts/page.js";
import { Pager, Table } from "../../parts/table.js";
import { addressOf } from "../../routes.js";
import { useAsked } from "../../state/asking.js";
import { number } from "../../state/formats.js";
import { useQuery } from "../../state/router.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";

const REGISTER = operation("pages/assets", "Register");
const ROWS = 500;
const TONES = { IN_USE: "good", DISPOSED: "", UNDER_CONSTRUCTION: "warn" };

export function Register({ administration, asOf, names, may, open }) {
  const say = useWords("assets");
  const [query, change] = useQuery();
  const [turned, turnOver] = useState([]);
  const id = administration.id;
  const after = query.get("after");
  const asked = useAsked(REGISTER, { id, asOf, first: ROWS, after }, { follows: id });
  const turn = ({ after: next }) => {
    turnOver(next ? [...turned, after] : turned.slice(0, -1));
    change({ after: next ?? turned.at(-1) ?? null }, { push: true });
  };
  const search = query.get("search") ?? "";
  return html`<section>
    <header class="section-head">
      <h2>${say("register")}</h2>
      <${Field} label=${say("search")}>${(field) => html`<input id=${field} type="search" value=${search} onInput=${(event) => change({ search: event.target.value })} />`}<//>
    </header>
    <${Asked} asked=${asked} rows=${6}>
      ${({ administration: { fixedAssets: { assets } } }) => {
        const rows = assets.edges.map(({ node }) => ({ ...node, categoryName: names.find(({ key }) => key === node.category)?.name ?? "" }));
        const found = rows.filter((row) => isFound(row, search));
        const isWhole = !assets.pageInfo.hasNextPage && !assets.pageInfo.hasPreviousPage;
        const shown = say("register.shown", { count: found.length, total: number(assets.totalCount) });
        return html`
          <${Table} caption=${say("register")} rows=${found} rowKey=${(row) => row.id} rowClass=${({ status }) => (status === "DISPOSED" ? "disposed" : "")} columns=${columnsOf(id, may, open, say)} />
          ${isWhole
            ? html`<p class="hint shown" role="status">${shown}</p>`
            : html`<${Pager} pageInfo=${assets.pageInfo} turn=${turn} shown=${search ? `${shown} · ${say("search.page")}` : shown} />`}
        `;
      }}
    <//>
  </section>`;
}

const isFound = ({ description, category, categoryName, supplier }, search) =>
  [description, category, categoryName, supplier?.name].join(" ").toLowerCase().includes(search.trim().toLowerCase());

const columnsOf = (id, may, open, say) => [
  {
    key: "description", head: say("asset.supplier"), rowHead: true,
    cell: ({ description, bookingCode, supplier }) => html`<${Go} to=${bookingCode && addressOf("booking", { administration: id, booking: bookingCode })}>${description ?? say("unnamed")}<//>
      ${supplier && html`<br /><${Go} class="hint" to=${addressOf("ledger", { administration: id }, { relation: supplier.number })}>${supplier.name}<//>`}`,
  },
  { key: "category", head: say("category"), cell: ({ category, categoryName }) => html`<${Go} to=${addressOf("ledger", { administration: id }, { account: category })}>${category}<//> <span class="hint">${categoryName}</span>` },
  { key: "acquiredOn", head: say("acquiredOn"), cell: ({ acquiredOn }) => (acquiredOn ? html`<span class="nowrap"><${Day} value=${acquiredOn} /></span>` : say("fromBefore")) },
  ...["acquisitionValue", "accumulatedDepreciation", "netBookValue"].map((key) => ({ key, head: say(key), numeric: true, cell: (row) => html`<${Money} value=${row[key]} />` })),
  {
    key: "status", head: say("state"),
    cell: (asset) => html`<span class="settable"><${Badge} tone=${TONES[asset.status]}>${say(`status.${asset.status}`)}<//>
      ${may && asset.status === "IN_USE" && html`<${Button} kind="plain" icon="gear" label=${say("plan.of", { name: asset.description ?? say("unnamed") })} onPress=${() => open({ asset })} />`}</span>
      ${asset.disposedOn && html`<span class="hint"><${Day} value=${asset.disposedOn} />${asset.disposalProceeds !== null && html` · <${Money} value=${asset.disposalProceeds} />`}</span>`}`,
  },
];
