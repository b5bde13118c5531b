"""Decision 19: totals are read whole at every run, and the books at night, within the day's calls."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from monitr.application.importing.ledger.chunk import Chunk, chunks_of
from monitr.application.importing.ledger.deep_read import KEPT_FOR_OTHERS, RECENT, plan_of
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.import_run import ImportRun, ImportStatus, ImportTrigger
from tests.unit.fakes import NOON
from tests.unit.importing.fake_dossier import LONG_AGO, SPENT, purchase, sale, small_books
from tests.unit.importing.story import Story, after_a_first_import


async def after_a_day() -> Story:
    story = await after_a_first_import()
    story.now += timedelta(days=1)
    return story


async def deep_read(story: Story) -> ImportRun:
    story.queue()
    story.run = replace(story.run, trigger=ImportTrigger.DEEP_READ)
    return await story.work()


# --- totals are read whole ------------------------------------------------------------------------------------------


async def test_a_booking_that_comes_late_with_an_old_stamp_is_found_by_the_totals() -> None:
    story = await after_a_day()
    story.dossier.book(sale(9), (400000, "12.10"), (700000, "-12.10"), relation=16, at=LONG_AGO)

    await story.sync()

    assert story.agrees
    assert story.dossier.asked("changed_account_amounts")[0] is None


# --- what no total tells --------------------------------------------------------------------------------------------


async def test_bookings_that_come_late_and_change_no_total_are_found_at_night() -> None:
    story = await after_a_day()
    story.dossier.book(sale(9), (400000, "12.10"), (700000, "-12.10"), relation=16, at=LONG_AGO)
    story.dossier.book(sale(10), (400000, "-12.10"), (700000, "12.10"), relation=16, at=LONG_AGO)
    await story.sync()
    is_found = story.agrees

    run = await deep_read(story)

    assert not is_found

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    assert story.changes() == {sale(9): "ADDED", sale(10): "ADDED"}


async def test_a_late_edit_of_a_text_a_relation_or_a_cost_centre_is_found_at_night() -> None:
    story = await after_a_day()
    first = story.dossier.books[purchase(1)]
    story.dossier.books[purchase(1)] = [line._replace(description="Herstelling", cost_centre=1) for line in first]

    await deep_read(story)

    assert story.agrees
    assert story.changes() == {purchase(1): "CHANGED"}


async def test_accounts_and_relations_are_read_whole_at_night() -> None:
    """The chart of a bookyear that was opened while Octopus's clock was behind has stamps that no import asks for."""
    story = await after_a_day()
    await story.sync()

    await deep_read(story)

    assert story.dossier.asked("changed_accounts")[-1] is None
    assert story.dossier.asked("changed_relations")[-1] is None


# --- within the day's calls -----------------------------------------------------------------------------------------


async def test_calls_are_left_for_others() -> None:
    story = await after_a_day()
    story.dossier.calls_left = KEPT_FOR_OTHERS + 3

    await deep_read(story)

    assert story.dossier.asked("ledger") == [(-1, -1), (2, 1), (2, 2), (2, 3)]


async def test_without_calls_it_is_an_import_like_any_other() -> None:
    story = await after_a_day()
    story.dossier.calls_left = KEPT_FOR_OTHERS - 5

    run = await deep_read(story)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [(-1, -1)]


async def test_calls_that_are_used_up_meanwhile_do_not_make_the_run_wait() -> None:
    story = await after_a_day()
    story.dossier.fail("ledger", SPENT, at=range(3, 99))

    run = await deep_read(story)

    assert run.status is ImportStatus.SUCCEEDED
    assert any("deep reading" in note for note in story.notes)


async def test_what_was_read_whole_a_short_time_ago_is_left_for_another_night() -> None:
    story = await after_a_first_import()

    await deep_read(story)

    assert story.dossier.asked("ledger") == [(-1, -1)]


async def test_a_closed_bookyear_comes_behind_the_open_ones() -> None:
    story = Story(small_books())
    story.dossier.years[0] = replace(story.dossier.years[0], closed=True)
    await story.sync()
    story.dossier.calls.clear()
    story.now += timedelta(days=1)

    await deep_read(story)

    assert story.dossier.asked("ledger") == [(-1, -1), *((year, type) for year in (2, 1) for type in (1, 2, 3, 4))]


# --- the rotation ---------------------------------------------------------------------------------------------------


def a_closed_year(number: int) -> Bookyear:
    first, last = date(2000 + number, 1, 1), date(2000 + number, 12, 31)
    return Bookyear(number, f"{number}", first, last, closed=True, periods=())


@given(closed=st.integers(0, 80), still_open=st.integers(1, 12))
def test_every_chunk_is_read_at_least_once_a_month(closed: int, still_open: int) -> None:
    """With the 24 calls that a night has: for some ninety bookyears, of which three are read every night."""
    years = [replace(a_closed_year(number), closed=number <= closed) for number in range(1, closed + still_open + 1)]
    calls = 48 - KEPT_FOR_OTHERS
    read_at = {chunk: NOON - timedelta(days=1) for year in years for chunk in chunks_of(year.number)}
    for night in range(30):
        now = NOON + timedelta(days=night)
        read_at |= dict.fromkeys(plan_of(years, read_at, now)[:calls], now)

    assert min(read_at.values()) >= NOON
    assert all(read_at[chunk] == now for year in years[-3:] if not year.closed for chunk in chunks_of(year.number))


def test_a_chunk_that_was_never_read_is_none_of_its_business() -> None:
    now = datetime(2026, 11, 27, tzinfo=UTC)

    assert plan_of([a_closed_year(1)], {Chunk(1, 2): now - RECENT * 2}, now) == [Chunk(1, 2)]
