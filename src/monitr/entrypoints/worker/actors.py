"""The one Dramatiq actor: a wake-up (decision 3 and trap 2).

Importing a dossier can take an hour, and RabbitMQ gives up a consumer that holds a message for half of one. So the
message is not the job: it makes the process look for runs, and is done with.
"""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext

import dramatiq

_PATIENCE_SECONDS = 20.0

Taken = Callable[[str, Mapping[str, str]], AbstractContextManager[None]]
"""Observes what is done about the wake-up of a run; told what was carried along with it."""


def declare_wake_up(
    broker: dramatiq.Broker,
    actor: str,
    queue: str,
    take_up: Callable[[], Awaitable[None]],
    loop: asyncio.AbstractEventLoop,
    taken: Taken = lambda run, origin: nullcontext(),
) -> None:
    """``take_up`` runs in ``loop``; the actor's own thread waits for it, for seconds at most."""

    context = contextvars.copy_context()  # the actor's thread knows nothing of what is bound to log lines

    async def step(run: str, origin: Mapping[str, str]) -> None:
        with taken(run, origin):
            await take_up()

    @dramatiq.actor(actor_name=actor, queue_name=queue, broker=broker)
    def work_on_imports(run: str, origin: dict[str, str] | None = None) -> None:
        started = context.copy().run(asyncio.run_coroutine_threadsafe, step(run, origin or {}), loop)
        started.result(_PATIENCE_SECONDS)
