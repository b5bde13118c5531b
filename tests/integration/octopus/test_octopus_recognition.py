"""An answer that is the one before it is recognised; whatever is different, or uncertain, is read."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import IO

import pytest

from monitr.adapters.octopus.answers import recognition
from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.ledger import LedgerBatch
from tests.integration.octopus.scripted_octopus import (
    DOSSIER,
    INTEGRATION,
    LEDGER,
    World,
    a_bookyear,
    a_ledger,
    a_line,
    a_world,
    answer,
    chunked,
    cut_short,
)

NUMBERS = list(range(3000))
BODY = a_ledger(*(a_line(documentSequenceNr=number) for number in NUMBERS))
OTHER = a_ledger(*(a_line(documentSequenceNr=number) for number in reversed(NUMBERS)))


async def read(world: World, known: str | None, bookyear: Bookyear | None = None) -> list[LedgerBatch]:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        return [batch async for batch in dossier.ledger([bookyear or a_bookyear()], 1, 1, None, known)]


async def digest_of(world: World) -> str:
    *_, last = await read(world, None)
    assert last.digest is not None
    return last.digest


def documents(batches: list[LedgerBatch]) -> list[int]:
    return [line.document_number for batch in batches for line in batch.lines]


async def test_a_known_answer_comes_without_its_lines() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, chunked(BODY))
        known = await digest_of(world)
        world.server.answers(LEDGER, chunked(BODY, size=7000))

        assert await read(world, known) == [LedgerBatch([], [], [], 0, known, is_known=True)]


async def test_another_answer_comes_with_all_its_lines_and_its_own_digest() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=BODY))
        known = await digest_of(world)
        world.server.answers(LEDGER, answer(body=OTHER))

        batches = await read(world, known)

        assert documents(batches) == NUMBERS[::-1]
        assert not any(batch.is_known for batch in batches)
        assert batches[-1].digest not in (None, known)


async def test_what_breaks_off_is_asked_for_again_and_recognised() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=BODY))
        known = await digest_of(world)
        world.server.answers(LEDGER, cut_short(BODY, len(BODY) // 2), answer(body=BODY))

        assert [batch.is_known for batch in await read(world, known)] == [True]


async def test_the_beginning_of_a_known_answer_is_not_the_answer() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=BODY))
        known = await digest_of(world)
        world.server.answers(LEDGER, answer(body=a_ledger(*(a_line(documentSequenceNr=n) for n in NUMBERS[:-1]))))

        assert documents(await read(world, known)) == NUMBERS[:-1]


async def test_with_other_periods_the_same_answer_is_other_lines() -> None:
    bookyear = a_bookyear()
    moved = replace(bookyear, periods=(Period(200011, date(2000, 10, 1), date(2000, 10, 31)),))
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=BODY))
        known = await digest_of(world)

        batches = await read(world, known, moved)

        assert {line.effective_date for batch in batches for line in batch.lines} == {date(2000, 10, 31)}


def no_disk(*_: object, **__: object) -> IO[bytes]:
    raise OSError("no space left on device")


def a_full_disk(*_: object, **__: object) -> IO[bytes]:
    return open("/dev/full", "wb", buffering=0)


@pytest.mark.parametrize("disk", [no_disk, a_full_disk])
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no /dev/full")
async def test_a_disk_that_takes_nothing_costs_the_recognition_alone(
    monkeypatch: pytest.MonkeyPatch, disk: Callable[..., IO[bytes]]
) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=BODY))
        known = await digest_of(world)
        monkeypatch.setattr(recognition, "TemporaryFile", disk)

        batches = await read(world, known)

        assert documents(batches) == NUMBERS
        assert (batches[-1].digest, batches[-1].is_known) == (known, False)


@pytest.mark.parametrize("longest", [0, 1, len(BODY) // 2, len(BODY) - 1])
async def test_a_body_that_is_too_long_to_be_kept_is_passed_on_from_there(
    monkeypatch: pytest.MonkeyPatch, longest: int
) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, chunked(BODY))
        known = await digest_of(world)
        monkeypatch.setattr(recognition, "LONGEST_KEPT", longest)

        batches = await read(world, known)

        assert documents(batches) == NUMBERS
        assert (batches[-1].digest, batches[-1].is_known) == (known, False)
