"""Accounting: the chart of accounts, the ledger and the rules behind every figure."""
