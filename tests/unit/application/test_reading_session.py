"""The one reader of an operation, when the operation is broken off."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from monitr.application.reading.session import ReadingEnded, ReadingSession


class Connections:
    """``ended``: how each transaction ended."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.is_closed = False

    @asynccontextmanager
    async def __call__(self) -> AsyncIterator[Any]:
        try:
            yield self
        except asyncio.CancelledError:
            self.ended.append("rolled back")
            raise
        if self.is_closed:
            raise ConnectionError("the connection is closed")
        self.ended.append("committed")


async def an_answer(_: Any) -> str:
    return "an answer"


async def test_what_nobody_breaks_off_is_committed() -> None:
    connections = Connections()
    session = ReadingSession(connections)
    assert await session.ask(an_answer) == "an answer"
    await session.close()
    assert connections.ended == ["committed"]


@pytest.mark.parametrize("is_swallowed", [False, True])
async def test_a_question_that_is_broken_off_ends_at_once_and_nothing_is_committed(is_swallowed: bool) -> None:
    """Whether its cancellation comes back as such or not: drivers may close the connection instead."""
    connections = Connections()
    session = ReadingSession(connections)
    begun = asyncio.Event()

    async def question(_: Any) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            connections.is_closed = True
            if not is_swallowed:
                raise
        return "too late"

    asking = asyncio.create_task(session.ask(question))
    waiting = asyncio.create_task(session.ask(an_answer))
    await begun.wait()
    session.break_off()
    await asyncio.wait_for(session.close(), 5)

    with suppress(asyncio.CancelledError):
        await asking
    with pytest.raises(ReadingEnded):
        await waiting
    assert connections.ended == ["rolled back"]


async def test_a_connection_that_is_lost_after_the_answer_takes_nothing_from_it() -> None:
    connections = Connections()
    session = ReadingSession(connections)
    assert await session.ask(an_answer) == "an answer"
    connections.is_closed = True
    await session.close()


async def test_nothing_is_asked_of_what_has_ended() -> None:
    connections = Connections()
    session = ReadingSession(connections)
    await session.close()
    with pytest.raises(ReadingEnded):
        await session.ask(an_answer)
    assert connections.ended == []


async def test_who_stops_waiting_ends_no_question_of_the_others() -> None:
    """A field that failed ends its siblings; a statement that is broken off would end the transaction of all."""
    connections = Connections()
    session = ReadingSession(connections)
    begun, going_on = asyncio.Event(), asyncio.Event()

    async def question(_: Any) -> str:
        begun.set()
        await going_on.wait()
        return "an answer"

    asking = asyncio.create_task(session.ask(question))
    await begun.wait()
    asking.cancel()
    going_on.set()
    assert await session.ask(an_answer) == "an answer"
    await session.close()
    assert connections.ended == ["committed"]
