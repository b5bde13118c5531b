"""No answer of Octopus takes more memory or time than an answer can be worth, whatever it is made of."""

import asyncio
import gzip
import json
import time
import zlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx
import pytest

from monitr.adapters.octopus import client
from monitr.adapters.octopus.answers import pieces as body
from monitr.adapters.octopus.answers.pieces import pieces
from monitr.application.octopus import InvalidAnswer, OctopusUnavailable
from monitr.domain.accounting.ledger import LedgerBatch
from tests.integration.octopus.scripted_octopus import (
    DOSSIER,
    INTEGRATION,
    LEDGER,
    Reply,
    World,
    a_bookyear,
    a_ledger,
    a_line,
    a_world,
    answer,
)
from tests.virtual_time import in_virtual_time

RELATIONS = "/dossiers/49555/relations"
COST_CENTRES = "/dossiers/49555/costcentres"
Read = Callable[[World], Awaitable[object]]


async def the_ledger(world: World) -> list[LedgerBatch]:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        return [batch async for batch in dossier.ledger([a_bookyear()], 1, 1, None)]


async def the_relations(world: World) -> object:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        return await dossier.relations()


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "deflate"])
async def test_what_is_packed_though_nobody_asked_for_it_is_read_like_anything_else(coding: str) -> None:
    whole = a_ledger(a_line(), a_line(lineSequenceNr=2))
    packed = zlib.compress(whole) if coding == "deflate" else gzip.compress(whole)
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=packed, Content_Encoding=coding))
        assert sum(len(batch.lines) for batch in await the_ledger(world)) == 2


@pytest.mark.parametrize(
    ("packed", "coding"),
    [(gzip.compress(a_ledger(a_line()))[:-4], "gzip"), (b"no gzip", "gzip"), (gzip.compress(b"[]") * 2, "gzip")],
    ids=["cut", "nonsense", "two"],
)
async def test_a_package_without_its_end_broke_off(packed: bytes, coding: str) -> None:
    async with a_world(attempts=1) as world:
        world.server.answers(LEDGER, answer(body=packed, Content_Encoding=coding))
        with pytest.raises(OctopusUnavailable):
            await the_ledger(world)


@pytest.mark.parametrize("coding", ["gzip, gzip", "br", "zstd"])
async def test_packages_in_packages_are_not_opened(coding: str) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=gzip.compress(gzip.compress(b"[]")), Content_Encoding=coding))
        with pytest.raises(InvalidAnswer, match="packed"):
            await the_ledger(world)


async def test_a_bomb_is_unpacked_in_small_pieces() -> None:
    bomb = gzip.compress(b" " * 5_000_000)
    response = httpx.Response(200, headers={"content-encoding": "gzip"}, stream=httpx.ByteStream(bomb))
    lengths = [len(piece) async for piece in pieces(response)]
    assert max(lengths) <= 64 * 1024
    assert sum(lengths) == 5_000_000


@pytest.mark.parametrize("read", [the_ledger, the_relations])
async def test_a_bomb_is_no_answer(monkeypatch, read: Read) -> None:
    monkeypatch.setattr(body, "LONGEST_BODY", 10_000_000)
    async with a_world() as world:
        for path, begins in ((LEDGER, b"{"), (RELATIONS, b"[")):
            bomb = gzip.compress(begins + b" " * 20_000_000)
            world.server.answers(path, answer(body=bomb, Content_Encoding="gzip"))
        with pytest.raises(InvalidAnswer, match="longer than can be right"):
            await read(world)


@pytest.mark.parametrize(
    ("reply", "head_seconds"),
    [
        (Reply(answer(body=b" " * 3000 + b"{}").content, drips=True), 200),
        (Reply(answer(body=a_ledger(a_line()), X_Long="x" * 3000).content, drips=True), 20),
    ],
    ids=["body", "header"],
)
def test_a_ledger_that_drips_does_not_hold_a_run_for_ever(monkeypatch, reply: Reply, head_seconds: int) -> None:
    monkeypatch.setattr(body, "FIRST_PATIENCE", 20.0)
    monkeypatch.setattr(client, "LONGEST_HEAD", timedelta(seconds=head_seconds))

    async def story() -> None:
        async with a_world() as world:
            world.server.answers(LEDGER, reply)
            with pytest.raises(OctopusUnavailable, match="drips"):
                await the_ledger(world)

    _, seconds = in_virtual_time(story())

    assert seconds < 300


def test_a_ledger_that_comes_slowly_and_surely_has_its_time(monkeypatch) -> None:
    """A kilobyte a second for an hour, which is six times the patience."""
    monkeypatch.setattr(body, "LEAST_SPEED", 500)

    class Slow(httpx.AsyncByteStream):
        async def __aiter__(self):
            for _ in range(36):
                await asyncio.sleep(100)
                yield b" " * 100_000

    async def story() -> int:
        return sum([len(piece) async for piece in pieces(httpx.Response(200, stream=Slow()))])

    received, seconds = in_virtual_time(story())
    assert (received, round(seconds)) == (3_600_000, 3600)


@pytest.mark.parametrize(
    ("element", "complaint"),
    [("1", "too much that cannot be read"), ('{"costCentreKey":{"id":1}}', "longer than can be right")],
    ids=["nonsense", "rows"],
)
async def test_a_list_has_a_number_of_elements(monkeypatch, element: str, complaint: str) -> None:
    monkeypatch.setattr(client, "MOST_ELEMENTS", 100_000)
    async with a_world() as world:
        world.server.answers(COST_CENTRES, answer(body=f"[{','.join([element] * 120_000)}]".encode()))
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            with pytest.raises(InvalidAnswer, match=complaint):
                await dossier.cost_centres()


@pytest.mark.parametrize("value", ["[" * 100_000 + "]" * 100_000, '{"a":' * 50_000 + "1" + "}" * 50_000, "[" * 900_000])
async def test_json_in_json_in_json_is_no_answer_and_no_crash(value: str) -> None:
    line = json.dumps(a_line() | {"comment": "HERE"}).replace('"HERE"', value)
    async with a_world(attempts=1) as world:
        world.server.answers(LEDGER, answer(body=f'{{"modifiedBookings":[{line}]}}'.encode()))
        with pytest.raises((InvalidAnswer, OctopusUnavailable)):
            await the_ledger(world)


HOSTILE = {
    "long number": "9" * 1_000_000,
    "large exponent": "1e999999999",
    "small exponent": "-1e-999999999",
    "half a pair": '"\\ud800"',
    "NUL": '"a\\u0000b"',
    "long text": json.dumps("x" * 2_000_000),
    "bytes": '"\xff"',
}


@pytest.mark.parametrize("member", ["comment", "bookingAmount", "exchangeRate", "accountKey", "relationKey", "unknown"])
@pytest.mark.parametrize("value", HOSTILE.values(), ids=HOSTILE)
async def test_a_hostile_value_costs_its_own_line_at_most_and_no_time(member: str, value: str) -> None:
    """Of three lines the other two are read, wherever the value stands."""
    hostile = json.dumps(a_line(lineSequenceNr=2) | {member: "HERE"}).replace('"HERE"', value)
    sound = [json.dumps(a_line(lineSequenceNr=number)) for number in (1, 3)]
    document = f'{{"deletedBookings":[],"modifiedBookings":[{sound[0]},{hostile},{sound[1]}]}}'
    async with a_world() as world:
        world.server.answers(LEDGER, answer(body=document.encode("latin-1")))
        started = time.perf_counter()
        batches = await the_ledger(world)
    lines = [line for batch in batches for line in batch.lines]
    assert {1, 3} <= {line.line_sequence for line in lines}
    assert time.perf_counter() - started < 3
    texts = [text for line in lines for text in (line.description, line.reference) if text]
    assert not [text for text in texts if "\0" in text or not text.isprintable()]
