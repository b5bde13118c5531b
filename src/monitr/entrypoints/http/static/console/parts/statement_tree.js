// The lines of a statement as a tree, their accounts below them; and the same as a file.

const RESULT = "RESULT";
const MOST_ACCOUNTS = 500;

const isZero = (amount) => !/[1-9]/.test(amount);
const byNumber = (one, other) => Number(one) - Number(other);

/** `statement` as the document asks for it; the amounts of `total`, where there is one, go before its own. `parents` are
 *  the lines of a report of one's own ({key, parentKey}): else the indentation tells. `isOwn` says that it is such a report,
 *  `isRunning` that a total without parts sums up every line above it (profit and loss), not only those since the total
 *  before. `resultAccounts` are the numbers that the year's result is made of; null: not known. Returns {rows, unmapped}:
 *  rows in order, [{key, name, level, isSum, amounts, above: [KEY], hasParts, isFilled, accounts: [{number, name, amounts,
 *  covered}], covered}]. `covered(at)` are the accounts that make its amount of that place, for the address of the ledger;
 *  null: they cannot be told. */
export function treeOf(statement, total, { parents, isOwn, isRunning, resultAccounts }) {
  const lines = withTotals(statement, total);
  const unmapped = joined(statement.unmapped, total?.unmapped ?? [], statement.columns.length, total?.columns.length ?? 0);
  const rows = placed(lines, parents ? aboveByReport(lines, parents) : aboveByLevel(lines));
  const known = { ...timesHeld([...lines.flatMap(({ accounts }) => accounts), ...unmapped]), isOwn, resultAccounts };
  known.all = distinct([...known.times.keys(), ...(resultAccounts ?? [])]);
  const alone = (each) => ({ ...each, covered: (at) => (known.turning.has(each.number) && (isOwn || isZero(each.amounts[at])) ? null : each.number) });
  return {
    rows: rows.map((row) => ({ ...row, accounts: row.accounts.map(alone), covered: coverOf(partsOf(row, rows, isRunning), known) })),
    unmapped: unmapped.map(alone),
  };
}

function withTotals(statement, total) {
  const sums = new Map((total?.lines ?? []).map((line) => [line.key, line]));
  const width = total?.columns.length ?? 0;
  return statement.lines.map((line) => ({
    ...line,
    amounts: [...(sums.get(line.key)?.amounts ?? []), ...line.amounts],
    accounts: joined(line.accounts, sums.get(line.key)?.accounts ?? [], statement.columns.length, width),
  }));
}

/** With what stands above each line, and whether it has parts, or anything below it an amount. */
function placed(lines, above) {
  const rows = lines.map((line) => ({ ...line, above: above.get(line.key), hasParts: false, isFilled: false }));
  const known = new Map(rows.map((row) => [row.key, row]));
  for (const row of rows) {
    const isFilled = !row.amounts.every(isZero) || row.accounts.length > 0;
    row.isFilled ||= isFilled;
    row.above.forEach((key, index) => {
      const upper = known.get(key);
      upper.isFilled ||= isFilled;
      upper.hasParts ||= index === 0;
    });
  }
  return rows;
}

/** On how many lines each account stands, and which stand on several: by the sign of their balance, by cost centre in a
 *  report of one's own, or since the line says "of which". */
function timesHeld(accounts) {
  const times = new Map();
  for (const { number } of accounts) times.set(number, (times.get(number) ?? 0) + 1);
  return { times, turning: new Set([...times.keys()].filter((number) => times.get(number) > 1)) };
}

const distinct = (numbers) => [...new Set(numbers)].sort(byNumber);

/** Accounts of a line in both, by number; where one of them has none it is zero. */
function joined(accounts, totals, width, totalWidth) {
  const zeros = (count) => Array.from({ length: count }, () => "0.00");
  const before = new Map(totals.map((each) => [each.account.number, each]));
  const own = new Map(accounts.map((each) => [each.account.number, each]));
  return [...new Set([...before.keys(), ...own.keys()])].sort(byNumber).map((number) => ({
    ...(own.get(number) ?? before.get(number)).account,
    amounts: [...(before.get(number)?.amounts ?? zeros(totalWidth)), ...(own.get(number)?.amounts ?? zeros(width))],
  }));
}

function aboveByLevel(lines) {
  const path = [];
  return new Map(
    lines.map(({ key, level }) => {
      while (path.length > 0 && path.at(-1).level >= level) path.pop();
      const above = path.map((each) => each.key).toReversed();
      path.push({ key, level });
      return [key, above];
    }),
  );
}

function aboveByReport(lines, parents) {
  const parent = new Map(parents.map(({ key, parentKey }) => [key, parentKey]));
  const shown = new Set(lines.map(({ key }) => key));
  const above = (key) => {
    const upper = parent.get(key);
    return upper && shown.has(upper) ? [upper, ...above(upper)] : [];
  };
  return new Map(lines.map(({ key }) => [key, above(key)]));
}

/** The lines that a line adds up, itself among them; a total that has no parts of its own adds up what stands above it. */
function partsOf(row, rows, isRunning) {
  if (!row.isSum || row.hasParts) return rows.filter((each) => each === row || each.above.includes(row.key));
  const before = rows.slice(0, rows.indexOf(row));
  const start = isRunning ? 0 : before.findLastIndex((each) => each.isSum && each.above.length === 0 && !each.hasParts) + 1;
  return before.slice(start);
}

/** By its sign an account stands whole on one of its lines, and is taken where it has an amount. Of a part by cost centre
 *  the ledger cannot be asked together with others: it has no address. */
function coverOf(parts, { times, turning, all, isOwn, resultAccounts }) {
  const hasResult = parts.some(({ key }) => key === RESULT);
  if (hasResult && !resultAccounts) return () => null;
  const accounts = parts.flatMap((part) => part.accounts);
  const turned = accounts.filter(({ number }) => turning.has(number));
  const here = timesHeld(turned).times;
  if (isOwn && turned.some(({ number }) => here.get(number) < times.get(number))) return () => null;
  const fixed = accounts.map(({ number }) => number).filter((number) => !turning.has(number));
  const always = hasResult ? [...fixed, ...resultAccounts] : fixed;
  const amongThem = (at) => turned.filter(({ amounts }) => !isZero(amounts[at])).map(({ number }) => number);
  if (turned.length > 0) return (at) => asAddress(distinct([...always, ...amongThem(at)]), all);
  const address = asAddress(distinct(always), all);
  return () => address;
}

/** "600000-619999" where no other account of the statement lies between, else "600000,610000"; null: none, or too many. */
function asAddress(numbers, all) {
  if (numbers.length === 0 || numbers.length > MOST_ACCOUNTS) return null;
  if (numbers.length === 1) return numbers[0];
  const between = all.filter((each) => Number(numbers[0]) <= Number(each) && Number(each) <= Number(numbers.at(-1)));
  return between.length === numbers.length ? `${numbers[0]}-${numbers.at(-1)}` : numbers.join(",");
}

/** Every line and account as CSV (RFC 4180), as Excel of that language opens it; amounts as they are. */
export function asFile({ rows, unmapped }, columns, spoken, lineHead) {
  const figures = columns.filter(({ change }) => !change);
  const [cellsEnd, point] = spoken === "en" ? [",", "."] : [";", ","];
  const amountsOf = ({ amounts }) => figures.map(({ isKnown, at }) => (isKnown ? amounts[at].replace(".", point) : ""));
  const account = (each) => [text(each.number), text(each.name), ...amountsOf(each)];
  const lines = [
    ["", text(lineHead), ...figures.map(({ head, isTotal, note }) => text(isTotal ? `${head} ${note}` : head))],
    ...unmapped.map(account),
    ...rows.flatMap((row) => [[text(row.key), text(row.name), ...amountsOf(row)], ...row.accounts.map(account)]),
  ];
  return `\ufeff${lines.map((cells) => cells.join(cellsEnd)).join("\r\n")}\r\n`;
}

/** Quoted; what a spreadsheet would take for a formula has an apostrophe in front. */
const text = (value) => `"${(/^[=+\-@\t\r]/.test(value) ? `'${value}` : value).replaceAll('"', '""')}"`;
