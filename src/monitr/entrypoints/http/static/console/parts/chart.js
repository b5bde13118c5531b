// The frame of every chart: a title, the drawing as one picture with a summary, its figures as a table behind a button.
// The drawing and what it is calculated with come only when a chart is on a page; its room is there at once.
import { html, useEffect, useState } from "../vendor/view.js";
import { useWords } from "../state/words.js";
import { Button } from "./basic.js";
import { Table } from "./table.js";

const DRAWINGS = {
  columns: () => import("./charts/columns.js"),
  lines: () => import("./charts/lines.js"),
};
const HEIGHT = 260;

/** `drawing` is "columns" or "lines", `data` what it takes (see there), `summary` what the picture says in a sentence (and
 *  what stands there while no point has a value),
 *  `table` the columns, rows and rowKey of a Table with the same figures. Children stand beside the title: Segments. */
export function Chart({ title, summary, drawing, data, table, height = HEIGHT, children }) {
  const say = useWords();
  const [Drawing, come] = useState(null);
  const [asTable, show] = useState(false);
  useEffect(() => {
    let wanted = true;
    DRAWINGS[drawing]().then((module) => wanted && come(() => module.default));
    return () => (wanted = false);
  }, [drawing]);
  const isEmpty = data.points.every(({ values }) => Object.values(values).every((value) => value == null));
  return html`<figure class="chart">
    <figcaption>
      <h2>${title}</h2>
      <div class="chart-tools">
        ${children}
        <${Button} icon=${asTable ? "chart" : "table"} kind="plain" label=${say(asTable ? "chart.asChart" : "chart.asTable", { title })} aria-pressed=${String(asTable)} onPress=${() => show(!asTable)} />
      </div>
    </figcaption>
    ${asTable
      ? html`<${Table} caption=${title} ...${table} />`
      : html`<div class="drawing" style=${{ height: `${height}px` }}>
          ${isEmpty ? html`<p class="hint drawing-empty">${summary}</p>` : Drawing && html`<${Drawing} ...${data} summary=${summary} height=${height} />`}
        </div>`}
    ${!asTable && html`<ul class="legend" aria-hidden="true">
      ${data.series.map(({ key, name, kind = key }) => html`<li key=${key}><span class=${`swatch ${kind}`} />${name}</li>`)}
    </ul>`}
  </figure>`;
}
