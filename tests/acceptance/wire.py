"""How one Octopus writes its answers. Nothing in octopus.md promises an order, a spacing or a way to print a number."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from math import inf, nextafter
from random import Random
from typing import Any


class Amounts(Enum):
    """What accounts/amounts/modified turns out to be (octopus.md 6.5)."""

    MOVEMENTS = "of the period"
    CUMULATIVE = "from the first day of the bookyear"
    MISSING = "404"


class Charts(Enum):
    """Which of the two calls knows the accounts."""

    BOTH = "both"
    LIST = "only the list of a bookyear"
    MODIFIED = "only what was modified since"


@dataclass(frozen=True)
class Style:
    seed: int = 1
    noise: bool = False
    """Doubles as 990.3199999999999 and 9.9032E2."""
    sorted_keys: bool = False
    indent: bool = True
    scattered: bool = True
    """The lines of a document lie anywhere in the answer."""
    deletions_first: bool = False
    unknown_fields: bool = True
    bare: bool = False
    """Leaves out every field of a ledger line that it can."""
    empty_arrays: bool = True
    """Else an array without elements is left out."""
    amounts: Amounts = Amounts.MOVEMENTS
    charts: Charts = Charts.BOTH
    special_types_by_year: bool = True
    """Journal type -1 is answered for one bookyear too, not only for all."""
    zone: str = "UTC"
    """In which modifiedTimeStamp is understood."""
    open_amount_is_signed: bool = True
    piece: int = 700
    """Bytes of a piece of a body, at most."""


@dataclass(frozen=True)
class Cents:
    """An amount of money on its way out."""

    value: int


class Writer:
    def __init__(self, style: Style, seed: object) -> None:
        self.style = style
        self.random = Random(f"{style.seed} {seed}")

    def body(self, value: object) -> bytes:
        return self._text(value, 0).encode()

    def _text(self, value: Any, depth: int) -> str:
        gap = self.random.choice(["", " ", "\n", "\r\n\t", "  "]) if self.style.indent and depth < 3 else ""
        match value:
            case Cents(cents):
                return self._money(cents)
            case float():
                return repr(value)
            case dict():
                members = list(value.items())
                members.sort() if self.style.sorted_keys else self.random.shuffle(members)
                inner = f",{gap}".join(f'"{key}"{gap}:{gap}{self._text(each, depth + 1)}' for key, each in members)
                return f"{{{gap}{inner}{gap}}}"
            case list():
                return f"[{gap}" + f",{gap}".join(self._text(each, depth + 1) for each in value) + f"{gap}]"
            case _:
                return json.dumps(value, ensure_ascii=bool(self.random.getrandbits(1)))

    def _money(self, cents: int) -> str:
        amount = cents / 100
        plain = repr(amount)
        if not self.style.noise:
            # Java prints a double of ten million and more with an exponent.
            return f"{Decimal(plain):E}" if abs(amount) >= 10_000_000 else plain
        toward = self.random.choice([-inf, inf])
        noisy = nextafter(nextafter(nextafter(amount, toward), toward), toward)
        forms = [plain, repr(noisy), f"{cents}e-2", f"{Decimal(plain):E}", f"{plain}000000000000"]
        return self.random.choice(forms)

    def pieces(self, body: bytes) -> Iterator[bytes]:
        """The body in pieces that end in the middle of words, numbers and letters."""
        at = 0
        while at < len(body):
            size = self.random.choice([1, 2, 3, self.style.piece, self.random.randint(1, self.style.piece)])
            if len(body) > 300_000:
                size = self.style.piece * 50
            yield body[at : at + size]
            at += size
