from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tables
from monitr.adapters.sql.reading import SqlProgress, SqlReaders
from monitr.adapters.sql.repositories.rows import import_run_values
from monitr.application.reading.cards import DatasetState
from monitr.application.reading.pages import InvalidCursor
from monitr.application.reading.progress import Progress
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import Dataset, ImportMode, ImportRun, ImportRunId, ImportTrigger
from monitr.domain.integration import IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place


async def some_runs(place: Place, id: AdministrationId, count: int) -> list[ImportRun]:
    """Oldest first, each cancelled a day after the one before; the last two were queued at the same instant."""
    runs = [
        ImportRun.queue(
            ImportRunId(uuid4()),
            place.organisation,
            id,
            ImportMode.INCREMENTAL,
            ImportTrigger.SCHEDULE,
            NOON + timedelta(days=min(number, count - 2)),
        ).cancelled(NOON)
        for number in range(count)
    ]
    await place.rows(tables.import_run, [import_run_values(run) for run in runs])
    return sorted(runs, key=lambda run: (run.queued_at, run.id))


async def test_a_card_shows_integrations_that_were_authorised(place: Place, reader: Mine) -> None:
    awaiting = await place.an_integration(status=IntegrationStatus.AWAITING_AUTHORIZATION)
    broken = await place.an_integration(status=IntegrationStatus.RECONNECT_REQUIRED)
    deleted = await place.an_integration(status=IntegrationStatus.DELETED)

    async with reader() as mine:
        on_cards = await mine.integrations()
        by_id = await mine.integrations([awaiting.id, deleted.id, IntegrationId(uuid4())])

    assert {one.id for one in on_cards} == {place.integration, broken.id}
    assert list(by_id) == [awaiting]


async def test_a_removed_administration_is_in_no_answer(place: Place, reader: Mine) -> None:
    living = await place.an_administration(dossier=2)
    lost = await place.an_administration(dossier=1, status=AdministrationStatus.ACCESS_LOST)
    removed = await place.an_administration(dossier=3, status=AdministrationStatus.DELETED)

    async with reader() as mine:
        by_id = await mine.administrations([living, lost, removed])
        by_integration = await mine.administrations_of([place.integration, IntegrationId(place.organisation)])

    assert set(by_id) == {living, lost}
    assert [one.id for one in by_integration[place.integration]] == [lost, living]
    assert by_integration[IntegrationId(place.organisation)] == []


async def test_another_organisation_sees_no_card(place: Place, readers: SqlReaders, engine: AsyncEngine) -> None:
    id = await place.an_administration()
    (run, *_) = await some_runs(place, id, 2)
    stranger = await Place(engine).founded()

    async with readers(stranger.organisation) as theirs:
        assert not await theirs.administrations([id])
        assert not await theirs.integrations([place.integration])
        assert not await theirs.last_imports([id])
        assert await theirs.import_run(run.id) is None
    progress: Progress = SqlProgress(readers)
    assert await progress.latest(stranger.organisation, id) is None


async def test_the_last_import_is_the_one_that_was_queued_last(place: Place, reader: Mine, readers: SqlReaders) -> None:
    id, without = await place.an_administration(), await place.an_administration(dossier=2)
    runs = await some_runs(place, id, 4)

    async with reader() as mine:
        last = await mine.last_imports([id, without])
        by_id = await mine.import_run(runs[0].id)

    assert last == {id: runs[-1]}
    assert by_id == runs[0]
    assert await SqlProgress(readers).latest(place.organisation, id) == runs[-1]


async def test_the_import_history_pages_from_the_newest(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    runs = await some_runs(place, id, 5)

    async with reader() as mine:
        first = await mine.imports(id, 1, None)
        second = await mine.imports(id, 3, first.cursors[-1])
        third = await mine.imports(id, 3, second.cursors[-1])
        with pytest.raises(InvalidCursor):
            await mine.imports(id, 3, "WyJsaW5lIl0")

    assert [*first.rows, *second.rows, *third.rows] == runs[::-1]
    assert [(page.has_previous, page.has_next) for page in (first, second, third)] == [
        (False, True),
        (True, True),
        (True, False),
    ]


async def test_the_runs_under_way_are_those_that_have_not_ended_and_those_asked_for(
    place: Place, readers: SqlReaders
) -> None:
    id, removed = await place.an_administration(), await place.an_administration(2, status=AdministrationStatus.DELETED)
    ended, _ = await some_runs(place, id, 2)
    under_way, of_removed = (
        ImportRun.queue(
            ImportRunId(uuid4()), place.organisation, of, ImportMode.INCREMENTAL, ImportTrigger.SCHEDULE, NOON
        )
        for of in (id, removed)
    )
    await place.rows(tables.import_run, [import_run_values(run) for run in (under_way, of_removed)])

    progress = SqlProgress(readers)

    assert await progress.under_way(place.organisation, []) == [under_way]
    assert {run.id for run in await progress.under_way(place.organisation, [ended.id, of_removed.id])} == {
        ended.id,
        under_way.id,
    }


async def test_every_dataset_has_a_state_also_one_never_read(place: Place, reader: Mine) -> None:
    id, other = await place.an_administration(), await place.an_administration(dossier=2)
    await place.rows(
        tables.dataset_state,
        [
            {
                "administration_id": id,
                "dataset": Dataset.RELATIONS,
                "rows": 12,
                "last_successful_at": NOON,
                "failed": True,
            }
        ],
    )

    async with reader() as mine:
        states = await mine.dataset_states([id, other])

    assert [state.dataset for state in states[id]] == list(Dataset)
    assert DatasetState(Dataset.RELATIONS, 12, NOON, failed=True) in states[id]
    assert set(states[other]) == {DatasetState(dataset, 0, None, failed=False) for dataset in Dataset}


async def test_a_card_costs_one_statement_for_each_question(place: Place, reader: Mine, statements) -> None:
    ids = [await place.an_administration(dossier=number) for number in range(1, 6)]

    async with reader() as mine:
        with statements() as sent:
            await mine.integrations()
            await mine.administrations_of([place.integration])
            await mine.last_imports(ids)
            await mine.dataset_states(ids)

    assert len(sent) == 4


async def test_all_answers_of_a_reader_are_of_one_moment(place: Place, reader: Mine) -> None:
    async with reader() as mine:
        before = await mine.administrations_of([place.integration])
        await place.an_administration()
        after = await mine.administrations_of([place.integration])

    assert before == after
