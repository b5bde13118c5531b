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

  const example = `# Monitr's Octopus integration. Press Ctrl-Enter, or the button, to run this.
query IntegrationCards {
  integrationProviders(category: ACCOUNTING_SOFTWARE) {
    name
    region
    integrations {
      id
      status
      administrations { id dossierNumber name lastImport { status progress } }
    }
  }
}
`;

  ReactDOM.createRoot(document.getElementById("graphiql")).render(
    React.createElement(GraphiQL, {
      fetcher,
      defaultQuery: example,
      defaultHeaders: JSON.stringify(headers, null, 2),
      defaultEditorToolsVisibility: "headers",
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
    }),
  );
})();
