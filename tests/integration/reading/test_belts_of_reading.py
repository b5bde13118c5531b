"""Decision 14: whichever of the two belts is off, no question of the read side shows anything of another tenant."""

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid5

import pytest
import pytest_asyncio
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.tables import octopus_call
from monitr.adapters.sql.reading import SqlProgress, SqlReader, SqlReaders
from monitr.adapters.sql.reading.outstanding import ITEM_IDS
from monitr.application.reading.cards import AdministrationFilter
from monitr.application.reading.fixed_assets import UnknownBookyear
from monitr.application.reading.ledger import EntryType, TransactionFilter, TransactionOrder
from monitr.application.reading.outstanding_items import OutstandingFilter, PastDateNotAvailable
from monitr.application.reading.own_reports import NoSuchReport
from monitr.application.reading.pages import Cut
from monitr.application.reading.statements import StatementQuestion
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import OutstandingItemType, ageing_buckets
from monitr.domain.accounting.statements.columns import StatementInterval
from monitr.domain.accounting.statements.layout import StatementKind
from tests.integration.tenants import DAY, DOSSIER, ONE, Tenant, without_conditions, without_row_security
from tests.unit.fakes import NOON

END = date(2026, 12, 31)
TODAY = NOON.date()
RECEIVABLE = OutstandingItemType.RECEIVABLE
BOOKING = BookingKey(ONE, ONE, ONE, ONE)
REGULAR, OPENING = (TransactionFilter(entry_types=(entry,)) for entry in (EntryType.REGULAR, EntryType.YEAR_OPENING))
OF_RELATION = TransactionFilter(booking_relation_number=ONE)

Question = Callable[[SqlReader, Tenant], Awaitable[object]]

QUESTIONS: Mapping[str, Question] = {
    "integrations": lambda reader, of: reader.integrations(),
    "integrations by id": lambda reader, of: reader.integrations([of.integration]),
    "administrations": lambda reader, of: reader.administrations([of.administration]),
    "nodes": lambda reader, of: listed(
        reader.nodes([of.administration, of.integration, of.run, of.target, of.report, of.id("audit_entry")])
    ),
    "administrations_of": lambda reader, of: listed(reader.administrations_of([of.integration])),
    "found_administrations": lambda reader, of: reader.found_administrations(
        AdministrationFilter(among=frozenset([of.administration])), 9, None, count=True
    ),
    "calls_today": lambda reader, of: listed(reader.calls_today([of.administration])),
    "runs_under_way": lambda reader, of: reader.runs_under_way([of.run]),
    "last_imports": lambda reader, of: reader.last_imports([of.administration]),
    "import_run": lambda reader, of: reader.import_run(of.run),
    "imports": lambda reader, of: reader.imports(of.administration, 9, None),
    "timeline": lambda reader, of: reader.timeline(of.administration, 9, None),
    "audit_trail": lambda reader, of: reader.audit_trail(None, 9, None),
    "audit_trail of a subject": lambda reader, of: reader.audit_trail(of.administration, 9, None),
    "dataset_states": lambda reader, of: listed(reader.dataset_states([of.administration])),
    "import_changes": lambda reader, of: listed(
        reader.import_changes(of.administration, [of.run], 9, None, count=True)
    ),
    "first_seen": lambda reader, of: listed(reader.first_seen(of.administration, [of.run])),
    "bookyears": lambda reader, of: reader.bookyears(of.administration),
    "journals": lambda reader, of: reader.journals(of.administration),
    "accounts": lambda reader, of: reader.accounts(of.administration),
    "accounts by number": lambda reader, of: reader.accounts(of.administration, [ONE]),
    "cost_centres": lambda reader, of: reader.cost_centres(of.administration),
    "cost_centres by number": lambda reader, of: reader.cost_centres(of.administration, [ONE]),
    "relations": lambda reader, of: reader.relations(of.administration, 9, None),
    "relations_by_number": lambda reader, of: reader.relations_by_number(of.administration, [ONE]),
    "bookings": lambda reader, of: reader.bookings(of.administration, [BOOKING]),
    "booking_lines": lambda reader, of: reader.booking_lines(of.administration, [BOOKING], 9, 0),
    "transactions": lambda reader, of: transactions(reader, of, TransactionFilter()),
    "transactions that are regular": lambda reader, of: transactions(reader, of, REGULAR),
    "transactions of openings": lambda reader, of: transactions(reader, of, OPENING),
    "transactions counted line by line": lambda reader, of: transactions(reader, of, TransactionFilter(text="of")),
    "transactions of a relation": lambda reader, of: transactions(reader, of, OF_RELATION),
    "trial_balance": lambda reader, of: reader.trial_balance(of.administration, DAY, END, None),
    "trial_balance with parted months": lambda reader, of: reader.trial_balance(of.administration, DAY, TODAY, None),
    "monthly_balances": lambda reader, of: reader.monthly_balances(
        of.administration, DAY, END, None, by_cost_centre=True
    ),
    "statement": lambda reader, of: reader.statement(of.administration, statement_by(StatementInterval.TOTAL)),
    "statement by bookyear": lambda reader, of: reader.statement(
        of.administration, statement_by(StatementInterval.BOOKYEAR)
    ),
    "monthly_results": lambda reader, of: reader.monthly_results(of.administration, DAY, END),
    "statement of a report": lambda reader, of: of_a_report(
        reader.statement(of.administration, replace(statement_by(StatementInterval.TOTAL), report=of.report))
    ),
    "reports": lambda reader, of: reader.reports(),
    "reports by id": lambda reader, of: reader.reports([of.report]),
    "unmapped": lambda reader, of: of_a_report(reader.unmapped(of.administration, of.report)),
    "freshness": lambda reader, of: listed(reader.freshness([of.administration])),
    "outstanding_reports": lambda reader, of: listed(
        reader.outstanding_reports(of.administration, RECEIVABLE, ageing_buckets([30]), [TODAY])
    ),
    "outstanding_reports of past days": lambda reader, of: of_known_days(
        reader.outstanding_reports(of.administration, RECEIVABLE, ageing_buckets([30]), [DAY, DAY + timedelta(days=9)])
    ),
    "outstanding_by_relation": lambda reader, of: listed(
        reader.outstanding_by_relation(of.administration, RECEIVABLE, ageing_buckets([30]), 9, [TODAY])
    ),
    "days_outstanding": lambda reader, of: listed(
        reader.days_outstanding(of.administration, OutstandingItemType.PAYABLE, [TODAY])
    ),
    "outstanding_items": lambda reader, of: reader.outstanding_items(
        of.administration, RECEIVABLE, TODAY, OutstandingFilter(), 9, None
    ),
    "outstanding_item": lambda reader, of: reader.outstanding_item(of.administration, RECEIVABLE, TODAY, item(of)),
    "asset_categories": lambda reader, of: reader.asset_categories(of.administration, END),
    "fixed_assets": lambda reader, of: reader.fixed_assets(of.administration, END, 9, None),
    "fixed_asset": lambda reader, of: reader.fixed_asset(
        of.administration, END, uuid5(of.administration, f"asset/{BOOKING.code}/{ONE}")
    ),
    "depreciation_schedule": lambda reader, of: reader.depreciation_schedule(of.administration, END, 9),
    "asset_movements": lambda reader, of: movements(reader, of),
    "asset_accounts": lambda reader, of: reader.asset_accounts(of.administration),
}
"""What can be asked about a tenant. A name begins with that of the method."""


def transactions(reader: SqlReader, of: Tenant, filter: TransactionFilter) -> Awaitable[object]:
    return reader.transactions(
        of.administration, filter, TransactionOrder.NEWEST_FIRST, Cut(9), count=True, add_up=True
    )


def statement_by(interval: StatementInterval) -> StatementQuestion:
    return StatementQuestion(StatementKind.BALANCE_SHEET, DAY, TODAY, interval=interval)


def item(of: Tenant) -> str:
    return ITEM_IDS.encode((ONE, f"journal_key of {of.organisation}", ONE, ONE, ONE))


async def movements(reader: SqlReader, of: Tenant) -> object:
    """Of another's, not even the bookyear is known."""
    try:
        return await reader.asset_movements(of.administration, END, 1)
    except UnknownBookyear:
        return []


async def listed(answer: Awaitable[Mapping[Any, object]]) -> list[object]:
    """Without the ids asked for, which are keys whether anything is found or not."""
    return [*(await answer).values()]


async def of_known_days(answer: Awaitable[Mapping[Any, object]]) -> list[object]:
    """Of another's, not even that past days are known."""
    try:
        return await listed(answer)
    except PastDateNotAvailable:
        return []


async def of_a_report(answer: Awaitable[object]) -> object:
    """None where there is no such report."""
    try:
        return await answer
    except NoSuchReport:
        return None


class Asked:
    """Everything asked as one tenant about another: the answers by question, and the statements it took."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.statements: list[str] = []

    async def __call__(self, *, by: Tenant, about: Tenant) -> dict[str, object]:
        readers = SqlReaders(self.engine, lambda: NOON)
        with self._noted():
            async with readers(by.organisation) as reader:
                answers = {name: await question(reader, about) for name, question in QUESTIONS.items()}
            progress = SqlProgress(readers)
            answers["progress of the latest"] = await progress.latest(by.organisation, about.administration)
            answers["progress of all"] = await progress.under_way(by.organisation, [about.run])
            answers["progress of a run"] = await progress.run(by.organisation, about.run)
        return answers

    @contextmanager
    def _noted(self) -> Iterator[None]:
        def note(connection, cursor, statement, parameters, context, executemany):
            self.statements.append(statement)

        event.listen(self.engine.sync_engine, "before_cursor_execute", note)
        try:
            yield
        finally:
            event.remove(self.engine.sync_engine, "before_cursor_execute", note)


@pytest_asyncio.fixture
async def own_engine(fresh_database: str):
    engine = create_engine(fresh_database)
    yield engine
    await engine.dispose()


async def filled(engine: AsyncEngine, *tenants: Tenant) -> None:
    async with engine.begin() as connection:
        for tenant in tenants:
            await tenant.fill(connection)
            called = {"scope": f"dossier:{DOSSIER}", "operation": "journals", "day": TODAY, "calls": ONE}
            await connection.execute(insert(octopus_call).values(called).on_conflict_do_nothing())


def test_every_question_is_asked() -> None:
    methods = {name for name, _ in inspect.getmembers(SqlReader, inspect.iscoroutinefunction) if name[0] != "_"}
    assert {name.split()[0] for name in QUESTIONS} == methods


@pytest.mark.parametrize("belt", ["both", "conditions", "row security"])
async def test_nothing_of_another_tenant_is_seen_with_either_belt(own_engine: AsyncEngine, belt: str) -> None:
    me, other, nobody = Tenant(), Tenant(amount=Decimal("7.00")), Tenant()
    await filled(own_engine, me)
    asked = Asked(own_engine)
    alone = await asked(by=me, about=me)
    await filled(own_engine, other)

    with (
        without_row_security() if belt == "conditions" else nullcontext(),
        without_conditions(own_engine) if belt == "row security" else nullcontext(),
    ):
        assert await asked(by=me, about=other) == await asked(by=me, about=nobody)
        assert await asked(by=me, about=me) == alone


async def test_without_both_belts_every_answer_is_the_other_tenants(own_engine: AsyncEngine) -> None:
    """So each question can show what it must not, and the belts come off in the tests above."""
    me, other, nobody = Tenant(), Tenant(amount=Decimal("7.00")), Tenant()
    await filled(own_engine, other)
    asked = Asked(own_engine)
    its_own = await asked(by=other, about=other)

    with without_row_security(), without_conditions(own_engine):
        assert await asked(by=me, about=other) == its_own

    nothing = await asked(by=me, about=nobody)
    assert [name for name, answer in its_own.items() if answer == nothing[name]] == []


async def test_every_statement_names_the_organisation(own_engine: AsyncEngine) -> None:
    """Also the second of two, which finds nothing anyway where the first found nothing."""
    me = Tenant()
    await filled(own_engine, me)
    asked = Asked(own_engine)
    await asked(by=me, about=me)

    questions = [statement for statement in asked.statements if "set_config" not in statement]
    assert len(questions) > len(QUESTIONS)
    assert [statement for statement in questions if "organisation_id = %(organisation)s" not in statement] == []
