// The filter of the address as the API takes it, and as an export does.

const DIGITS = 6;

/** `account` of an address: numbers with commas between, a range (600000-609999), or first digits (60). null: none of them;
 *  {}: not narrowed. */
export function accountsOf(text) {
  const asked = (text ?? "").replace(/\s/g, "");
  if (asked === "") return {};
  const range = /^(\d+)[-–](\d+)$/.exec(asked);
  if (range) return { accountFrom: range[1].padEnd(DIGITS, "0"), accountTo: range[2].padEnd(DIGITS, "9") };
  if (!/^\d+(,\d+)*$/.test(asked)) return null;
  if (asked.length < DIGITS) return asked.includes(",") ? null : { accountFrom: asked.padEnd(DIGITS, "0"), accountTo: asked.padEnd(DIGITS, "9") };
  return { accounts: asked.split(",") };
}

const numberOf = (text) => (/^\d{1,9}$/.test(text ?? "") ? Number(text) : undefined);
const isDay = (text) => /^\d{4}-\d\d-\d\d$/.test(text ?? "");

/** A TransactionFilter of the query of an address; null: its account is none. */
export function filterOf(query) {
  const accounts = accountsOf(query.get("account"));
  if (accounts === null) return null;
  const dimension = query.get("dimension");
  const entries = query.get("entries");
  return {
    ...accounts,
    ...(isDay(query.get("from")) && { from: query.get("from") }),
    ...(isDay(query.get("to")) && { to: query.get("to") }),
    bookyear: numberOf(query.get("bookyear")),
    relationNumber: numberOf(query.get("relation")),
    ...(query.get("journal") && { journalKeys: query.get("journal").split(",") }),
    ...(query.get("text") && { text: query.get("text") }),
    ...(["REGULAR", "YEAR_OPENING"].includes(entries) && { entryTypes: [entries] }),
    ...(dimension && {
      dimension: query.get("without") === "true" ? { dimension, without: true } : { dimension, code: query.get("code") },
    }),
  };
}

/** The same filter as parameters of an export. */
export const parametersOf = ({ dimension, ...filter }, order) => ({ ...filter, ...dimension, orderBy: order });
