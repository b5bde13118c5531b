// What is taken away: said before it is done, with what can be restored and what cannot.
import { mutate } from "../../api/client.js";
import { Field, Select } from "../../parts/basic.js";
import { Confirm } from "../../parts/dialog.js";
import { Icon } from "../../parts/icon.js";
import { moment } from "../../state/formats.js";
import { tell } from "../../state/notices.js";
import { useWords } from "../../state/words.js";
import { html, useId, useState } from "../../vendor/view.js";
import { DELETE, REMOVE } from "./deeds.js";

const NAMED = 5;

/** One of the administrations; `choose(id)` another one. */
export function RemoveOne({ administrations, chosen, choose, days, again, onClose }) {
  const say = useWords("integrations");
  const { id, name, dossierNumber } = chosen;
  const [how, set] = useHow(days, String(dossierNumber));
  const act = async () => {
    const { purgeAfter } = await mutate(REMOVE, { id, purge: how.erases });
    tell("good", say(how.erases ? "remove.erased" : "remove.done", { name, when: moment(purgeAfter) }), { about: id });
    again();
  };
  return html`<${Confirm} title=${say("remove.title")} action=${say(how.erases ? "erase" : "remove")} kind="danger solid" ready=${how.ready} act=${act} onClose=${onClose}>
    ${administrations.length > 1
      ? html`<${Select} label=${say("administration")} value=${id} options=${administrations.map((each) => [each.id, `${each.name} (${each.dossierNumber})`])} onChange=${choose} />`
      : html`<p><strong>${name}</strong></p>`}
    <${How} key=${id} how=${how} set=${set} days=${days} keep=${say("remove.keep.text", { name, count: days })} erase=${say("remove.erase.text", { name })} />
    <p class="hint">${say("remove.octopus")}</p>
  <//>`;
}

/** The login, and all of its administrations. */
export function DeleteAll({ integration, provider, days, again, onClose }) {
  const say = useWords("integrations");
  const { administrations } = integration;
  const [how, set] = useHow(days, provider.name);
  const names = administrations.slice(0, NAMED).map(({ name }) => name);
  const more = administrations.length - names.length;
  const act = async () => {
    const { purgeAfter, notice } = await mutate(DELETE, { id: integration.id, purge: how.erases });
    tell("warn", [say(how.erases ? "delete.erased" : "delete.done", { when: moment(purgeAfter) }), notice].join(" "), { about: integration.id });
    again();
  };
  return html`<${Confirm} title=${say("delete.title", { name: provider.name })} action=${say(how.erases ? "delete.erase" : "delete.do")} kind="danger solid" ready=${how.ready} act=${act} onClose=${onClose}>
    <p>${say("delete.text", { count: administrations.length })}</p>
    ${names.length > 0 && html`<ul class="gone">${names.map((name) => html`<li key=${name}>${name}</li>`)}${more > 0 && html`<li>${say("delete.more", { count: more })}</li>`}</ul>`}
    <${How} how=${how} set=${set} days=${days} keep=${say("delete.keep.text", { count: days })} erase=${say("delete.erase.text")} />
    <p class="notice warn">${say("delete.octopus")}</p>
  <//>`;
}

/** A hook: whether it is kept for a while or erased at once, which asks for `expected` to be typed. */
function useHow(days, expected) {
  const [erases, erase] = useState(days === 0);
  const [typed, type] = useState("");
  return [{ erases, typed, expected, ready: !erases || typed.trim() === expected }, { erase, type }];
}

function How({ how, set, days, keep, erase }) {
  const say = useWords("integrations");
  const name = useId();
  const option = (erases, title, text) => html`<label class=${erases ? "how danger" : "how"}>
    <input type="radio" name=${name} checked=${how.erases === erases} onChange=${() => set.erase(erases)} />
    <span><strong>${title}</strong><small>${text}</small></span>
  </label>`;
  return html`<fieldset class="hows">
    <legend class="unseen">${say("how")}</legend>
    ${days > 0 && option(false, say("keep", { count: days }), keep)}
    ${option(true, say("erase"), erase)}
    ${how.erases &&
    html`<div class="typed">
      <p><${Icon} name="alert" /> ${say("erase.warning")}</p>
      <${Field} label=${say("erase.type", { text: how.expected })}>
        ${(id) => html`<input id=${id} type="text" autocomplete="off" value=${how.typed} onInput=${(event) => set.type(event.target.value)} />`}
      <//>
    </div>`}
  </fieldset>`;
}
