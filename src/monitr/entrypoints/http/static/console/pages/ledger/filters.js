// What the ledger is narrowed to; each acts at once and stands in the address.
import { Button, Field, FilterBar, Segments, Select } from "../../parts/basic.js";
import { useWords } from "../../state/words.js";
import { html, useEffect, useId, useState } from "../../vendor/view.js";

const NAMES = ["account", "from", "to", "bookyear", "dimension", "code", "without", "relation", "journal", "text", "entries"];

/** A field that acts when it is left or Enter is pressed; `options`: [value, text] pairs that it proposes. */
function Typed({ label, value, onCommit, options, type = "text", isWrong, ...more }) {
  const [draft, write] = useState(value);
  const list = useId();
  useEffect(() => write(value), [value]);
  const commit = (event) => event.target.value !== value && onCommit(event.target.value.trim());
  return html`<${Field} label=${label}>
    ${(id) => html`<input
        id=${id} type=${type} value=${draft} list=${options ? list : undefined} aria-invalid=${isWrong ? "true" : undefined} ...${more}
        onInput=${(event) => write(event.target.value)} onChange=${commit} onKeyDown=${(event) => event.key === "Enter" && commit(event)}
      />
      ${options && html`<datalist id=${list}>${options.map(([each, text]) => html`<option key=${each} value=${each}>${text}</option>`)}</datalist>`}`}
  <//>`;
}

export function Filters({ administration, choices, query, narrow, isWrong }) {
  const say = useWords("ledger");
  const of = (name) => query.get(name) ?? "";
  const isNarrowed = NAMES.some((name) => query.get(name));
  return html`<${FilterBar} label=${say("filters")}>
    <${Typed} label=${say("account")} value=${of("account")} isWrong=${isWrong} class="account-filter" placeholder=${say("account.hint")}
      options=${choices?.accounts.map(({ number, name }) => [number, name]) ?? []} onCommit=${(account) => narrow({ account })} />
    <${Bookyears} administration=${administration} query=${query} narrow=${narrow} />
    <${Typed} label=${say("from")} type="date" value=${of("from")} onCommit=${(from) => narrow({ from, bookyear: null })} />
    <${Typed} label=${say("to")} type="date" value=${of("to")} onCommit=${(to) => narrow({ to, bookyear: null })} />
    <${Select} label=${say("journal")} value=${of("journal")} options=${[["", say("all")], ...journalsOf(choices, of("journal"))]} onChange=${(journal) => narrow({ journal })} />
    ${choices?.dimensions.map((dimension) => html`<${Values} key=${dimension.key} dimension=${dimension} query=${query} narrow=${narrow} />`)}
    <${Typed} label=${say("relation")} value=${of("relation")} inputmode="numeric" class="relation-filter" placeholder=${say("relation.hint")} onCommit=${(relation) => narrow({ relation })} />
    <${Typed} label=${say("text")} type="search" value=${of("text")} placeholder=${say("text.hint")} onCommit=${(text) => narrow({ text })} />
    <${Select} label=${say("entries")} value=${of("entries")} options=${["", "REGULAR", "YEAR_OPENING"].map((each) => [each, say(`entries.${each || "all"}`)])} onChange=${(entries) => narrow({ entries })} />
    <${Segments} label=${say("order")} value=${of("order") || "newest"} options=${["newest", "oldest"].map((each) => [each, say(`order.${each}`)])} onChange=${(order) => narrow({ order: order === "newest" ? null : order })} />
    ${isNarrowed && html`<${Button} icon="close" onPress=${() => narrow(Object.fromEntries(NAMES.map((name) => [name, null])))}>${say("clear")}<//>`}
  <//>`;
}

/** A bookyear stands in the address by its days, so that the days can be changed from there. */
function Bookyears({ administration, query, narrow }) {
  const say = useWords("ledger");
  const years = administration.bookyears ?? [];
  const shown = years.find(({ number, startDate, endDate }) =>
    query.get("bookyear") ? String(number) === query.get("bookyear") : startDate === query.get("from") && endDate === query.get("to"));
  const take = (number) => {
    const year = years.find((each) => String(each.number) === number);
    narrow({ bookyear: null, from: year?.startDate, to: year?.endDate });
  };
  return html`<${Select} label=${say("bookyear")} value=${shown ? String(shown.number) : ""} onChange=${take}
    options=${[["", say("all")], ...years.toReversed().map(({ number, description }) => [String(number), description])]} />`;
}

/** By key, over all bookyears; the newest name. */
function journalsOf(choices, asked) {
  const names = new Map((choices?.journals ?? []).map(({ key, name }) => [key, `${key} ${name}`]));
  if (asked && !names.has(asked)) names.set(asked, asked);
  return [...names].toSorted();
}

const ANY = " any";
const WITHOUT = " without";

function Values({ dimension, query, narrow }) {
  const say = useWords("ledger");
  const isOf = query.get("dimension") === dimension.key;
  const value = !isOf ? "" : query.get("without") === "true" ? WITHOUT : (query.get("code") ?? ANY);
  const take = (chosen) =>
    narrow({
      dimension: chosen === "" ? null : dimension.key,
      code: [ANY, WITHOUT].includes(chosen) ? null : chosen,
      without: chosen === WITHOUT ? "true" : null,
    });
  const values = dimension.values.map(({ code, name, active }) => [code, active ? name : say("closed", { name })]);
  return html`<${Select} label=${dimension.name} value=${value} onChange=${take}
    options=${[["", say("all")], [ANY, say("dimension.any")], [WITHOUT, say("dimension.without")], ...values]} />`;
}
