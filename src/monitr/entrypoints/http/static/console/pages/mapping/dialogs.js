// The name of a report, a line of it, a range of accounts in a line.
import { Failure } from "../../api/client.js";
import { Button, Field, Select } from "../../parts/basic.js";
import { Confirm } from "../../parts/dialog.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";
import { inOrder, keyOf, withoutLine } from "./draft.js";

const DIGITS = 6;

export function LineDialog({ dialog, ...more }) {
  const Form = { report: ReportForm, line: LineForm, range: RangeForm }[dialog.kind];
  return html`<${Form} line=${dialog.line} ...${more} />`;
}

const Input = ({ label, value, onInput, ...more }) =>
  html`<${Field} label=${label}>${(id) => html`<input id=${id} type="text" value=${value} onInput=${(event) => onInput(event.target.value)} ...${more} />`}<//>`;

function named(name, say) {
  if (name.trim() === "") throw new Failure("refused", say("name.missing"));
  return name.trim();
}

function ReportForm({ draft, edit, onClose }) {
  const say = useWords("mapping");
  const [name, call] = useState(draft.name);
  const act = async () => edit({ name: named(name, say) });
  return html`<${Confirm} title=${say("rename")} action=${say("apply")} act=${act} onClose=${onClose}>
    <${Input} label=${say("name")} value=${name} onInput=${call} maxlength="200" />
  <//>`;
}

function LineForm({ line, draft, lines, edit, onClose }) {
  const say = useWords("mapping");
  const [form, change] = useState({ name: line?.name ?? "", parentKey: line?.parentKey ?? "", side: line?.side ?? "DEBIT" });
  const below = new Set(line ? [line.key, ...inOrder(draft.lines, line.key).map(({ key }) => key)] : []);
  const set = (part) => change({ ...form, ...part });
  const act = async () => {
    const next = { name: named(form.name, say), parentKey: form.parentKey || null, side: form.side };
    edit({ lines: line ? draft.lines.map((each) => (each.key === line.key ? { ...each, ...next } : each)) : [...draft.lines, { key: keyOf(next.name, draft.lines), ...next }] });
  };
  const remove = () => {
    edit(withoutLine(draft, line));
    onClose();
  };
  return html`<${Confirm} title=${line ? say("line.change", { name: line.name }) : say("line.add")} action=${say("apply")} act=${act} onClose=${onClose}>
    <div class="mapping-form">
      <${Input} label=${say("name")} value=${form.name} onInput=${(name) => set({ name })} maxlength="200" />
      <${Select} label=${say("parent")} value=${form.parentKey} onChange=${(parentKey) => set({ parentKey })}
        options=${[["", say("parent.none")], ...lines.filter(({ key }) => !below.has(key)).map(({ key, name, level }) => [key, `${"\u2003".repeat(level)}${name}`])]} />
      <${Select} label=${say("side")} value=${form.side} options=${["DEBIT", "CREDIT"].map((each) => [each, say(`side.${each}`)])} onChange=${(side) => set({ side })} />
      <p class="hint">${say("side.hint")}</p>
      ${line && html`<p><${Button} kind="danger" onPress=${remove}>${say("line.remove")}<//></p>`}
    </div>
  <//>`;
}

function RangeForm({ line, draft, books, edit, onClose }) {
  const say = useWords("mapping");
  const [form, change] = useState({ from: "", to: "", value: "" });
  const set = (part) => change({ ...form, ...part });
  const act = async () => {
    const [accountFrom, accountTo] = [form.from.trim().padEnd(DIGITS, "0"), (form.to.trim() || form.from.trim()).padEnd(DIGITS, "9")];
    if (![form.from, form.to || form.from].every((text) => /^\d+$/.test(text.trim()))) throw new Failure("refused", say("range.wrong"));
    const [dimension, code] = form.value ? JSON.parse(form.value) : [null, null];
    edit({ rules: [...draft.rules, { lineKey: line.key, accountFrom, accountTo, dimension, dimensionCode: code }] });
  };
  const values = books.dimensions.flatMap(({ key, name, values: all }) => [
    [JSON.stringify([key, null]), `${name}: ${say("dimension.any")}`],
    ...all.map(({ code, name: called }) => [JSON.stringify([key, code]), `${name}: ${called}`]),
  ]);
  return html`<${Confirm} title=${say("range.of", { name: line.name })} action=${say("apply")} act=${act} onClose=${onClose}>
    <div class="mapping-form">
      <${Input} label=${say("range.from")} value=${form.from} onInput=${(from) => set({ from })} inputmode="numeric" placeholder="60" />
      <${Input} label=${say("range.to")} value=${form.to} onInput=${(to) => set({ to })} inputmode="numeric" placeholder="609999" />
      <${Select} label=${say("range.dimension")} value=${form.value} options=${[["", say("dimension.every")], ...values]} onChange=${(value) => set({ value })} />
      <p class="hint">${say("range.hint")}</p>
    </div>
  <//>`;
}
