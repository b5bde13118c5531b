/** What the Relay compiler reads; it leaves what runs in generated/relay. */

import { graphql } from "relay-runtime";

export const administration = graphql`
  fragment books_administration on Administration
  @refetchable(queryName: "booksPageQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, after: { type: "String" }) {
    name
    transactions(first: $count, after: $after) @connection(key: "books_transactions") {
      edges {
        node {
          id
          date
          amount
        }
      }
    }
  }
`;

export const query = graphql`
  query booksQuery($id: ID!) {
    administration(id: $id) {
      id
      ...books_administration
    }
  }
`;

export const progress = graphql`
  subscription booksProgressSubscription($id: ID!) {
    importProgress(administrationId: $id) {
      id
      status
    }
  }
`;
