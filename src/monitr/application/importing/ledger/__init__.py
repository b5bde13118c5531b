"""The general ledger of a run: its chunks, and what Octopus's own totals say of them (decisions 6, 7 and 12)."""
