// The balance sheet, by month, quarter or bookyear.
import { Statement } from "../parts/statement.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";

export default function BalanceSheet({ administration, viewer }) {
  const say = useWords("balance-sheet");
  return html`<${Statement} kind="BALANCE_SHEET" title=${say("title")} administration=${administration} viewer=${viewer} />`;
}
