"""Events are noted by the database itself, in the transaction of what they tell of."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import delete, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from monitr.adapters.sql.database.tables import webhook_event, webhook_target
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.work.leases import LeaseRenewal, SqlLeases
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.domain.accounting.verification import Check, CheckCode, Verification, VerificationStatus
from monitr.domain.administration import AdministrationStatus
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus
from monitr.domain.webhooks import ImportChanged
from monitr.domain.words.sentence import Sentence
from tests.integration.webhooks.outgoing import Outgoing, elsewhere
from tests.unit.fakes import NOON, a_run, an_integration_awaiting_consent

SOON = NOON + timedelta(days=60)


async def test_the_life_of_an_integration(outgoing: Outgoing) -> None:
    begun = an_integration_awaiting_consent(organisation_id=outgoing.organisation)
    connected = begun.authorized(NOON, SOON)
    broken = connected.rejected()
    reconnected = broken.authorized(NOON + timedelta(days=1), SOON)
    again = reconnected.authorized(NOON + timedelta(days=2), SOON)

    for state in (begun, connected, broken, reconnected, again, again, again.delete()):
        await outgoing.save(state)

    assert await outgoing.types() == [
        "integration.configured",
        "integration.reconnect_required",
        "integration.reconnected",
        "integration.reconnected",
        "integration.deleted",
    ]
    _, required, *_ = await outgoing.events()
    assert required.data == {
        "integrationId": str(begun.id),
        "status": "RECONNECT_REQUIRED",
        "previousStatus": "CONFIGURED",
        "reason": "RECONNECT_REQUIRED",
    }


async def test_an_integration_that_nobody_ever_authorised_has_no_events(outgoing: Outgoing) -> None:
    begun = an_integration_awaiting_consent(organisation_id=outgoing.organisation)
    await outgoing.save(begun)
    await outgoing.save(begun.delete())
    assert await outgoing.types() == []


async def test_the_life_of_an_administration(outgoing: Outgoing) -> None:
    selected = await outgoing.an_administration()
    other = outgoing.an_integration()
    lost = selected.unreachable(AdministrationStatus.ACCESS_LOST)
    removed = lost.reached().delete(NOON, timedelta())
    restored = removed.restore(NOON - timedelta(days=1)).unwrap().moved_to(other.id)

    await outgoing.save(other)
    for state in (lost, lost.reached(), removed, restored, restored.moved_to(selected.integration_id), removed):
        await outgoing.save(state)
    assert await SqlPurgeableAdministrations(outgoing.engine).erase(
        outgoing.organisation, selected.id, outgoing.clock()
    )

    assert await outgoing.types() == [
        "administration.selected",
        "administration.access_lost",
        "administration.recovered",
        "administration.removed",
        "administration.restored",
        "administration.moved",
        "administration.removed",
        "administration.purged",
    ]


async def test_the_life_of_an_import(outgoing: Outgoing) -> None:
    queued = a_run(await outgoing.an_administration())
    waiting = queued.begin(NOON).wait(
        SOON, Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("No more today."))
    )
    resumed = waiting.begin(NOON)
    doubtful = Verification(
        (
            Check(CheckCode.BOOKINGS_BALANCE, VerificationStatus.PASSED),
            Check(CheckCode.RELATIONS_KNOWN, VerificationStatus.WARNING, Sentence.verbatim("relation 7 is unknown")),
            Check(CheckCode.YEAR_OPENINGS, VerificationStatus.NOT_AVAILABLE),
        )
    )
    for state in (queued, queued.begin(NOON), waiting, resumed, resumed.advanced(0.5), resumed.succeed(NOON, doubtful)):
        await outgoing.save(state)

    events = (await outgoing.events())[1:]
    assert [event.type for event in events] == [
        "import.queued",
        "import.started",
        "import.waiting",
        "import.resumed",
        "import.succeeded",
    ]
    assert events[2].data["reason"] == "QUOTA_SPENT"
    assert events[4].data["verification"] == "WARNING"
    assert isinstance(events[4].change, ImportChanged)
    assert "relation 7" not in events[4].body


@pytest.mark.parametrize("end", ["succeeded", "failed", "cancelled"])
async def test_a_dataset_has_changed_once_for_each_run_that_wrote_rows_of_it(outgoing: Outgoing, end: str) -> None:
    run = a_run(await outgoing.an_administration()).begin(NOON)
    running, done = DatasetImportStatus.RUNNING, DatasetImportStatus.SUCCEEDED
    states = [
        run,
        run := run.dataset(Dataset.GENERAL_LEDGER, running, Counts(fetched=5, inserted=5)),
        run := run.dataset(Dataset.GENERAL_LEDGER, done, Counts(fetched=1, updated=1)),
        run := run.dataset(Dataset.ACCOUNTS, done, Counts(fetched=9, unchanged=9)),
        run := run.dataset(Dataset.RELATIONS, done, Counts(deleted=1)),
        {
            "succeeded": run.succeed(NOON, Verification(())),
            "failed": run.fail(NOON, Explanation(ExplanationCode.ACCESS_LOST, Sentence.verbatim("No."))),
            "cancelled": run.cancelled(NOON),
        }[end],
    ]
    for state in states:
        await outgoing.save(state)

    events = (await outgoing.events())[2:]
    assert [event.type for event in events] == ["dataset.changed", "dataset.changed", f"import.{end}"]
    assert [event.data["dataset"] for event in events[:2]] == ["GENERAL_LEDGER", "RELATIONS"]


async def test_what_is_rolled_back_was_no_event(outgoing: Outgoing) -> None:
    selected = await outgoing.an_administration()
    async with outgoing.transactions(outgoing.organisation) as unit:
        await unit.administrations.save(selected.delete(NOON, timedelta()))

    assert await outgoing.types() == ["administration.selected"]


async def test_saving_what_is_stored_already_and_working_on_a_run_are_no_events(outgoing: Outgoing) -> None:
    administration = await outgoing.an_administration()
    run = a_run(administration, queued_at=outgoing.clock())
    await outgoing.save(run)
    before = await outgoing.types()

    leases = SqlLeases(outgoing.engine)
    claim = await leases.claim(run.id, "worker", timedelta(seconds=30))
    assert claim is not None
    renewal = LeaseRenewal(outgoing.engine.url.render_as_string(hide_password=False))
    await asyncio.to_thread(renewal.beat, claim, timedelta(seconds=30))
    renewal.close()
    await leases.release(claim)
    await outgoing.save(administration, run, run.advanced(0.3))

    assert await outgoing.types() == before


async def test_whoever_reads_on_from_the_last_cursor_misses_nothing_that_was_committed_late(outgoing: Outgoing) -> None:
    """The classic hole: the first transaction draws its number, the second one commits, a reader passes, the first
    one commits. Places are given after the commits, so the late one comes behind."""
    early, late = await outgoing.an_administration(1), await outgoing.an_administration(2)
    known = await outgoing.events()
    async with outgoing.transactions(outgoing.organisation) as slow:
        await slow.imports.add(a_run(late))
        await outgoing.save(a_run(early))
        first = await outgoing.events()
        cursor = outgoing.targets.cursor(first[-1].position)
        await slow.commit()
    await outgoing.order_events()
    rest = await outgoing.targets.events(outgoing.organisation, 10, cursor)

    assert len(first) == len(known) + 1
    assert [event.data["administrationId"] for event in rest.rows] == [str(late.id)]


async def test_events_are_read_in_pages(outgoing: Outgoing) -> None:
    events = await outgoing.some_events(5)
    first = await outgoing.targets.events(outgoing.organisation, 3, None)
    rest = await outgoing.targets.events(outgoing.organisation, 3, first.cursors[-1])
    assert [event.id for event in [*first.rows, *rest.rows]][1:] == [event.id for event in events]
    assert (first.has_next, rest.has_next, rest.has_previous) == (True, False, True)


async def test_an_organisation_sees_neither_events_nor_targets_of_another(outgoing: Outgoing) -> None:
    theirs = elsewhere(outgoing)
    await theirs.some_events(2)
    target, _ = await theirs.target("http://127.0.0.1:9/")

    assert await outgoing.types() == []
    assert await outgoing.targets.all_of(outgoing.organisation) == []
    assert not await outgoing.targets.remove(outgoing.organisation, target.id, "anna")
    async with transaction(outgoing.engine, outgoing.organisation) as connection:
        for table in (webhook_event, webhook_target):  # PostgreSQL itself, without our conditions
            assert (await connection.execute(select(func.count()).select_from(table))).scalar_one() == 0
        changed = await connection.execute(update(webhook_target).values(url="http://127.0.0.1:1/"))
    assert changed.rowcount == 0


async def test_events_are_append_only_and_nobody_writes_into_another_organisation(outgoing: Outgoing) -> None:
    (event,) = await outgoing.some_events(1)
    theirs = elsewhere(outgoing)
    row = {
        "id": theirs.organisation,
        "organisation_id": outgoing.organisation,
        "occurred_at": NOON,
        "subject": "IMPORT",
    }
    statements = [
        (outgoing, delete(webhook_event), "permission denied"),
        (outgoing, update(webhook_event).where(webhook_event.c.id == event.id).values(reason="X"), "permission denied"),
        (theirs, insert(webhook_event).values(row), "row-level security"),
    ]
    for of, statement, refusal in statements:
        with pytest.raises(ProgrammingError, match=refusal):
            async with transaction(of.engine, of.organisation) as connection:
                await connection.execute(statement)


@pytest.mark.parametrize("column", ["url", "secret", "previous_secret", "description"])
async def test_without_an_organisation_no_address_and_no_secret_is_seen(outgoing: Outgoing, column: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with transaction(outgoing.engine, None) as connection:
            await connection.execute(text(f"SELECT {column} FROM webhook_target"))


async def test_old_events_are_forgotten(outgoing: Outgoing) -> None:
    await outgoing.some_events(2)
    kept = await outgoing.deliveries.prune(timedelta(hours=1))
    outgoing.later(timedelta(days=31))
    gone = await outgoing.deliveries.prune(timedelta(days=30))
    assert (kept, gone >= 3, await outgoing.types()) == (0, True, [])
