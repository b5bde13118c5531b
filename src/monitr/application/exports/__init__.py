"""Reports and ledger lines as tables, for files that leave the house."""
