// Amounts, days and moments as the reader's language writes them.
import { LOCALES, language } from "./language.js";

const MINUS = "\u2212";
const kept = new Map();

function format(kind, options) {
  const locale = LOCALES[language.get()];
  const key = `${kind.name} ${locale} ${JSON.stringify(options)}`;
  if (!kept.has(key)) kept.set(key, new kind(locale, options));
  return kept.get(key);
}

/** An amount, a text of the API such as "-1234.50", exactly as it is: no float comes in between. `digits` 0 rounds;
 *  `signed` shows a plus too. */
export function money(amount, { currency, digits = 2, signed = false } = {}) {
  const options = {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
    signDisplay: signed ? "exceptZero" : "negative",
    ...(currency ? { style: "currency", currency, currencyDisplay: "narrowSymbol" } : {}),
  };
  return format(Intl.NumberFormat, options).format(amount).replace("-", MINUS);
}

/** Short, for an axis: 1.2M, 350K. */
export const compact = (number) =>
  format(Intl.NumberFormat, { notation: "compact", maximumFractionDigits: 1 }).format(number).replace("-", MINUS);

export const number = (value) => format(Intl.NumberFormat, {}).format(value);

/** Of 0.125: 12.5 %, always with its sign where `signed`. */
export const percent = (ratio, { signed = false, digits = 1 } = {}) =>
  format(Intl.NumberFormat, {
    style: "percent",
    maximumFractionDigits: digits,
    signDisplay: signed ? "exceptZero" : "auto",
  }).format(ratio).replace("-", MINUS);

const utc = (day) => new Date(`${day}T00:00:00Z`);

/** "2026-11-27" as 27 Nov 2026. */
export const day = (date) => format(Intl.DateTimeFormat, { dateStyle: "medium", timeZone: "UTC" }).format(utc(date));

/** "2026-11" or a day of it: "short" Nov, "long" November 2026. */
export const month = (value, length = "short") =>
  format(
    Intl.DateTimeFormat,
    length === "short" ? { month: "short", timeZone: "UTC" } : { month: "long", year: "numeric", timeZone: "UTC" },
  ).format(utc(`${value.slice(0, 7)}-01`));

/** A moment (RFC 3339) in the time zone of the reader. */
export const moment = (instant) =>
  format(Intl.DateTimeFormat, { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));

/** How long ago or ahead, in the largest unit: 5 minutes ago. */
export function ago(instant, now = Date.now()) {
  const seconds = (new Date(instant) - now) / 1000;
  const [unit, size] = [["day", 86_400], ["hour", 3_600], ["minute", 60]].find(([, each]) => Math.abs(seconds) >= each) ?? [
    "second",
    1,
  ];
  return format(Intl.RelativeTimeFormat, { numeric: "auto" }).format(Math.round(seconds / size), unit);
}

/** How long from one moment to another, in two units at most: 1 min 5 sec. */
export function duration(from, to) {
  const seconds = Math.max(0, Math.round((new Date(to) - new Date(from)) / 1000));
  const parts = [["day", Math.floor(seconds / 86_400)], ["hour", Math.floor(seconds / 3_600) % 24], ["minute", Math.floor(seconds / 60) % 60], ["second", seconds % 60]];
  const first = Math.max(0, parts.findIndex(([, value]) => value > 0));
  const shown = seconds === 0 ? [parts[3]] : parts.slice(first, first + 2).filter(([, value]) => value > 0);
  return shown.map(([unit, value]) => format(Intl.NumberFormat, { style: "unit", unit, unitDisplay: "short" }).format(value)).join(" ");
}

/** Today in Belgium, where the books are kept, as YYYY-MM-DD. */
export const today = () => new Intl.DateTimeFormat("en-CA", { timeZone: "Europe/Brussels" }).format(new Date());

/** The same day a year before; 29 February becomes the 28th. */
export function yearBefore(date) {
  const before = `${Number(date.slice(0, 4)) - 1}${date.slice(4)}`;
  return Number.isNaN(utc(before).getTime()) || utc(before).toISOString().slice(0, 10) !== before
    ? before.replace("-02-29", "-02-28")
    : before;
}
