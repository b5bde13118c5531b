// From a route to its page, whose module, words and style sheet come when they are wanted.
import { PageHead, Empty, Loading } from "../parts/page.js";
import { Button } from "../parts/basic.js";
import { loadWords, useWords } from "../state/words.js";
import { html, useEffect, useErrorBoundary, useState } from "../vendor/view.js";

const pages = new Map();
const coming = new Map();

/** Brings what a page is made of; once, unless it failed. */
export function bring(route) {
  if (!coming.has(route.page)) {
    const page = whole(route);
    page.catch(() => coming.delete(route.page));
    coming.set(route.page, page);
  }
  return coming.get(route.page);
}

async function whole({ page, style }) {
  const [module] = await Promise.all([import(`../pages/${page}.js`), loadWords(page), style && sheet(page)]);
  pages.set(page, module.default);
  return module.default;
}

function sheet(page) {
  const link = Object.assign(document.createElement("link"), {
    rel: "stylesheet",
    href: new URL(`../pages/${page}.css`, import.meta.url).href,
  });
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve;
    document.head.append(link);
  });
}

/** The page of a route, with what its address names. It is given {params, viewer, administration}. */
export function Page({ route, params, viewer, administration }) {
  const [Found, find] = useState(() => pages.get(route.page));
  const [isBroken, setBroken] = useState(false);
  const [fault, forget] = useErrorBoundary((error) => console.error(error));
  useEffect(() => {
    let wanted = true;
    if (!Found)
      bring(route).then(
        (page) => wanted && find(() => page),
        () => wanted && setBroken(true),
      );
    return () => (wanted = false);
  }, []);
  if (fault || isBroken) return html`<${Broken} again=${isBroken ? () => location.reload() : forget} />`;
  return Found ? html`<${Found} params=${params} viewer=${viewer} administration=${administration} />` : html`<${Loading} rows=${6} />`;
}

function Broken({ again }) {
  const say = useWords();
  return html`<${PageHead} title=${say("broken.title")} /><${Empty} title=${say("broken.text")}>
    <${Button} onPress=${again}>${say("failure.again")}<//>
  <//>`;
}

export function NotFound() {
  const say = useWords();
  return html`<${PageHead} title=${say("notFound.title")} /><${Empty} title=${say("notFound.text")}>
    <p><a href="/">${say("notFound.home")}</a></p>
  <//>`;
}
