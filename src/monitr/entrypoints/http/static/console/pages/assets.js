// The fixed assets: what they are worth, what is charged on them, and what has to be settled before they can be planned.
import { operation } from "../api/client.js";
import { Button, Field, Go, Money, Segments } from "../parts/basic.js";
import { Chart } from "../parts/chart.js";
import { Exports } from "../parts/exports.js";
import { Freshness } from "../parts/freshness.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { Table } from "../parts/table.js";
import { Tile } from "../parts/tile.js";
import { addressOf } from "../routes.js";
import { isZero } from "../state/amounts.js";
import { useAsked } from "../state/asking.js";
import { day, money, month, today, yearBefore } from "../state/formats.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html, useState } from "../vendor/view.js";
import { Movements } from "./assets/movements.js";
import { Register } from "./assets/register.js";
import { PlanDialog, RoleDialog, planOf } from "./assets/settings.js";
import { Unsettled } from "./assets/unsettled.js";

const ASSETS = operation("pages/assets", "Assets");
const MONTHS = ["12", "24", "60"];
const SHOWN = ["depreciation", "netBookValue"];

export default function Assets({ administration, viewer }) {
  const say = useWords("assets");
  const [query, change] = useQuery();
  const [setting, open] = useState(null);
  const id = administration.id;
  const asOf = /^\d{4}-\d\d-\d\d$/.test(query.get("asOf") ?? "") ? query.get("asOf") : today();
  const months = MONTHS.includes(query.get("months")) ? query.get("months") : MONTHS[0];
  const asked = useAsked(ASSETS, { id, asOf, before: yearBefore(asOf), months: Number(months) }, { follows: id });
  const may = viewer.permissions.includes("MANAGE_REPORTS");
  const close = () => open(null);
  const settings = { administration, onClose: close, again: asked.askAgain };
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      <${Field} label=${say("asOf")}>${(field) => html`<input id=${field} type="date" value=${asOf} onChange=${(event) => change({ asOf: event.target.value, after: null }, { push: true })} />`}<//>
      <${Exports} administration=${id} report="fixed-assets" of=${say("title")} parameters=${{ asOf }} />
    <//>
    <div class="assets">
      <${Asked} asked=${asked} waiting=${html`<${Waiting} />`}>
        ${({ administration: { fixedAssets, yearBefore: before } }) => html`
          <${Freshness} administration=${id} freshness=${fixedAssets.freshness} />
          ${fixedAssets.accounts.length === 0 && fixedAssets.categories.length === 0
            ? html`<${Empty} title=${say("nothing.title")}><p class="hint">${say("nothing.text")}</p><//>`
            : html`
                <${Worth} administration=${administration} now=${fixedAssets} before=${before} asOf=${asOf} />
                <${Unsettled} assets=${fixedAssets} may=${may} open=${open} />
                <${Schedule} schedule=${fixedAssets.schedule} months=${months} />
                <${Categories} administration=${administration} assets=${fixedAssets} may=${may} open=${open} />
                <${Movements} administration=${administration} asOf=${asOf} />
                <${Register} administration=${administration} asOf=${asOf} names=${fixedAssets.categories} may=${may} open=${open} />
                <${Accounts} administration=${administration} accounts=${fixedAssets.accounts} may=${may} open=${open} />
              `}
        `}
      <//>
      ${setting?.account && html`<${RoleDialog} ...${settings} account=${setting.account} />`}
      ${(setting?.category || setting?.asset) && html`<${PlanDialog} ...${settings} category=${setting.category} asset=${setting.asset} />`}
    </div>
  `;
}

function Waiting() {
  const say = useWords();
  return html`<div role="status">
    <span class="unseen">${say("state.loading")}</span>
    <div class="freshness" />
    <div class="worth">${[1, 2, 3].map((each) => html`<div key=${each} class="bone worth-room" />`)}</div>
    <div class="bone schedule-room" />
  </div>`;
}

function Worth({ administration, now, before, asOf }) {
  const say = useWords("assets");
  return html`<section class="worth" aria-label=${say("worth", { day: day(asOf) })}>
    ${["acquisitionValue", "accumulatedDepreciation", "netBookValue"].map((key) => html`<${Tile}
      key=${key} title=${say(key)} value=${now[key]} before=${before[key]} beforeTitle=${say("before", { day: day(yearBefore(asOf)) })} currency=${administration.currency}
    />`)}
  </section>`;
}

/** What was charged month by month, and behind it what is planned. */
function Schedule({ schedule, months }) {
  const say = useWords("assets");
  const [query, change] = useQuery();
  const shown = SHOWN.includes(query.get("show")) ? query.get("show") : SHOWN[0];
  const isWorth = shown === "netBookValue";
  const series = isWorth
    ? [{ key: "now", name: say("netBookValue") }]
    : [
        { key: "now", name: say("booked") },
        ...(schedule.some(({ booked }) => !booked) ? [{ key: "planned", name: say("planned"), kind: "second" }] : []),
      ];
  const points = schedule.map(({ month: key, booked, ...amounts }) => ({
    key, name: `${key.slice(5)}/${key.slice(2, 4)}`, title: `${month(key, "long")}\n${say(booked ? "booked" : "planned")}: ${money(amounts[shown])}`,
    values: { [isWorth || booked ? "now" : "planned"]: Number(amounts[shown]) },
  }));
  const charged = schedule.filter(({ booked }) => booked).length;
  const summary = schedule.length ? say("schedule.summary", { booked: charged, planned: schedule.length - charged }) : say("schedule.empty");
  return html`<div class="schedule"><${Chart}
    title=${say("schedule")} summary=${summary} drawing=${isWorth ? "lines" : "columns"}
    data=${isWorth ? { points, series } : { points, series, stacked: true }}
    table=${{
      rows: schedule, rowKey: ({ month: key }) => key,
      columns: [
        { key: "month", head: say("month"), rowHead: true, cell: ({ month: key }) => month(key, "long") },
        { key: "booked", head: say("state"), cell: ({ booked }) => say(booked ? "booked" : "planned") },
        ...["depreciation", "cancelled", "writtenBack", "netBookValue"].map((key) => ({ key, head: say(key), numeric: true, cell: (row) => html`<${Money} value=${row[key]} />` })),
      ],
    }}
  >
    <${Segments} label=${say("schedule.show")} value=${shown} options=${SHOWN.map((key) => [key, say(key)])} onChange=${(show) => change({ show: show === SHOWN[0] ? null : show })} />
    <${Segments} label=${say("schedule.months")} value=${months} options=${MONTHS.map((each) => [each, say("months", { count: Number(each) })])} onChange=${(each) => change({ months: each === MONTHS[0] ? null : each })} />
  <//></div>`;
}

function Categories({ administration, assets, may, open }) {
  const say = useWords("assets");
  const amounts = ["acquisitionValue", "accumulatedDepreciation", "netBookValue"];
  const isExplained = assets.categories.every(({ unattributed }) => isZero(unattributed));
  const columns = [
    {
      key: "name", head: say("category"), rowHead: true,
      cell: ({ key, name, isSum }) => (isSum ? say("sum") : html`<${Go} to=${addressOf("ledger", { administration: administration.id }, { account: key })}>${key}<//> ${name}`),
    },
    ...amounts.map((key) => ({ key, head: say(key), numeric: true, cell: (row) => html`<${Money} value=${row[key]} />` })),
    { key: "unattributed", head: say("unattributed"), numeric: true, cell: ({ isSum, unattributed }) => !isSum && !isZero(unattributed) && html`<${Money} value=${unattributed} />` },
    {
      key: "plan", head: say("plan"),
      cell: (category) => !category.isSum && html`<span class="settable"><span>${planOf(category, say)}</span>
        ${may && html`<${Button} label=${say("labelled", { action: say("change"), name: `${category.key} ${category.name}` })} onPress=${() => open({ category })}>${say("change")}<//>`}</span>`,
    },
  ];
  return html`<section>
    <h2>${say("categories")}</h2>
    <${Table} caption=${say("categories")} rows=${assets.categories} rowKey=${({ key }) => key} foot=${[{ ...assets, isSum: true }]}
      columns=${columns.filter(({ key }) => key !== "unattributed" || !isExplained)} />
    ${!isExplained && html`<p class="hint">${say("unattributed.hint")}</p>`}
  </section>`;
}

function Accounts({ administration, accounts, may, open }) {
  const say = useWords("assets");
  return html`<details class="asset-accounts">
    <summary>${say("accounts", { count: accounts.length })}</summary>
    <${Table} caption=${say("accounts", { count: accounts.length })} rows=${accounts} rowKey=${({ account }) => account.number}
      columns=${[
        {
          key: "account", head: say("account"), rowHead: true,
          cell: ({ account }) => html`<${Go} to=${addressOf("ledger", { administration: administration.id }, { account: account.number })}>${account.number}<//> ${account.name}`,
        },
        {
          key: "role", head: say("role"),
          cell: (row) => html`<span class="settable"><span>${say(`role.${row.role}`)}${row.byHand && html` <span class="hint">${say("byHand")}</span>`}</span>
            ${may && html`<${Button} label=${say("labelled", { action: say("change"), name: `${row.account.number} ${row.account.name}` })} onPress=${() => open({ account: row })}>${say("change")}<//>`}</span>`,
        },
        { key: "doubt", head: say("doubt"), cell: ({ doubt }) => doubt },
      ]} />
  </details>`;
}
