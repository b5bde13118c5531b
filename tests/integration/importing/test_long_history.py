"""A history that Octopus's daily maxima do not let through in one day."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.work.quota import SqlQuota
from monitr.domain.import_run import ImportStatus
from octopus_sandbox import SandboxSettings
from octopus_sandbox.clock import Clock
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.test_import_dossier import LEDGER
from tests.integration.importing.world import a_world, checks

MORNING = datetime(2026, 11, 23, 9, tzinfo=UTC)
CHUNKS_A_DAY = 48  # bookings/modified (octopus.md 3.1): twelve bookyears


async def test_twenty_bookyears_come_in_over_two_days_newest_first_and_readable_meanwhile(engine: AsyncEngine) -> None:
    clock = Clock(MORNING)
    with SandboxServer(SandboxSettings(lines=1, bookyears=20, dossiers=1), clock) as sandbox:
        counter = SqlQuota(engine, clock.now)
        async with a_world(engine, sandbox, clock.now, counter, daily_limits=True) as world:
            (administration,) = await world.select(await world.connect(), 49001)

            first_day = await world.work(administration.id)

            midnight_in_brussels = datetime(2026, 11, 23, 23, tzinfo=UTC)
            assert (first_day.status, first_day.resume_at) == (ImportStatus.WAITING, midnight_in_brussels)
            assert first_day.error is not None
            assert first_day.error.code == "QUOTA_SPENT"
            assert len(sandbox.calls.of("getReportModifiedBooking")) == CHUNKS_A_DAY
            readable_from = (await world.administration(administration.id)).complete_from
            assert readable_from is not None
            assert readable_from.year == 2026 - 12 + 1

            clock.advance(timedelta(days=1))
            second_day = await world.work(administration.id)

            assert second_day.status is ImportStatus.SUCCEEDED, second_day.error
            assert checks(second_day) == {}
            complete_from = (await world.administration(administration.id)).complete_from
            assert complete_from is not None
            assert complete_from.year == 2026 - 20 + 1
            assert len(await world.rows(LEDGER, id=administration.id)) == len(sandbox.truth(49001).ledger())
