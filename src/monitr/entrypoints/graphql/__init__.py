"""The GraphQL schema: it only translates between the contract and the application."""
