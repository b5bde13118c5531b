"""A worker process: one event loop for the runs, a thread for the broker, another for the heartbeat."""

import asyncio
from functools import partial

import dramatiq
import structlog

from monitr.bootstrap.ports import open_ports
from monitr.bootstrap.worker import WorkerParts, broker_trouble, worker
from monitr.entrypoints.worker.actors import declare_wake_up
from monitr.entrypoints.worker.health_server import health_server
from monitr.entrypoints.worker.stop_signals import stop_on_signal
from monitr.settings import Settings

logger = structlog.get_logger(__name__)

_BROKER_IDLE_MILLISECONDS = 500
_BROKER_STOP_MILLISECONDS = 1_000


async def run_worker(settings: Settings, database: str) -> None:
    """Until SIGTERM or Ctrl-C; within ten seconds from then it has ended."""
    with stop_on_signal() as stop:
        async with open_ports(settings, database, "worker") as opened:
            parts = worker(opened)

            async def worker_trouble() -> str | None:
                return None if parts.heartbeat.is_alive() else "Its heartbeat has ended: leases are not renewed."

            broker = partial(broker_trouble, settings)
            async with health_server(
                opened, settings.worker_port, "MONITR_WORKER_PORT", broker=broker, worker=worker_trouble
            ):
                await work(parts, stop)


async def work(parts: WorkerParts, stop: asyncio.Event) -> None:
    """Work on runs until ``stop``; then leave them behind their last checkpoints, for whoever comes next."""
    loop = asyncio.get_running_loop()
    declare_wake_up(parts.broker, parts.actor, parts.queue, parts.workshop.take_up, loop, parts.taken)
    consumer = dramatiq.Worker(parts.broker, worker_threads=1, worker_timeout=_BROKER_IDLE_MILLISECONDS)
    consumer.queue_prefetch = 1  # what this process cannot take up, another can
    parts.heartbeat.start()
    consumer.start()
    background = [asyncio.ensure_future(run()) for run in parts.background]

    async def stop_consuming() -> None:
        """While runs come to their checkpoints: together they have ten seconds."""
        await stop.wait()
        await asyncio.to_thread(consumer.stop, _BROKER_STOP_MILLISECONDS)

    consuming = asyncio.create_task(stop_consuming())
    logger.info("worker_ready", worker=parts.name)
    try:
        await parts.workshop.run(stop)
    finally:
        stop.set()  # where something else than the order to stop has ended it
        await consuming
        for task in background:
            task.cancel()
        await asyncio.gather(*background, return_exceptions=True)
        await asyncio.to_thread(parts.heartbeat.stop)
        await asyncio.to_thread(parts.close)
        logger.info("worker_stopped", worker=parts.name)
