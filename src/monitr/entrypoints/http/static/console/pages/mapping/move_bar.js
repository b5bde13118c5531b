// Where the chosen accounts go, without a mouse.
import { Button, Select } from "../../parts/basic.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";

export function MoveBar({ lines, choosing: { chosen, pick, move }, told }) {
  const say = useWords("mapping");
  const [line, choose] = useState(null);
  const target = lines.some(({ key }) => key === line) ? line : lines[0]?.key;
  const numbers = [...chosen];
  return html`<div class=${`move-bar${chosen.size ? "" : " idle"}`} role="group" aria-label=${say("move")}>
    <p role="status">${chosen.size ? say("chosen", { count: chosen.size }) : told || say("move.hint")}</p>
    ${target !== undefined && html`<${Select} label=${say("line")} value=${target} options=${lines.map(({ key, name, level }) => [key, `${"\u2003".repeat(level)}${name}`])} onChange=${choose} />
      <${Button} kind="primary" disabled=${chosen.size === 0} onPress=${() => move(numbers, target)}>${say("put")}<//>`}
    <${Button} disabled=${chosen.size === 0} onPress=${() => move(numbers, null)}>${say("take")}<//>
    ${chosen.size > 0 && html`<${Button} kind="plain" icon="close" label=${say("choose.none")} onPress=${() => pick(new Set())} />`}
  </div>`;
}
