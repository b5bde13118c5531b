// What the drawings share: their width, the axis of amounts with its lines, and the words below.
import { compact } from "../../state/formats.js";
import { scaleLinear } from "../../vendor/charts.js";
import { html, useLayoutEffect, useRef, useState } from "../../vendor/view.js";

export const MARGIN = { top: 10, right: 4, bottom: 24, left: 52 };

/** A hook: the ref of a box, and its width in pixels as it changes. */
export function useWidth() {
  const box = useRef(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const measure = () => setWidth(Math.floor(box.current.clientWidth));
    const observer = new ResizeObserver(measure);
    observer.observe(box.current);
    measure();
    return () => observer.disconnect();
  }, []);
  return [box, width];
}

/** From pixels to amounts, zero in it. */
export const amounts = (values, height) =>
  scaleLinear()
    .domain([Math.min(0, ...values), Math.max(0, ...values) || 1])
    .nice(5)
    .range([height - MARGIN.bottom, MARGIN.top]);

/** `names`: [x, text] pairs below; those that would touch are left out. */
export function Axes({ y, width, height, names }) {
  const room = names.length > 1 ? names[1][0] - names[0][0] : width;
  const longest = Math.max(...names.map(([, text]) => text.length));
  const every = Math.max(1, Math.ceil((6.5 * longest + 8) / room));
  return html`<g class="axes">
    ${y.ticks(5).map(
      (tick) => html`<g key=${tick} transform=${`translate(0 ${y(tick)})`}>
        <line class=${tick === 0 ? "zero" : ""} x1=${MARGIN.left} x2=${width - MARGIN.right} />
        <text x=${MARGIN.left - 8} dy="0.32em" text-anchor="end">${compact(tick)}</text>
      </g>`,
    )}
    ${names.map(
      ([x, text], index) =>
        index % every === 0 && html`<text key=${index} x=${x} y=${height - 6} text-anchor="middle">${text}</text>`,
    )}
  </g>`;
}
