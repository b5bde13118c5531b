// Sums that the API does not give, in whole cents: no float comes in between.

/** Of amounts of the API, texts with two decimals; such a text again. */
export function sum(amounts) {
  const cents = amounts.reduce((all, amount) => all + BigInt(amount.replace(".", "")), 0n);
  const digits = String(cents < 0n ? -cents : cents).padStart(3, "0");
  return `${cents < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

export const isZero = (amount) => !/[1-9]/.test(amount);

/** Such a text with the other sign. */
export const negated = (amount) => (isZero(amount) ? amount : amount.startsWith("-") ? amount.slice(1) : `-${amount}`);
