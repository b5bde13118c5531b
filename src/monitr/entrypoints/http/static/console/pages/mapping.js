// Reports of one's own: their lines, and the accounts in them.
import { operation } from "../api/client.js";
import { Button, Select } from "../parts/basic.js";
import { Freshness } from "../parts/freshness.js";
import { Asked, Empty, PageHead } from "../parts/page.js";
import { useAsked } from "../state/asking.js";
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html, useState } from "../vendor/view.js";
import { NewReport } from "./mapping/begin.js";
import { NEW, drafts } from "./mapping/draft.js";
import { Editor } from "./mapping/editor.js";

const REPORTS = operation("pages/mapping", "Reports");
const ACCOUNTS = operation("pages/mapping", "Accounts");
const REPORT = operation("pages/mapping", "Report");

export default function Mapping({ administration, viewer }) {
  const say = useWords("mapping");
  const [query, change] = useQuery();
  const [isBeginning, begin] = useState(false);
  const reports = useAsked(REPORTS);
  const books = useAsked(ACCOUNTS, { id: administration.id }, { follows: administration.id });
  const may = viewer.permissions.includes("MANAGE_REPORTS");
  const unsaved = drafts.use();
  const known = [...(reports.data?.reports ?? []), ...(NEW in unsaved ? [{ id: NEW, name: unsaved[NEW].name }] : [])];
  const shown = known.find(({ id }) => id === query.get("report")) ?? known[0];
  const choose = (id) => change({ report: id }, { push: true });
  return html`
    <${PageHead} title=${say("title")} about=${administration.name}>
      ${known.length > 0 && html`<${Select} label=${say("report")} value=${shown.id} onChange=${choose}
        options=${known.map(({ id, name }) => [id, id in unsaved ? say("report.unsaved", { name }) : name])} />`}
      ${may && html`<${Button} kind=${known.length ? "quiet" : "primary"} onPress=${() => begin(true)}>${say("new")}<//>`}
    <//>
    <div class="mapping-page">
      <${Asked} asked=${reports} rows=${2}>
        ${() => html`<${Asked} asked=${books} rows=${12}>
          ${({ administration: found }) => html`
            <${Freshness} administration=${administration.id} freshness=${found.freshness} />
            ${shown
              ? html`<${Shown} key=${shown.id} administration=${administration} books=${found} id=${shown.id} may=${may} again=${reports.askAgain} choose=${choose} />`
              : html`<${Empty} title=${say("none.title")}><p class="hint">${say(may ? "none.text" : "none.notYours")}</p><//>`}
          `}
        <//>`}
      <//>
      ${isBeginning && html`<${NewReport} administration=${administration} onClose=${() => begin(false)} onBegun=${() => choose(NEW)} />`}
    </div>
  `;
}

function Shown({ administration, books, id, may, again, choose }) {
  const say = useWords("mapping");
  const isNew = id === NEW;
  const asked = useAsked(REPORT, { id: administration.id, report: id }, { follows: administration.id, skip: isNew });
  const draft = drafts.use()[id];
  const more = { administration, books, id, may, choose };
  if (isNew) return draft ? html`<${Editor} ...${more} saved=${null} unmapped=${[]} again=${again} />` : null;
  const askAll = () => {
    again();
    asked.askAgain();
  };
  return html`<${Asked} asked=${asked} rows=${12}>
    ${({ report, administration: { unmapped } }) =>
      report ? html`<${Editor} ...${more} saved=${report} unmapped=${unmapped} again=${askAll} />` : html`<${Empty} title=${say("gone")} />`}
  <//>`;
}
