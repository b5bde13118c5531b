// From the parameters of a check to its findings, each as a row: where, what is here, what it was held against.

const NOTHING = "0.00";
const ROWS = {
  AMOUNT_DIFFERS: ({ account, period, ours, octopus, difference }) => ({ accounts: [account], period, here: ours, there: octopus, difference }),
  BOOKING_OUT: ({ booking, net }) => ({ booking, here: net, there: NOTHING, difference: net }),
  BOOKYEAR_OUT: ({ bookyear, net }) => ({ bookyear, here: net, there: NOTHING, difference: net }),
  ITEMS_OUT: ({ accounts, items, balance, difference }) => ({ accounts: accounts.split(", "), here: balance, there: items, difference }),
  OPENS_AWAY: ({ account, bookyear, difference }) => ({ accounts: [account], bookyear, difference }),
  ACCOUNT_IN_BOOKYEAR: ({ account, bookyear }) => ({ accounts: [account], bookyear }),
  ACCOUNT_HOLDS: ({ account, balance }) => ({ accounts: [account], here: balance }),
  ITEM_DIFFERS: ({ booking, relation, amount }) => ({ booking, relation, difference: amount }),
};

/** `parameters`: [{name, value}], where `findings.0` is a code and `findings.0.account` a parameter of it. Returns
 *  `rows`, [{key booking accounts bookyear period relation here there difference}], without what a finding does not have;
 *  `more`, how many there are besides; and `isWhole`: the check's sentence says no more than that. */
export function findingsOf(parameters) {
  const found = new Map();
  for (const { name, value } of parameters) {
    const [, key, of] = /^(.*findings\.\d+)(?:\.(\w+))?$/.exec(name) ?? [];
    if (key !== undefined) found.set(key, { ...found.get(key), [of ?? "code"]: value });
  }
  const rows = [...found].filter(([, { code }]) => code in ROWS).map(([key, { code, ...rest }]) => ({ key, ...ROWS[code](rest) }));
  const more = Number(parameters.find(({ name }) => name === "more.count")?.value ?? 0);
  return { rows, more, isWhole: rows.length > 0 && rows.length === found.size };
}
