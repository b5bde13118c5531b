"""A scheduler process."""

import asyncio
from datetime import timedelta

import structlog

from monitr.bootstrap.ports import Ports, open_ports
from monitr.bootstrap.scheduler import scheduler_chores
from monitr.entrypoints.worker.health_server import health_server
from monitr.entrypoints.worker.stop_signals import stop_on_signal
from monitr.settings import Settings

logger = structlog.get_logger(__name__)


async def run_scheduler(settings: Settings, database: str) -> None:
    """Until SIGTERM or Ctrl-C."""
    with stop_on_signal() as stop:
        async with (
            open_ports(settings, database, "scheduler", longest_statement=timedelta(minutes=2)) as opened,
            health_server(opened, settings.scheduler_port, "MONITR_SCHEDULER_PORT"),
        ):
            await _do_chores(opened, stop)


async def _do_chores(of: Ports, stop: asyncio.Event) -> None:
    chores = [asyncio.create_task(chore.run(), name=chore.name) for chore in scheduler_chores(of)]
    logger.info("scheduler_ready", schedule=of.settings.schedule or "off")
    await stop.wait()
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)
    logger.info("scheduler_stopped")
