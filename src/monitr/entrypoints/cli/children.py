"""The child processes of ``monitr serve``: started, restarted when they crash, and ended with their parent."""

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from monitr.settings import PREFIX

logger = structlog.get_logger(__name__)

OF_THE_API_ALONE = ("AUTH_", "DATABASE_MIGRATION_URL")
"""With the first anybody can be signed in as, with the second row security ends: no import needs either."""

STOP_SECONDS = 11.0
"""A worker gives its runs eight seconds and exits within ten."""
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 1.0, 30.0
HEALTHY_AFTER_SECONDS = 60.0
"""A child that lived so long was no failed start: its next restart does not wait."""


@dataclass(frozen=True, slots=True)
class Child:
    """``arguments`` of ``monitr``; ``environment`` is added to the parent's. A child gets the settings that it needs:
    one with ``has_settings`` all but those of the API and of the migration, others none."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    has_settings: bool = True

    def inherited(self, environment: Mapping[str, str]) -> dict[str, str]:
        """Of the parent's environment."""
        kept = () if self.has_settings else (PREFIX,)
        withheld = (*kept, *(PREFIX + name for name in OF_THE_API_ALONE))
        return {name: value for name, value in environment.items() if not name.startswith(withheld)}


@contextlib.asynccontextmanager
async def children(wanted: Sequence[Child], begin: asyncio.Event | None = None) -> AsyncIterator[None]:
    """While it is open they run, from ``begin`` on, whatever happens to them; at its end they are stopped."""
    keepers = [asyncio.create_task(_keep(child, begin), name=f"keep {child.name}") for child in wanted]
    try:
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)


async def _keep(child: Child, begin: asyncio.Event | None) -> None:
    """Run it again and again, with growing pauses, until cancelled."""
    if begin is not None:
        await begin.wait()
    pause = FIRST_PAUSE_SECONDS
    while True:
        begun = time.monotonic()
        process = await _start(child)
        try:
            code = await process.wait()
        finally:
            await asyncio.shield(_stop(process))
        if time.monotonic() - begun >= HEALTHY_AFTER_SECONDS:
            pause = FIRST_PAUSE_SECONDS
        logger.error("child_ended", child=child.name, exit_code=code, restart_in_seconds=pause)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE_SECONDS)


async def _start(child: Child) -> asyncio.subprocess.Process:
    """In a session of its own: Ctrl-C reaches the parent alone, which stops its children one orderly way."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "monitr", *child.arguments, "--leashed"),
        stdin=asyncio.subprocess.PIPE,
        env={**child.inherited(os.environ), **child.environment},
        start_new_session=True,
    )
    logger.info("child_started", child=child.name, pid=process.pid)
    return process


async def _stop(process: asyncio.subprocess.Process) -> None:
    """Let go of the leash, then wait; what does not end is killed."""
    if process.returncode is not None:
        return
    if process.stdin is not None:
        process.stdin.close()
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
