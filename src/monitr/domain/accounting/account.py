"""The chart of accounts (Belgian MAR): classes, kinds and names."""

from dataclasses import dataclass
from enum import StrEnum

from monitr.domain.accounting.bookyear import LARGEST_NUMBER
from monitr.domain.language import Language


class AccountKind(StrEnum):
    """What becomes of an account's balance at the end of a bookyear: it goes by the class, the first digit of six."""

    BALANCE_SHEET = "BALANCE_SHEET"
    """Classes 1 to 5: carried forward."""
    PROFIT_AND_LOSS = "PROFIT_AND_LOSS"
    """Classes 6 to 9: every bookyear starts at zero."""
    OFF_BALANCE_SHEET = "OFF_BALANCE_SHEET"
    """Class 0: carried forward, in no balance sheet total."""


def account_text(number: int) -> str:
    """As people write it. Octopus's numbers are integers, mostly of six digits: 012000 arrives as 12000."""
    return f"{number:06d}"


def account_group(number: int, digits: int) -> str:
    """The first digits of the number as people write it, however long it is: ``23`` of 230000 and of 2300001.

    Octopus has no numbers below zero, and none is imported; one that is stored all the same goes by its digits, without
    the sign: -600000 is of class 6, and no report fails of it.
    """
    return account_text(abs(number))[:digits]


def numbers_of_group(group: str) -> list[tuple[int, int]]:
    """The lowest and the highest number of the group, for each length that an int32 may have from six digits on; none
    below zero."""
    lengths = (6,) if group.startswith("0") else range(6, 11)
    ranges = [(int(group.ljust(length, "0")), int(group.ljust(length, "9"))) for length in lengths]
    return [(lowest, min(highest, LARGEST_NUMBER)) for lowest, highest in ranges if lowest <= LARGEST_NUMBER]


def account_class(number: int | str) -> int:
    """The first digit of at least six."""
    return int(account_group(int(number), 1))


def account_kind(klass: int) -> AccountKind:
    """Class 0 is off balance sheet (carried forward); 1 to 5 the balance sheet; 6 to 9 start every bookyear at zero."""
    if klass == 0:
        return AccountKind.OFF_BALANCE_SHEET
    return AccountKind.BALANCE_SHEET if klass <= 5 else AccountKind.PROFIT_AND_LOSS


def is_carried_forward(number: int) -> bool:
    """Classes 0 to 5 go over into the next bookyear."""
    return account_class(number) <= 5


def holds_result(number: int) -> bool:
    """Class 14: the result of a bookyear is moved there (KB/AR 21 October 2018)."""
    return account_group(number, 2) == "14"


def is_trade(number: int) -> bool:
    """Trade debtors (400) and trade creditors (440), by the same decree."""
    return account_group(number, 3) in ("400", "440")


@dataclass(frozen=True, slots=True)
class Names:
    """A name in Octopus's four languages; any may be empty (octopus.md 2.4)."""

    nl: str = ""
    fr: str = ""
    en: str = ""
    de: str = ""

    def display(self, fallback: str) -> str:
        """The first that is filled, in the order NL, FR, EN, DE; then the fallback, usually the number."""
        return next((name for name in (self.nl, self.fr, self.en, self.de) if name.strip()), fallback).strip()

    def in_language(self, language: Language | None, fallback: str) -> str:
        """That of the language; where it is empty, as ``display`` (``tests/contract/rules.md``, 28)."""
        chosen: str = getattr(self, language.value) if language else ""
        return chosen.strip() or self.display(fallback)


@dataclass(frozen=True, slots=True)
class Account:
    """An account of one bookyear: it may be renamed or missing in another (octopus.md 3.8)."""

    bookyear: int
    number: int
    names: Names

    @property
    def text(self) -> str:
        """The number as people write it, six digits with the zeros of class 0."""
        return account_text(self.number)


@dataclass(frozen=True, slots=True)
class CostCentre:
    number: int
    names: Names
    closed: bool


@dataclass(frozen=True, slots=True)
class Relation:
    """A client, a supplier, or both. ``country`` is an ISO code; ``vat_number`` is normalised: no dots, no spaces."""

    number: int
    name: str
    vat_number: str | None
    country: str | None
    is_client: bool
    is_supplier: bool
    active: bool
