"""How things that go on at the same time end."""

import asyncio
from collections.abc import Coroutine

import pytest

from monitr.application.importing.ports import LeaseLost
from monitr.application.importing.task_group import together


async def fails(error: Exception, after: int = 0) -> None:
    for _ in range(after):
        await asyncio.sleep(0)
    raise error


async def goes_on(ended: list[str], *, and_fails: bool = False) -> None:
    try:
        await asyncio.sleep(3600)
    finally:
        ended.append("ended")
        if and_fails:
            raise ConnectionError("could not even roll back")


async def in_a_group(*works: Coroutine[object, object, None], block: float = 0, error: Exception | None = None) -> None:
    """The block goes on for so many seconds, or fails."""
    async with together() as tasks:
        for work in works:
            tasks.begin(work)
        await (fails(error, after=5) if error else asyncio.sleep(block))


blocks = pytest.mark.parametrize("block", [0, 3600], ids=["after the block", "while the block goes on"])


@blocks
async def test_the_error_of_a_task_comes_out_as_it_is_and_ends_the_others(block: float) -> None:
    ended: list[str] = []

    with pytest.raises(LeaseLost):
        await in_a_group(goes_on(ended, and_fails=True), fails(LeaseLost(), after=3), block=block)

    assert ended == ["ended"]


async def test_the_first_error_counts() -> None:
    with pytest.raises(LeaseLost):
        await in_a_group(fails(LeaseLost()), fails(ValueError(), after=1), error=KeyError())


async def test_an_error_in_the_block_weighs_more_than_what_the_tasks_raise_because_of_it() -> None:
    ended: list[str] = []

    with pytest.raises(LeaseLost):
        await in_a_group(goes_on(ended, and_fails=True), error=LeaseLost())

    assert ended == ["ended"]


@blocks
async def test_who_cancels_from_outside_weighs_more_than_what_the_tasks_raise_then(block: float) -> None:
    ended: list[str] = []
    working = asyncio.create_task(in_a_group(goes_on(ended, and_fails=True), block=block))
    await asyncio.sleep(0.01)

    working.cancel()

    with pytest.raises(asyncio.CancelledError):
        await working
    assert ended == ["ended"]


@blocks
async def test_whoever_has_caught_the_error_of_a_task_is_not_cancelled_any_more(block: float) -> None:
    with pytest.raises(LeaseLost):
        await in_a_group(fails(LeaseLost(), after=3), block=block)

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_an_error_keeps_what_it_was_caused_by() -> None:
    error = LeaseLost()
    error.__cause__ = OSError("the network is gone")

    with pytest.raises(LeaseLost) as raised:
        await in_a_group(fails(error))

    assert isinstance(raised.value.__cause__, OSError)
