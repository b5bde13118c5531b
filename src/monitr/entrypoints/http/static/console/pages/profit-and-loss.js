// The profit and loss account, by month, quarter or bookyear.
import { Statement } from "../parts/statement.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";

export default function ProfitAndLoss({ administration, viewer }) {
  const say = useWords("profit-and-loss");
  return html`<${Statement} kind="PROFIT_AND_LOSS" title=${say("title")} administration=${administration} viewer=${viewer} />`;
}
