// For what is read newest first, page by page: further back, and to the newest again. The address says where one is.
import { useQuery } from "../state/router.js";
import { useWords } from "../state/words.js";
import { html } from "../vendor/view.js";
import { Button } from "./basic.js";

/** For a page of a connection without `before`; `name` is that of the filter with the cursor. */
export function Older({ pageInfo, name = "after" }) {
  const say = useWords();
  const [query, change] = useQuery();
  const turn = (cursor) => {
    change({ [name]: cursor }, { push: true });
    scrollTo(0, 0);
  };
  if (!query.has(name) && !pageInfo.hasNextPage) return null;
  return html`<nav class="pager" aria-label=${say("pager")}>
    <${Button} icon="left" disabled=${!query.has(name)} onPress=${() => turn(null)}>${say("pager.newest")}<//>
    <${Button} icon="right" disabled=${!pageInfo.hasNextPage} onPress=${() => turn(pageInfo.endCursor)}>${say("pager.older")}<//>
  </nav>`;
}
