// Puts GraphiQL together from the vendored bundles: POST for queries and mutations, graphql-transport-ws for the
// subscription, with the token of the header editor in both.
(() => {
  const demoToken = document.querySelector('meta[name="monitr-demo-token"]').content;
  const headers = demoToken ? { Authorization: `Bearer ${demoToken}` } : { Authorization: "Bearer " };

  const endpoint = new URL("/graphql", location.href);
  const socket = new URL(endpoint);
  socket.protocol = endpoint.protocol === "https:" ? "wss:" : "ws:";

  const fetcher = (parameters, options) => {
    const given = { ...headers, ...(options?.headers ?? {}) };
    const authorization = given.Authorization ?? given.authorization ?? "";
    return GraphiQL.createFetcher({
      url: endpoint.href,
      wsClient: graphqlWs.createClient({
        url: socket.href,
        connectionParams: { authorization },
        lazy: true,
        shouldRetry: () => false,
      }),
    })(parameters, { ...options, headers: given });
  };

  // The contract's operations, with the ids of what there is in place of what stands for them.
  const tabs = async () => {
    const ids = demoToken ? await idsOfTheDemo().catch(() => ({})) : {};
    const known = (name, value) => (typeof value === "string" && ids[value]) || value;
    return JSON.parse(document.getElementById("examples").textContent).map(({ query, variables }) => ({
      query,
      variables: JSON.stringify(variables, known, 2),
      headers: JSON.stringify(headers, null, 2),
    }));
  };

  const idsOfTheDemo = async () => {
    const query = `{ integrationProviders { integrations { id administrations { id lastImport { id } } } } reports { id } }`;
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify({ query }),
    });
    const { data } = await response.json();
    const [integration] = data.integrationProviders.flatMap((provider) => provider.integrations);
    const [administration] = integration?.administrations ?? [];
    return {
      INTEGRATION_ID: integration?.id,
      ADMINISTRATION_ID: administration?.id,
      IMPORT_ID: administration?.lastImport?.id,
      REPORT_ID: data.reports[0]?.id,
    };
  };

  tabs().then((defaultTabs) =>
    ReactDOM.createRoot(document.getElementById("graphiql")).render(
      React.createElement(GraphiQL, {
        fetcher,
        defaultTabs,
        defaultHeaders: JSON.stringify(headers, null, 2),
        defaultEditorToolsVisibility: "variables",
        isHeadersEditorEnabled: true,
        shouldPersistHeaders: false,
      }),
    ),
  );
})();
