// A new report: empty, or with the lines and accounts of a model of the annual accounts.
import { Failure, ask, operation } from "../../api/client.js";
import { Field, Select } from "../../parts/basic.js";
import { Confirm } from "../../parts/dialog.js";
import { today } from "../../state/formats.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";
import { NEW, keep, ofModel } from "./draft.js";

const MODEL = operation("pages/mapping", "Model");
const MODELS = ["PROFIT_AND_LOSS", "BALANCE_SHEET"].flatMap((kind) => ["FULL", "ABRIDGED", "MICRO"].map((model) => `${kind}.${model}`));

export function NewReport({ administration, onClose, onBegun }) {
  const say = useWords("mapping");
  const [name, call] = useState("");
  const [start, choose] = useState(MODELS[0]);
  const act = async () => {
    if (name.trim() === "") throw new Failure("refused", say("name.missing"));
    const content = start ? await contentOf(administration, start) : { lines: [], rules: [] };
    keep(NEW, { id: null, version: null, name: name.trim(), ...content });
    onBegun();
  };
  return html`<${Confirm} title=${say("new")} action=${say("begin")} act=${act} onClose=${onClose}>
    <div class="mapping-form">
      <${Field} label=${say("name")}>${(id) => html`<input id=${id} type="text" value=${name} maxlength="200" onInput=${(event) => call(event.target.value)} />`}<//>
      <${Select} label=${say("start")} value=${start} options=${[...MODELS.map((each) => [each, say(`start.${each}`)]), ["", say("start.empty")]]} onChange=${choose} />
    </div>
  <//>`;
}

async function contentOf({ id, bookyears }, start) {
  const [kind, model] = start.split(".");
  const bookyear = bookyears?.at(-1) ?? { startDate: today(), endDate: today() };
  const found = await ask(MODEL, { id, kind, model, from: bookyear.startDate, to: bookyear.endDate });
  return ofModel(found.administration);
}
