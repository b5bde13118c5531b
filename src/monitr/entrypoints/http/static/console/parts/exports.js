// Buttons that take a report as a file.
import { takeExport } from "../api/exports.js";
import { tell, withdraw } from "../state/notices.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { Button } from "./basic.js";
import { failureWords } from "./page.js";

const FORMATS = [["xlsx", "Excel"], ["csv", "CSV"]];

/** `report` and `parameters` as in docs/exports.md; `of` says what is in the file: "Outstanding items". */
export function Exports({ administration, report, parameters, of }) {
  const say = useWords();
  const take = async (format) => {
    withdraw("export");
    try {
      const belgian = format === "csv" && document.documentElement.lang !== "en";
      await takeExport(administration, report, format, { ...parameters, ...(belgian ? { dialect: "belgian" } : {}) });
    } catch (failure) {
      tell("bad", failureWords(failure, say), { about: "export" });
    }
  };
  return FORMATS.map(
    ([format, name]) => html`<${Button} key=${format} icon="download" label=${say("export.as", { of, format: name })} onPress=${() => take(format)}>${name}<//>`,
  );
}
