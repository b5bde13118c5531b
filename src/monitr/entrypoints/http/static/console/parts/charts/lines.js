// Lines over months or days; the first series has its area filled.
import { area, line, scalePoint } from "../../vendor/charts.js";
import { html } from "../../vendor/view.js";
import { Axes, MARGIN, amounts, useWidth } from "./frame.js";

/** As Columns takes them: points, series, summary. A gap in the values is a gap in the line. */
export default function Lines({ points, series, summary, height }) {
  const [box, width] = useWidth();
  return html`<div ref=${box} class="drawing-box">${width > 0 && html`<${Drawn} ...${{ points, series, summary, height, width }} />`}</div>`;
}

function Drawn({ points, series, summary, height, width }) {
  const x = scalePoint(points.map(({ key }) => key), [MARGIN.left, width - MARGIN.right]).padding(0.3);
  const y = amounts(points.flatMap(({ values }) => series.map(({ key }) => values[key] ?? 0)), height);
  const of = (shape, key) => shape.defined(({ values }) => values[key] != null).x((point) => x(point.key));
  const [first] = series;
  const filled = of(area(), first.key).y0(y(0)).y1(({ values }) => y(values[first.key]));
  return html`<svg role="img" aria-label=${summary} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
    <${Axes} y=${y} width=${width} height=${height} names=${points.map(({ key, name }) => [x(key), name])} />
    <path class=${`filled ${first.kind ?? first.key}`} d=${filled(points)} />
    ${series.map(({ key, kind = key }) => html`<path key=${key} class=${`stroke ${kind}`} d=${of(line(), key).y(({ values }) => y(values[key]))(points)} />`)}
    ${points.map(({ key, title }) => html`<rect key=${key} class="room" x=${x(key) - x.step() / 2} y=${MARGIN.top} width=${Math.max(x.step(), 1)} height=${height - MARGIN.top - MARGIN.bottom}><title>${title}</title></rect>`)}
  </svg>`;
}
