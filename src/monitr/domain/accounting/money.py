"""Money: decimals from the first byte, two places, never a float (decision 13; decisions.md, section 6)."""

from decimal import ROUND_HALF_EVEN, Decimal

BOOKKEEPING_CURRENCY = "EUR"
"""Of every dossier: Octopus keeps Belgian books, and names no other currency but those of documents and of banks."""
CENT = Decimal("0.01")
TENTH_OF_A_CENT = Decimal("0.001")
ZERO = Decimal("0.00")


def to_cents(amount: Decimal) -> Decimal:
    """Half-even to the cent: Octopus's numbers are doubles and may carry binary noise (990.3199999999999)."""
    return amount.quantize(CENT, ROUND_HALF_EVEN)


def loses_more_than_noise(amount: Decimal) -> bool:
    """Whether rounding to the cent drops more than a tenth of a cent: then it was not binary noise, and is reported."""
    return abs(amount - to_cents(amount)) > TENTH_OF_A_CENT


def debit(amount: Decimal) -> Decimal:
    """The debit column of a signed amount (debit positive)."""
    return max(amount, ZERO)


def credit(amount: Decimal) -> Decimal:
    """The credit column of a signed amount, positive."""
    return max(-amount, ZERO)
