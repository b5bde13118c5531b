"""Complaints that others live with, each with the public address that it comes from: here it is otherwise."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from returns.result import Failure
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading import SqlReaders
from monitr.application.problems import UnknownAdministration
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.start_imports import StartImports
from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus, ImportTrigger
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import Document, credit, debit
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import DateHeader, ResultTransfer
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.reports import assert_all_equals
from tests.integration.importing.soak import SOAK
from tests.integration.importing.truth import ledger_of
from tests.integration.importing.world import World, a_world, checks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOSSIER = 49001
NEW = 2
FIRST_DAY, LAST_OF_OLD, LAST_DAY = date(2025, 1, 1), date(2025, 12, 31), date(2026, 12, 31)
DAY = date(2026, 11, 20)


async def at_once(seconds: float) -> None:
    """No waiting between the attempts of a read."""


@dataclass
class Imported:
    """One dossier; ``after``: what happens in Octopus once it has answered an operation."""

    world: World
    id: AdministrationId
    after: dict[str, Callable[[], object]]

    @property
    def books(self) -> Books:
        return self.world.sandbox.books(DOSSIER)

    async def sync(self, mode: ImportMode = ImportMode.INCREMENTAL) -> ImportRun:
        self.pass_by(timedelta(hours=7))
        return await self.world.sync(self.id, mode)

    def pass_by(self, time: timedelta) -> None:
        self.world.sandbox.clock.advance(time)

    async def assert_is_right(self, run: ImportRun) -> None:
        assert (run.status, checks(run)) == (ImportStatus.SUCCEEDED, {})
        await assert_all_equals(self.world, self.id, self.world.sandbox.truth(DOSSIER), self.books)

    async def watermark(self) -> datetime:
        watermark = (await self.world.administration(self.id)).watermark
        assert watermark is not None
        return watermark


@asynccontextmanager
async def selected(engine: AsyncEngine, **switches: object) -> AsyncIterator[Imported]:
    """Not imported yet."""
    given = Switches(daily_limits=False, **switches)  # type: ignore[arg-type]  # switches by name
    with SandboxServer(SandboxSettings(lines=200, bookyears=2, switches=given), Clock(NOW)) as sandbox:
        after: dict[str, Callable[[], object]] = {}

        def answered(operation: str, status: int | None, seconds: float) -> None:
            after.pop(operation, lambda: None)()

        async with a_world(engine, sandbox, sandbox.clock.now, on_request=answered, sleep=at_once) as world:
            (administration,) = await world.select(await world.connect(), DOSSIER)
            yield Imported(world, administration.id, after)


@asynccontextmanager
async def imported(engine: AsyncEngine, **switches: object) -> AsyncIterator[Imported]:
    async with selected(engine, **switches) as it:
        await it.world.work(it.id)
        yield it


def sale(books: Books, amount: str = "121.00", day: date = DAY) -> Document:
    client = min(id for id, relation in books.relations.items() if relation.client)
    return books.book(journal="V1", date=day, lines=[debit(400000, amount, relation=client), credit(700000, amount)])


def there_and_back(books: Books) -> None:
    """Two bookings that leave all totals as they were, so that nothing but their stamps tells of them."""
    books.book(journal="D2", date=DAY, lines=[debit(613000, "5.00"), credit(489000, "5.00")])
    books.book(journal="D2", date=DAY, lines=[debit(489000, "5.00"), credit(613000, "5.00")])


# --- success with zero rows -----------------------------------------------------------------------------------------

ANSWERS = ("getReportModifiedBooking", "getModifiedAccountAmounts", "getReportOpenClient", "getReportOpenSupplier")


KINDS = ["not-found", "no-content", "empty-list"] if SOAK else ["empty-list"]


@pytest.mark.parametrize("kind", KINDS)
async def test_a_sync_that_reads_nothing_where_there_is_something_does_not_succeed(
    engine: AsyncEngine, kind: str
) -> None:
    """ "Syncs should not succeed when 0 records is unexpected": https://github.com/airbytehq/airbyte/issues/32914"""
    async with imported(engine) as it:
        before, watermark = await ledger_of(it.world, it.id), await it.watermark()
        sale(it.books)
        it.world.sandbox.faults.next(ANSWERS, 1_000, kind=kind)

        run = await it.sync()

        assert run.status is not ImportStatus.SUCCEEDED or checks(run)
        assert run.status is ImportStatus.SUCCEEDED or await it.watermark() == watermark
        assert await ledger_of(it.world, it.id) == before
        it.world.sandbox.faults.clear()
        await _go_on(it, run)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_first_import_that_reads_nothing_does_not_succeed_with_zero_rows(
    engine: AsyncEngine, kind: str
) -> None:
    """As above: https://github.com/airbytehq/airbyte/issues/32914"""
    async with selected(engine) as it:
        it.world.sandbox.faults.next("getReportModifiedBooking", 1_000, kind=kind)

        run = await it.world.work(it.id)

        assert run.status is not ImportStatus.SUCCEEDED or checks(run)
        it.world.sandbox.faults.clear()
        await _go_on(it, run)


async def _go_on(it: Imported, run: ImportRun) -> None:
    """Once Octopus answers again, the next run finds everything: nothing was believed meanwhile."""
    if run.status is ImportStatus.WAITING:
        it.pass_by(timedelta(hours=1))
        run = await it.world.work(it.id)
    else:
        run = await it.sync()
    await it.assert_is_right(run)


# --- time stamps at the watermark -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seconds", [-1, 0, 1])
async def test_a_stamp_equal_to_the_watermark_is_read_again(engine: AsyncEngine, seconds: int) -> None:
    """What becomes visible later with the stamp of the last checkpoint: https://github.com/estuary/connectors/issues/5205
    and two rows with one stamp, close to a run's start: https://github.com/airbytehq/airbyte/issues/80152"""
    async with imported(engine) as it:
        at = await it.watermark() + timedelta(seconds=seconds)
        with it.books.stamped(int(at.timestamp() * 1000)):
            there_and_back(it.books)

        await it.assert_is_right(await it.sync())


@pytest.mark.parametrize("header", [DateHeader.ABSENT, DateHeader.NONSENSE])
async def test_where_octopus_does_not_tell_the_time_nothing_is_lost(engine: AsyncEngine, header: DateHeader) -> None:
    """Rows whose cursor is NULL are never read: https://github.com/airbytehq/airbyte/pull/16567; here it is the answer
    that has no time to go by."""
    async with imported(engine, date_header=header) as it:
        with it.books.stamped(int((await it.watermark()).timestamp() * 1000)):
            there_and_back(it.books)
        await it.assert_is_right(await it.sync())

        there_and_back(it.books)
        await it.assert_is_right(await it.sync())


# --- an edit without a stamp ----------------------------------------------------------------------------------------


async def test_a_line_edit_that_leaves_the_bookings_stamp_is_found(engine: AsyncEngine) -> None:
    """An edit in a child table does not stamp its parent, so that the indexer never starts:
    https://github.com/fecgov/openFEC/issues/2512"""
    async with imported(engine) as it:
        head, revenue = sale(it.books).lines
        await it.sync()
        it.pass_by(timedelta(days=2))
        await it.sync()
        document = max((d for d in it.books.movements() if d.lines == (head, revenue)), key=lambda d: d.key)

        it.books.change(document.key, keeps_stamp=True, lines=(head, revenue._replace(account=604000)))

        await it.assert_is_right(await it.sync())


# --- imports after a disconnect -------------------------------------------------------------------------------------


async def removed(it: Imported) -> None:
    remove = RemoveAdministration(it.world.transactions, it.world.clock, timedelta(days=30))
    (await remove(it.world.principal, it.id, purge=False)).unwrap()


async def states(it: Imported) -> list[object]:
    runs = "SELECT status FROM import_run WHERE administration_id = :id ORDER BY queued_at"
    return [status for (status,) in await it.world.rows(runs, id=it.id)]


async def test_a_queued_import_does_not_begin_after_the_disconnect(engine: AsyncEngine) -> None:
    """ "A deleted connection still causes retries": https://github.com/airbytehq/airbyte/issues/1872"""
    async with selected(engine) as it:
        asked = len(it.world.sandbox.calls.of("getReportModifiedBooking", DOSSIER))

        await removed(it)

        assert await states(it) == ["CANCELLED"]
        assert len(it.world.sandbox.calls.of("getReportModifiedBooking", DOSSIER)) == asked


async def test_a_running_import_ends_with_the_disconnect(engine: AsyncEngine) -> None:
    """ "When deleting a connection, cancel the current connection if any":
    https://github.com/airbytehq/airbyte/issues/10841"""
    async with selected(engine) as it:
        claim = await it.world.claim(it.id)
        await removed(it)

        await it.world.importer()(claim)

        assert await states(it) == ["CANCELLED"]
        assert await ledger_of(it.world, it.id) == []


async def test_the_schedule_starts_no_import_after_the_disconnect(engine: AsyncEngine) -> None:
    """Schedules that outlive their connection: https://github.com/NangoHQ/nango/issues/847"""
    async with imported(engine) as it:
        await removed(it)
        start = StartImports(it.world.transactions, it.world.clock, uuid4, timedelta())

        for trigger in (ImportTrigger.SCHEDULE, ImportTrigger.DEEP_READ):
            started = await start(it.world.principal, [it.id], ImportMode.INCREMENTAL, trigger)
            assert started == Failure(UnknownAdministration(it.id))
        assert await states(it) == ["SUCCEEDED"]


# --- removed rows that come back ------------------------------------------------------------------------------------


async def test_removed_bookings_do_not_come_back_and_those_booked_again_do_not_vanish(engine: AsyncEngine) -> None:
    """A row that was deleted and inserted again with its key was marked as deleted by the next resync:
    https://github.com/PeerDB-io/peerdb/pull/2411, and values written into a tombstone, where nobody sees them:
    https://github.com/nightscout/nocturne/issues/1065"""
    async with imported(engine) as it:
        gone, again = sale(it.books), sale(it.books, "50.00")
        await it.sync()
        it.books.delete(again.key, frees_number=True)
        it.books.delete(gone.key)
        await it.assert_is_right(await it.sync())
        assert sale(it.books, "50.00").key == again.key

        for mode in (ImportMode.INCREMENTAL, ImportMode.INCREMENTAL, ImportMode.FULL):
            it.pass_by(timedelta(minutes=1) - timedelta(hours=7))  # the overlap tells of the deletion once more
            await it.assert_is_right(await it.sync(mode))


# --- openings after the year before has changed ---------------------------------------------------------------------


async def test_an_opening_is_neither_frozen_nor_doubled_when_the_year_before_changes(engine: AsyncEngine) -> None:
    """Later opening balances stay as they were until each year is saved by hand:
    https://github.com/DANOSOFT/saldi/pull/559, and openings that are counted twice:
    https://github.com/frappe/erpnext/pull/55495"""
    async with imported(engine) as it:
        sale(it.books, "79.00", LAST_OF_OLD)
        frozen = await it.sync()
        assert "YEAR_OPENINGS" in checks(frozen), "Octopus's own opening is frozen, and it is told"
        await assert_all_equals(it.world, it.id, it.world.sandbox.truth(DOSSIER), it.books)

        it.books.carry_forward(NEW)

        await it.assert_is_right(await it.sync())
        await it.assert_is_right(await it.sync(ImportMode.FULL))


async def test_a_year_that_is_not_opened_follows_the_year_before(engine: AsyncEngine) -> None:
    """As above, without an opening to be frozen: https://github.com/DANOSOFT/saldi/pull/559"""
    async with imported(engine) as it:
        it.books.delete(it.books.openings[NEW].key)
        sale(it.books, "79.00", LAST_OF_OLD)

        await it.assert_is_right(await it.sync())


# --- year-end entries in one report and not in another --------------------------------------------------------------


@pytest.mark.parametrize("result", list(ResultTransfer) if SOAK else list(ResultTransfer)[:1])
async def test_year_end_entries_are_in_every_report(engine: AsyncEngine, result: ResultTransfer) -> None:
    """ "Trial Balance and PNL/BS/GL report are mismatched": https://github.com/ledgersmb/LedgerSMB/issues/6402"""
    async with imported(engine, result_transfer=result) as it:
        async with SqlReaders(engine, it.world.clock)(it.world.organisation) as reader:
            trial = await reader.trial_balance(it.id, FIRST_DAY, LAST_OF_OLD, None)
            monthly = await reader.monthly_balances(it.id, FIRST_DAY, LAST_OF_OLD, None, by_cost_centre=False)
        in_december = {int(row.account.number): row.balance for row in monthly if row.month.month == 12 and row.balance}
        lines: dict[int, object] = dict(
            await it.world.rows(  # type: ignore[arg-type]  # rows of two
                """SELECT account, sum(amount) FROM ledger_line WHERE administration_id = :id AND bookyear = 1
                GROUP BY account HAVING sum(amount) <> 0""",
                id=it.id,
            )
        )

        closing = {row.account: row.closing for row in trial.rows if row.closing}

        assert closing == in_december == lines
        assert any(account // 10000 in (69, 79) for account in closing) is (result is ResultTransfer.APPROPRIATED)


# --- totals of different moments in one answer ----------------------------------------------------------------------


async def test_all_totals_of_one_answer_are_of_one_moment(engine: AsyncEngine) -> None:
    """Several queries of one report without a read transaction: https://github.com/jvreagan/deco/issues/205"""
    async with imported(engine) as it:
        async with SqlReaders(engine, it.world.clock)(it.world.organisation) as reader:
            trial = await reader.trial_balance(it.id, FIRST_DAY, LAST_DAY, None)
            sale(it.books)
            await it.sync()
            again = await reader.trial_balance(it.id, FIRST_DAY, LAST_DAY, None)
            monthly = await reader.monthly_balances(it.id, FIRST_DAY, LAST_DAY, [4], by_cost_centre=False)

        receivable = {row.account: row.closing for row in trial.rows}[400000]
        assert again == trial
        assert [row.balance for row in monthly if int(row.account.number) == 400000][-1] == receivable


async def test_totals_of_another_moment_than_the_ledger_are_not_taken_for_a_difference(engine: AsyncEngine) -> None:
    """An upper bound and the rows below it were read in two snapshots: https://github.com/airbytehq/airbyte/issues/85918;
    here somebody books between Octopus's answer of lines and its answer of totals."""
    async with imported(engine) as it:
        it.after["bookings/modified"] = lambda: sale(it.books)

        run = await it.sync()

        await it.assert_is_right(run)
        assert it.after == {}
