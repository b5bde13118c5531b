// The lines of a report, each with what is in it.
import { Badge, Button } from "../../parts/basic.js";
import { Icon } from "../../parts/icon.js";
import { number } from "../../state/formats.js";
import { useWords } from "../../state/words.js";
import { html, useState } from "../../vendor/view.js";
import { Account, dropping } from "./account.js";
import { isOwnRule, isSameRule, shifted } from "./draft.js";

export function Lines({ lines, draft, accounts, taker, wrong, isSearched, choosing, books, edit, show, administration }) {
  const say = useWords("mapping");
  const [over, setOver] = useState();
  const [open, turn] = useState(new Set());
  const inLine = Map.groupBy(books.accounts, ({ number: each }) => taker(each));
  const found = new Set(accounts);
  const toggle = (key) => {
    const next = new Set(open);
    if (!next.delete(key)) next.add(key);
    turn(next);
  };
  return html`<section class="report-lines" aria-label=${say("lines")}>
    <header class="section-head">
      <h2>${say("lines")}</h2>
      ${choosing.may && html`<${Button} onPress=${() => show({ kind: "line" })}>${say("line.add")}<//>`}
    </header>
    ${lines.length === 0 && html`<p class="hint">${say("lines.none")}</p>`}
    <ul class="lines">
      ${lines.map((line) => {
        const own = inLine.get(line.key) ?? [];
        const shown = own.filter((account) => found.has(account));
        const isOpen = open.has(line.key) || (isSearched && shown.length > 0);
        const kind = `line level-${Math.min(line.level, 5)}${over === line.key ? " over" : ""}${wrong.has(line.key) ? " wrong" : ""}`;
        return html`<li key=${line.key} class=${kind} ...${dropping(choosing, line.key, over, setOver)}>
          <${LineHead} line=${line} count=${own.length} hasParts=${lines.some(({ parentKey }) => parentKey === line.key)} isOpen=${isOpen} toggle=${() => toggle(line.key)} may=${choosing.may}
            change=${() => show({ kind: "line", line })} shift=${(step) => edit({ lines: shifted(draft.lines, line, step) })} />
          ${isOpen && html`<div class="line-body">
            <ul class="accounts">${shown.map((account) => html`<${Account} key=${account.number} account=${account} choosing=${choosing} administration=${administration} />`)}</ul>
            <${Rules} line=${line} draft=${draft} books=${books} may=${choosing.may} edit=${edit} />
            ${choosing.may && html`<${Button} label=${say("range.add.to", { name: line.name })} onPress=${() => show({ kind: "range", line })}>${say("range.add")}<//>`}
          </div>`}
        </li>`;
      })}
    </ul>
  </section>`;
}

function LineHead({ line, count, hasParts, isOpen, toggle, may, change, shift }) {
  const say = useWords("mapping");
  const { name } = line;
  return html`<div class="line-head">
    <button type="button" class="line-name" aria-expanded=${String(isOpen)} onClick=${toggle}>
      <${Icon} name=${isOpen ? "chevron" : "right"} /> <span>${name}</span> ${(count > 0 || !hasParts) && html`<${Badge}>${number(count)}<span class="unseen"> ${say("accounts", { count })}</span><//>`}
      <span class="hint side">${say(`side.${line.side}`)}</span>
    </button>
    ${may && html`<span class="line-tools">
      <${Button} kind="plain" label=${say("up.of", { name })} onPress=${() => shift(-1)}>↑<//>
      <${Button} kind="plain" label=${say("down.of", { name })} onPress=${() => shift(1)}>↓<//>
      <${Button} kind="plain" icon="gear" label=${say("line.change", { name })} onPress=${change} />
    </span>`}
  </div>`;
}

/** Ranges and cost centres: what takes accounts that are not there yet, too. */
function Rules({ line, draft, books, may, edit }) {
  const say = useWords("mapping");
  const own = draft.rules.filter((rule) => rule.lineKey === line.key && isOwnRule(rule));
  if (own.length === 0) return null;
  return html`<ul class="ranges" aria-label=${say("ranges")}>
    ${own.map((rule, index) => {
      const text = ruleText(rule, books, say);
      return html`<li key=${index}><span>${text}</span>
        ${may && html`<${Button} kind="plain" icon="close" label=${say("range.remove", { rule: text })} onPress=${() => edit({ rules: draft.rules.filter((each) => !isSameRule(each, rule)) })} />`}
      </li>`;
    })}
  </ul>`;
}

function ruleText({ accountFrom, accountTo, dimension, dimensionCode }, { dimensions }, say) {
  const span = accountFrom === accountTo ? accountFrom : say("range", { from: accountFrom, to: accountTo });
  if (dimension == null) return span;
  const known = dimensions.find(({ key }) => key === dimension);
  const value = dimensionCode == null ? say("dimension.any") : (known?.values.find(({ code }) => code === dimensionCode)?.name ?? dimensionCode);
  return `${span} · ${known?.name ?? dimension}: ${value}`;
}
