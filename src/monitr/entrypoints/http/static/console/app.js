// The console begins here.
import { session } from "./api/session.js";
import { App } from "./shell/shell.js";
import { followImports } from "./state/imports.js";
import { beginRouting } from "./state/router.js";
import { loadWords } from "./state/words.js";
import { html, render } from "./vendor/view.js";

const root = document.getElementById("console");

await loadWords("shell");
beginRouting();
followImports();
const draw = () => render(html`<${App} isSignedIn=${session.token() !== null} token=${session.token()} />`, root);
session.onChange(draw);
draw();
root.removeAttribute("aria-busy");
