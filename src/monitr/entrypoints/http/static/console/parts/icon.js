// Drawn for this console, 20 × 20, in the colour of the text beside them.
import { html } from "../vendor/view.js";

const PATHS = {
  plug: "M7 2v5M13 2v5M5 7h10v3a5 5 0 0 1-10 0zM10 15v3",
  gauge: "M3 14a7 7 0 1 1 14 0M10 14l3.5-4.5M3 17h14",
  chart: "M3 17h14M5 14v-4M9 14V5M13 14V8M17 14v-2",
  scales: "M10 3v14M6 17h8M4 6h12M4 6l-2 6h4zM16 6l-2 6h4z",
  clock: "M10 3a7 7 0 1 1 0 14a7 7 0 0 1 0-14zM10 6v4l3 2",
  building: "M4 17V4h8v13M12 9h4v8M2 17h16M7 7h2M7 10h2M7 13h2",
  book: "M4 4h5a1 1 0 0 1 1 1v12a1 1 0 0 0-1-1H4zM16 4h-5a1 1 0 0 0-1 1v12a1 1 0 0 1 1-1h5z",
  arrows: "M3 7h12M12 4l3 3-3 3M17 13H5M8 10l-3 3 3 3",
  inbox: "M10 3v8M7 8l3 3 3-3M3 12v5h14v-5",
  shield: "M10 2l6 2v5c0 4-2.5 7-6 9c-3.5-2-6-5-6-9V4zM7.5 10l2 2 3.5-4",
  menu: "M3 5h14M3 10h14M3 15h14",
  close: "M5 5l10 10M15 5L5 15",
  chevron: "M6 8l4 4 4-4",
  left: "M12 5l-5 5 5 5",
  right: "M8 5l5 5-5 5",
  check: "M4 10l4 4 8-8",
  alert: "M10 3l8 14H2zM10 8v4M10 14.5v.5",
  search: "M9 3a6 6 0 1 1 0 12a6 6 0 0 1 0-12zM14 14l4 4",
  gear: "M8.6 2.5h2.8l.5 2.1 1.6.9 2-.7 1.4 2.4-1.5 1.5v1.8l1.5 1.5-1.4 2.4-2-.7-1.6.9-.5 2.1H8.6l-.5-2.1-1.6-.9-2 .7-1.4-2.4 1.5-1.5V8.7L3.1 7.2l1.4-2.4 2 .7 1.6-.9zM10 7.4a2.4 2.4 0 1 1 0 4.8a2.4 2.4 0 0 1 0-4.8z",
  more: "M10 4a.6.6 0 1 1 0 1.2a.6.6 0 0 1 0-1.2zM10 9.4a.6.6 0 1 1 0 1.2a.6.6 0 0 1 0-1.2zM10 14.8a.6.6 0 1 1 0 1.2a.6.6 0 0 1 0-1.2z",
  table: "M3 4h14v12H3zM3 8h14M8 8v8",
  print: "M6 7V3h8v4M6 14H3V8h14v6h-3M6 12h8v5H6z",
  download: "M10 3v9M6 9l4 4 4-4M4 17h12",
  out: "M8 4H4v12h4M8 10h9M14 7l3 3-3 3",
};

/** Says nothing by itself: what it stands beside has the words. */
export const Icon = ({ name }) =>
  html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false"><path d=${PATHS[name]} /></svg>`;
