"""What a right answer about the books is, from the books alone."""

from octopus_sandbox.truth.reckoning import PAYABLE, RECEIVABLE, Truth, effective_date

__all__ = ["PAYABLE", "RECEIVABLE", "Truth", "effective_date"]
