// Reports that are being changed. A draft outlives a change of page, and is asked about before the tab closes.
import { session } from "../../api/session.js";
import { store } from "../../state/store.js";

/** The key of a report that was never saved. */
export const NEW = "new";

/** {KEY: {id, version, name, lines, rules}}: what was changed and not saved. */
export const drafts = store({});

const ask = (event) => event.preventDefault();
drafts.onChange((all) => (Object.keys(all).length ? addEventListener("beforeunload", ask) : removeEventListener("beforeunload", ask)));
let who = session.who();
session.onChange(() => {
  if (session.who() !== who) drafts.set({});
  who = session.who();
});

export const keep = (key, draft) => drafts.set({ ...drafts.get(), [key]: draft });
export function drop(key) {
  const { [key]: _, ...others } = drafts.get();
  drafts.set(others);
}

/** The lines as they stand below each other, each with its `level`. */
export function inOrder(lines, parent = null, level = 0) {
  return lines
    .filter(({ parentKey }) => (parentKey ?? null) === parent)
    .flatMap((line) => [{ ...line, level }, ...inOrder(lines, line.key, level + 1)]);
}

const isWhole = ({ dimension }) => dimension == null;
const isOne = ({ accountFrom, accountTo }) => accountFrom === accountTo;
const covers = ({ accountFrom, accountTo }, number) => Number(accountFrom) <= Number(number) && Number(number) <= Number(accountTo);
const width = ({ accountFrom, accountTo }) => Number(accountTo) - Number(accountFrom);

/** Says of an account number which line takes it, whatever it carries: that of the narrowest rule; null: none. */
export function takerOf(rules) {
  const whole = rules.filter(isWhole);
  const ones = new Map(whole.filter(isOne).map(({ accountFrom, lineKey }) => [Number(accountFrom), lineKey]));
  const ranges = whole.filter((rule) => !isOne(rule)).toSorted((one, other) => width(one) - width(other));
  return (number) => ones.get(Number(number)) ?? ranges.find((rule) => covers(rule, number))?.lineKey ?? null;
}

/** Whether a rule takes what an account carries: of one dimension value, or (null) of none. */
export const takesPair = (rules, number, value) =>
  rules.some((rule) => covers(rule, number) && (isWhole(rule) || (value !== null && rule.dimension === value.dimension && [null, undefined, value.code].includes(rule.dimensionCode))));

/** The rules with these accounts in that line; null: in none. Wider rules give way or are cut. */
export const moved = (rules, numbers, lineKey) => numbers.reduce((all, number) => moveOne(all, number, lineKey), rules);

function moveOne(rules, number, lineKey) {
  const others = rules.filter((rule) => !(isWhole(rule) && isOne(rule) && rule.accountFrom === number));
  if (lineKey === null) return others.flatMap((rule) => (isWhole(rule) && covers(rule, number) ? without(rule, number) : [rule]));
  if (takerOf(others)(number) === lineKey) return others;
  return [...others, { lineKey, accountFrom: number, accountTo: number, dimension: null, dimensionCode: null }];
}

function without(rule, number) {
  const beside = (step) => String(Number(number) + step).padStart(rule.accountFrom.length, "0");
  const parts = [{ ...rule, accountTo: beside(-1) }, { ...rule, accountFrom: beside(1) }];
  return parts.filter((part) => width(part) >= 0);
}

/** Rules that are more than an account in a line. */
export const isOwnRule = (rule) => !isWhole(rule) || !isOne(rule);

export const isSameRule = (one, other) => ["lineKey", "accountFrom", "accountTo", "dimension", "dimensionCode"].every((part) => (one[part] ?? null) === (other[part] ?? null));

/** A key that no line has, made of the line's name. */
export function keyOf(name, lines) {
  const plain = name.toLowerCase().normalize("NFD").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "line";
  const taken = new Set(lines.map(({ key }) => key));
  for (let count = 1; ; count++) {
    const key = count === 1 ? plain : `${plain}-${count}`;
    if (!taken.has(key)) return key;
  }
}

/** Without the line: its parts become those of its parent, its accounts are in no line. */
export function withoutLine({ lines, rules, ...draft }, line) {
  return {
    ...draft,
    lines: lines.filter(({ key }) => key !== line.key).map((each) => (each.parentKey === line.key ? { ...each, parentKey: line.parentKey ?? null } : each)),
    rules: rules.filter(({ lineKey }) => lineKey !== line.key),
  };
}

/** The line before (-1) or behind (1) the next one with the same parent. */
export function shifted(lines, line, step) {
  const siblings = lines.filter(({ parentKey }) => (parentKey ?? null) === (line.parentKey ?? null));
  const other = siblings[siblings.findIndex(({ key }) => key === line.key) + step];
  if (!other) return lines;
  return lines.map((each) => (each.key === line.key ? other : each.key === other.key ? lines.find(({ key }) => key === line.key) : each));
}

/** Lines and rules of a model: the lines that take accounts, with those that they are parts of. */
export function ofModel({ accounts, statement }) {
  const sides = new Map(accounts.toReversed().map(({ rubric, normalSide }) => [rubric, normalSide]));
  const path = [];
  const lines = [];
  for (const { key, name, level } of statement.lines) {
    path.length = Math.min(path.length, level);
    const line = { key, name, parentKey: path.at(-1)?.key ?? null, side: sides.get(key) };
    path.push(line);
    if (line.side) for (const each of path) if (!lines.includes(each)) lines.push(each);
    for (const each of path) each.side ??= line.side;
  }
  const known = new Set(lines.map(({ key }) => key));
  return { lines, rules: rangesOf(accounts.map(({ number, rubric }) => [number, known.has(rubric) ? rubric : null])) };
}

/** Accounts of one line that follow each other are one rule. */
function rangesOf(pairs) {
  const rules = [];
  let before = null;
  for (const [number, lineKey] of pairs) {
    if (lineKey !== null && lineKey === before) rules.at(-1).accountTo = number;
    else if (lineKey !== null) rules.push({ lineKey, accountFrom: number, accountTo: number, dimension: null, dimensionCode: null });
    before = lineKey;
  }
  return rules;
}
