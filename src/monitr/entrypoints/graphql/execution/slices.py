"""Long lists, completed a slice at a time."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any, TypeVar

from graphql.pyutils import gather_with_cancel

from monitr.entrypoints.graphql.execution.turns import SLICE, Turns

R = TypeVar("R")
T = TypeVar("T")


class Slices:
    def __init__(self, turns: Turns) -> None:
        self._turns = turns

    async def completed(
        self, entries: Sequence[Any], complete: Callable[[int, Any], Any], is_awaitable: Callable[[Any], bool]
    ) -> list[Any]:
        """Each entry completed. What has to be waited for is begun with its slice, so that what all slices need of the
        database is asked for together."""
        answers: list[Any] = []
        begun: dict[int, asyncio.Future[Any]] = {}
        try:
            for index, entry in enumerate(entries):
                if index and index % SLICE == 0:
                    await self._turns.next()
                answers.append(complete(index, entry))
                if is_awaitable(answers[index]):
                    begun[index] = answers[index] = asyncio.ensure_future(answers[index])
            for index, answer in zip(begun, await gather_with_cancel(*begun.values()), strict=True):
                answers[index] = answer
        except BaseException:
            await _end(begun.values())
            raise
        return answers

    async def made(self, rows: Sequence[T], make: Callable[[T], R]) -> list[R]:
        """``make`` of each row."""
        made: list[R] = []
        for start in range(0, len(rows), SLICE):
            if start:
                await self._turns.next()
            made += [make(row) for row in rows[start : start + SLICE]]
        return made


async def _end(begun: Collection[asyncio.Future[Any]]) -> None:
    for future in begun:
        future.cancel()
    await asyncio.gather(*begun, return_exceptions=True)
