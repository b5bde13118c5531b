"""Lines of the general ledger, as they arrive, and the keys that Octopus gives them (octopus.md 2.10)."""

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from monitr.domain.accounting.bookyear import LARGEST_NUMBER, journal_key, parse_journal_key

_CODE = re.compile(r"(?P<bookyear>0|[1-9][0-9]{0,9})-(?P<journal>.+)-(?P<document>0|[1-9][0-9]{0,9})")

FIRST_LOAD_SINCE = "1980-01-01 00:00:00.000"  # mandatory for first loads (octopus.md 2.10)


class JournalType(IntEnum):
    PURCHASES = 1
    SALES = 2
    FINANCIAL = 3
    DIVERS = 4
    ALL = -1


FIRST_LOAD_TYPES = (JournalType.PURCHASES, JournalType.SALES, JournalType.FINANCIAL, JournalType.DIVERS)


class BookingKey(NamedTuple):
    """One document. Document numbers restart every bookyear and in every journal."""

    bookyear: int
    journal_type: int
    journal_number: int
    document_number: int

    @property
    def journal_key(self) -> str:
        return journal_key(self.journal_type, self.journal_number)

    @property
    def code(self) -> str:
        """Opaque for clients: ``2-V1-17``."""
        return f"{self.bookyear}-{self.journal_key}-{self.document_number}"

    @classmethod
    def parse(cls, code: str) -> "BookingKey | None":
        """The key of a code; None for a text that is not one, which is no booking then."""
        match = _CODE.fullmatch(code)
        if match is None or (journal := parse_journal_key(match["journal"])) is None:
            return None
        key = cls(int(match["bookyear"]), *journal, int(match["document"]))
        return key if max(key) <= LARGEST_NUMBER else None


class LedgerLine(NamedTuple):
    """One line of a booking; ``amount`` is debit minus credit in the bookkeeping currency.

    A tuple, in the order of the staging table's columns: hundreds of thousands of them pass from the decoder to COPY.
    Amounts are rounded to the cent. ``currency_amount`` and ``exchange_rate`` are the document's own.
    """

    bookyear: int
    journal_type: int
    journal_number: int
    document_number: int
    line_sequence: int
    period: int | None
    document_date: date
    effective_date: date
    due_date: date | None
    account: int
    amount: Decimal
    currency: str
    currency_amount: Decimal | None
    exchange_rate: Decimal | None
    relation: int | None
    cost_centre: int | None
    description: str | None
    reference: str | None
    vat_section: str | None
    vat_recuperation: Decimal | None


@dataclass(frozen=True, slots=True)
class OddRecord:
    """An element of an answer that could not be read as what it should be. The others are not lost by it."""

    operation: str
    position: int
    """0-based, in the answer."""
    problem: str
    """Names the field and its value; never a secret."""


@dataclass(frozen=True, slots=True)
class LedgerBatch:
    """Some elements of one answer, in their order. ``fetched`` counts the line elements, odd ones too.

    ``digest`` comes with the last batch of an answer that holds everything: equal digests are equal answers, read by
    the same rules. ``is_known``: it is the answer that was known, and there was no other batch. ``is_silent``: as in
    ``Listed``, and there was no other batch. ``broken``: bookings with a line that cannot be read.
    """

    lines: list[LedgerLine]
    deleted: list[BookingKey]
    odd: list[OddRecord]
    fetched: int
    digest: str | None = None
    is_known: bool = False
    is_silent: bool = False
    broken: list[BookingKey] = field(default_factory=list[BookingKey])
