"""What holds for ``Transactions`` and the repositories in a unit of work, whoever implements them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import text

from monitr.adapters.sql.database.engine import create_engine
from monitr.application.octopus import AuthorizationRejected
from monitr.application.ports import Transactions, UnitOfWork
from monitr.domain.accounting.verification import Check, CheckCode, Verification, VerificationStatus
from monitr.domain.administration import Administration, AdministrationStatus, DossierNumber
from monitr.domain.authorization import Authorization, digest
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Counts, Dataset, DatasetImportStatus, ImportRun, ImportRunId, ImportStatus
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.words.sentence import Sentence
from tests.integration.ports.conftest import SqlWorld, World
from tests.unit.fakes import MINE, NOON, a_run, an_administration, an_authorization, an_integration, some_tokens

THEIRS = OrganisationId(uuid4())
SOON = timedelta(seconds=0.3)


Find = Callable[[UnitOfWork], Awaitable[object]]


def integration(id: IntegrationId) -> Find:
    return lambda work: work.integrations.find(MINE, id)


def administration(id: AdministrationId) -> Find:
    return lambda work: work.administrations.find(MINE, id)


async def saved(
    transactions: Transactions,
    *,
    integration: Integration | None = None,
    administration: Administration | None = None,
    run: ImportRun | None = None,
    authorization: Authorization | None = None,
) -> None:
    """An administration comes with its integration."""
    row = integration or administration or run or authorization
    assert row is not None
    async with transactions(row.organisation_id) as work:
        if integration is not None:
            await work.integrations.save(integration)
        if administration is not None:
            if await work.integrations.find(row.organisation_id, administration.integration_id) is None:
                owner = an_integration(id=administration.integration_id, organisation_id=row.organisation_id)
                await work.integrations.save(owner)
            await work.administrations.save(administration)
        if run is not None:
            await work.imports.add(run)
        if authorization is not None:
            await work.authorizations.save(authorization)
        await work.commit()


@asynccontextmanager
async def locked_by_another(world: World, find: Find) -> AsyncIterator[UnitOfWork]:
    """A unit of work that holds what it has found; it ends with the context."""
    async with world.transactions(MINE) as work:
        assert await find(work) is not None
        yield work


async def is_held(world: World, find: Find) -> bool:
    """Whether somebody who asks for it now has to wait."""

    async def look() -> None:
        async with world.transactions(MINE) as work:
            await find(work)

    looking = asyncio.create_task(look())
    _, waiting = await asyncio.wait([looking], timeout=SOON.total_seconds())
    looking.cancel()
    with suppress(asyncio.CancelledError):
        await looking
    return bool(waiting)


async def found_administration(transactions: Transactions, id: AdministrationId) -> Administration | None:
    async with transactions(MINE) as work:
        return await work.administrations.find(MINE, id)


class TestUnitOfWork:
    async def test_nothing_is_left_of_a_unit_of_work_without_commit(self, world: World) -> None:
        mine = an_integration()
        async with world.transactions(MINE) as work:
            await work.integrations.save(mine)

        async with world.transactions(MINE) as work:
            assert await work.integrations.find(MINE, mine.id) is None

    async def test_an_error_undoes_everything(self, world: World) -> None:
        mine = an_administration()
        await saved(world.transactions, administration=mine)

        async def stumble() -> None:
            async with world.transactions(MINE) as work:
                await work.administrations.save(mine.delete(NOON, timedelta()))
                await work.jobs.purge(mine.id, NOON)
                raise RuntimeError("the process has a bug")

        with pytest.raises(RuntimeError):
            await stumble()

        assert await found_administration(world.transactions, mine.id) == mine
        assert await world.purges() == []

    async def test_a_unit_of_work_sees_its_own_changes(self, world: World) -> None:
        mine = an_integration()
        async with world.transactions(MINE) as work:
            await work.integrations.save(mine)

            assert await work.integrations.find(MINE, mine.id) == mine

    async def test_when_the_list_of_dossiers_was_asked_for_is_kept(self, world: World) -> None:
        mine = an_integration().asks_dossiers(NOON)
        await saved(world.transactions, integration=mine)

        async with world.transactions(MINE) as work:
            assert await work.integrations.find(MINE, mine.id) == mine

    async def test_nothing_can_be_done_after_the_commit(self, world: World) -> None:
        async with world.transactions(MINE) as work:
            await work.commit()

            with pytest.raises(Exception):  # noqa: B017  # a fault of the caller: each adapter has its own
                await work.integrations.find(MINE, IntegrationId(uuid4()))

    async def test_a_unit_of_work_cannot_write_for_another_organisation(self, world: World) -> None:
        theirs = an_integration(organisation_id=THEIRS)
        async with world.transactions(MINE) as work:
            with pytest.raises(Exception):  # noqa: B017  # as above
                await work.integrations.save(theirs)

        async with world.transactions(THEIRS) as work:
            assert await work.integrations.find(THEIRS, theirs.id) is None


class TestIntegrations:
    async def test_an_integration_comes_back_as_it_was_saved(self, world: World) -> None:
        mine = an_integration().rejected()
        await saved(world.transactions, integration=an_integration(id=mine.id))
        await saved(world.transactions, integration=mine)

        async with world.transactions(MINE) as work:
            assert await work.integrations.find(MINE, mine.id) == mine

    async def test_another_organisations_integration_is_unknown(self, world: World) -> None:
        theirs = an_integration(organisation_id=THEIRS)
        await saved(world.transactions, integration=theirs)

        async with world.transactions(MINE) as work:
            assert await work.integrations.find(MINE, theirs.id) is None
        async with world.transactions(MINE) as work:
            assert await work.integrations.find(THEIRS, theirs.id) is None

    async def test_whoever_finds_it_keeps_others_waiting(self, world: World) -> None:
        mine = an_integration()
        await saved(world.transactions, integration=mine)

        async with locked_by_another(world, integration(mine.id)):
            assert await is_held(world, integration(mine.id))

    async def test_erased_tokens_are_gone(self, world: World) -> None:
        mine = an_integration()
        await saved(world.transactions, integration=mine)
        async with world.transactions(MINE) as work:
            await work.integrations.store_tokens(
                mine.id, some_tokens(access_expires_at=NOON + timedelta(days=36500)), NOON + timedelta(days=60)
            )
            await work.commit()
        before = await world.credentials([]).access_token(mine.id)

        async with world.transactions(MINE) as work:
            await work.integrations.erase_tokens(mine.id)
            await work.commit()

        assert before == "access-1"
        with pytest.raises(AuthorizationRejected):
            await world.credentials([]).access_token(mine.id)


class TestAuthorizations:
    async def test_a_round_is_found_by_its_ticket_and_by_its_state_without_knowing_the_organisation(
        self, world: World
    ) -> None:
        asked = an_authorization("ticket", subject_name="Anna", organisation_name="Bakkerij")
        started = asked.started("browser", "state", "verifier")
        await saved(world.transactions, authorization=asked)
        async with world.transactions() as work:
            assert await work.authorizations.by_ticket(digest("ticket")) == asked
            await work.authorizations.save(started)
            await work.commit()

        async with world.transactions() as work:
            assert await work.authorizations.by_state(digest("state")) == started
            assert await work.authorizations.by_state(digest("another")) is None

    async def test_in_the_name_of_an_organisation_only_its_own_rounds_are_found(self, world: World) -> None:
        asked = an_authorization("ticket")
        await saved(world.transactions, authorization=asked)

        async with world.transactions(asked.organisation_id) as work:
            assert await work.authorizations.by_ticket(digest("ticket")) == asked
        async with world.transactions(OrganisationId(uuid4())) as work:
            assert await work.authorizations.by_ticket(digest("ticket")) is None

    async def test_of_two_callbacks_with_one_state_only_one_finds_it_open(self, world: World) -> None:
        await saved(world.transactions, authorization=an_authorization().started("browser", "state", None))

        async def callback() -> bool:
            async with world.transactions() as work:
                found = await work.authorizations.by_state(digest("state"))
                assert found is not None
                await asyncio.sleep(0.05)
                was_open = found.is_open(NOON)
                await work.authorizations.save(found.consumed(NOON))
                await work.commit()
                return was_open

        assert sorted(await asyncio.gather(callback(), callback())) == [False, True]

    async def test_only_rounds_that_ran_out_unconsumed_are_swept(self, world: World) -> None:
        ran_out = an_authorization("ran out", expires_at=NOON)
        for round in (
            ran_out,
            an_authorization("running", expires_at=NOON + timedelta(seconds=1)),
            an_authorization("consumed", expires_at=NOON, consumed_at=NOON),
        ):
            await saved(world.transactions, authorization=round)

        async with world.transactions() as work:
            assert list(await work.authorizations.expired(NOON)) == [ran_out]

    async def test_a_round_that_somebody_sweeps_is_left_out(self, world: World) -> None:
        await saved(world.transactions, authorization=an_authorization(expires_at=NOON))

        async with world.transactions() as first, world.transactions() as second:
            assert len(await first.authorizations.expired(NOON)) == 1
            assert list(await second.authorizations.expired(NOON)) == []


class TestAdministrations:
    async def test_an_administration_comes_back_as_it_was_saved(self, world: World) -> None:
        mine = replace(
            an_administration(name="Ça va, élève bv", vat_number=None).imported(NOON, NOON + timedelta(minutes=3)),
            complete_from=NOON.date(),
        )
        await saved(world.transactions, administration=mine)

        assert await found_administration(world.transactions, mine.id) == mine

    async def test_another_organisations_administration_is_unknown(self, world: World) -> None:
        theirs = an_administration(organisation_id=THEIRS)
        await saved(world.transactions, administration=theirs)

        assert await found_administration(world.transactions, theirs.id) is None

    async def test_whoever_finds_it_keeps_others_waiting(self, world: World) -> None:
        mine = an_administration()
        await saved(world.transactions, administration=mine)

        async with locked_by_another(world, administration(mine.id)):
            assert await is_held(world, administration(mine.id))

    async def test_those_of_an_integration_are_the_live_ones_by_dossier_number(self, world: World) -> None:
        of = IntegrationId(uuid4())
        second, first, deleted = (
            an_administration(integration_id=of, dossier=DossierNumber(number)) for number in (2, 1, 3)
        )
        for each in (second, first, deleted.delete(NOON, timedelta(days=30)), an_administration()):
            await saved(world.transactions, administration=each)

        async with world.transactions(MINE) as work:
            assert list(await work.administrations.of_integration(MINE, of)) == [first, second]

    async def test_of_a_dossier_the_live_one_is_found_and_else_the_one_deleted_last(self, world: World) -> None:
        of = IntegrationId(uuid4())
        long_ago = an_administration(integration_id=of).delete(NOON - timedelta(days=90), timedelta(days=30))
        lately = an_administration(integration_id=of).delete(NOON - timedelta(days=1), timedelta(days=30))
        for each in (lately, long_ago):
            await saved(world.transactions, administration=each)
        dossier = lately.dossier
        async with world.transactions(MINE) as work:
            before = await work.administrations.of_dossiers(MINE, [dossier, DossierNumber(7)])

        live = an_administration(integration_id=of)
        await saved(world.transactions, administration=live)

        async with world.transactions(MINE) as work:
            after = await work.administrations.of_dossiers(MINE, [dossier, DossierNumber(7)])
        assert (before, after) == ({dossier: lately}, {dossier: live})

    async def test_the_bookyears_that_were_imported_are_those_of_each(self, world: World) -> None:
        mine, without, theirs = an_administration(), an_administration(), an_administration(organisation_id=THEIRS)
        for row in (mine, without):
            await saved(world.transactions, administration=replace(row, dossier=DossierNumber(row.id.int % 2**30)))
        await world.import_bookyears(mine.id, [1, 3])
        await world.import_bookyears(theirs.id, [7])

        async with world.transactions(MINE) as work:
            found = await work.administrations.bookyears(MINE, [mine.id, without.id, theirs.id])
        assert {id: sorted(numbers) for id, numbers in found.items()} == {mine.id: [1, 3]}

    async def test_selections_of_an_organisation_follow_one_another(self, world: World) -> None:
        """Even the first, when there is no row yet that could be locked."""
        integration = an_integration()
        await saved(world.transactions, integration=integration)

        async def select() -> bool:
            async with world.transactions(MINE) as work:
                known = await work.administrations.of_dossiers(MINE, [DossierNumber(49555)])
                await asyncio.sleep(0.05)
                if not known:
                    await work.administrations.save(an_administration(integration_id=integration.id))
                await work.commit()
                return not known

        assert sorted(await asyncio.gather(*(select() for _ in range(4)))) == [False, False, False, True]


class TestAdministrationsWithTheirIntegrations:
    """Four integrations and an administration of each, neither the first of the first nor the last of the last; stored
    and asked for in the opposite order of their ids."""

    def setup_method(self) -> None:
        owners = sorted(IntegrationId(uuid4()) for _ in range(4))
        self.low, self.high = owners[:2]
        self.integrations = {id: an_integration(id=id) for id in reversed(owners)}
        ids = sorted(AdministrationId(uuid4()) for _ in range(4))
        self.first = ids[0]
        self.administrations = {
            ids[number]: an_administration(
                id=ids[number], integration_id=owners[number ^ 1], dossier=DossierNumber(number)
            )
            for number in (3, 2, 1, 0)
        }
        self.in_order = [*map(integration, owners), *map(administration, ids)]

    async def stored(self, world: World) -> None:
        for each in self.integrations.values():
            await saved(world.transactions, integration=each)
        for one in self.administrations.values():
            await saved(world.transactions, administration=one)

    async def lock_all(self, world: World) -> None:
        async with world.transactions(MINE) as work:
            await work.administrations.with_integration(MINE, [*self.administrations])

    async def test_each_comes_with_its_integration_and_what_is_not_there_not_at_all(self, world: World) -> None:
        await self.stored(world)
        deleted = an_administration(dossier=DossierNumber(9)).delete(NOON, timedelta(days=30))
        theirs = an_administration(organisation_id=THEIRS)
        for each in (deleted, theirs):
            await saved(world.transactions, administration=each)

        async with world.transactions(MINE) as work:
            found = await work.administrations.with_integration(
                MINE, [*self.administrations, deleted.id, theirs.id, AdministrationId(uuid4())]
            )

        assert found[deleted.id][0] == deleted
        assert {id: owner and owner.id for id, (_, owner) in found.items()} == {
            each.id: each.integration_id for each in (*self.administrations.values(), deleted)
        }
        assert {id: found[id] for id in self.administrations} == {
            each.id: (each, self.integrations[each.integration_id]) for each in self.administrations.values()
        }

    @pytest.mark.parametrize("held", range(7))
    async def test_integrations_are_locked_before_administrations_and_both_by_id(self, world: World, held: int) -> None:
        """Whoever holds one of them, so that somebody waits for it, can still have all that come after it."""
        await self.stored(world)

        async with world.transactions(MINE) as holder:
            await self.in_order[held](holder)
            locking = asyncio.create_task(self.lock_all(world))
            _, waiting = await asyncio.wait([locking], timeout=SOON.total_seconds())
            async with asyncio.timeout(10 * SOON.total_seconds()):
                for find in self.in_order[held + 1 :]:
                    await find(holder)
            await holder.commit()
        await locking

        assert waiting == {locking}

    async def test_all_of_them_stay_locked_until_the_end(self, world: World) -> None:
        await self.stored(world)

        async with world.transactions(MINE) as work:
            await work.administrations.with_integration(MINE, [*self.administrations])

            assert [await is_held(world, find) for find in self.in_order] == [True] * 8

    async def test_of_two_writers_in_opposite_orders_the_second_sees_what_the_first_has_committed(
        self, world: World
    ) -> None:
        await self.stored(world)

        async def write(ids: list[AdministrationId]) -> set[str]:
            async with world.transactions(MINE) as work:
                found = await work.administrations.with_integration(MINE, ids)
                await asyncio.sleep(0.05)
                for each, _ in found.values():
                    await work.administrations.save(replace(each, name=f"{each.name}+"))
                await work.commit()
            return {each.name for each, _ in found.values()}

        ids = [*self.administrations]
        seen = await asyncio.gather(write(ids), write(ids[::-1]))

        assert sorted(seen, key=sorted) == [{"Demo BV"}, {"Demo BV+"}]

    async def test_one_that_moves_meanwhile_comes_with_the_integration_that_it_has_then(self, world: World) -> None:
        await self.stored(world)
        taken, looked = asyncio.Event(), asyncio.Event()

        async def take() -> tuple[Administration, Integration | None]:
            async with world.transactions(MINE) as work:
                found = await work.administrations.with_integration(MINE, [self.first])
                taken.set()
                await looked.wait()
                return found[self.first]

        async with world.transactions(MINE) as mover:
            for find in (integration(self.low), integration(self.high), administration(self.first)):
                await find(mover)
            taking = asyncio.create_task(take())
            await asyncio.sleep(SOON.total_seconds())
            await mover.administrations.save(self.administrations[self.first].moved_to(self.low))
            await mover.commit()
        await taken.wait()
        is_its_own = await is_held(world, integration(self.low))
        async with asyncio.timeout(10 * SOON.total_seconds()), world.transactions(MINE) as another:
            await another.integrations.find(MINE, self.high)  # which it has let go
        looked.set()
        moved, owner = await taking

        assert (moved.integration_id, owner) == (self.low, self.integrations[self.low])
        assert is_its_own


class TestTheSameByAnotherPlan(TestAdministrationsWithTheirIntegrations):
    """Rows come in the order of an index, so that nothing is sorted, and so read, before the first one is locked."""

    @pytest_asyncio.fixture
    async def world(self, fresh_database: str) -> AsyncIterator[World]:
        engine = create_engine(fresh_database, pool_size=20)
        async with engine.begin() as connection:
            for step in ("sort", "hashjoin", "mergejoin", "seqscan", "bitmapscan", "hashagg"):
                await connection.execute(text(f"ALTER DATABASE {engine.url.database} SET enable_{step} = off"))
        await engine.dispose()  # of the connection that does not know it yet
        yield SqlWorld(engine)
        await engine.dispose()


class TestImportRuns:
    async def test_a_run_comes_back_as_it_was_saved(self, world: World) -> None:
        run = a_run(bookyears=(1, 3)).begin(NOON).advanced(1 / 3)
        run = run.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.SUCCEEDED, Counts(5, 4, 1, 0, 2))
        checks = (
            Check(
                CheckCode.ACCOUNT_AMOUNTS,
                VerificationStatus.FAILED,
                Sentence.verbatim("account 400000, period 202601: 0.01"),
            ),
            Check(CheckCode.BOOKINGS_BALANCE, VerificationStatus.PASSED),
        )
        run = replace(
            run.succeed(NOON, Verification(checks)),
            error=Explanation(ExplanationCode.INTERNAL, Sentence.verbatim("message"), Sentence.verbatim("action")),
        )
        await saved(world.transactions, run=replace(run, status=ImportStatus.QUEUED, datasets={}))
        async with world.transactions(MINE) as work:
            await work.imports.save(run)
            await work.commit()

        async with world.transactions(MINE) as work:
            again = await work.imports.find(MINE, run.id)
        assert again == run
        assert again is not None
        assert list(again.datasets) == list(run.datasets)

    async def test_adding_a_run_wakes_somebody_up_and_rolling_back_nobody(self, world: World) -> None:
        kept, undone = a_run(), a_run()
        await saved(world.transactions, run=kept)
        async with world.transactions(MINE) as work:
            await work.imports.add(undone)

        assert await world.wake_ups() == [kept.id]

    async def test_a_run_that_ended_wakes_nobody_up(self, world: World) -> None:
        run = a_run()
        await saved(world.transactions, run=run)
        async with world.transactions(MINE) as work:
            await work.imports.save(run.cancelled(NOON))
            await work.commit()

        assert await world.wake_ups() == [run.id]

    async def test_an_administration_has_one_active_run_at_most(self, world: World) -> None:
        of = an_administration()
        await saved(world.transactions, run=a_run(of))

        with pytest.raises(Exception):  # noqa: B017  # a fault of the caller: each adapter has its own
            await saved(world.transactions, run=a_run(of))

    @pytest.mark.parametrize("status", list(ImportStatus))
    async def test_queued_running_and_waiting_are_active(self, world: World, status: ImportStatus) -> None:
        of = an_administration()
        run = a_run(of)
        await saved(world.transactions, run=run)
        async with world.transactions(MINE) as work:
            await work.imports.save(replace(run, status=status))
            await work.commit()

        async with world.transactions(MINE) as work:
            active = await work.imports.active(of.id)
        assert (active is not None) is (status in (ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.WAITING))

    async def test_the_run_that_ended_last_is_found(self, world: World) -> None:
        of = an_administration()

        async def ended(at: datetime) -> ImportRunId:
            run = a_run(of)
            await saved(world.transactions, run=run)
            async with world.transactions(MINE) as work:
                await work.imports.save(run.cancelled(at))
                await work.commit()
            return run.id

        last = await ended(NOON + timedelta(hours=1))
        await ended(NOON)
        await saved(world.transactions, run=a_run(of))

        async with world.transactions(MINE) as work:
            found = await work.imports.last_ended(of.id)
        assert found is not None
        assert found.id == last

    async def test_another_organisations_runs_are_unknown(self, world: World) -> None:
        theirs = a_run(an_administration(organisation_id=THEIRS))
        await saved(world.transactions, run=theirs)

        async with world.transactions(MINE) as work:
            assert await work.imports.find(MINE, theirs.id) is None
            assert await work.imports.active(theirs.administration_id) is None

    async def test_whoever_finds_a_run_keeps_others_waiting(self, world: World) -> None:
        run = a_run()
        await saved(world.transactions, run=run)

        def find(work: UnitOfWork) -> Awaitable[object]:
            return work.imports.find(MINE, run.id)

        def active(work: UnitOfWork) -> Awaitable[object]:
            return work.imports.active(run.administration_id)

        for first, second in ((find, find), (find, active), (active, find)):
            async with locked_by_another(world, first):
                assert await is_held(world, second)

    async def test_whose_run_it_is_can_be_asked_while_somebody_holds_it(self, world: World) -> None:
        mine, theirs = a_run(), a_run(an_administration(organisation_id=THEIRS))
        await saved(world.transactions, run=mine)
        await saved(world.transactions, run=theirs)

        async with (
            locked_by_another(world, lambda work: work.imports.find(MINE, mine.id)),
            world.transactions(MINE) as work,
        ):
            assert await work.imports.administration_of(MINE, mine.id) == mine.administration_id
            assert await work.imports.administration_of(MINE, theirs.id) is None
            assert await work.imports.administration_of(THEIRS, theirs.id) is None

    async def test_workers_too_find_a_run_of_the_organisation_that_they_name_only(self, world: World) -> None:
        theirs = a_run(an_administration(organisation_id=THEIRS))
        await saved(world.transactions, run=theirs)

        async with world.transactions() as work:
            assert await work.imports.find(MINE, theirs.id) is None
            assert await work.imports.administration_of(MINE, theirs.id) is None

    async def test_without_an_organisation_the_runs_of_all_are_reached(self, world: World) -> None:
        theirs = a_run(an_administration(organisation_id=THEIRS))
        await saved(world.transactions, run=theirs)

        async with world.transactions() as work:
            assert await work.imports.find(THEIRS, theirs.id) == theirs


class TestJobs:
    async def test_a_purge_is_enqueued_with_the_commit_for_its_time(self, world: World) -> None:
        mine = an_administration()
        async with world.transactions(MINE) as work:
            await work.jobs.purge(mine.id, NOON)
            await work.commit()

        assert await world.purges() == [(mine.id, NOON)]


async def test_a_deleted_administration_is_still_found(world: World) -> None:
    deleted = an_administration().delete(NOON, timedelta(days=30))
    await saved(world.transactions, administration=deleted)

    found = await found_administration(world.transactions, deleted.id)
    assert found is not None
    assert found.status is AdministrationStatus.DELETED
