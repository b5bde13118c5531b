"""The history of the schema: one module a revision, frozen, run by ``monitr.adapters.sql.database.migration``."""
