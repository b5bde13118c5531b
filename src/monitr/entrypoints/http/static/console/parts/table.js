// Tables of figures.
import { html } from "../vendor/view.js";
import { useWords } from "../state/words.js";
import { Button } from "./basic.js";

/** `columns`: [{key, head, cell(row), numeric, rowHead}], `numeric` right-aligned, `rowHead` names the row for screen
 *  readers. `rowKey(row)` is unique, `rowClass(row)` e.g. "sum". It scrolls sideways within itself; `caption` names it,
 *  `seen` shows the caption too. `foot`: rows of sums, in the same columns. */
export function Table({ caption, seen = false, columns, rows, rowKey, rowClass = () => "", foot = [] }) {
  return html`<section class="table" aria-label=${caption} tabindex="0">
    <table>
      <caption class=${seen ? "" : "unseen"}>${caption}</caption>
      <thead>
        <tr>${columns.map((column) => html`<th key=${column.key} scope="col" class=${column.numeric ? "numeric" : ""}>${column.head}</th>`)}</tr>
      </thead>
      <tbody>${rows.map((row) => html`<${Row} key=${rowKey(row)} row=${row} columns=${columns} kind=${rowClass(row)} />`)}</tbody>
      ${foot.length > 0 && html`<tfoot>${foot.map((row, index) => html`<${Row} key=${index} row=${row} columns=${columns} kind="sum" />`)}</tfoot>`}
    </table>
  </section>`;
}

const Row = ({ row, columns, kind }) => html`<tr class=${kind}>
  ${columns.map((column) => {
    const numeric = column.numeric ? "numeric" : "";
    return column.rowHead
      ? html`<th key=${column.key} scope="row" class=${numeric}>${column.cell(row)}</th>`
      : html`<td key=${column.key} class=${numeric}>${column.cell(row)}</td>`;
  })}
</tr>`;

/** For a page of a connection: `turn({after})`, `turn({before})`, `shown` is what is in sight ("1–100 of 20,981"). */
export function Pager({ pageInfo, turn, shown }) {
  const say = useWords();
  return html`<nav class="pager" aria-label=${say("pager")}>
    <span class="hint" role="status">${shown}</span>
    <${Button} icon="left" disabled=${!pageInfo.hasPreviousPage} onPress=${() => turn({ before: pageInfo.startCursor })}>${say("pager.previous")}<//>
    <${Button} icon="right" disabled=${!pageInfo.hasNextPage} onPress=${() => turn({ after: pageInfo.endCursor })}>${say("pager.next")}<//>
  </nav>`;
}
