// The console begins here.
import { session } from "./api/session.js";
import { App } from "./shell/shell.js";
import { keepFocus } from "./state/focus.js";
import { followImports } from "./state/imports.js";
import { beginRouting } from "./state/router.js";
import { loadWords } from "./state/words.js";
import { html, render } from "./vendor/view.js";

const root = document.getElementById("console");

await Promise.all([loadWords("shell"), session.begin()]);
beginRouting();
keepFocus();
followImports();
const draw = () => render(html`<${App} isSignedIn=${session.token() !== null} who=${session.who()} />`, root);
session.onChange(draw);
draw();
root.removeAttribute("aria-busy");
