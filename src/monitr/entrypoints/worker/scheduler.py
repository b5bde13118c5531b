"""A scheduler process."""

import asyncio
from datetime import timedelta

import structlog

from monitr.bootstrap import scheduler_chores, services
from monitr.entrypoints.worker.stop_signals import stop_on_signal
from monitr.settings import Settings

logger = structlog.get_logger(__name__)


def run_scheduler(settings: Settings, database: str) -> None:
    """Until SIGTERM or Ctrl-C."""
    asyncio.run(_run(settings, database))


async def _run(settings: Settings, database: str) -> None:
    with stop_on_signal() as stop:
        async with services(settings, database, "scheduler", longest_statement=timedelta(minutes=2)) as opened:
            chores = [asyncio.create_task(chore.run(), name=chore.name) for chore in scheduler_chores(opened)]
            logger.info("scheduler_ready", schedule=settings.schedule or "off")
            await stop.wait()
            for chore in chores:
                chore.cancel()
            await asyncio.gather(*chores, return_exceptions=True)
            logger.info("scheduler_stopped")
