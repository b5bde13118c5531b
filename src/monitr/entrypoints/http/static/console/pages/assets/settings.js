// Dialogs: what an account holds, and how a category or an asset is depreciated.
import { Failure, mutate, operation } from "../../api/client.js";
import { Field, Select } from "../../parts/basic.js";
import { Confirm } from "../../parts/dialog.js";
import { tell } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";

const SET_ROLE = operation("pages/assets", "SetRole");
const SET_DEPRECIATION = operation("pages/assets", "SetDepreciation");
const ROLES = ["", "ACQUISITION", "DEPRECIATION", "REVALUATION", "UNCALLED", "NONE"];
const METHODS = ["", "LINEAR", "DEGRESSIVE"];
const LONGEST = 1200;

/** The plan of a category in words. */
export const planOf = ({ depreciationMethod, usefulLifeMonths }, say) =>
  depreciationMethod === null ? say("plan.none") : say("plan.in", { method: say(`method.${depreciationMethod}`), months: say("months", { count: usefulLifeMonths }) });

export function RoleDialog({ administration, account: { account, role, byHand, doubt }, onClose, again }) {
  const say = useWords("assets");
  const [chosen, choose] = useState(byHand ? role : "");
  const name = `${account.number} ${account.name}`;
  const act = async () => {
    await mutate(SET_ROLE, { id: administration.id, account: account.number, role: chosen || null });
    tell("good", say("role.done", { name }), { about: "assets" });
    again();
  };
  return html`<${Confirm} title=${say("role.of", { name })} action=${say("save")} act=${act} onClose=${onClose}>
    ${doubt && html`<p class="notice warn">${doubt}</p>`}
    <${Select} label=${say("role")} value=${chosen} options=${ROLES.map((each) => [each, say(each ? `role.${each}` : "role.rule")])} onChange=${choose} />
    <p class="hint">${say("role.hint")}</p>
  <//>`;
}

export function PlanDialog({ administration, category, asset, onClose, again }) {
  const say = useWords("assets");
  const [plan, change] = useState({ method: category?.depreciationMethod ?? "", life: String(category?.usefulLifeMonths ?? ""), residual: "", fullFirstYear: false });
  const name = category ? `${category.key} ${category.name}` : (asset.description ?? say("unnamed"));
  const set = (part) => change({ ...plan, ...part });
  const act = async () => {
    await mutate(SET_DEPRECIATION, { input: inputOf(plan, { administration, category, asset }, say) });
    tell("good", say("plan.done", { name }), { about: "assets" });
    again();
  };
  return html`<${Confirm} title=${say("plan.of", { name })} action=${say("save")} act=${act} onClose=${onClose}>
    <div class="plan">
      <${Select} label=${say("method")} value=${plan.method} options=${METHODS.map((each) => [each, say(each ? `method.${each}` : asset ? "method.asCategory" : "plan.none")])} onChange=${(method) => set({ method })} />
      ${plan.method && html`
        <${Field} label=${say("life")}>${(id) => html`<input id=${id} inputmode="numeric" value=${plan.life} onInput=${(event) => set({ life: event.target.value })} />`}<//>
        ${asset && html`<${Field} label=${say("residual")}>${(id) => html`<input id=${id} inputmode="decimal" value=${plan.residual} onInput=${(event) => set({ residual: event.target.value })} />`}<//>`}
        <label class="check"><input type="checkbox" checked=${plan.fullFirstYear} onChange=${(event) => set({ fullFirstYear: event.target.checked })} /> ${say("fullFirstYear")}</label>
      `}
    </div>
    <p class="hint">${say(asset ? "plan.hint.asset" : "plan.hint")}</p>
  <//>`;
}

/** What is set; throws Failure for what is no number. */
function inputOf({ method, life, residual, fullFirstYear }, { administration, category, asset }, say) {
  const of = category ? { category: category.key } : { assetId: asset.id };
  const input = { administrationId: administration.id, ...of, method: method || null };
  if (!method) return input;
  const usefulLifeMonths = Number(life);
  if (!/^\d+$/.test(life.trim()) || usefulLifeMonths < 1 || usefulLifeMonths > LONGEST) throw new Failure("refused", say("life.wrong"));
  const left = residual.replace(/\s/g, "").replace(",", ".");
  if (left && !/^\d+(\.\d{1,2})?$/.test(left)) throw new Failure("refused", say("residual.wrong"));
  return { ...input, usefulLifeMonths, fullFirstYear, residualValue: left || null };
}
