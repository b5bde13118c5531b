"""The read side in memory: over the committed state of ``FakeTransactions``, and one small ledger per administration.

``calls`` names every question in order, so that tests can say how many there may be.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from monitr.application.reading.audit import RecordedEntry
from monitr.application.reading.cards import AdministrationFilter, DatasetState
from monitr.application.reading.fixed_assets import (
    AssetAccount,
    AssetCategory,
    DepreciationMonth,
    FixedAssetRow,
    UnknownBookyear,
)
from monitr.application.reading.freshness import Freshness
from monitr.application.reading.import_history import BookingChange, BookingChangeKind, FirstSeen, RecordedEvent
from monitr.application.reading.ledger import (
    BookingSummary,
    DimensionFilter,
    EntryType,
    TransactionFilter,
    TransactionOrder,
    TransactionPage,
    TransactionRow,
    TransactionTotals,
)
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.nodes import Node
from monitr.application.reading.outstanding_items import (
    OutstandingFilter,
    OutstandingItemRow,
    OutstandingReport,
)
from monitr.application.reading.own_reports import NoSuchReport, UnmappedPair
from monitr.application.reading.pages import Cut, InvalidCursor, Page
from monitr.application.reading.progress import Progress
from monitr.application.reading.quota import CallsToday
from monitr.application.reading.reader import Reader, Readers
from monitr.application.reading.reports import MonthlyBalance, TrialBalance, TrialBalanceRow
from monitr.application.reading.statements import Statement, StatementAccount, StatementLine, StatementQuestion
from monitr.domain.accounting import money
from monitr.domain.accounting.account import CostCentre, Names, Relation
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_movements import MovementLine, RubricMovements
from monitr.domain.accounting.asset_register import AssetStatus
from monitr.domain.accounting.balances import EffectKind, ExplainedEffect
from monitr.domain.accounting.bookyear import Bookyear, Journal, Period
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.open_items_at import basis_of
from monitr.domain.accounting.outstanding_items import (
    Ageing,
    Bucket,
    OutstandingItem,
    OutstandingItemType,
    largest_relations,
    outstanding_totals,
)
from monitr.domain.accounting.statements.column_figures import ColumnFigures
from monitr.domain.accounting.statements.columns import columns
from monitr.domain.accounting.statements.monthly_results import MonthlyResult
from monitr.domain.accounting.statements.own_reports import Report, ReportId, layout_of, line_of
from monitr.domain.accounting.statements.rubrics import statutory_layout
from monitr.domain.accounting.statements.statement import AccountAmounts, statement
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.administration import Administration
from monitr.domain.import_run import Dataset, ImportRun, ImportRunId
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.webhooks import WebhookTarget
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import NOON, FakeTransactions

T = TypeVar("T")

JANUARY = date(2026, 1, 1)
SALE = BookingKey(2, 2, 1, 17)
UNKNOWN_BOOKYEAR = 99
NEVER_IMPORTED = Freshness(None, None, True, VerificationStatus.NOT_AVAILABLE, None, None)


def a_line(**changes: Any) -> TransactionRow:
    """A client's invoice, the line on 400000."""
    line: dict[str, Any] = {
        "booking": SALE,
        "ordinal": 1,
        "line_sequence": 1,
        "period": 202601,
        "document_date": date(2026, 1, 15),
        "effective_date": date(2026, 1, 15),
        "due_date": date(2026, 2, 14),
        "account": 400000,
        "amount": Decimal("1210.00"),
        "currency": "EUR",
        "currency_amount": None,
        "relation": 7,
        "cost_centre": None,
        "description": "Invoice 17",
        "reference": None,
        "vat_section": None,
        "entry_type": EntryType.REGULAR,
    }
    return TransactionRow(**(line | changes))


def an_item(**changes: Any) -> OutstandingItemRow:
    item: dict[str, Any] = {
        "id": "1",
        "booking_code": SALE.code,
        "relation": 7,
        "document_date": date(2026, 1, 15),
        "due_date": date(2026, 2, 14),
        "days_overdue": 281,
        "amount": Decimal("1210.00"),
        "amount_outstanding": Decimal("210.00"),
        "currency": "EUR",
        "currency_amount_outstanding": Decimal("210.00"),
        "description": None,
        "reference": None,
    }
    return OutstandingItemRow(**(item | changes))


def _item_of(row: OutstandingItemRow, type: OutstandingItemType) -> OutstandingItem:
    return OutstandingItem(
        type=type,
        bookyear=SALE.bookyear,
        journal_key=SALE.journal_key,
        document_number=SALE.document_number,
        line_sequence=-1,
        relation=row.relation,
        document_date=row.document_date,
        due_date=row.due_date,
        amount=row.amount,
        amount_outstanding=row.amount_outstanding,
        currency=row.currency,
        currency_amount=row.amount,
        currency_amount_outstanding=row.currency_amount_outstanding,
        description=row.description,
        reference=row.reference,
    )


def a_press() -> FixedAssetRow:
    """Bought for 5000.00, and sold for 90.00."""
    return FixedAssetRow(
        UUID(int=1),
        SALE.code,
        "Press",
        "230",
        JANUARY,
        Decimal("5000.00"),
        None,
        None,
        7,
        AssetStatus.DISPOSED,
        JANUARY,
        Decimal("90.00"),
    )


@dataclass
class FakeBooks:
    """What was imported: the same for every administration of the world."""

    lines: list[TransactionRow] = field(
        default_factory=lambda: [
            a_line(),
            a_line(ordinal=2, line_sequence=2, account=700000, amount=Decimal("-1000.00"), cost_centre=3),
            a_line(ordinal=3, line_sequence=3, account=451000, amount=Decimal("-210.00")),
        ]
    )
    accounts: list[NamedAccount] = field(
        default_factory=lambda: [
            NamedAccount(12000, "Guarantees", (2,)),
            NamedAccount(400000, "Trade debtors", (1, 2)),
            NamedAccount(700000, "Sales", (1, 2)),
        ]
    )
    statement: list[tuple[int, str]] = field(
        default_factory=lambda: [(400000, "1210.00"), (451000, "-210.00"), (495000, "1.00"), (700000, "-1000.00")]
    )
    cost_centres: list[CostCentre] = field(default_factory=lambda: [CostCentre(3, Names(nl="Gent"), closed=False)])
    relations: list[Relation] = field(
        default_factory=lambda: [Relation(7, "Klant NV", "BE0000000097", "BE", True, False, True)]
    )
    items: list[OutstandingItemRow] = field(default_factory=lambda: [an_item()])
    assets: list[FixedAssetRow] = field(default_factory=lambda: [a_press()])
    calls: dict[str, CallsToday] = field(default_factory=lambda: {"connect": CallsToday(3, is_stopped=False)})
    states: list[DatasetState] = field(
        default_factory=lambda: [DatasetState(dataset, 3, NOON, False) for dataset in Dataset]
    )
    freshness: Freshness = NEVER_IMPORTED


class FakeReaders:
    """A Readers. ``opened`` counts readers; ``open`` those that nobody closed yet."""

    def __init__(self, world: FakeTransactions, books: FakeBooks | None = None) -> None:
        self.world = world
        self.books = books or FakeBooks()
        self.calls: list[str] = []
        self.arguments: dict[str, tuple[Any, ...]] = {}
        self.opened = 0
        self.open = 0
        self.fails: Exception | None = None
        self.fails_in: dict[str, Exception] = {}
        self.targets: list[WebhookTarget] = []

    @asynccontextmanager
    async def __call__(
        self, organisation: OrganisationId, language: Language | None = None
    ) -> AsyncIterator["FakeReader"]:
        self.opened += 1
        self.open += 1
        try:
            yield FakeReader(self, organisation)
        finally:
            self.open -= 1


@dataclass
class FakeProgress:
    world: FakeTransactions
    polls: int = 0

    async def latest(self, organisation: OrganisationId, id: AdministrationId) -> ImportRun | None:
        self.polls += 1
        runs = [run for run in self.world.runs if run.organisation_id == organisation and run.administration_id == id]
        return max(runs, key=lambda run: run.queued_at, default=None)

    async def run(self, organisation: OrganisationId, id: ImportRunId) -> ImportRun | None:
        self.polls += 1
        return next((run for run in self.world.runs if run.organisation_id == organisation and run.id == id), None)

    async def under_way(self, organisation: OrganisationId, also: Collection[ImportRunId]) -> Sequence[ImportRun]:
        self.polls += 1
        mine = [row.id for row in self.world.administrations if row.organisation_id == organisation and row.is_alive]
        runs = [run for run in self.world.runs if run.administration_id in mine]
        return [run for run in sorted(runs, key=_queued) if not run.status.is_final or run.id in also]


def _queued(run: ImportRun) -> datetime:
    return run.queued_at


class FakeReader:
    def __init__(self, readers: FakeReaders, organisation: OrganisationId) -> None:
        self._readers = readers
        self._world = readers.world
        self._books = readers.books
        self._organisation = organisation

    def _asked(self, question: str, *arguments: Any) -> None:
        self._readers.calls.append(question)
        self._readers.arguments[question] = arguments
        if self._readers.fails is not None:
            raise self._readers.fails
        if question in self._readers.fails_in:
            raise self._readers.fails_in[question]

    def _page(self, rows: Sequence[T], first: int, after: str | None, *, count: bool = True) -> Page[T]:
        """Cursors are positions here; the real ones are keys."""
        if after is not None and not after.isdecimal():
            raise InvalidCursor(after)
        start = 0 if after is None else int(after) + 1
        shown = rows[start : start + first]
        return Page(
            shown,
            [str(start + index) for index in range(len(shown))],
            has_next=start + first < len(rows),
            has_previous=start > 0,
            total=len(rows) if count else None,
        )

    def _live(self) -> list[Administration]:
        rows = [row for row in self._world.administrations if row.organisation_id == self._organisation]
        return sorted((row for row in rows if row.is_alive), key=lambda row: row.dossier)

    async def integrations(self, ids: Sequence[IntegrationId] | None = None) -> Sequence[Integration]:
        self._asked("integrations", ids)
        mine = [row for row in self._world.integrations if row.organisation_id == self._organisation and row.is_alive]
        if ids is not None:
            return [row for row in mine if row.id in ids]
        return [row for row in mine if row.status is not IntegrationStatus.AWAITING_AUTHORIZATION]

    async def administrations(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Administration]:
        self._asked("administrations", ids)
        return {row.id: row for row in self._live() if row.id in ids}

    async def administrations_of(
        self, integrations: Sequence[IntegrationId]
    ) -> Mapping[IntegrationId, Sequence[Administration]]:
        self._asked("administrations_of", integrations)
        return {id: [row for row in self._live() if row.integration_id == id] for id in integrations}

    async def found_administrations(
        self, filter: AdministrationFilter, first: int, after: str | None, *, count: bool
    ) -> Page[Administration]:
        """By a part of the name alone; how the others are found is tested with the database."""
        self._asked("found_administrations", filter, first, after, count)
        found = [
            row
            for row in sorted(self._live(), key=lambda row: row.name.lower())
            if (filter.search or "").lower() in row.name.lower()
            and (filter.statuses is None or row.status in filter.statuses)
            and (filter.among is None or row.id in filter.among)
        ]
        return self._page(found, first, after, count=count)

    async def calls_today(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Mapping[str, CallsToday]]:
        self._asked("calls_today", ids)
        return dict.fromkeys(ids, self._books.calls)

    async def last_imports(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, ImportRun]:
        self._asked("last_imports", ids)
        runs = sorted(self._world.runs, key=lambda run: run.queued_at)
        return {run.administration_id: run for run in runs if run.administration_id in ids}

    async def import_run(self, id: ImportRunId) -> ImportRun | None:
        self._asked("import_run", id)
        return next((run for run in self._world.runs if run.id == id), None)

    async def nodes(self, ids: Sequence[UUID]) -> Mapping[UUID, Node]:
        self._asked("nodes", ids)
        world, live = self._world, self._live()
        logins = [row for row in world.integrations if row.is_alive]
        owned: list[Integration | Report | WebhookTarget] = [*logins, *world.reports, *self._readers.targets]
        rows = [row for row in owned if row.organisation_id == self._organisation]
        runs = [run for run in world.runs if run.administration_id in {row.id for row in live}]
        known: list[Node] = [*live, *rows, *runs, *self._entries()]
        return {node.id: node for node in known if node.id in ids}

    async def imports(self, id: AdministrationId, first: int, after: str | None) -> Page[ImportRun]:
        self._asked("imports", id, first, after)
        runs = [run for run in self._world.runs if run.administration_id == id]
        return self._page(sorted(runs, key=lambda run: run.queued_at, reverse=True), first, after)

    async def timeline(
        self, subject: IntegrationId | AdministrationId, first: int, after: str | None
    ) -> Page[RecordedEvent]:
        self._asked("timeline", subject, first, after)
        events = enumerate(self._world.timeline(subject))
        return self._page([RecordedEvent(str(number), NOON, event) for number, event in events][::-1], first, after)

    async def audit_trail(self, subject: UUID | None, first: int, after: str | None) -> Page[RecordedEntry]:
        self._asked("audit_trail", subject, first, after)
        shown = [each for each in self._entries() if subject in (None, each.entry.subject)]
        return self._page(shown[::-1], first, after)

    def _entries(self) -> list[RecordedEntry]:
        trail = enumerate(self._world.audit(self._organisation))
        return [RecordedEntry(UUID(int=number), NOON, entry) for number, entry in trail]

    async def import_changes(
        self, id: AdministrationId, runs: Sequence[ImportRunId], first: int, after: str | None, *, count: bool
    ) -> Mapping[ImportRunId, Page[BookingChange]]:
        self._asked("import_changes", id, runs)
        changes = [BookingChange(BookingKey(2, 2, 1, number), BookingChangeKind.ADDED) for number in (1, 2, 3)]
        return dict.fromkeys(runs, self._page(changes, first, after, count=count))

    async def first_seen(self, id: AdministrationId, runs: Sequence[ImportRunId]) -> Mapping[ImportRunId, FirstSeen]:
        self._asked("first_seen", id, runs)
        return dict.fromkeys(runs, FirstSeen((12000, 400000), (3,)))

    async def dataset_states(
        self, ids: Sequence[AdministrationId]
    ) -> Mapping[AdministrationId, Sequence[DatasetState]]:
        self._asked("dataset_states", ids)
        return dict.fromkeys(ids, self._books.states)

    async def bookyears(self, id: AdministrationId) -> Sequence[Bookyear]:
        self._asked("bookyears", id)
        period = Period(202601, JANUARY, date(2026, 1, 31))
        return [Bookyear(2, "2026", JANUARY, date(2026, 12, 31), False, (period,))]

    async def journals(self, id: AdministrationId) -> Sequence[Journal]:
        self._asked("journals", id)
        return [Journal(2, "V", 1, "Sales")]

    async def accounts(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[NamedAccount]:
        self._asked("accounts", id, numbers)
        return [row for row in self._books.accounts if numbers is None or row.number in numbers]

    async def cost_centres(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[CostCentre]:
        self._asked("cost_centres", id, numbers)
        return [row for row in self._books.cost_centres if numbers is None or row.number in numbers]

    async def relations_by_number(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, Relation]:
        self._asked("relations_by_number", id, numbers)
        return {row.number: row for row in self._books.relations if row.number in numbers}

    async def relations(self, id: AdministrationId, first: int, after: str | None) -> Page[Relation]:
        self._asked("relations", id, first, after)
        return self._page(self._books.relations, first, after)

    async def transactions(
        self,
        id: AdministrationId,
        filter: TransactionFilter,
        order: TransactionOrder,
        cut: Cut,
        *,
        count: bool,
        add_up: bool,
    ) -> TransactionPage:
        """The lines are held newest first."""
        self._asked("transactions", id, filter, order, cut, count, add_up)
        lines = self._books.lines if order is TransactionOrder.NEWEST_FIRST else self._books.lines[::-1]
        for cursor in (cut.after, cut.before):
            if cursor is not None and not cursor.isdecimal():
                raise InvalidCursor(cursor)
        start, end = (0 if cut.after is None else int(cut.after) + 1), int(cut.before or len(lines))
        shown = range(start, end)[-cut.size :] if cut.from_end else range(start, end)[: cut.size]
        debit, credit = (sum((side(row.amount) for row in lines), ZERO) for side in (money.debit, money.credit))
        return TransactionPage(
            [lines[position] for position in shown],
            [str(position) for position in shown],
            has_next=end < len(lines) if cut.from_end else shown.stop < end,
            has_previous=shown.start > start if cut.from_end else start > 0,
            total=len(lines) if count else None,
            totals=TransactionTotals(debit, credit) if add_up else None,
        )

    async def bookings(self, id: AdministrationId, keys: Sequence[BookingKey]) -> Mapping[BookingKey, BookingSummary]:
        self._asked("bookings", id, keys)
        return {key: _summary(key, lines) for key in keys if (lines := self._lines_of(key))}

    async def booking_lines(
        self, id: AdministrationId, keys: Sequence[BookingKey], first: int, after: int
    ) -> Mapping[BookingKey, Sequence[TransactionRow]]:
        self._asked("booking_lines", id, keys, first, after)
        return {key: self._lines_of(key)[after : after + first] for key in keys}

    def _lines_of(self, key: BookingKey) -> Sequence[TransactionRow]:
        return [row for row in self._books.lines if row.booking == key]

    async def trial_balance(
        self, id: AdministrationId, from_: date, to: date, dimension: DimensionFilter | None
    ) -> TrialBalance:
        self._asked("trial_balance", id, from_, to, dimension)
        zero, debit, credit = Decimal("0.00"), Decimal("1210.00"), Decimal("1000.00")
        opened = ExplainedEffect(2, JANUARY, EffectKind.OPENING_ADJUSTMENT, debit)
        rows = [
            TrialBalanceRow(400000, "Trade debtors", (1, 2), zero, debit, zero, debit, [opened]),
            TrialBalanceRow(700000, "Sales", (1, 2), zero, zero, credit, -credit),
        ]
        return TrialBalance(rows, None if dimension else zero, None if dimension else zero, JANUARY)

    async def monthly_balances(
        self,
        id: AdministrationId,
        from_: date,
        to: date,
        account_classes: Sequence[int] | None,
        *,
        by_cost_centre: bool,
    ) -> Sequence[MonthlyBalance]:
        self._asked("monthly_balances", id, from_, to, account_classes, by_cost_centre)
        sales = NamedAccount(700000, "Sales", (1, 2))
        amount = Decimal("-1000.00")
        return [MonthlyBalance(JANUARY, sales, 3 if by_cost_centre else None, amount, amount)]

    async def statement(self, id: AdministrationId, question: StatementQuestion) -> Statement:
        """A sale of 1000.00 with 210.00 of VAT, in the first column, and 1.00 on an account that no rubric takes."""
        self._asked("statement", id, question)
        layout = statutory_layout(question.kind, question.model, question.legal_form)
        if question.report is not None:
            report = self._report(question.report)
            layout = layout_of(question.kind, report.lines, report.rules)
        shown = columns(question.from_, question.to, question.interval, question.compare_with, [])
        sale = {(account, 0): Decimal(net) for account, net in self._books.statement if question.kind.holds(account)}
        sold = ColumnFigures(sale, {0: Decimal("-1000.00")})
        figures = statement(layout, [sold, *(ColumnFigures({}, {}) for _ in shown[1:])])

        def named(rows: Sequence[AccountAmounts]) -> list[StatementAccount]:
            return [StatementAccount(NamedAccount(row.account, str(row.account), (2,)), row.amounts) for row in rows]

        lines = [StatementLine(row.line, row.amounts, named(row.accounts)) for row in figures.lines]
        return Statement(shown, lines, named(figures.unmapped), figures.is_balanced)

    def _report(self, id: ReportId) -> Report:
        found = [row for row in self._world.reports if row.organisation_id == self._organisation and row.id == id]
        if not found:
            raise NoSuchReport(id)
        return found[0]

    async def reports(self, ids: Sequence[ReportId] | None = None) -> Sequence[Report]:
        self._asked("reports", ids)
        mine = [row for row in self._world.reports if row.organisation_id == self._organisation]
        return [row for row in sorted(mine, key=lambda row: row.name) if ids is None or row.id in ids]

    async def unmapped(self, id: AdministrationId, report: ReportId) -> Sequence[UnmappedPair]:
        self._asked("unmapped", id, report)
        takes = line_of(self._report(report).rules)
        return [
            UnmappedPair(
                NamedAccount(line.account, str(line.account), (2,)),
                line.cost_centre,
                1,
                line.effective_date,
                line.effective_date,
                line.amount,
            )
            for line in self._books.lines
            if takes(line.account, line.cost_centre or 0) is None
        ]

    async def monthly_results(self, id: AdministrationId, from_: date, to: date) -> Sequence[MonthlyResult]:
        self._asked("monthly_results", id, from_, to)
        zero = Decimal("0.00")
        return [MonthlyResult(JANUARY, Decimal("-1000.00"), zero, zero, is_balanced=True)]

    async def freshness(self, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, Freshness]:
        self._asked("freshness", ids)
        return {row.id: self._books.freshness for row in self._live() if row.id in ids}

    async def outstanding_reports(
        self, id: AdministrationId, type: OutstandingItemType, buckets: Sequence[Bucket], days: Sequence[date]
    ) -> Mapping[date, OutstandingReport]:
        self._asked("outstanding_reports", id, type, buckets, days)
        items = [_item_of(row, type) for row in self._books.items]
        return {
            day: OutstandingReport(basis_of(day, NOON.date(), set()), outstanding_totals(items, day, buckets))
            for day in days
        }

    async def outstanding_by_relation(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        buckets: Sequence[Bucket],
        first: int,
        days: Sequence[date],
    ) -> Mapping[date, Sequence[tuple[int | None, Ageing]]]:
        self._asked("outstanding_by_relation", id, type, buckets, first, days)
        items = [_item_of(row, type) for row in self._books.items]
        return {day: largest_relations(items, day, buckets, first) for day in days}

    async def days_outstanding(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]
    ) -> Mapping[date, Decimal | None]:
        self._asked("days_outstanding", id, type, days)
        return dict.fromkeys(days, Decimal("30.25"))

    async def outstanding_items(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        as_of: date,
        filter: OutstandingFilter,
        first: int,
        after: str | None,
    ) -> Page[OutstandingItemRow]:
        self._asked("outstanding_items", id, type, as_of, filter, first, after)
        return self._page(self._books.items, first, after)

    async def outstanding_item(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, item: str
    ) -> OutstandingItemRow | None:
        self._asked("outstanding_item", id, type, as_of, item)
        return next((row for row in self._books.items if row.id == item), None)

    async def asset_categories(self, id: AdministrationId, as_of: date) -> Sequence[AssetCategory]:
        self._asked("asset_categories", id, as_of)
        return [
            AssetCategory("230", "Plant", Decimal("5000.00"), Decimal("1000.00"), Decimal("4000.00"), ZERO),
            AssetCategory(
                "28", "Financial fixed assets", Decimal("100.00"), ZERO, Decimal("100.00"), Decimal("100.00")
            ),
        ]

    async def fixed_assets(
        self, id: AdministrationId, as_of: date, first: int, after: str | None
    ) -> Page[FixedAssetRow]:
        self._asked("fixed_assets", id, as_of, first, after)
        return self._page(self._books.assets, first, after)

    async def fixed_asset(self, id: AdministrationId, as_of: date, asset: UUID) -> FixedAssetRow | None:
        self._asked("fixed_asset", id, as_of, asset)
        return next((row for row in self._books.assets if row.id == asset), None)

    async def depreciation_schedule(
        self, id: AdministrationId, as_of: date, months: int
    ) -> Sequence[DepreciationMonth]:
        self._asked("depreciation_schedule", id, as_of, months)
        return [DepreciationMonth(JANUARY, Decimal("83.33"), Decimal("5.00"), ZERO, Decimal("4916.67"), True)]

    async def asset_movements(self, id: AdministrationId, as_of: date, bookyear: int) -> Sequence[RubricMovements]:
        self._asked("asset_movements", id, as_of, bookyear)
        if bookyear == UNKNOWN_BOOKYEAR:
            raise UnknownBookyear
        charged = MovementLine(additions=Decimal("1000.00"))
        return [RubricMovements("23", Names("Plant"), MovementLine(Decimal("5000.00")), MovementLine(), charged, ZERO)]

    async def asset_accounts(self, id: AdministrationId) -> Sequence[AssetAccount]:
        self._asked("asset_accounts", id)
        land, wear = NamedAccount(220000, "Land", (2,)), NamedAccount(230900, "Wear", (2,))
        return [
            AssetAccount(land, AssetRole.ACQUISITION, False, None),
            AssetAccount(wear, AssetRole.DEPRECIATION, False, Sentence.verbatim("Class 63 books on it.")),
        ]


def _summary(key: BookingKey, lines: Sequence[TransactionRow]) -> BookingSummary:
    net = sum((row.amount for row in lines), Decimal("0.00"))
    relations = {row.relation for row in lines if row.relation is not None}
    relation = relations.pop() if len(relations) == 1 else None
    return BookingSummary(key, lines[0].document_date, lines[0].period, len(lines), net, relation)


def _the_fakes_serve_the_ports(world: FakeTransactions) -> tuple[object, ...]:
    """Checked by the type checker, never called."""
    reader: Reader = FakeReader(FakeReaders(world), OrganisationId(NOON))  # type: ignore[arg-type]  # never called
    readers: Readers = FakeReaders(world)
    progress: Progress = FakeProgress(world)
    return reader, readers, progress
