// Columns side by side or, stacked, on top of each other; negative ones hang below zero.
import { scaleBand, stack, stackOffsetDiverging } from "../../vendor/charts.js";
import { html } from "../../vendor/view.js";
import { Axes, MARGIN, amounts, useWidth } from "./frame.js";

/** `points`: [{key, name, title, values: {SERIES: number or null}}], `name` stands below, `title` is read on hovering.
 *  `series`: [{key, name, kind}], `kind` a colour of the style sheet: now, before, second, third, fourth, bad; without one
 *  the key. `onPick(point)` where a column leads on. */
export default function Columns({ points, series, summary, height, stacked = false, onPick }) {
  const [box, width] = useWidth();
  return html`<div ref=${box} class="drawing-box">${width > 0 && html`<${Drawn} ...${{ points, series, summary, height, stacked, onPick, width }} />`}</div>`;
}

function Drawn({ points, series, summary, height, stacked, onPick, width }) {
  const x = scaleBand(points.map(({ key }) => key), [MARGIN.left, width - MARGIN.right]).paddingInner(0.28).paddingOuter(0.14);
  const inner = scaleBand(series.map(({ key }) => key), [0, x.bandwidth()]).paddingInner(0.12);
  const bars = stacked ? onTop(points, series) : beside(points, series);
  const y = amounts(bars.flatMap(({ from, to }) => [from, to]), height);
  return html`<svg role="img" aria-label=${summary} width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`}>
    <${Axes} y=${y} width=${width} height=${height} names=${points.map(({ key, name }) => [x(key) + x.bandwidth() / 2, name])} />
    ${points.map(
      (point) => html`<g key=${point.key} class=${onPick ? "point leads" : "point"} onClick=${onPick && (() => onPick(point))}>
        <rect class="room" x=${x(point.key)} y=${MARGIN.top} width=${x.bandwidth()} height=${height - MARGIN.top - MARGIN.bottom}><title>${point.title}</title></rect>
        ${bars
          .filter((bar) => bar.point === point.key)
          .map(({ of, from, to }) => {
            const [low, high] = [y(Math.min(from, to)), y(Math.max(from, to))];
            const left = x(point.key) + (stacked ? 0 : inner(of.key));
            const breadth = stacked ? x.bandwidth() : inner.bandwidth();
            return html`<rect key=${of.key} class=${`bar ${of.kind ?? of.key}`} x=${left} y=${high} width=${breadth} height=${Math.max(low - high, 0.5)} rx="2" />`;
          })}
      </g>`,
    )}
  </svg>`;
}

const beside = (points, series) =>
  points.flatMap(({ key, values }) =>
    series.filter((of) => values[of.key] != null).map((of) => ({ point: key, of, from: 0, to: values[of.key] })),
  );

function onTop(points, series) {
  const layers = stack()
    .keys(series.map(({ key }) => key))
    .value(({ values }, key) => values[key] ?? 0)
    .offset(stackOffsetDiverging)(points);
  return layers.flatMap((layer, index) =>
    layer
      .filter(([from, to]) => from !== to)
      .map((span) => ({ point: span.data.key, of: series[index], from: span[0], to: span[1] })),
  );
}
