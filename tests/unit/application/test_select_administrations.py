from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from returns.result import Failure

from monitr.application.delete_integration import DeleteIntegration
from monitr.application.octopus import (
    AuthorizationRejected,
    InvalidAnswer,
    ListedDossiers,
    OctopusError,
    OctopusUnavailable,
    QuotaSpent,
)
from monitr.application.problems import (
    DailyMaximumReached,
    DossierNotSelectable,
    NotAuthorized,
    OctopusDown,
    UnknownIntegration,
)
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.select_administrations import NOT_LISTED, SelectAdministrations
from monitr.domain.administration import Administration, AdministrationStatus, Dossier, DossierNumber
from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus, ImportTrigger
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import (
    MINE,
    NOON,
    FakeOctopus,
    FakeTransactions,
    a_principal,
    a_run,
    an_administration,
    an_integration,
    an_integration_awaiting_consent,
)

DEMO = Dossier(DossierNumber(49555), "Demo BV", "BE0000000097")
OTHER = Dossier(DossierNumber(60001), "Andere NV", None)
RETENTION = timedelta(days=30)
TOMORROW = NOON + timedelta(hours=11)


@dataclass
class OctopusMeanwhile(FakeOctopus):
    """While it lists the dossiers, something else happens."""

    meanwhile: Callable[[], Awaitable[object]] | None = None

    async def dossiers_with(self, access_token: str) -> ListedDossiers:
        if self.meanwhile is not None:
            await self.meanwhile()
        return await FakeOctopus.dossiers_with(self, access_token)


class World:
    """Octopus lists DEMO and OTHER; the selection happens at noon."""

    def __init__(self, *administrations: Administration, integration: Integration | None = None) -> None:
        self.integration = integration or an_integration()
        self.transactions = FakeTransactions([self.integration], administrations=administrations)
        self.octopus = OctopusMeanwhile(listed=(DEMO, OTHER))
        self.select = SelectAdministrations(self.transactions, self.octopus, lambda: NOON, uuid4)

    def has(self, administration: Administration, *runs: ImportRun) -> Administration:
        self.transactions.committed.administrations[administration.id] = administration
        self.transactions.committed.runs |= {run.id: run for run in runs}
        return administration

    async def selected(self, *numbers: int) -> tuple[Administration, ...]:
        outcome = await self.select(a_principal(), self.integration.id, numbers)
        return outcome.unwrap()

    def runs_of(self, id: AdministrationId) -> list[ImportRun]:
        return [run for run in self.transactions.runs if run.administration_id == id]


# --- the first time -------------------------------------------------------------------------------------------------


async def test_each_selected_dossier_becomes_an_administration_in_the_order_asked_for() -> None:
    world = World()

    other, demo = await world.selected(OTHER.number, DEMO.number)

    assert (demo.dossier, demo.name, demo.vat_number) == (DEMO.number, DEMO.name, DEMO.vat_number)
    assert other.dossier == OTHER.number
    assert {demo.integration_id, other.integration_id} == {world.integration.id}
    assert demo.organisation_id == MINE
    assert set(world.transactions.administrations) == {demo, other}


async def test_its_first_import_is_queued_with_it() -> None:
    world = World()

    (demo,) = await world.selected(DEMO.number)

    (run,) = world.runs_of(demo.id)
    assert (run.status, run.mode, run.trigger) == (ImportStatus.QUEUED, ImportMode.FULL, ImportTrigger.FIRST)
    assert world.transactions.wake_ups == [run.id]


async def test_nothing_is_selected_or_queued_when_the_commit_fails() -> None:
    world = World()
    world.transactions.commit_fails = True

    with pytest.raises(ConnectionError):
        await world.selected(DEMO.number)

    assert (world.transactions.administrations, world.transactions.wake_ups) == ([], [])


async def test_a_number_that_is_given_twice_is_selected_once() -> None:
    world = World()

    assert len(await world.selected(DEMO.number, DEMO.number)) == 1
    assert len(world.transactions.runs) == 1


async def test_selecting_none_changes_nothing() -> None:
    world = World()

    assert await world.selected() == ()
    assert world.transactions.administrations == []


@pytest.mark.parametrize(
    ("number", "reason"), [(70000, NOT_LISTED), (OTHER.number, Sentence.verbatim("it is disabled.")), (-1, NOT_LISTED)]
)
async def test_all_or_none_are_selected_and_the_problem_names_the_number(number: int, reason: Sentence) -> None:
    world = World()
    world.octopus.refusals = {OTHER.number: "it is disabled."}

    outcome = await world.select(a_principal(), world.integration.id, [DEMO.number, number])

    assert outcome == Failure(DossierNotSelectable(number, reason))
    assert (world.transactions.administrations, world.transactions.runs) == ([], [])


async def test_another_organisations_selection_of_the_dossier_is_its_own() -> None:
    world = World(theirs := an_administration(organisation_id=OrganisationId(uuid4()), dossier=DEMO.number))

    (mine,) = await world.selected(DEMO.number)

    assert mine.id != theirs.id
    assert world.transactions.administration(theirs.id) == theirs


# --- selected already -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [AdministrationStatus.ACTIVE, AdministrationStatus.ACCESS_LOST])
async def test_one_that_is_selected_already_is_returned_as_it_is(status: AdministrationStatus) -> None:
    world = World()
    mine = world.has(an_administration(integration_id=world.integration.id, status=status, name="As it was"))
    world.octopus.refusals = {DEMO.number: "it is disabled."}

    assert await world.selected(DEMO.number) == (mine,)
    assert world.transactions.administration(mine.id) == mine
    assert world.transactions.runs == []


async def test_one_of_another_integration_moves_here_with_all_it_has() -> None:
    theirs = an_administration(dossier=DEMO.number, name="Old name", watermark=NOON - timedelta(days=29))
    world = World(theirs)

    (moved,) = await world.selected(DEMO.number)

    assert (moved.id, moved.integration_id, moved.name) == (theirs.id, world.integration.id, DEMO.name)
    assert moved.watermark == theirs.watermark
    assert world.transactions.administrations == [moved]


@pytest.mark.parametrize(
    ("watermark", "mode", "trigger"),
    [
        (NOON - timedelta(days=29), ImportMode.INCREMENTAL, ImportTrigger.RECONNECT),
        (NOON - timedelta(days=90), ImportMode.FULL, ImportTrigger.RECONNECT),
        (None, ImportMode.FULL, ImportTrigger.FIRST),
    ],
)
async def test_one_that_moves_reads_what_changed_or_all_where_it_was_not_read_for_long(
    watermark: datetime | None, mode: ImportMode, trigger: ImportTrigger
) -> None:
    world = World(an_administration(dossier=DEMO.number, watermark=watermark))

    (moved,) = await world.selected(DEMO.number)

    (run,) = world.runs_of(moved.id)
    assert (run.mode, run.trigger) == (mode, trigger)


async def test_one_that_moves_while_it_is_imported_keeps_its_import() -> None:
    world = World()
    moving = world.has(an_administration(dossier=DEMO.number))
    running = a_run(moving).begin(NOON)
    world.has(moving, running)

    await world.selected(DEMO.number)

    assert world.runs_of(moving.id) == [running]


async def test_one_that_the_login_cannot_open_does_not_move() -> None:
    world = World(theirs := an_administration(dossier=DEMO.number))
    world.octopus.refusals = {DEMO.number: "no right."}

    outcome = await world.select(a_principal(), world.integration.id, [DEMO.number])

    assert outcome == Failure(DossierNotSelectable(DEMO.number, Sentence.verbatim("no right.")))
    assert world.transactions.administration(theirs.id) == theirs


# --- removed before -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("watermark", "days", "mode"),
    [
        (NOON - timedelta(days=29), 30, ImportMode.INCREMENTAL),
        (NOON - timedelta(days=30), 30, ImportMode.FULL),
        (NOON - timedelta(days=7), 7, ImportMode.FULL),
        (NOON - timedelta(days=90), 91, ImportMode.INCREMENTAL),
        (None, 30, ImportMode.FULL),
    ],
)
async def test_one_that_was_removed_comes_back_with_its_rows_and_reads_what_changed(
    watermark: datetime | None, days: int, mode: ImportMode
) -> None:
    world = World()
    world.select = replace(world.select, changes_remembered=timedelta(days=days))
    before = an_administration(integration_id=world.integration.id, dossier=DEMO.number, watermark=watermark)
    world.has(before.delete(NOON - timedelta(days=29), RETENTION))

    (restored,) = await world.selected(DEMO.number)

    assert (restored.id, restored.status, restored.purge_after) == (before.id, AdministrationStatus.ACTIVE, None)
    assert restored.watermark == watermark
    assert [run.mode for run in world.runs_of(restored.id)] == [mode]


async def test_one_that_was_removed_from_another_integration_comes_back_to_this_one() -> None:
    world = World(removed := an_administration(dossier=DEMO.number).delete(NOON, RETENTION))

    (restored,) = await world.selected(DEMO.number)

    assert (restored.id, restored.integration_id) == (removed.id, world.integration.id)


@pytest.mark.parametrize("days", [30, 31])
async def test_one_whose_retention_is_over_begins_anew(days: int) -> None:
    gone = an_administration(dossier=DEMO.number, watermark=NOON).delete(NOON - timedelta(days=days), RETENTION)
    world = World(gone)

    (fresh,) = await world.selected(DEMO.number)

    assert fresh.id != gone.id
    assert fresh.watermark is None
    assert [run.mode for run in world.runs_of(fresh.id)] == [ImportMode.FULL]
    assert world.transactions.administration(gone.id) == gone


async def test_one_that_comes_back_while_its_import_is_being_stopped_goes_on() -> None:
    """The worker has not come to its next checkpoint yet: a second run beside it cannot be queued."""
    world = World()
    mine = an_administration(integration_id=world.integration.id, dossier=DEMO.number)
    running = a_run(mine).begin(NOON)
    world.has(mine, running)
    await RemoveAdministration(world.transactions, lambda: NOON, RETENTION)(a_principal(), mine.id)
    assert world.transactions.run(running.id).cancel_requested

    await world.selected(DEMO.number)

    assert world.runs_of(mine.id) == [running]


# --- what can go wrong ----------------------------------------------------------------------------------------------


async def test_nothing_is_selected_for_an_unknown_or_deleted_integration_or_one_of_others() -> None:
    for integration in (an_integration().delete(), an_integration(organisation_id=OrganisationId(uuid4()))):
        world = World(integration=integration)
        outcome = await world.select(a_principal(), integration.id, [DEMO.number])
        assert outcome == Failure(UnknownIntegration(integration.id))
        assert world.octopus.listed_for == []

    unknown = IntegrationId(uuid4())
    assert await World().select(a_principal(), unknown, [DEMO.number]) == Failure(UnknownIntegration(unknown))


@pytest.mark.parametrize("integration", [an_integration_awaiting_consent(), an_integration().rejected()])
async def test_nothing_is_selected_without_a_valid_authorisation(integration: Integration) -> None:
    world = World(integration=integration)

    assert await world.select(a_principal(), integration.id, [DEMO.number]) == Failure(NotAuthorized())
    assert world.octopus.listed_for == []


@pytest.mark.parametrize(
    ("trouble", "problem"),
    [
        (AuthorizationRejected("invalid_grant"), NotAuthorized()),
        (OctopusUnavailable("no answer"), OctopusDown()),
        (InvalidAnswer("HTML"), OctopusDown()),
        (QuotaSpent("POST /dossiers", TOMORROW), DailyMaximumReached(TOMORROW)),
    ],
)
async def test_what_is_wrong_at_octopus_is_told_and_nothing_selected(trouble: OctopusError, problem: object) -> None:
    world = World()
    world.octopus.fails = trouble

    assert await world.select(a_principal(), world.integration.id, [DEMO.number]) == Failure(problem)
    assert world.transactions.administrations == []


async def test_an_integration_that_is_deleted_while_octopus_is_asked_selects_nothing() -> None:
    world = World()
    delete = DeleteIntegration(world.transactions, lambda: NOON, RETENTION)
    world.octopus.meanwhile = lambda: delete(a_principal(), world.integration.id)

    outcome = await world.select(a_principal(), world.integration.id, [DEMO.number])

    assert outcome == Failure(UnknownIntegration(world.integration.id))
    assert world.transactions.administrations == []


async def test_a_dossier_that_somebody_else_selects_meanwhile_becomes_one_administration() -> None:
    world = World()
    colleague = SelectAdministrations(world.transactions, FakeOctopus(listed=(DEMO,)), lambda: NOON, uuid4)
    world.octopus.meanwhile = lambda: colleague(a_principal(), world.integration.id, [DEMO.number])

    assert list(await world.selected(DEMO.number)) == world.transactions.administrations
    assert len(world.transactions.runs) == 1
