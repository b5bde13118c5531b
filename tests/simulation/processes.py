"""Our processes: each with ports of its own, and each may be killed between any two of its outside effects.

An effect is a request to Octopus, its answer, or a commit. Whoever is killed does nothing any more: what its tasks
still try to do outside is refused, and its sessions end.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import httpx

from monitr.settings import Settings

if TYPE_CHECKING:
    from tests.simulation.house import Run, Storage

Answer = TypeVar("Answer")
LATENCY_SECONDS = 0.4
"""Of a call of Octopus, so that something can happen while a run goes on."""


class Killed(BaseException):
    """To the process. Nobody catches it."""


class Surroundings(Protocol):
    """What a process has in common with the others."""

    @property
    def settings(self) -> Settings: ...

    @property
    def storage(self) -> "Storage": ...

    @property
    def octopus(self) -> httpx.AsyncBaseTransport: ...

    def ours(self) -> datetime:
        """Our clock."""
        ...

    def present(self) -> datetime:
        """The database's clock."""
        ...

    def tell(self, what: str) -> None: ...

    async def answered(self, request: httpx.Request, response: httpx.Response) -> None:
        """Between two calls: something may happen."""
        ...

    def unanswered(self, request: httpx.Request) -> None:
        """No answer of it has arrived."""
        ...


_CURRENT: ContextVar["Process | None"] = ContextVar("process", default=None)


@dataclass(eq=False)
class Process:
    """``run`` lives as long as the process."""

    name: str
    around: Surroundings
    run: "Run"
    is_dead: bool = False
    doom: int | None = None
    """How many effects it has left."""
    tasks: dict[asyncio.Task[Any], None] = field(default_factory=dict)
    died: asyncio.Event = field(default_factory=asyncio.Event)

    def effect(self, what: str) -> None:
        if self.is_dead:
            raise Killed
        if self.doom is not None:
            self.doom -= 1
            if self.doom < 0:
                self.is_dead = True
                self.around.tell(f"kill {self.name} before {what}")
                self.died.set()
                raise Killed

    async def live(self) -> None:
        """Until it is cancelled, or has died and everything of it has ended."""
        main = self.begin(self._main())
        dead = asyncio.ensure_future(self.died.wait())
        try:
            await asyncio.wait({main, dead}, return_when=asyncio.FIRST_COMPLETED)
            if not self.is_dead:
                main.result()
                raise RuntimeError(f"{self.name} ended by itself")
        finally:
            dead.cancel()
            self.is_dead = True
            await self._end()

    def begin(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        """A task of this process, as are those that it begins."""
        token = _CURRENT.set(self)
        try:
            return asyncio.get_running_loop().create_task(work)
        finally:
            _CURRENT.reset(token)

    async def _main(self) -> None:
        async with self.around.storage.open(self) as house:
            await self.run(self, house)

    async def _end(self) -> None:
        """Statements under way come to their end first, as they do where a process dies."""
        await asyncio.sleep(0.001)
        while unfinished := [task for task in self.tasks if not task.done()]:
            for task in unfinished:
                task.cancel()
            await asyncio.wait(unfinished, timeout=1)
        for task in self.tasks:
            if not task.cancelled():
                task.exception()  # nobody else asks
        self.tasks.clear()

    @property
    def wire(self) -> httpx.AsyncBaseTransport:
        """Its way to Octopus."""
        return _Wire(self)


class _Wire(httpx.AsyncBaseTransport):
    """To Octopus and back."""

    def __init__(self, process: Process) -> None:
        self._process = process

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        around = self._process.around
        self._process.effect(f"{request.method} {request.url.path}")
        await asyncio.sleep(LATENCY_SECONDS)
        try:
            response = await around.octopus.handle_async_request(request)
        except httpx.HTTPError:
            around.unanswered(request)
            raise
        await around.answered(request, response)
        self._process.effect(f"the answer of {request.method} {request.url.path}")
        return response


def tasks_belong_to_processes(loop: asyncio.AbstractEventLoop) -> None:
    def create(loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        task: asyncio.Task[Any] = asyncio.Task(work, loop=loop, **options)
        if (process := _CURRENT.get()) is not None:
            process.tasks[task] = None
            task.add_done_callback(_forget(process))
        return task

    loop.set_task_factory(create)


def _forget(process: Process) -> Callable[[asyncio.Task[Any]], None]:
    def forget(task: asyncio.Task[Any]) -> None:
        if not task.cancelled():
            task.exception()
        process.tasks.pop(task, None)

    return forget


@asynccontextmanager
async def kept_alive(make: Callable[[], Process], restart_seconds: float) -> AsyncIterator[None]:
    """A process, and after its death the next one."""

    async def supervise() -> None:
        while True:
            await make().live()
            await asyncio.sleep(restart_seconds)

    supervisor = asyncio.ensure_future(supervise())
    try:
        yield
    finally:
        supervisor.cancel()
        await asyncio.wait({supervisor})
        if not supervisor.cancelled() and (error := supervisor.exception()):
            raise error
