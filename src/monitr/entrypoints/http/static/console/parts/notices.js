// Where what is told appears; a screen reader reads it out.
import { dismiss, notices } from "../state/notices.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { Button } from "./basic.js";

export function Notices() {
  const say = useWords();
  return html`<div class="notices" role="status" aria-live="polite">
    ${notices.use().map(
      ({ number, tone, text }) => html`<div key=${number} class=${`notice ${tone}`}>
        <p>${text}</p>
        <${Button} icon="close" kind="plain" label=${say("notice.dismiss")} onPress=${() => dismiss(number)} />
      </div>`,
    )}
  </div>`;
}
