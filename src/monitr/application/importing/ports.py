"""What an import needs of the database, by who asks; and ``ImportStore``, which is all of it for one run.

Every method of a port is one transaction. One that writes is refused with LeaseLost, and nothing of it is written,
where the claim's fencing token is not the newest.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol, TypeVar

from monitr.application.importing.ledger.ports import LedgerStore, ReconciliationStore
from monitr.application.octopus import AccountAmount
from monitr.application.ports import Claim
from monitr.domain.accounting.account import Account, CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.matchings import MatchedPair, Matching, Unexplained
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.accounting.verification import Check
from monitr.domain.accounting.year_opening import Candidate, YearOpening
from monitr.domain.administration import Administration
from monitr.domain.import_run import Counts, Dataset, ImportRun
from monitr.domain.words.sentence import Sentence

Row = TypeVar("Row", Bookyear, Journal, Account, CostCentre, Relation, AccountAmount)


class LeaseLost(Exception):
    """Another worker has taken the run over: this one may not write any more, and nothing of it was written."""


@dataclass(frozen=True, slots=True)
class LastRead:
    """Of a dataset. ``heard_at``: the moment, in Octopus's time, up to which its changes came in a document of Octopus;
    earlier than ``at`` where it was silent since then. Both in UTC."""

    at: datetime
    heard_at: datetime


class RunRecord(Protocol):
    """The run itself, with its administration and what it has to report."""

    async def last_reads(self) -> Mapping[Dataset, LastRead]:
        """Of each dataset, by any run; those that were never read are left out."""
        ...

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        """True where somebody has asked for the cancellation of the run."""
        ...

    async def note(self, notes: Sequence[Sentence]) -> None:
        """Something to report with this run; the first hundred are kept."""
        ...

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, LastRead]) -> None:
        """The run has ended: save it with the administration and, per dataset, when it was read."""
        ...


class ReferenceDataStore(Protocol):
    """Bookyears, journals, accounts, cost centres, relations, and Octopus's own totals."""

    async def bookyears(self) -> list[Bookyear]:
        """Those stored, oldest first."""
        ...

    async def knows(self, kind: type[Row]) -> bool:
        """Whether any row of the kind is stored."""
        ...

    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        """Rows that changed: write what differs, delete the deleted ones, leave the others. Accounts and cost centres
        whose number no row had before are recorded with the run."""
        ...

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        """All rows of the kind: write what differs, delete the rest."""
        ...

    async def are_booked_on(self, dataset: Dataset) -> bool:
        """Whether a line of the ledger refers to rows of that dataset: JOURNALS, ACCOUNTS, DIMENSIONS or RELATIONS."""
        ...


class OpeningStore(Protocol):
    """The year openings, and what they rest on."""

    async def candidates(self, bookyear: Bookyear) -> list[Candidate]: ...

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        """Of its divers journals, by number."""
        ...

    async def carried_forward(self, bookyear: Bookyear, start: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        """The closing of the bookyear, per account of classes 0 to 5, on top of ``start``; with its own openings in
        place of ``start`` where it has any. Zero balances are left out."""
        ...

    async def save(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        """In place of those that the bookyear had; True where they differ."""
        ...


class ItemStage(Protocol):
    """Where the outstanding items of one type wait until their answer is complete."""

    async def add(self, items: Sequence[OutstandingItem]) -> None: ...

    async def publish(self, found_on: date) -> Counts:
        """They are all items of the type: write what differs, delete the rest. What an earlier day found otherwise is
        kept as it was found then. Raises LeaseLost."""
        ...


class OpenItemStore(Protocol):
    """What is outstanding."""

    def stage(self, type: OutstandingItemType) -> AbstractAsyncContextManager[ItemStage]:
        """One transaction, open while the answer arrives; committed by the stage's ``publish`` alone."""
        ...

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        """Of the items as they are stored; None where nothing of the type is outstanding."""
        ...


class MatchingStage(Protocol):
    """Where changed matchings wait until their answer is complete."""

    async def add(self, matchings: Sequence[Matching], removed: Sequence[MatchedPair]) -> None: ...

    async def publish(self, *, is_whole: bool) -> None:
        """Matchings take the place of those of the same two lines, of which the last counts; what is removed and there
        as well was matched anew. ``is_whole``: they are all, rather than a few. Raises LeaseLost."""
        ...


class MatchingStore(Protocol):
    """Which lines settle which."""

    def stage(self) -> AbstractAsyncContextManager[MatchingStage]:
        """One transaction, open while the answer arrives; committed by the stage's ``publish`` alone."""
        ...

    async def are_known(self) -> bool:
        """Whether any is stored."""
        ...

    async def judge(
        self,
        accounts: Mapping[OutstandingItemType, Collection[int]],
        bookyears: Collection[int],
        found_on: date,
        *,
        is_whole: bool,
    ) -> None:
        """Hold documents less matchings against the items as they are stored (domain/accounting/matchings.py): what
        does not count any more, and what has to be corrected. Of the bookings that changed since the last time, or of
        all where it ``is_whole``. ``accounts``: the control accounts that the items tell; those of matchings are added.
        ``bookyears``: those that the items were asked for.
        """
        ...

    async def unexplained(self) -> list[Unexplained]:
        """What was corrected, by type."""
        ...


class VerificationStore(Protocol):
    """What is worked out at the end, over everything that is stored."""

    async def derive_fixed_assets(self) -> Counts:
        """The acquisitions, from the ledger as it is (octopus.md 5)."""
        ...

    async def checks(self) -> list[Check]:
        """The checks that the database can make by itself."""
        ...


@dataclass(frozen=True, slots=True)
class ImportStore:
    """The imported data of one administration, as the run of one claim reads and writes it."""

    record: RunRecord
    reference: ReferenceDataStore
    ledger: LedgerStore
    openings: OpeningStore
    reconciliation: ReconciliationStore
    matchings: MatchingStore
    open_items: OpenItemStore
    verification: VerificationStore


OpenStore = Callable[[Claim, Administration], ImportStore]
