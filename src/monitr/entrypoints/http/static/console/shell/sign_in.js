// For who has no token, or one that is accepted no longer. How one signs in is the matter of api/session.js.
import { session } from "../api/session.js";
import { Button, Field } from "../parts/basic.js";
import { PageHead } from "../parts/page.js";
import { useWords } from "../state/words.js";
import { html, useState } from "../vendor/view.js";

const COMMAND = "monitr token --organisation 00000000-0000-4000-8000-00000000de30 --subject you --role ORGANISATION_ADMIN";

export function SignIn() {
  const say = useWords();
  const way = session.way();
  const [token, setToken] = useState("");
  const submit = (event) => {
    event.preventDefault();
    if (token.trim()) session.signIn(token.trim());
  };
  const byToken = html`<form onSubmit=${submit} autocomplete="off">
    <${Field} label=${say("signIn.token")}>
      ${(id) => html`<input id=${id} type="password" autocomplete="one-time-code" required spellcheck="false" aria-describedby=${`${id}-help`} value=${token} onInput=${(event) => setToken(event.target.value)} />
        <p id=${`${id}-help`} class="hint">${say("signIn.hint")}</p>`}
    <//>
    <${Button} type="submit" kind=${way ? "quiet" : "primary"}>${say("signIn.use")}<//>
  </form>`;
  return html`<main class="sign-in">
    <p class="brand"><img src="/static/console/icon.svg" alt="" width="32" height="32" />Monitr</p>
    <${PageHead} title=${say("signIn.title")} />
    ${session.ended() === "expired" && html`<p class="notice warn" role="alert">${say("signIn.expired")}</p>`}
    ${session.failure() && html`<p class="notice bad" role="alert">${say("signIn.failed", { reason: session.failure() })}</p>`}
    ${way === "host" && html`<p role="status">${say("signIn.host")}</p>`}
    ${way === "unavailable" && html`<p class="notice warn" role="alert">${say("signIn.unavailable")}</p>`}
    ${way === "issuer" && html`<p>${say("signIn.issuerHint")}</p><${Button} kind="primary" onPress=${session.signInAtIssuer}>${say("signIn.issuer")}<//>`}
    ${session.hasPreset() && html`<${Button} kind="primary" onPress=${() => session.signIn()}>${say("signIn.demo")}<//>`}
    ${way ? html`<details><summary>${say("signIn.byToken")}</summary>${byToken}</details>` : byToken}
    ${!way && html`<details><summary>${say("signIn.develop")}</summary><p><code>${COMMAND}</code></p></details>`}
  </main>`;
}
