"""What an import keeps of one administration, in plain dictionaries.

Nothing is kept that can be computed: balances, unbalanced bookings and what is missing from the reference data are
always worked out from the lines.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from monitr.application.importing.ledger.chunk import Chunk
from monitr.application.importing.ports import LastRead
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.matchings import ItemGroup, MatchedPair, Matching
from monitr.domain.accounting.money import ZERO, credit, debit
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.year_opening import YearOpening
from monitr.domain.import_run import Dataset, ImportRunId
from monitr.domain.words.sentence import Sentence

Ledger = dict[BookingKey, list[LedgerLine]]
"""Every booking with its lines by ordinal: the first has ordinal 1."""

_BY = ("line_sequence", "account", "amount", "relation", "cost_centre", "description", "reference")
_ORDER = [LedgerLine._fields.index(name) for name in _BY + tuple(f for f in LedgerLine._fields if f not in _BY)]


def key_of(line: LedgerLine) -> BookingKey:
    return BookingKey(*line[:4])


def net(lines: Iterable[LedgerLine]) -> Decimal:
    return sum((line.amount for line in lines), ZERO)


def numbered(lines: Iterable[LedgerLine]) -> Ledger:
    """The bookings of some lines, in whatever order these came; nothing sorts behind everything."""
    bookings: Ledger = {}
    for line in sorted(lines, key=lambda line: [(line[at] is None, line[at]) for at in _ORDER]):
        bookings.setdefault(key_of(line), []).append(line)
    return bookings


@dataclass
class Imported:
    """What is stored of one administration."""

    ledger: Ledger = field(default_factory=dict)
    missing: set[BookingKey] = field(default_factory=set)
    chunks: dict[Chunk, ImportRunId] = field(default_factory=dict)
    answers: dict[Chunk, str] = field(default_factory=dict)
    changes: dict[tuple[ImportRunId, BookingKey], str] = field(default_factory=dict)
    rows: defaultdict[type, dict[Any, Any]] = field(default_factory=lambda: defaultdict(dict))
    matchings: dict[MatchedPair, Matching] = field(default_factory=dict)
    control_accounts: set[tuple[OutstandingItemType, int]] = field(default_factory=set)
    not_counting: set[MatchedPair] = field(default_factory=set)
    """Those that the ledger or Octopus's report contradicts."""
    corrections: dict[ItemGroup, dict[date, Decimal]] = field(default_factory=dict)
    openings: dict[int, list[YearOpening]] = field(default_factory=dict)
    notes: defaultdict[ImportRunId, list[Sentence]] = field(default_factory=lambda: defaultdict(list))
    last_reads: dict[Dataset, LastRead] = field(default_factory=dict)

    def of(self, chunk: Chunk) -> Ledger:
        return {key: lines for key, lines in self.ledger.items() if Chunk.of(key) == chunk}

    @property
    def lines(self) -> list[LedgerLine]:
        return [line for lines in self.ledger.values() for line in lines]

    @property
    def opened(self) -> set[BookingKey]:
        return {opening.key for openings in self.openings.values() for opening in openings}

    @property
    def unbalanced(self) -> dict[BookingKey, Decimal]:
        return {key: net(lines) for key, lines in self.ledger.items() if net(lines)}

    @property
    def account_month(self) -> dict[tuple[int, int, int, date, int, int], tuple[Decimal, Decimal, int]]:
        """Debit, credit and lines by (bookyear, journal type, period, month, account, cost centre)."""
        sums: dict[tuple[int, int, int, date, int, int], tuple[Decimal, Decimal, int]] = {}
        for line in self.lines:
            month = line.effective_date.replace(day=1)
            grain = (line.bookyear, line.journal_type, line.period or 0, month, line.account, line.cost_centre or 0)
            debits, credits, lines = sums.get(grain, (ZERO, ZERO, 0))
            sums[grain] = (debits + debit(line.amount), credits + credit(line.amount), lines + 1)
        return sums
