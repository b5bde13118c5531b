// Which addresses there are, and the page of each: pages/PAGE.js, words/LANGUAGE/PAGE.json and pages/PAGE.graphql.
// `icon` puts it into the sidebar, in this order, under the words `nav.PAGE` of the shell; `needs` is the permission
// without which it is not offered; `style` says that there is a pages/PAGE.css. One line each: git joins them by itself.

export const ROUTES = [
  { path: "/integrations", page: "integrations", icon: "plug", needs: "SEE_INTEGRATIONS", style: true },
  { path: "/audit", page: "audit", icon: "shield", needs: "SEE_AUDIT" },
  { path: "/a/:administration/overview", page: "overview", icon: "gauge", style: true },
  { path: "/a/:administration/profit-and-loss", page: "profit-and-loss", icon: "chart", needs: "SEE_REPORTS" },
  { path: "/a/:administration/balance-sheet", page: "balance-sheet", icon: "scales", needs: "SEE_REPORTS" },
  { path: "/a/:administration/outstanding", page: "outstanding", icon: "clock", needs: "SEE_RECEIVABLES", style: true },
  { path: "/a/:administration/assets", page: "assets", icon: "building", needs: "SEE_REPORTS", style: true },
  { path: "/a/:administration/ledger", page: "ledger", icon: "book", needs: "SEE_TRANSACTIONS", style: true },
  { path: "/a/:administration/bookings/:booking", page: "booking", needs: "SEE_TRANSACTIONS", style: true },
  { path: "/a/:administration/mapping", page: "mapping", icon: "arrows", needs: "SEE_REPORTS", style: true },
  { path: "/a/:administration/imports", page: "imports", icon: "inbox", needs: "SEE_INTEGRATIONS", style: true },
  { path: "/a/:administration/proof/:run", page: "proof", needs: "SEE_INTEGRATIONS", style: true },
];

const pattern = ({ path }) => new RegExp(`^${path.replace(/:(\w+)/g, "(?<$1>[^/]+)")}/?$`);
const PATTERNS = ROUTES.map((route) => [route, pattern(route)]);

/** The route of a path with its parameters; null: there is none, or the path is no text. */
export function routeOf(path) {
  for (const [route, expression] of PATTERNS) {
    const found = expression.exec(path);
    if (found) return withParams(route, Object.entries(found.groups ?? {}));
  }
  return null;
}

function withParams(route, written) {
  try {
    return { route, params: Object.fromEntries(written.map(([name, value]) => [name, decodeURIComponent(value)])) };
  } catch {
    return null;
  }
}

/** The address of a page, its filters in the query; null: this console does not have that page. */
export function addressOf(page, params = {}, query = {}) {
  const route = ROUTES.find((each) => each.page === page);
  if (!route) return null;
  const path = route.path.replace(/:(\w+)/g, (_, name) => encodeURIComponent(params[name]));
  const given = Object.entries(query).filter(([, value]) => value != null && value !== "");
  const search = new URLSearchParams(given).toString();
  return search ? `${path}?${search}` : path;
}
