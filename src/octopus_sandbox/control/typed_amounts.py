"""Amounts as people in Belgium type and read them: 1.234,56."""

import re
from decimal import Decimal

_GROUPED = re.compile(r"[+-]?\d{1,3}([. ]\d{3})+(,\d{1,2})?")
_PLAIN = re.compile(r"[+-]?\d+([.,]\d{1,2})?")
_IGNORED = str.maketrans({"€": None, "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "−": "-"})


def typed_amount(text: str) -> Decimal:
    """1.234,56 and 1234,56, and 1234.56 too; three digits behind a single dot are thousands. Raises ValueError."""
    tidy = text.translate(_IGNORED).removesuffix("EUR").strip()
    if _GROUPED.fullmatch(tidy):
        return Decimal(tidy.replace(".", "").replace(" ", "").replace(",", "."))
    if _PLAIN.fullmatch(tidy):
        return Decimal(tidy.replace(",", "."))
    raise ValueError(f"“{text}” is no amount: write it like 1.234,56")


def shown_amount(cents: int) -> str:
    """1.234,56; with a true minus sign below zero."""
    whole, part = divmod(abs(cents), 100)
    return f"{'−' if cents < 0 else ''}{whole:,}".replace(",", ".") + f",{part:02d}"
