"""``/exports``: reports and ledger lines as files."""
