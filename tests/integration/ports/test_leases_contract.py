"""What holds for ``Leases``, whoever implements them."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from monitr.domain.administration import Administration
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.organisation import OrganisationId
from monitr.domain.words.sentence import Sentence
from tests.integration.ports.conftest import World, now
from tests.integration.ports.test_unit_of_work_contract import saved
from tests.unit.fakes import MINE, NOON, a_run, an_administration

LEASE = timedelta(seconds=30)
OVER = timedelta()
"""The lease of a worker that died at once."""


async def queued(world: World, minutes: int = 0, *, of: Administration | None = None, **changes: object) -> ImportRun:
    """Of an administration of its own, queued so many minutes after noon."""
    administration = of or an_administration(dossier=uuid4().int % 10**9)
    run = replace(a_run(administration, queued_at=NOON + timedelta(minutes=minutes)))
    await saved(world.transactions, administration=administration, run=run)
    if changes:
        await changed(world, run, **changes)
    return run


async def changed(world: World, run: ImportRun, **changes: object) -> None:
    async with world.transactions(run.organisation_id) as work:
        await work.imports.save(replace(run, **changes))  # type: ignore[arg-type]  # fields of the run, by name
        await work.commit()


async def claimed(world: World, id: ImportRunId | None = None, lease: timedelta = LEASE) -> ImportRunId | None:
    claim = await world.leases.claim(id, "worker", lease)
    return None if claim is None else claim.run_id


class TestLeases:
    async def test_the_run_that_was_queued_first_is_claimed_first(self, world: World) -> None:
        later, sooner = await queued(world, 2), await queued(world, 1)

        assert [await claimed(world) for _ in range(3)] == [sooner.id, later.id, None]

    async def test_a_run_can_be_claimed_by_name(self, world: World) -> None:
        await queued(world, 1)
        wanted = await queued(world, 2)

        assert await claimed(world, wanted.id) == wanted.id

    async def test_a_claimed_run_is_nobody_elses(self, world: World) -> None:
        run = await queued(world)
        await claimed(world)

        assert await claimed(world, run.id) is None

    async def test_the_run_of_a_dead_worker_is_claimed_again_with_a_higher_fence(self, world: World) -> None:
        run = await queued(world)
        first = await world.leases.claim(None, "dead", OVER)
        await changed(world, run.begin(NOON))

        second = await world.leases.claim(None, "alive", LEASE)

        assert first is not None
        assert second is not None
        assert second.fence > first.fence
        assert (first.attempt, second.attempt) == (1, 2)
        assert second.organisation_id == MINE

    async def test_a_released_run_can_be_claimed_at_once(self, world: World) -> None:
        run = await queued(world)
        claim = await world.leases.claim(None, "worker", LEASE)
        assert claim is not None
        await world.leases.release(claim)

        assert await claimed(world) == run.id

    async def test_releasing_a_lost_lease_does_not_touch_the_new_holders(self, world: World) -> None:
        run = await queued(world)
        lost = await world.leases.claim(None, "slow", OVER)
        assert lost is not None
        await world.leases.claim(None, "quick", LEASE)
        await world.leases.release(lost)

        assert await claimed(world, run.id) is None

    async def test_a_run_that_a_wrong_clock_told_to_wait_is_claimed_at_once(self, world: World) -> None:
        away = now() + timedelta(days=3)
        waiting = await queued(world, status=ImportStatus.WAITING, resume_at=away)

        assert await claimed(world) == waiting.id

    async def test_a_waiting_run_is_claimed_when_its_time_has_come(self, world: World) -> None:
        waiting, due = await queued(world, 1), await queued(world, 2)
        reason = Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("tomorrow"))
        await changed(world, waiting.begin(NOON).wait(now() + timedelta(hours=1), reason))
        await changed(world, due.begin(NOON).wait(now() - timedelta(hours=1), reason))

        assert [await claimed(world), await claimed(world)] == [due.id, None]

    @pytest.mark.parametrize("status", [ImportStatus.SUCCEEDED, ImportStatus.FAILED, ImportStatus.CANCELLED])
    async def test_a_run_that_ended_is_not_claimed(self, world: World, status: ImportStatus) -> None:
        await queued(world, status=status, finished_at=NOON)

        assert await claimed(world) is None

    async def test_a_removed_administrations_run_is_not_claimed(self, world: World) -> None:
        of = an_administration()
        await queued(world, of=of)
        async with world.transactions(MINE) as work:
            await work.administrations.save(of.delete(NOON, timedelta(days=30)))
            await work.commit()

        assert await claimed(world) is None

    async def test_no_organisation_keeps_the_others_waiting(self, world: World) -> None:
        busy = [await queued(world, minute) for minute in range(3)]
        theirs = await queued(world, 10, of=an_administration(organisation_id=OrganisationId(uuid4())))

        assert [await claimed(world) for _ in range(3)] == [busy[0].id, theirs.id, busy[1].id]

    async def test_what_a_dead_worker_left_behind_comes_first(self, world: World) -> None:
        first, left = await queued(world, 1), await queued(world, 2)
        await world.leases.claim(left.id, "dead", OVER)

        assert [await claimed(world), await claimed(world)] == [left.id, first.id]

    async def test_a_run_that_is_given_back_unfinished_queues_up_again_and_is_announced(self, world: World) -> None:
        begun, waiting = await queued(world, 1), await queued(world, 2)
        claim = await world.leases.claim(begun.id, "worker", LEASE)
        assert claim is not None
        await changed(world, begun.begin(NOON).advanced(0.5))
        before = len(await world.wake_ups())

        await world.leases.release(claim)

        async with world.transactions(MINE) as work:
            run = await work.imports.find(MINE, begun.id)
        assert run is not None
        assert (run.status, run.progress) == (ImportStatus.QUEUED, 0.5)
        assert (await world.wake_ups())[before:] == [begun.id]
        assert [await claimed(world), await claimed(world)] == [waiting.id, begun.id]

    async def test_a_run_that_waits_stays_so_when_it_is_given_back(self, world: World) -> None:
        run = await queued(world)
        claim = await world.leases.claim(run.id, "worker", LEASE)
        assert claim is not None
        await changed(
            world,
            run.begin(NOON).wait(
                now() + timedelta(hours=1), Explanation(ExplanationCode.QUOTA_SPENT, Sentence.verbatim("tomorrow"))
            ),
        )
        await world.leases.release(claim)

        assert await claimed(world) is None

    async def test_a_held_run_is_wanted_where_another_one_waits(self, world: World) -> None:
        held = await queued(world, 1)
        claim = await world.leases.claim(held.id, "worker", LEASE)
        assert claim is not None
        alone = await world.leases.is_wanted(claim, abandoned=False)
        other = await queued(world, 2)
        waiting = [await world.leases.is_wanted(claim, abandoned=abandoned) for abandoned in (False, True)]
        await world.leases.claim(other.id, "dead", OVER)

        assert (alone, waiting) == (False, [True, False])
        assert await world.leases.is_wanted(claim, abandoned=True)
