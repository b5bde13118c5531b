// One report: at the left what no line takes, at the right its lines. Accounts are dragged to a line, or chosen and put
// there with the bar below, which the keyboard reaches.
import { mutate, operation } from "../../api/client.js";
import { Badge, Button, Field, FilterBar, Moment, Segments } from "../../parts/basic.js";
import { Confirm } from "../../parts/dialog.js";
import { failureWords } from "../../parts/page.js";
import { tell, withdraw } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html, useMemo, useState } from "../../vendor/view.js";
import { NEW, drafts, drop, inOrder, keep, moved, takerOf } from "./draft.js";
import { LineDialog } from "./dialogs.js";
import { Lines } from "./lines.js";
import { MoveBar } from "./move_bar.js";
import { Unmapped } from "./unmapped.js";

const SAVE = operation("pages/mapping", "Save");
const DELETE = operation("pages/mapping", "Delete");
const KINDS = ["", "BALANCE_SHEET", "PROFIT_AND_LOSS"];

export function Editor({ administration, books, id, saved, unmapped, may, again, choose }) {
  const say = useWords("mapping");
  const draft = drafts.use()[id] ?? saved;
  const isChanged = id in drafts.get();
  const [chosen, pick] = useState(new Set());
  const [search, find] = useState("");
  const [told, announce] = useState("");
  const [failure, fail] = useState(null);
  const [dialog, show] = useState(null);
  const taker = useMemo(() => takerOf(draft.rules), [draft.rules]);
  const lines = useMemo(() => inOrder(draft.lines), [draft.lines]);

  const edit = (part) => {
    fail(null);
    withdraw("mapping");
    keep(id, { ...draft, ...part });
  };
  const move = (numbers, key) => {
    edit({ rules: moved(draft.rules, numbers, key) });
    pick(new Set());
    const line = lines.find((each) => each.key === key);
    announce(line ? say("moved", { count: numbers.length, line: line.name }) : say("moved.out", { count: numbers.length }));
  };
  const choosing = { may, chosen, pick, move };
  const [kind, narrow] = useState(() => kindOf(draft.rules));
  const found = books.accounts.filter(({ number, name }) => `${number} ${name}`.toLowerCase().includes(search.trim().toLowerCase()));
  const discard = () => {
    drop(id);
    fail(null);
    again();
  };
  const save = async (version = draft.version) => {
    fail(null);
    withdraw("mapping");
    try {
      const { report } = await mutate(SAVE, { input: inputOf({ ...draft, version }, lines) });
      tell("good", say("saved", { name: report.name }), { about: "mapping" });
      drop(id);
      again();
      choose(report.id);
    } catch (error) {
      fail(error);
    }
  };
  return html`
    <div class="mapping-head">
      <p class="hint">
        ${saved && say("version", { version: saved.version, who: saved.changedBy, when: html`<${Moment} value=${saved.changedAt} />` })}
        ${isChanged && html` <${Badge} tone="warn">${say("unsaved")}<//>`}
      </p>
      ${may && html`<div class="row">
        <${Button} onPress=${() => show({ kind: "report" })}>${say("rename")}<//>
        ${saved && html`<${Button} kind="danger" onPress=${() => show({ kind: "delete" })}>${say("delete")}<//>`}
        ${isChanged && html`<${Button} onPress=${() => show({ kind: "discard" })}>${say("discard")}<//>`}
        <${Button} kind="primary" disabled=${!isChanged} onPress=${() => save()}>${say("save")}<//>
      </div>`}
    </div>
    ${failure && html`<${Refused} failure=${failure} save=${save} discard=${discard} />`}
    <${FilterBar} label=${say("filters")}>
      <${Field} label=${say("search")}>${(field) => html`<input id=${field} type="search" value=${search} onInput=${(event) => find(event.target.value)} />`}<//>
      <${Segments} label=${say("kind")} value=${kind} options=${KINDS.map((each) => [each, say(`kind.${each || "all"}`)])} onChange=${narrow} />
    <//>
    <div class="mapping">
      <${Unmapped} accounts=${kind ? found.filter((account) => account.kind === kind) : found} unmapped=${unmapped} rules=${draft.rules} taker=${taker} saved=${saved} choosing=${choosing} administration=${administration} />
      <${Lines} lines=${lines} draft=${draft} accounts=${found} taker=${taker} wrong=${wrongIn(failure)} isSearched=${search.trim() !== ""} choosing=${choosing} books=${books} edit=${edit} show=${show} administration=${administration} />
    </div>
    ${may && html`<${MoveBar} lines=${lines} choosing=${choosing} told=${told} />`}
    ${(dialog?.kind === "report" || dialog?.kind === "line" || dialog?.kind === "range") && html`<${LineDialog} dialog=${dialog} draft=${draft} lines=${lines} books=${books} edit=${edit} onClose=${() => show(null)} />`}
    ${dialog?.kind === "discard" && html`<${Confirm} title=${say("discard.title")} action=${say("discard")} kind="danger solid" act=${discard} onClose=${() => show(null)}>
      <p>${say(id === NEW ? "discard.new" : "discard.text", { name: draft.name })}</p>
    <//>`}
    ${dialog?.kind === "delete" && html`<${Confirm} title=${say("delete.title", { name: saved.name })} action=${say("delete")} kind="danger solid" onClose=${() => show(null)}
      act=${async () => {
        await mutate(DELETE, { id });
        tell("good", say("deleted", { name: saved.name }), { about: "mapping" });
        drop(id);
        again();
        choose(null);
      }}><p>${say("delete.text")}</p><//>`}
  `;
}

/** What a report is of at first sight: of the accounts that its rules take. */
function kindOf(rules) {
  const isResult = rules.map(({ accountTo }) => Number(accountTo) >= 600_000);
  if (rules.length === 0 || new Set(isResult).size > 1) return "";
  return isResult[0] ? "PROFIT_AND_LOSS" : "BALANCE_SHEET";
}

const inputOf = ({ id, version, name, rules }, lines) => ({
  id, version, name,
  lines: lines.map(({ key, name: called, parentKey, side }) => ({ key, name: called, parentKey, side })),
  rules: rules.map(({ lineKey, accountFrom, accountTo, dimension, dimensionCode }) => ({ lineKey, accountFrom, accountTo, dimension, dimensionCode })),
});

/** The keys of the lines that contradict themselves or each other. */
const wrongIn = (failure) => new Set([failure?.lineKey, ...(failure?.rules ?? []).map(({ lineKey }) => lineKey)]);

/** Why nothing was saved, and what can be done: nothing of the draft is lost. */
function Refused({ failure, save, discard }) {
  const say = useWords("mapping");
  const { code, current } = failure;
  return html`<div class="notice bad" role="alert">
    <p>${failureWords(failure, say)} ${code === "REPORT_CHANGED" && say("conflict")}</p>
    ${code === "REPORT_CHANGED" && html`<div class="row">
      <${Button} onPress=${discard}>${say("conflict.theirs", { version: current.version })}<//>
      <${Button} onPress=${() => save(current.version)}>${say("conflict.mine")}<//>
    </div>`}
  </div>`;
}
