"""The one Dramatiq actor: a wake-up (DESIGN, decision 3 and trap 2).

Importing a dossier can take an hour, and RabbitMQ gives up a consumer that holds a message for half of one. So the
message is not the job: it makes the process look for runs, and is done with.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import dramatiq

_PATIENCE_SECONDS = 20.0
_TIME_LIMIT = timedelta(seconds=30)


def declare_wake_up(
    broker: dramatiq.Broker,
    actor: str,
    queue: str,
    take_up: Callable[[], Awaitable[None]],
    loop: asyncio.AbstractEventLoop,
) -> None:
    """``take_up`` runs in ``loop``; the actor's own thread waits for it, for seconds at most."""

    async def step() -> None:
        await take_up()

    @dramatiq.actor(
        actor_name=actor,
        queue_name=queue,
        broker=broker,
        max_retries=0,
        time_limit=int(_TIME_LIMIT / timedelta(milliseconds=1)),
    )
    def work_on_imports(run: str) -> None:
        asyncio.run_coroutine_threadsafe(step(), loop).result(_PATIENCE_SECONDS)
