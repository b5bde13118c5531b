"""A scheduler process."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from monitr.bootstrap.metrics import metrics_page
from monitr.bootstrap.ports import Ports, open_ports
from monitr.bootstrap.scheduler import scheduler_chores
from monitr.entrypoints.worker.health_server import health_server
from monitr.entrypoints.worker.stop_signals import stop_on_signal
from monitr.installation import database_check
from monitr.settings import Settings

if TYPE_CHECKING:
    from monitr.entrypoints.http.health import ReadinessCheck

logger = structlog.get_logger(__name__)


def run_scheduler(settings: Settings, database: str) -> None:
    """Until SIGTERM or Ctrl-C."""
    asyncio.run(_run(settings, database))


async def _run(settings: Settings, database: str) -> None:
    with stop_on_signal() as stop:
        async with open_ports(settings, database, "scheduler", longest_statement=timedelta(minutes=2)) as opened:
            page = metrics_page(opened, with_figures=False)
            async with health_server(settings, settings.scheduler_port, "MONITR_SCHEDULER_PORT", _checks(opened), page):
                await _do_chores(opened, stop)


async def _do_chores(of: Ports, stop: asyncio.Event) -> None:
    chores = [asyncio.create_task(chore.run(), name=chore.name) for chore in scheduler_chores(of)]
    logger.info("scheduler_ready", schedule=of.settings.schedule or "off")
    await stop.wait()
    for chore in chores:
        chore.cancel()
    await asyncio.gather(*chores, return_exceptions=True)
    logger.info("scheduler_stopped")


def _checks(of: Ports) -> "dict[str, ReadinessCheck]":
    return {"database": database_check(of.engine)}
