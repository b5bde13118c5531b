"""startImports(bookyears:): some bookyears are read whole again, everything else comes as in an incremental run."""

from dataclasses import replace

from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus
from tests.unit.importing.fake_dossier import LONG_AGO, SPENT, sale
from tests.unit.importing.story import Story, after_a_first_import

CHANGES = (-1, -1)


def chunks(*bookyears: int) -> list[tuple[int, int]]:
    return [(bookyear, type) for bookyear in bookyears for type in (1, 2, 3, 4)]


async def again(story: Story, *bookyears: int, mode: ImportMode = ImportMode.INCREMENTAL) -> ImportRun:
    story.queue(mode)
    story.run = replace(story.run, bookyears=bookyears)
    return await story.work()


async def test_the_bookyears_are_read_whole_the_newest_first_behind_the_changes_of_all() -> None:
    story = await after_a_first_import()

    run = await again(story, 1, 2)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [CHANGES, *chunks(2, 1)]


async def test_what_came_late_without_a_stamp_is_found_in_those_bookyears() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(9), (400000, "12.10"), (700000, "-12.10"), relation=16, at=LONG_AGO)
    story.dossier.book(sale(10), (400000, "-12.10"), (700000, "12.10"), relation=16, at=LONG_AGO)

    await again(story, sale(9).bookyear)

    assert story.agrees
    assert story.changes() == {sale(9): "ADDED", sale(10): "ADDED"}


async def test_a_bookyear_that_octopus_does_not_list_any_more_is_not_asked_for() -> None:
    story = await after_a_first_import()

    await again(story, 2, 77)

    assert story.dossier.asked("ledger") == [CHANGES, *chunks(2)]


async def test_a_full_import_reads_them_once() -> None:
    story = await after_a_first_import()

    await again(story, 2, mode=ImportMode.FULL)

    assert story.dossier.asked("ledger").count((2, 1)) == 1


async def test_where_the_days_calls_do_not_suffice_it_goes_on_the_next_day_behind_what_it_has_read() -> None:
    story = await after_a_first_import()
    story.dossier.fail("ledger", SPENT, at=range(3, 99))
    waiting = await again(story, 2)
    read = story.dossier.asked("ledger")
    story.dossier.errors.clear()
    story.dossier.calls.clear()
    story.wait_for(waiting)

    run = await story.work()

    assert waiting.status is ImportStatus.WAITING
    assert run.status is ImportStatus.SUCCEEDED
    assert set(read) | set(story.dossier.asked("ledger")) == {CHANGES, *chunks(2)}
    assert (2, 1) in read
    assert (2, 1) not in story.dossier.asked("ledger")
