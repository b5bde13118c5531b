"""How far the figures can be trusted, and when an account was seen first."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from monitr.adapters.sql.database import tables
from monitr.adapters.sql.repositories.rows import import_run_values
from monitr.application.reading.freshness import Freshness
from monitr.domain.accounting.verification import Check, CheckCode, Verification, VerificationStatus
from monitr.domain.import_run import ImportMode, ImportRun, ImportRunId, ImportStatus, ImportTrigger
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place

WARNED = Verification(
    (
        Check(CheckCode.BOOKINGS_BALANCE, VerificationStatus.PASSED),
        Check(CheckCode.YEAR_OPENINGS, VerificationStatus.WARNING, Sentence.verbatim("An opening was adjusted.")),
    )
)


def a_run(place: Place, id: AdministrationId, hours: int, status: ImportStatus, **changes: Any) -> ImportRun:
    """Queued that many hours after noon."""
    queued = NOON + timedelta(hours=hours)
    return ImportRun(
        ImportRunId(uuid4()),
        place.organisation,
        id,
        ImportMode.FULL,
        ImportTrigger.SCHEDULE,
        queued,
        status,
        **changes,
    )


async def stored(place: Place, *runs: ImportRun) -> None:
    await place.rows(tables.import_run, [import_run_values(run) for run in runs])


async def freshness_of(reader: Mine, id: AdministrationId) -> Freshness:
    async with reader() as mine:
        return (await mine.freshness([id]))[id]


async def test_before_the_first_import_nothing_is_known(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    assert await freshness_of(reader, id) == Freshness(
        None,
        None,
        import_running=False,
        verification=VerificationStatus.NOT_AVAILABLE,
        complete_from=None,
        closed_until=None,
    )


async def test_the_last_run_that_succeeded_brought_the_figures(place: Place, reader: Mine) -> None:
    imported = NOON + timedelta(hours=3)
    id = await place.an_administration(last_successful_import_at=imported, complete_from=date(2023, 6, 1))
    await place.bookyears(id, {year: (date(year, 1, 1), date(year, 12, 31)) for year in (2026, 2025, 2024, 2023)})
    before = a_run(place, id, 1, ImportStatus.SUCCEEDED, verification=Verification(()))
    last = a_run(place, id, 2, ImportStatus.SUCCEEDED, verification=WARNED)
    failed, cancelled = (
        a_run(place, id, n, status) for n, status in ((4, ImportStatus.FAILED), (5, ImportStatus.CANCELLED))
    )
    await stored(place, last, before, failed, cancelled)

    assert await freshness_of(reader, id) == Freshness(
        last.id,
        imported,
        import_running=False,
        verification=VerificationStatus.WARNING,
        complete_from=date(2024, 1, 1),
        closed_until=None,
    )


@pytest.mark.parametrize("status", list(ImportStatus))
async def test_an_import_runs_while_it_is_queued_running_or_waiting(
    place: Place, reader: Mine, status: ImportStatus
) -> None:
    id = await place.an_administration()
    await stored(place, a_run(place, id, 1, status))
    assert (await freshness_of(reader, id)).import_running is not status.is_final


async def test_the_books_are_closed_up_to_the_first_open_bookyear(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    await place.rows(
        tables.bookyear,
        [
            {
                "administration_id": id,
                "number": 3000 - year,
                "description": "",
                "start_date": date(year, 1, 1),
                "end_date": date(year, 12, 31),
                "closed": closed,
                "periods": [],
            }
            for year, closed in ((2025, True), (2023, True), (2024, False), (2022, True))
        ],
    )
    assert (await freshness_of(reader, id)).closed_until == date(2023, 12, 31)


async def test_many_administrations_cost_one_statement(place: Place, reader: Mine, statements) -> None:
    ids = [await place.an_administration(dossier) for dossier in range(1, 6)]
    async with reader() as mine:
        with statements() as sent:
            found = await mine.freshness(ids)
    assert (set(found), len(sent)) == (set(ids), 1)


async def test_an_account_was_seen_first_when_its_import_began(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    first, second = (
        a_run(place, id, n, ImportStatus.SUCCEEDED, started_at=NOON + timedelta(hours=n, minutes=5)) for n in (1, 2)
    )
    await stored(place, first, second)
    names = {"name_nl": "", "name_fr": "", "name_en": "", "name_de": ""}
    await place.rows(
        tables.account,
        [
            {"administration_id": id, "bookyear": bookyear, "number": number, **names}
            for bookyear, number in ((1, 400000), (2, 400000), (2, 700000), (2, 800000))
        ],
    )
    await place.rows(
        tables.metadata.tables["import_first_seen"],
        [
            {"administration_id": id, "run_id": run.id, "kind": kind, "number": number}
            for run, kind, number in (
                (second, "ACCOUNT", 700000),
                (first, "ACCOUNT", 400000),
                (second, "ACCOUNT", 400000),
                (first, "COST_CENTRE", 800000),
            )
        ],
    )

    async with reader() as mine:
        accounts = await mine.accounts(id)

    assert {account.number: account.first_seen_at for account in accounts} == {
        400000: first.started_at,
        700000: second.started_at,
        800000: None,
    }
    assert [account.bookyears for account in accounts] == [(1, 2), (2,), (2,)]
