"""A worker process: one event loop for the runs, a thread for the broker, another for the heartbeat."""

import asyncio
from contextlib import suppress

import dramatiq
import structlog

from monitr.bootstrap import WorkerParts
from monitr.entrypoints.worker.actors import declare_wake_up

logger = structlog.get_logger(__name__)

_BROKER_IDLE_MILLISECONDS = 500
_BROKER_STOP_MILLISECONDS = 1_000


async def work(parts: WorkerParts, stop: asyncio.Event) -> None:
    """Work on runs until ``stop``; then leave them behind their last checkpoints, for whoever comes next."""
    loop = asyncio.get_running_loop()
    declare_wake_up(parts.broker, parts.actor, parts.queue, parts.workshop.take_up, loop)
    consumer = dramatiq.Worker(parts.broker, worker_threads=1, worker_timeout=_BROKER_IDLE_MILLISECONDS)
    consumer.queue_prefetch = 1  # what this process cannot take up, another can
    parts.heartbeat.start()
    consumer.start()
    background = [
        asyncio.create_task(parts.relay.run(), name="outbox relay"),
        asyncio.create_task(parts.on_duty(parts.relay.wake), name="on duty"),
    ]
    logger.info("worker_ready", worker=parts.name)
    try:
        await parts.workshop.run(stop)
    finally:
        for task in background:
            task.cancel()
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*background, return_exceptions=True)
        await asyncio.to_thread(consumer.stop, _BROKER_STOP_MILLISECONDS)
        await asyncio.to_thread(parts.heartbeat.stop)
        await asyncio.to_thread(parts.close)
        logger.info("worker_stopped", worker=parts.name)
