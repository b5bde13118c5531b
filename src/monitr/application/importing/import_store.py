"""The imported data of one administration, as the import engine writes it."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, Self, TypeVar

from monitr.application.octopus import AccountAmount
from monitr.application.ports import Claim
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType, LedgerLine
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.accounting.verification import AmountCell, Check
from monitr.domain.accounting.year_opening import Candidate, YearOpening
from monitr.domain.administration import Administration
from monitr.domain.import_run import Counts, Dataset, ImportRun

Row = TypeVar("Row", Bookyear, Journal, Account, CostCentre, Relation, AccountAmount)


class LeaseLost(Exception):
    """Another worker has taken the run over: this one may not write any more, and nothing of it was written."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """One bookyear × journal type; ``journal_type`` -1 stands for the types outside 1 to 4 (octopus.md 8.1)."""

    bookyear: int
    journal_type: int

    @classmethod
    def of(cls, booking: BookingKey) -> Self:
        type = booking.journal_type if booking.journal_type in FIRST_LOAD_TYPES else JournalType.ALL
        return cls(booking.bookyear, int(type))

    @property
    def is_special(self) -> bool:
        return self.journal_type == JournalType.ALL


@dataclass(frozen=True, slots=True)
class Published:
    """``unbalanced``: bookings whose lines do not net to zero. Those of an incremental answer were not published, nor
    those of a chunk that were stored in balance: they stay as they were, and count as missing.

    ``missing``: how many more bookings a complete answer for the chunk no longer held; they are kept until verified.
    ``dropped_duplicates`` and ``strays`` count lines that were left out: repetitions, and lines of another chunk.
    """

    counts: Counts
    unbalanced: list[BookingKey] = field(default_factory=list)
    missing: int = 0
    dropped_duplicates: int = 0
    strays: int = 0

    @property
    def lines(self) -> int:
        """The lines of the chunk that the answer held."""
        return self.counts.inserted + self.counts.updated + self.counts.unchanged


class LedgerStage(Protocol):
    """Where the lines of one answer wait until it is complete. Without ``commit`` nothing of it is ever seen."""

    async def add(self, lines: Sequence[LedgerLine]) -> None: ...

    async def complete(self, chunk: Chunk | None, *, is_known: bool = False) -> None:
        """The answer has arrived whole, and is all of the chunk; without one, it is changes. Nothing is added any
        more, and it can be published. ``is_known``: it is the one of ``answers``, so nothing was added at all."""
        ...

    async def publish_chunk(self, run: ImportRun, answer: str | None = None) -> Published:
        """Write what differs, note what is missing, set the checkpoint. Which bookings were added, changed and removed
        is recorded with the run. ``answer`` is the digest of an answer that could be read without a remark."""
        ...

    async def publish_changes(self, deleted: Sequence[BookingKey], run: ImportRun) -> Published:
        """Delete the reported bookings, then replace the staged ones whole; bookings that do not net to zero are left
        as they were and returned."""
        ...

    async def commit(self, run: ImportRun) -> bool:
        """All of it, with the run. True where the run's cancellation was asked for. Raises LeaseLost."""
        ...


class ItemStage(Protocol):
    """Where the outstanding items of one type wait until their answer is complete."""

    async def add(self, items: Sequence[OutstandingItem]) -> None: ...

    async def publish(self) -> Counts:
        """They are all items of the type: write what differs, delete the rest. Raises LeaseLost."""
        ...


class ImportStore(Protocol):
    """Every method is one transaction. One that writes is refused with LeaseLost, and nothing of it is written, where
    the claim's fencing token is not the newest."""

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        """True where somebody has asked for the cancellation of the run."""
        ...

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        """All rows of the kind: write what differs, delete the rest."""
        ...

    def outstanding_items(self, type: OutstandingItemType) -> "AbstractAsyncContextManager[ItemStage]":
        """One transaction, open while the answer arrives; committed by the stage's ``publish`` alone."""
        ...

    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        """Rows that changed: write what differs, delete the deleted ones, leave the others. Accounts and cost centres
        whose number no row had before are recorded with the run."""
        ...

    async def checkpoints(self) -> frozenset[Chunk]:
        """The chunks that this run has published."""
        ...

    async def chunks_read(self) -> frozenset[Chunk]:
        """The chunks that any run has published."""
        ...

    async def answers(self) -> Mapping[Chunk, str]:
        """The digests of the answers that the ledger holds line for line: sound ones, since which no line of their
        chunk was written."""
        ...

    async def knows(self, kind: type[Row]) -> bool:
        """Whether any row of the kind is stored."""
        ...

    async def read_at(self) -> Mapping[Dataset, datetime]:
        """When each dataset was last read (UTC); those that never were are left out."""
        ...

    async def bookyears(self) -> list[Bookyear]:
        """Those stored, oldest first."""
        ...

    def stage(self) -> AbstractAsyncContextManager[LedgerStage]:
        """One transaction, open while the answer arrives; committed by the stage's ``commit`` alone."""
        ...

    async def complete_bookyears(self) -> list[Bookyear]:
        """The unbroken row of newest bookyears whose chunks 1 to 4 are all in, oldest first."""
        ...

    async def opening_candidates(self, bookyear: Bookyear) -> list[Candidate]: ...

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        """Of its divers journals, by number."""
        ...

    async def carried_forward(self, bookyear: Bookyear, start: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        """The closing of the bookyear, per account of classes 0 to 5, on top of ``start``; with its own openings in
        place of ``start`` where it has any. Zero balances are left out."""
        ...

    async def save_openings(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        """In place of those that the bookyear had; True where they differ."""
        ...

    async def derive_fixed_assets(self) -> Counts:
        """The acquisitions, from the ledger as it is (octopus.md section 5)."""
        ...

    async def checks(self) -> list[Check]:
        """The checks that the database can make by itself, over everything that is stored."""
        ...

    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        """Octopus's amounts beside our sums, in the given bookyears; a line without a usable period is in the period
        of its effective date. ``without_missing``: as if the missing bookings were deleted."""
        ...

    async def missing_chunks(self) -> list[Chunk]:
        """The chunks with bookings that a complete answer no longer held, newest bookyear number first."""
        ...

    async def repeated_lines(self, bookyears: Sequence[int]) -> list[LedgerLine]:
        """All lines of the bookings that hold lines equal in every field, and net to zero with them as without."""
        ...

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        """None where nothing of the type is outstanding."""
        ...

    async def note(self, texts: Sequence[str]) -> None:
        """Something to report with this run; the first hundred are kept."""
        ...

    async def resolve_missing(self, chunk: Chunk, *, delete: bool) -> Counts:
        """The bookings that were missing from the chunk: delete them, or forget that they were missing."""
        ...

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, datetime]) -> None:
        """The run has ended: save it with the administration and, per dataset, when it was read."""
        ...


class OpenStore(Protocol):
    def __call__(self, claim: Claim, administration: Administration) -> ImportStore: ...
