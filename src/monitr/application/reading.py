"""The read side: plain rows by key-set pages, straight from the database (decision 5).

Every method is bounded to one organisation by the ``Reader`` it belongs to. Where an administration is named, it
must be one that ``administrations`` returned to this principal: the GraphQL layer checks that, row-level security
refuses the rest. Mappings leave out what they do not find, so that DataLoaders can serve them.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from monitr.domain.accounting.account import CostCentre, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.administration import Administration
from monitr.domain.import_run import Dataset, ImportRun, ImportRunId
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.timeline import TimelineEvent

T = TypeVar("T")

COST_CENTRE = "COST_CENTRE"
"""The one dimension that Octopus has."""


class InvalidCursor(ValueError):
    """The text is not a cursor of this connection."""


@dataclass(frozen=True)
class PastDateNotAvailable(ValueError):
    """Open items of a past day need the matchings since then, and those are not imported (octopus.md 2.17)."""

    as_of: date
    earliest: date
    """The first day that can be asked for: today, in Brussels."""

    def __str__(self) -> str:
        return f"Outstanding items are known as they stand now: asOf cannot be before {self.earliest}."


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``cursors`` holds the opaque cursor of each row. ``total`` is None where it was not asked for."""

    rows: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    total: int | None = None


@dataclass(frozen=True, slots=True)
class DatasetState:
    """``is_stale``: the last successful reading is older than two scheduled imports; the caller judges that."""

    dataset: Dataset
    rows: int
    last_successful_at: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event of a timeline, and when it was recorded (UTC)."""

    id: str
    at: datetime
    event: TimelineEvent


class EntryType(StrEnum):
    REGULAR = "REGULAR"
    YEAR_OPENING = "YEAR_OPENING"


class BookingChangeKind(StrEnum):
    ADDED = "ADDED"
    CHANGED = "CHANGED"
    REMOVED = "REMOVED"


@dataclass(frozen=True, slots=True)
class BookingChange:
    """What a run did to one booking."""

    booking: BookingKey
    kind: BookingChangeKind


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """The account and cost centre numbers that a run saw for the first time, in whatever bookyear; ascending."""

    accounts: tuple[int, ...]
    cost_centres: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DimensionFilter:
    dimension: str
    code: str | None = None
    """None: any value of the dimension."""


@dataclass(frozen=True, slots=True)
class TransactionFilter:
    """All given conditions hold together. Dates are effective dates, inclusive; amounts are signed, inclusive.

    ``accounts``, ``account_from``, ``account_to``: account numbers. ``text``: somewhere in description or reference,
    whatever the case. ``journal_keys``: letter and number.
    """

    from_: date | None = None
    to: date | None = None
    bookyear: int | None = None
    periods: tuple[int, ...] | None = None
    accounts: tuple[int, ...] | None = None
    account_from: int | None = None
    account_to: int | None = None
    account_classes: tuple[int, ...] | None = None
    journal_keys: tuple[str, ...] | None = None
    relation_number: int | None = None
    dimension: DimensionFilter | None = None
    entry_types: tuple[EntryType, ...] | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    text: str | None = None


@dataclass(frozen=True, slots=True)
class TransactionRow:
    """A line of the ledger as it is read. Names of its account, relation and cost centre come by DataLoader."""

    booking: BookingKey
    ordinal: int
    line_sequence: int
    period: int | None
    document_date: date
    effective_date: date
    due_date: date | None
    account: int
    amount: Decimal
    currency: str
    currency_amount: Decimal | None
    relation: int | None
    cost_centre: int | None
    description: str | None
    reference: str | None
    entry_type: EntryType


@dataclass(frozen=True, slots=True)
class NamedAccount:
    """An account number over all bookyears that have it, named as in the newest; ``bookyears`` ascend.

    ``names`` are those of the bookyears, in their order, where it may have been renamed (octopus.md
    3.8)."""

    number: int
    name: str
    bookyears: tuple[int, ...]
    names: tuple[str, ...] = field(default=(), compare=False)

    def as_in(self, bookyear: int) -> "NamedAccount":
        """Named as in that bookyear, where it has a chart of its own."""
        name = dict(zip(self.bookyears, self.names, strict=False)).get(bookyear, self.name)
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class TrialBalanceRow:
    """closing = opening + debit - credit. ``name`` as in the bookyear of ``to``."""

    account: int
    name: str
    bookyears: tuple[int, ...]
    opening: Decimal
    debit: Decimal
    credit: Decimal
    closing: Decimal


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The rules are those of the comment on TrialBalance in ``tests/contract/frontend.graphql``. Rows by account
    number."""

    rows: Sequence[TrialBalanceRow]
    result_brought_forward: Decimal | None
    result_transferred: Decimal | None
    complete_from: date | None


@dataclass(frozen=True, slots=True)
class MonthlyBalance:
    """``month`` is its first day; ``cost_centre`` None: no breakdown asked for, or lines without one."""

    month: date
    account: NamedAccount
    cost_centre: int | None
    movement: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True)
class OutstandingItemRow:
    """``id`` is opaque. Amounts as in ``domain.outstanding_items.OutstandingItem``."""

    id: str
    booking_code: str
    relation: int | None
    document_date: date
    due_date: date | None
    days_overdue: int
    amount: Decimal
    amount_outstanding: Decimal
    currency: str
    description: str | None
    reference: str | None


@dataclass(frozen=True, slots=True)
class BucketTotal:
    bucket: Bucket
    count: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RelationTotal:
    relation: int | None
    amount: Decimal
    overdue: Decimal
    oldest_due_date: date | None


@dataclass(frozen=True, slots=True)
class OutstandingSummary:
    total: Decimal
    overdue: Decimal
    buckets: Sequence[BucketTotal]


@dataclass(frozen=True, slots=True)
class AssetCategory:
    """``key`` is the first three digits of the accounts (``230``), ``28`` for the financial fixed assets."""

    key: str
    name: str
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal


@dataclass(frozen=True, slots=True)
class FixedAssetRow:
    """One acquisition. Depreciation and net value are None where they do not follow from the ledger.

    ``acquired_on`` is None for what the oldest bookyear began with.
    """

    id: str
    booking_code: str
    description: str | None
    category: str
    acquired_on: date | None
    acquisition_value: Decimal
    accumulated_depreciation: Decimal | None
    net_book_value: Decimal | None
    relation: int | None


@dataclass(frozen=True, slots=True)
class DepreciationMonth:
    """``month`` is its first day; ``net_book_value`` of all categories at its end."""

    month: date
    depreciation: Decimal
    net_book_value: Decimal
    booked: bool


class Reader(Protocol):
    """The queries of one organisation, in one read-only transaction with a stable snapshot."""

    async def integrations(self, ids: Sequence[IntegrationId] | None = None) -> Sequence[Integration]:
        """Those that are CONFIGURED or RECONNECT_REQUIRED, oldest first; with ids, also AWAITING_AUTHORIZATION ones."""
        ...

    async def administrations(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Administration]:
        """The live ones (not DELETED) among them."""
        ...

    async def administrations_of(
        self, integrations: Sequence[IntegrationId]
    ) -> Mapping[IntegrationId, Sequence[Administration]]:
        """The live ones of each, by dossier number."""
        ...

    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        """The run that was queued last, in whatever state."""
        ...

    async def import_run(self, id: ImportRunId) -> ImportRun | None: ...

    async def imports(self, id: AdministrationId, first: int, after: str | None) -> Page[ImportRun]:
        """Newest first. Raises InvalidCursor, like every ``after``."""
        ...

    async def timeline(
        self, subject: IntegrationId | AdministrationId, first: int, after: str | None
    ) -> Page[RecordedEvent]:
        """Newest first."""
        ...

    async def import_changes(
        self, id: AdministrationId, run: ImportRunId, first: int, after: str | None, *, count: bool
    ) -> Page[BookingChange]:
        """By bookyear, journal and document number; ``count``: with the total."""
        ...

    async def first_seen(self, id: AdministrationId, run: ImportRunId) -> FirstSeen: ...

    async def dataset_states(
        self, ids: Sequence[AdministrationId]
    ) -> Mapping[AdministrationId, Sequence[DatasetState]]:
        """One for each Dataset, also for those never read (rows 0, last_successful_at None)."""
        ...

    async def bookyears(self, id: AdministrationId) -> Sequence[Bookyear]:
        """Oldest first."""
        ...

    async def journals(self, id: AdministrationId) -> Sequence[Journal]:
        """By bookyear, then key."""
        ...

    async def accounts(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[NamedAccount]:
        """By number; with ``numbers``, those (a number that no chart holds is left out)."""
        ...

    async def cost_centres(
        self, id: AdministrationId, numbers: Sequence[int] | None = None
    ) -> Sequence[CostCentre]: ...

    async def relations_by_number(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, Relation]: ...

    async def relations(self, id: AdministrationId, first: int, after: str | None) -> Page[Relation]:
        """By number, with the total."""
        ...

    async def transactions(
        self, id: AdministrationId, filter: TransactionFilter, first: int, after: str | None, *, count: bool
    ) -> Page[TransactionRow]:
        """Newest effective date first. ``count``: with the total, from the monthly balances where they suffice."""
        ...

    async def booking(self, id: AdministrationId, key: BookingKey) -> Sequence[TransactionRow]:
        """All its lines by ordinal; empty where there is no such booking."""
        ...

    async def trial_balance(
        self, id: AdministrationId, from_: date, to: date, dimension: DimensionFilter | None
    ) -> TrialBalance: ...

    async def monthly_balances(
        self,
        id: AdministrationId,
        from_: date,
        to: date,
        account_classes: Sequence[int] | None,
        *,
        by_cost_centre: bool,
    ) -> Sequence[MonthlyBalance]:
        """For each month of the span: the movement in it and the balance at its end (or at ``to``)."""
        ...

    async def outstanding_summary(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, buckets: Sequence[Bucket]
    ) -> OutstandingSummary: ...

    async def outstanding_by_relation(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int
    ) -> Sequence[RelationTotal]:
        """Largest amount first."""
        ...

    async def outstanding_items(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int, after: str | None
    ) -> Page[OutstandingItemRow]:
        """Oldest due date first, with the total. Like the two before it raises PastDateNotAvailable."""
        ...

    async def asset_categories(self, id: AdministrationId, as_of: date) -> Sequence[AssetCategory]:
        """By key."""
        ...

    async def fixed_assets(
        self, id: AdministrationId, as_of: date, first: int, after: str | None
    ) -> Page[FixedAssetRow]:
        """Oldest acquisition first, with the total; what the books began with counts from their first day."""
        ...

    async def depreciation_schedule(
        self, id: AdministrationId, as_of: date, months: int
    ) -> Sequence[DepreciationMonth]:
        """The booked months up to ``as_of``, the last ``months`` of them, oldest first."""
        ...


class Readers(Protocol):
    def __call__(self, organisation: OrganisationId) -> AbstractAsyncContextManager[Reader]:
        """A reader in a transaction of its own; for the length of one request, or of one DataLoader batch."""
        ...


class Progress(Protocol):
    """The live state of runs (for the subscription)."""

    async def latest(self, organisation: OrganisationId, id: AdministrationId) -> ImportRun | None:
        """The run that was queued last."""
        ...

    async def run(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        """One run; None where it is not there (any more)."""
        ...


class RunChanges(Protocol):
    """The news of changes, from whichever process made them."""

    def listen(self) -> AsyncGenerator[ImportRunId | None, None]:
        """None as soon as no change is missed any more, then the run of each change, of all organisations. Never ends
        by itself; any exception means that changes may have been missed, and that it can be tried again."""
        ...
