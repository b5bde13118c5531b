"""Octopus's own ways: whatever a bookkeeper does with openings, numbers, journals and sessions, the reports are those
of the books, incrementally as by a full import, in whatever order it happens."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeVar

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus, ImportTrigger
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.books import Books
from octopus_sandbox.books.desktop_session import DesktopSession
from octopus_sandbox.books.entries import Document, LineKey, credit, debit
from octopus_sandbox.books.second_transfer import SecondTransfer, transfer_again
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import Consent, OpeningMark, ResultTransfer, TakeOver
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.reports import assert_all_equals
from tests.integration.importing.soak import SOAK
from tests.integration.importing.world import World, a_world, checks

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DOSSIER = 49001
OLD, NEW = 1, 2
"""The bookyears 2025 and 2026."""
LAST_OF_OLD, FIRST_OF_NEW = date(2025, 12, 31), date(2026, 1, 1)
OVERLAP = timedelta(hours=3)
Deed = Callable[[Books], object]
Value = TypeVar("Value")


def few(values: Sequence[Value]) -> Sequence[Value]:
    """The first of some alike; all of them in a soak."""
    return values if SOAK else values[:1]


@dataclass
class Octopus:
    """One dossier, imported by us after each deed, and whole by somebody else at the end."""

    world: World
    other: World
    id: AdministrationId

    @property
    def books(self) -> Books:
        return self.world.sandbox.books(DOSSIER)

    async def does(self, *deeds: Deed, says: frozenset[str] = frozenset()) -> ImportRun:
        """Deeds, and then an incremental import; ``says``: the checks that do not pass."""
        self.pass_by(timedelta(hours=7))
        for deed in deeds:
            self.pass_by(timedelta(minutes=1))
            deed(self.books)
        self.pass_by(timedelta(minutes=1))
        return await self.imports(says=says)

    async def imports(self, mode: ImportMode = ImportMode.INCREMENTAL, *, says: frozenset[str]) -> ImportRun:
        run = await self.world.sync(self.id, mode)
        await self.assert_is_told(self.world, self.id, run, says)
        return run

    async def assert_is_told(self, world: World, id: AdministrationId, run: ImportRun, says: frozenset[str]) -> None:
        assert run.status is ImportStatus.SUCCEEDED, run.error
        assert checks(run).keys() == says, checks(run)
        await assert_all_equals(world, id, world.sandbox.truth(DOSSIER), self.books)

    async def in_the_end(self, *, says: frozenset[str] = frozenset()) -> None:
        """A full import finds nothing else; nor does, in a soak, a first one of another organisation."""
        self.pass_by(timedelta(hours=7))
        await self.imports(ImportMode.FULL, says=says)
        if not SOAK:
            return
        id = await selected(self.other)
        await self.assert_is_told(self.other, id, await self.other.work(id), says)

    def pass_by(self, time: timedelta) -> None:
        self.world.sandbox.clock.advance(time)


@asynccontextmanager
async def octopus(engine: AsyncEngine, *first: Deed, **switches: object) -> AsyncIterator[Octopus]:
    """Generated books of two bookyears, imported once, after ``first``."""
    given = Switches(daily_limits=False, **switches)  # type: ignore[arg-type]  # switches by name
    settings = SandboxSettings(lines=200, bookyears=2, switches=given)
    with SandboxServer(settings, Clock(NOW)) as sandbox:
        now = sandbox.clock.now
        for deed in first:
            deed(sandbox.books(DOSSIER))
        sandbox.clock.advance(timedelta(minutes=1))
        async with a_world(engine, sandbox, now) as mine, a_world(engine, sandbox, now) as theirs:
            it = Octopus(mine, theirs, await selected(mine))
            await mine.work(it.id)
            yield it


async def selected(world: World) -> AdministrationId:
    (administration,) = await world.select(await world.connect(), DOSSIER)
    return administration.id


def sells(day: date, amount: str = "133.45", journal: str = "V1") -> Callable[[Books], Document]:
    def deed(books: Books) -> Document:
        client = min(id for id, relation in books.relations.items() if relation.client)
        return books.book(
            journal=journal, date=day, lines=[debit(400000, amount, relation=client), credit(700000, amount)]
        )

    return deed


def transfers(**how: object) -> Deed:
    return lambda books: books.carry_forward(NEW, **how)  # type: ignore[arg-type]  # options by name


NOTHING: frozenset[str] = frozenset()
NOT_RUN_AGAIN = frozenset({"YEAR_OPENINGS", "OUTSTANDING_ITEMS"})
"""A late sale is in Octopus's open items, and not in the balance that was carried forward before it."""


# --- openings by hand -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("by_hand", few([True, False]))
@pytest.mark.parametrize("way", few([580000, 588888]))
async def test_an_opening_in_any_divers_journal_by_way_of_580000(engine: AsyncEngine, way: int, by_hand: bool) -> None:
    """No adjustment, no warning: what the entry left on the account, the banks' documents take from there."""
    switches = {"opening_journal": 4, "opening_name": "Hernemingen", "opening_account": way, "opened_by_hand": by_hand}
    async with octopus(engine, **switches) as it:
        await it.does(sells(date(2026, 5, 5)))
        await it.in_the_end()


@pytest.mark.parametrize("name", few(["Zomaar", "Heropening"]))
async def test_a_bookyear_that_was_opened_is_opened_again_by_hand(engine: AsyncEngine, name: str) -> None:
    async with octopus(engine, opening_mark=OpeningMark.ORDINARY_JOURNAL) as it:
        await it.does(lambda books: books.add_journal("D7", name), transfers(journal="D7", by_way_of=580000))
        await it.does(sells(LAST_OF_OLD), says=NOT_RUN_AGAIN)
        await it.does(transfers(journal="D7", by_way_of=580000))
        await it.in_the_end()


@pytest.mark.parametrize("result", few(list(ResultTransfer)))
async def test_a_bookyear_that_was_not_opened_yet_stands_on_the_closing_before_it(
    engine: AsyncEngine, result: ResultTransfer
) -> None:
    """Opened by hand then, before or after a late booking."""
    not_opened: Deed = lambda books: books.delete(books.openings[NEW].key)  # noqa: E731
    async with octopus(engine, not_opened, result_transfer=result, opening_name="Diversen") as it:
        await it.does(sells(LAST_OF_OLD))
        await it.does(transfers(by_way_of=580000))
        await it.does(sells(LAST_OF_OLD, "7.00"), says=NOT_RUN_AGAIN)
        await it.in_the_end(says=NOT_RUN_AGAIN)


async def test_internal_transfers_by_way_of_580000_are_no_openings(engine: AsyncEngine) -> None:
    def moves_money(books: Books) -> None:
        books.book(journal="F1", date=date(2026, 1, 2), lines=[debit(580000, "85.00"), credit(550000, "85.00")])
        books.book(journal="F2", date=date(2026, 1, 3), lines=[debit(570000, "85.00"), credit(580000, "85.00")])

    async with octopus(engine, opened_by_hand=True, opening_account=580000) as it:
        await it.does(moves_money)
        await it.in_the_end()
        tagged = await it.world.rows(
            "SELECT count(*) FROM year_opening WHERE administration_id = :id AND bookyear = 2 AND journal_type = 3",
            id=it.id,
        )
        fetched = sum(document.comment == "Beginsaldo" for document in it.books.movements() if document.key[0] == NEW)
        assert tagged == [(fetched,)]


# --- balances transferred twice -------------------------------------------------------------------------------------

AFTERWARDS = {
    SecondTransfer.REPLACES: NOTHING,
    SecondTransfer.ANEW: NOTHING,
    SecondTransfer.DIFFERENCE: NOTHING,
    SecondTransfer.DOUBLES: NOT_RUN_AGAIN,  # it stands twice, and Octopus's own balances are doubled
}


@pytest.mark.parametrize("mark", few([OpeningMark.ORDINARY_JOURNAL, OpeningMark.NAMED_JOURNAL]))
@pytest.mark.parametrize("how", list(SecondTransfer) if SOAK else [SecondTransfer.DIFFERENCE, SecondTransfer.DOUBLES])
async def test_balances_are_transferred_twice_and_a_late_booking_lies_between(
    engine: AsyncEngine, how: SecondTransfer, mark: OpeningMark
) -> None:
    async with octopus(engine, opening_mark=mark) as it:
        await it.does(sells(LAST_OF_OLD), says=NOT_RUN_AGAIN)
        await it.does(lambda books: transfer_again(books, NEW, how), says=AFTERWARDS[how])
        await it.does(lambda books: books.close_bookyear(OLD), says=AFTERWARDS[how])
        await it.in_the_end(says=AFTERWARDS[how])


@pytest.mark.parametrize("how", few(list(SecondTransfer)))
async def test_balances_are_transferred_twice_before_the_late_booking(engine: AsyncEngine, how: SecondTransfer) -> None:
    """All of it between two imports, or imported for the first time."""
    async with octopus(engine) as it:
        late = [sells(LAST_OF_OLD, "50.00"), lambda books: transfer_again(books, NEW, how), sells(LAST_OF_OLD, "7.00")]
        await it.does(*late, says=NOT_RUN_AGAIN)
        await it.in_the_end(says=NOT_RUN_AGAIN)


async def test_balances_are_transferred_long_before_the_closing(engine: AsyncEngine) -> None:
    """As in books that are opened in advance: hardly an amount is the same when the year is over."""

    def opens_next_year(books: Books) -> None:
        books.add_bookyear(date(2027, 1, 1))
        books.carry_forward(3, journal="D2")

    def goes_on(books: Books) -> None:
        for day in range(1, 20):
            client = min(id for id, relation in books.relations.items() if relation.client)
            sale = books.book(
                journal="V1",
                date=date(2026, 12, day),
                lines=[debit(400000, "121.00", relation=client), credit(700000, "100.00"), credit(451000, "21.00")],
            )
            books.pay(LineKey(sale.key, 0), date=date(2026, 12, day), cents=6_000)

    async with octopus(engine, opening_mark=OpeningMark.ORDINARY_JOURNAL) as it:
        await it.does(opens_next_year)
        await it.does(goes_on, says=NOT_RUN_AGAIN)
        await it.does(lambda books: books.carry_forward(3, journal="D2"))
        await it.in_the_end()


# --- a year that was kept elsewhere ---------------------------------------------------------------------------------


@pytest.mark.parametrize("take_over", few([TakeOver.LAST_DAY, TakeOver.FIRST_DAY]))
@pytest.mark.parametrize("by_hand", few([False, True]))
async def test_a_take_over_year_holds_a_whole_years_result_on_one_day(
    engine: AsyncEngine, take_over: TakeOver, by_hand: bool
) -> None:
    """It is no opening: it has a result, which stays that of its year."""
    async with octopus(engine, take_over=take_over, opened_by_hand=by_hand, opening_account=580000) as it:
        await it.does(sells(date(2026, 3, 3)))
        await it.in_the_end()
        opened = await it.world.rows(
            "SELECT DISTINCT bookyear FROM year_opening WHERE administration_id = :id", id=it.id
        )
        assert opened == [(NEW,)]


# --- a journal's name -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day", [FIRST_OF_NEW, date(2026, 1, 10)])
async def test_a_journals_name_alone_makes_no_opening(engine: AsyncEngine, day: date) -> None:
    """133.45 in a divers journal called "Opening balance": before the transfer, and after it."""

    def corrects(books: Books) -> None:
        books.add_journal("D8", "Opening balance")
        books.book(journal="D8", date=day, lines=[debit(550000, "133.45"), credit(489000, "133.45")])

    not_opened: Deed = lambda books: books.delete(books.openings[NEW].key)  # noqa: E731
    async with octopus(engine, not_opened) as it:
        await it.does(corrects)
        await it.does(transfers())
        await it.does(not_opened)
        await it.in_the_end()


# --- numbers and journals -------------------------------------------------------------------------------------------


async def test_the_last_document_is_deleted_and_its_number_used_again(engine: AsyncEngine) -> None:
    """Between two imports, and with an import between."""
    kept: list[Document] = []

    def deletes(books: Books) -> None:
        books.delete(kept.pop().key, frees_number=True)

    def sells_again(amount: str) -> Deed:
        return lambda books: kept.append(sells(date(2026, 11, 20), amount)(books))

    async with octopus(engine) as it:
        await it.does(sells_again("50.00"))
        number = kept[0].key
        await it.does(deletes, sells_again("75.00"))
        assert kept[0].key == number
        await it.does(deletes)
        await it.does(sells_again("80.00"))
        assert kept[0].key == number
        await it.does(deletes, sells_again("90.00"), deletes)
        await it.in_the_end()


async def test_the_opening_is_deleted_and_its_number_used_for_something_else(engine: AsyncEngine) -> None:
    def begins_otherwise(books: Books) -> None:
        key = books.openings[NEW].key
        books.delete(key, frees_number=True)
        books.book(
            journal=key.journal_key,
            date=FIRST_OF_NEW,
            number=key.number,
            lines=[debit(489000, "5.00"), credit(550000, "5.00")],
        )

    async with octopus(engine) as it:
        await it.does(begins_otherwise)
        await it.in_the_end()


@pytest.mark.parametrize("key", few(["D1", "V1", "F1"]))
async def test_a_journal_is_missing_in_one_bookyear(engine: AsyncEngine, key: str) -> None:
    async with octopus(engine) as it:
        await it.does(lambda books: books.remove_journal(key, NEW, told=False), sells(date(2026, 6, 6)))
        await it.in_the_end()


async def test_lines_are_of_a_journal_that_the_list_does_not_have_yet(engine: AsyncEngine) -> None:
    def books_in(journal: str) -> Deed:
        lines = [debit(613000, "5.00"), credit(489000, "5.00")]
        return lambda books: books.book(journal=journal, date=date(2026, 3, 3), lines=lines)

    async with octopus(engine) as it:
        await it.does(books_in("D9"), sells(date(2026, 4, 4), journal="V9"))
        await it.does(lambda books: books.add_journal("D9", "Nieuw", bookyear=NEW), books_in("D9"))
        await it.in_the_end()


async def test_a_bookyear_is_opened_in_a_journal_that_the_list_does_not_have_yet(engine: AsyncEngine) -> None:
    async with octopus(engine) as it:
        await it.does(transfers(journal="D9", by_way_of=580000))
        await it.does(lambda books: books.add_journal("D9", "Opening", bookyear=NEW))
        await it.in_the_end()


# --- consent --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("consent", few(list(Consent)))
async def test_consent_is_asked_the_first_time_or_always(engine: AsyncEngine, consent: Consent) -> None:
    """Who comes back without having seen a page is connected as well."""
    async with octopus(engine, consent=consent) as it:
        again = await it.world.connect()

        numbers = [administration.dossier for administration in await it.world.select(again, 49002)]

        assert numbers == [49002]
        await it.in_the_end()


# --- sessions that synchronise late ---------------------------------------------------------------------------------


async def test_what_a_session_sends_late_is_found_by_the_totals_at_once(engine: AsyncEngine) -> None:
    """Bookings and a deletion with stamps of two days ago; the change of each shows in Octopus's totals."""
    async with octopus(engine) as it:
        session = DesktopSession(it.books)
        gone = sells(date(2026, 2, 2), "12.00")(it.books)
        await it.does()
        session.do(sells(date(2026, 5, 5), "50.00"))
        session.do(lambda books: books.delete(gone.key))
        session.do(sells(LAST_OF_OLD, "70.00"))
        it.pass_by(timedelta(days=2))
        await it.does()

        await it.does(lambda books: session.synchronise(), says=NOT_RUN_AGAIN)
        await it.in_the_end(says=NOT_RUN_AGAIN)


def edits(books: Books, change: str) -> Deed:
    """An edit of a sale of this year that leaves every total."""
    document = sells(date(2026, 5, 5), "50.00")(books)
    head, revenue = document.lines
    other = max(id for id, relation in books.relations.items() if relation.client)
    lines = {
        "cost centre": (head, revenue._replace(cost_centre=3)),
        "relation": (head._replace(relation=other), revenue),
        "text": (head, revenue._replace(comment="Anders")),
    }[change]
    return lambda held: held.change(document.key, lines=lines)


@pytest.mark.parametrize("change", few(["cost centre", "relation", "text"]))
async def test_what_a_session_edits_late_is_found_by_the_deep_reading(engine: AsyncEngine, change: str) -> None:
    async with octopus(engine) as it:
        session = DesktopSession(it.books)
        edit = edits(it.books, change)
        await it.does()
        session.do(edit)
        it.pass_by(timedelta(days=2))
        await it.does()
        session.synchronise()

        run = await deeply_read(it)

        await it.assert_is_told(it.world, it.id, run, NOTHING)
        texts = "SELECT count(*) FROM ledger_line WHERE administration_id = :id AND description = 'Anders'"
        assert await it.world.rows(texts, id=it.id) == [(change == "text",)]


async def test_two_late_bookings_that_leave_all_totals_are_found_by_the_deep_reading(engine: AsyncEngine) -> None:
    async with octopus(engine) as it:
        session = DesktopSession(it.books)
        session.do(lambda books: books.book(journal="D2", date=date(2026, 5, 5), lines=LINES))
        session.do(lambda books: books.book(journal="D2", date=date(2026, 5, 6), lines=UNDONE))
        it.pass_by(timedelta(days=2))
        await it.does()
        session.synchronise()

        await it.assert_is_told(it.world, it.id, await deeply_read(it), NOTHING)


LINES = [debit(613000, "5.00"), credit(489000, "5.00")]
UNDONE = [debit(489000, "5.00"), credit(613000, "5.00")]


async def deeply_read(it: Octopus) -> ImportRun:
    """The run of the following night."""
    it.pass_by(timedelta(hours=14))
    await it.world.age_chunks(it.id, timedelta(hours=14))
    await it.world.queue(it.id, trigger=ImportTrigger.DEEP_READ)
    return await it.world.work(it.id)


# --- matchings ------------------------------------------------------------------------------------------------------


async def test_matchings_are_made_removed_and_made_again(engine: AsyncEngine) -> None:
    """In parts too; the open items follow each time, though no booking has changed."""
    async with octopus(engine) as it:
        sale = sells(date(2026, 5, 5), "121.00")(it.books)
        payment = it.books.pay(LineKey(sale.key, 0), date=date(2026, 5, 20), cents=10_000)
        pair = LineKey(sale.key, 0), LineKey(payment.key, 0)

        await it.does()
        await it.does(lambda books: books.unmatch(*pair))
        await it.does(lambda books: books.match(*pair, 4_000))
        await it.does(lambda books: books.unmatch(*pair), lambda books: books.match(*pair))
        await it.in_the_end()
