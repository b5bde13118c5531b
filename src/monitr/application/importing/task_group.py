"""Things that a run does at the same time."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

Answer = TypeVar("Answer")


class Tasks:
    """Those of a task group."""

    def __init__(self, group: asyncio.TaskGroup) -> None:
        self._group = group
        self._under_way: set[asyncio.Task[Any]] = set()

    def begin(self, work: Coroutine[Any, Any, Answer]) -> asyncio.Task[Answer]:
        """In a context of its own, with its own trace."""
        task = self._group.create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return task

    async def all_done(self) -> None:
        while self._under_way:
            await asyncio.wait(self._under_way)


@asynccontextmanager
async def together() -> AsyncIterator[Tasks]:
    """A task group that raises what ended it as it was raised, and no group of it: the run tells a lost lease from a
    spent quota. The first error counts; whoever cancels from outside weighs more than what the tasks raise then."""
    parent = asyncio.current_task()
    assert parent is not None
    before = parent.cancelling()
    error: BaseException | None = None
    try:
        async with asyncio.TaskGroup() as group:
            tasks = Tasks(group)
            try:
                yield tasks
            except Exception as raised:
                if parent.cancelling() == before:  # else a task of the group was the first
                    error = raised
                raise
            # Python 3.11 takes its own cancelling of the parent back only where that is still in the block
            await tasks.all_done()
    except BaseExceptionGroup as ended:
        if parent.cancelling() > before:
            raise asyncio.CancelledError from ended
        error = error or ended.exceptions[0]
    if error is not None:  # here, so that it keeps its own cause and context
        raise error
