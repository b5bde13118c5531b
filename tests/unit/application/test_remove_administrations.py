"""The gear: remove one administration, or delete the whole integration; and the purge that follows."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from returns.result import Failure

from monitr.application.chores.purge_administrations import PurgeAdministrations
from monitr.application.delete_integration import DeleteIntegration, IntegrationDeleted
from monitr.application.problems import UnknownAdministration, UnknownIntegration
from monitr.application.remove_administration import AdministrationRemoved, RemoveAdministration
from monitr.domain.administration import AdministrationStatus, DossierNumber
from monitr.domain.import_run import ImportStatus
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeTransactions,
    a_principal,
    a_run,
    an_administration,
    an_integration,
    an_integration_awaiting_consent,
    some_tokens,
)

RETENTION = timedelta(days=30)
YESTERDAY = NOON - timedelta(days=1)


def removal(world: FakeTransactions, now: datetime = NOON) -> RemoveAdministration:
    return RemoveAdministration(world, lambda: now, RETENTION)


def deletion(world: FakeTransactions) -> DeleteIntegration:
    return DeleteIntegration(world, lambda: NOON, RETENTION)


async def test_a_removed_administration_can_be_restored_for_the_retention() -> None:
    world = FakeTransactions(administrations=[mine := an_administration(watermark=NOON)])

    removed = (await removal(world)(a_principal(), mine.id)).unwrap()

    assert removed == AdministrationRemoved(mine.id, NOON + RETENTION)
    assert world.administration(mine.id).status is AdministrationStatus.DELETED
    assert world.administration(mine.id).restore(NOON).unwrap() == mine
    assert world.purges == [(mine.id, NOON + RETENTION)]


async def test_one_that_is_removed_with_its_data_is_purged_now() -> None:
    world = FakeTransactions(administrations=[mine := an_administration()])

    removed = (await removal(world)(a_principal(), mine.id, purge=True)).unwrap()

    assert removed.purge_after == NOON
    assert world.purges == [(mine.id, NOON)]


async def test_the_data_of_one_that_was_removed_before_can_be_purged_now() -> None:
    world = FakeTransactions(administrations=[mine := an_administration()])
    await removal(world, YESTERDAY)(a_principal(), mine.id)

    removed = (await removal(world)(a_principal(), mine.id, purge=True)).unwrap()

    assert removed.purge_after == NOON
    assert world.administration(mine.id).purge_after == NOON


async def test_purging_again_does_not_put_the_purge_off() -> None:
    world = FakeTransactions(administrations=[mine := an_administration()])
    await removal(world, YESTERDAY)(a_principal(), mine.id, purge=True)

    assert (await removal(world)(a_principal(), mine.id, purge=True)).unwrap().purge_after == YESTERDAY


async def test_one_that_was_removed_is_unknown_unless_its_data_is_to_go() -> None:
    world = FakeTransactions(administrations=[mine := an_administration().delete(NOON, RETENTION)])

    assert await removal(world)(a_principal(), mine.id) == Failure(UnknownAdministration(mine.id))
    assert world.administration(mine.id) == mine


@pytest.mark.parametrize("purge", [False, True])
async def test_another_organisations_administration_is_unknown(purge: bool) -> None:
    world = FakeTransactions(administrations=[theirs := an_administration(organisation_id=OrganisationId(uuid4()))])

    assert await removal(world)(a_principal(), theirs.id, purge=purge) == Failure(UnknownAdministration(theirs.id))
    assert world.administration(theirs.id) == theirs
    assert world.purges == []


@pytest.mark.parametrize("status", [ImportStatus.QUEUED, ImportStatus.WAITING])
async def test_an_import_that_nobody_works_on_is_cancelled_with_it(status: ImportStatus) -> None:
    mine = an_administration()
    run = a_run(mine, status=status)
    world = FakeTransactions(administrations=[mine], runs=[run])

    await removal(world)(a_principal(), mine.id)

    assert world.run(run.id).status is ImportStatus.CANCELLED
    assert world.run(run.id).finished_at == NOON


async def test_an_import_that_is_worked_on_is_stopped_at_its_next_checkpoint() -> None:
    mine = an_administration()
    run = a_run(mine).begin(YESTERDAY)
    world = FakeTransactions(administrations=[mine], runs=[run])

    await removal(world)(a_principal(), mine.id)

    assert world.run(run.id).status is ImportStatus.RUNNING
    assert world.run(run.id).cancel_requested


async def test_imports_that_have_ended_and_those_of_others_stay_as_they_are() -> None:
    mine, another = an_administration(), an_administration()
    ended, running = a_run(mine).cancelled(YESTERDAY), a_run(another).begin(YESTERDAY)
    world = FakeTransactions(administrations=[mine, another], runs=[ended, running])

    await removal(world)(a_principal(), mine.id)

    assert (world.run(ended.id), world.run(running.id)) == (ended, running)


async def test_nothing_is_half_removed_when_the_commit_fails() -> None:
    mine = an_administration()
    run = a_run(mine)
    world = FakeTransactions(administrations=[mine], runs=[run], commit_fails=True)

    with pytest.raises(ConnectionError):
        await removal(world)(a_principal(), mine.id)

    assert (world.administration(mine.id), world.run(run.id), world.purges) == (mine, run, [])


# --- the whole integration ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("purge", "purge_after"), [(False, NOON + RETENTION), (True, NOON)])
async def test_deleting_an_integration_removes_its_administrations_and_erases_its_tokens(
    purge: bool, purge_after: datetime
) -> None:
    mine = an_integration()
    administrations = [
        an_administration(integration_id=mine.id, dossier=DossierNumber(number)) for number in (49555, 60001)
    ]
    world = FakeTransactions([mine], administrations=administrations)
    world.committed.tokens[mine.id] = (some_tokens(), NOON)

    deleted = (await deletion(world)(a_principal(), mine.id, purge=purge)).unwrap()

    assert deleted == IntegrationDeleted(mine.id, purge_after)
    assert world.tokens(mine.id) is None
    assert not world.integration(mine.id).is_alive
    assert {row.status for row in world.administrations} == {AdministrationStatus.DELETED}
    assert {row.purge_after for row in world.administrations} == {purge_after}
    assert sorted(world.purges) == sorted((row.id, purge_after) for row in administrations)


async def test_deleting_an_integration_stops_its_imports_and_no_others() -> None:
    mine = an_integration()
    here, elsewhere = an_administration(integration_id=mine.id), an_administration()
    runs = [a_run(here), a_run(elsewhere)]
    world = FakeTransactions([mine], administrations=[here, elsewhere], runs=runs)

    await deletion(world)(a_principal(), mine.id)

    assert [world.run(run.id).status for run in runs] == [ImportStatus.CANCELLED, ImportStatus.QUEUED]
    assert world.administration(elsewhere.id) == elsewhere


async def test_an_administration_that_was_removed_before_keeps_its_own_deadline() -> None:
    mine = an_integration()
    removed = an_administration(integration_id=mine.id).delete(YESTERDAY, RETENTION)
    world = FakeTransactions([mine], administrations=[removed])

    await deletion(world)(a_principal(), mine.id)

    assert world.administration(removed.id) == removed


@pytest.mark.parametrize("integration", [an_integration_awaiting_consent(), an_integration().rejected()])
async def test_an_integration_that_does_not_work_can_be_deleted_too(integration: Integration) -> None:
    world = FakeTransactions([integration])

    await deletion(world)(a_principal(), integration.id)

    assert not world.integration(integration.id).is_alive


async def test_what_is_unknown_deleted_or_of_others_cannot_be_deleted() -> None:
    gone, theirs = an_integration().delete(), an_integration(organisation_id=OrganisationId(uuid4()))
    world = FakeTransactions([gone, theirs])

    for id in (gone.id, theirs.id, IntegrationId(uuid4())):
        assert await deletion(world)(a_principal(), id) == Failure(UnknownIntegration(id))
    assert world.integration(theirs.id) == theirs


# --- the purge ------------------------------------------------------------------------------------------------------


class FakePurgeableAdministrations:
    """``busy`` is what another process is erasing."""

    def __init__(self, *ids: AdministrationId, busy: AdministrationId | None = None) -> None:
        self.ids = ids
        self.busy = busy
        self.erased: list[tuple[OrganisationId, AdministrationId, datetime]] = []

    async def due(self, now: datetime) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        return [(MINE, id) for id in self.ids]

    async def erase(self, organisation: OrganisationId, id: AdministrationId, now: datetime) -> bool:
        if id == self.busy:
            return False
        self.erased.append((organisation, id, now))
        return True


async def test_every_administration_that_is_due_is_erased() -> None:
    administrations = FakePurgeableAdministrations(*(ids := [AdministrationId(uuid4()) for _ in range(3)]))

    assert await PurgeAdministrations(administrations, lambda: NOON)() == 3
    assert administrations.erased == [(MINE, id, NOON) for id in ids]


async def test_what_another_process_erases_is_not_counted_here() -> None:
    one, another = AdministrationId(uuid4()), AdministrationId(uuid4())
    administrations = FakePurgeableAdministrations(one, another, busy=one)

    assert await PurgeAdministrations(administrations, lambda: NOON)() == 1


async def test_where_nothing_is_due_nothing_is_erased() -> None:
    assert await PurgeAdministrations(FakePurgeableAdministrations(), lambda: NOON)() == 0
