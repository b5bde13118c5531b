// Who did what: for administrators.
import { operation } from "../api/client.js";
import { Button, FilterBar, Go, Moment, Select } from "../parts/basic.js";
import { Older } from "../parts/older.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { Table } from "../parts/table.js";
import { addressOf } from "../routes.js";
import { useAsked } from "../state/asking.js";
import { useQuery } from "../state/router.js";
import { useHasWord, useWords } from "../state/words.js";
import { html } from "../vendor/view.js";

const TRAIL = operation("pages/audit", "Trail");
const SUBJECTS = operation("pages/audit", "Subjects");
const ITSELF = new Set(["monitr", "octopus", "operator"]);

export default function Audit() {
  const say = useWords("audit");
  const [query] = useQuery();
  const asked = useAsked(TRAIL, { after: query.get("after"), subject: query.get("subject") });
  return html`
    <${PageHead} title=${say("title")} />
    <p class="hint">${say("text")}</p>
    <${Filters} entries=${asked.data?.auditTrail.edges.map(({ node }) => node) ?? []} />
    <${Asked} asked=${asked} rows=${12}>
      ${({ auditTrail: { edges, pageInfo } }) =>
        edges.length
          ? html`<${Trail} entries=${edges.map(({ node }) => node)} /><${Older} pageInfo=${pageInfo} />`
          : html`<${Empty} title=${say("none")} />`}
    <//>
  `;
}

/** An administration; or whatever else was clicked on, as long as it is asked for. */
function Filters({ entries }) {
  const say = useWords("audit");
  const [query, change] = useQuery();
  const { data } = useAsked(SUBJECTS);
  const chosen = query.get("subject") ?? "";
  const known = (data?.administrations.edges ?? []).map(({ node }) => [node.id, `${node.name} (${node.dossierNumber})`]);
  const name = entries.find(({ subject }) => subject === chosen)?.subjectName;
  const other = chosen && !known.some(([id]) => id === chosen) ? [[chosen, name ?? chosen]] : [];
  const only = (subject) => change({ subject, after: null }, { push: true });
  return html`<${FilterBar} label=${say("filters")}>
    <${Select} label=${say("about")} value=${chosen} options=${[["", say("everything")], ...other, ...known]} onChange=${only} />
    ${chosen && html`<${Button} onPress=${() => only(null)}>${say("everything.again")}<//>`}
  <//>`;
}

function Trail({ entries }) {
  const say = useWords("audit");
  const hasWord = useHasWord("audit");
  const done = ({ action }) => (hasWord(`action.${action}`) ? say(`action.${action}`) : action);
  const who = ({ actor }) => (ITSELF.has(actor) ? say(`actor.${actor}`) : actor);
  const about = ({ subject, subjectName }) => {
    const text = subjectName ?? subject;
    return subject ? html`<${Go} to=${addressOf("audit", {}, { subject })} aria-label=${say("only", { name: text })}>${text}<//>` : "–";
  };
  return html`<${Table}
    caption=${say("title")} rows=${entries} rowKey=${({ id }) => id}
    columns=${[
      { key: "at", head: say("at"), cell: ({ at }) => html`<span class="once"><${Moment} value=${at} /></span>` },
      { key: "actor", head: say("actor"), cell: who },
      { key: "action", head: say("action"), rowHead: true, cell: done },
      { key: "subject", head: say("subject"), cell: about },
      { key: "detail", head: say("detail"), cell: ({ detail }) => html`<span class="hint">${detail ?? "–"}</span>` },
    ]}
  />`;
}
