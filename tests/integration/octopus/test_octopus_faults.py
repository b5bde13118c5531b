"""What the adapter makes of a network and a server that misbehave. Byte for byte, over real connections."""

import asyncio
import json
from collections.abc import Callable
from contextlib import aclosing

import pytest

from monitr.adapters.octopus import client
from monitr.application.octopus import InvalidAnswer, OctopusUnavailable
from monitr.domain.accounting.ledger import LedgerBatch
from tests.integration.octopus.scripted_octopus import (
    CONNECTED,
    DOSSIER,
    INTEGRATION,
    LEDGER,
    NO_ANSWER,
    RESET,
    Reply,
    World,
    a_bookyear,
    a_ledger,
    a_line,
    a_world,
    answer,
    chunked,
    cut_short,
)

BOOKYEARS = "/dossiers/49555/bookyears"
ONE_YEAR = answer(body=[{"bookyearKey": {"id": 1}, "startDate": "2000-01-01", "endDate": "2000-12-31"}])
BIG = a_ledger(*(a_line(documentSequenceNr=number) for number in range(5000)))


async def batches_of(world: World) -> list[LedgerBatch]:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        return [batch async for batch in dossier.ledger([a_bookyear()], 1, 1, None)]


async def years_of(world: World) -> int:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        return len((await dossier.bookyears()).rows)


@pytest.mark.parametrize(
    "fault",
    [
        NO_ANSWER,
        RESET,
        answer(500),
        answer(502, b"<html>Bad gateway</html>", "text/html"),
        answer(503, {"technicalInfo": "maintenance"}),
        answer(400, {"errorCode": -51, "technicalInfo": "too many connections"}),
        cut_short(b'[{"bookyearKey":{"id":1}}]', 10),
        cut_short(b'[{"bookyearKey":{"id":1}}]', 0),
        chunked(b'[{"bookyearKey":{"id":1}}]', ends="close", closing_chunk=False),
        Reply(b"HTTP/1.1 200 OK\r\nContent-Le", ends="close"),
        Reply(b"SSH-2.0-OpenSSH\r\n\r\n", ends="close"),
        answer(200, b'[{"bookyearKey":'),
        answer(200, b"<!DOCTYPE html><html>we are back soon</html>", "text/html"),
    ],
    ids=str,
)
async def test_a_list_is_asked_for_again_after_a_passing_fault_and_each_attempt_is_counted(fault: Reply) -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, fault, fault, ONE_YEAR)

        assert await years_of(world) == 1

    assert world.counter.calls["bookyears"] == 3
    assert 0.25 <= world.slept[0] <= 0.5 <= world.slept[1] <= 1.0


@pytest.mark.parametrize("fault", [NO_ANSWER, answer(503)], ids=["no answer", "503"])
async def test_a_lasting_fault_ends_after_the_last_attempt(fault: Reply) -> None:
    async with a_world(attempts=3) as world:
        world.server.answers(BOOKYEARS, fault)

        with pytest.raises(OctopusUnavailable):
            await years_of(world)

    assert len(world.server.asked_for(BOOKYEARS)) == 3


async def test_a_time_out_is_a_passing_fault() -> None:
    async with a_world(read_timeout=0.2) as world:
        world.server.answers(BOOKYEARS, Reply(ONE_YEAR.content, pause=1.0), ONE_YEAR)

        assert await years_of(world) == 1


async def test_nobody_listening_is_unavailable() -> None:
    async with a_world(api_url="http://127.0.0.1:9", attempts=2) as world:
        with pytest.raises(OctopusUnavailable):
            await years_of(world)


@pytest.mark.parametrize(
    "wrong",
    [
        answer(200, b"<html>secret without a content type of its own</html>"),
        answer(200, b'{"modified":[{"secret":1}]}'),
        answer(200, b'"secret-text"'),
        answer(200, b"[{]"),
        answer(200, b'[{"a":1},]'),
        answer(302, b"", location="http://127.0.0.1:9/elsewhere"),
        answer(400, {"technicalInfo": "secret user at 10.0.0.1"}),
        answer(418, b"secret"),
        answer(403, {"errorCode": -3, "technicalInfo": "secret"}),
    ],
    ids=str,
)
async def test_a_whole_but_wrong_answer_is_not_asked_for_again_and_not_shown(wrong: Reply) -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, wrong)

        with pytest.raises(InvalidAnswer) as raised:
            await years_of(world)

    assert len(world.server.asked_for(BOOKYEARS)) == 1
    assert "bookyears" in str(raised.value)
    assert "secret" not in str(raised.value)
    assert "token" not in str(raised.value)


@pytest.mark.parametrize(
    "nothing",
    [answer(404), answer(404, b"No Bookyears found", "text/plain"), answer(200), answer(204), answer(200, b"[]")],
    ids=str,
)
async def test_no_rows_have_many_forms(nothing: Reply) -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, nothing)

        assert await years_of(world) == 0


async def test_a_list_that_never_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitr.adapters.octopus.reads.LONGEST_LIST", 100_000)
    year = {"bookyearKey": {"id": 1}, "startDate": "2000-01-01", "endDate": "2000-12-31"}
    async with a_world() as world:
        world.server.answers(BOOKYEARS, chunked(json.dumps([year] * 3000).encode()))

        with pytest.raises(InvalidAnswer, match="longer"):
            await years_of(world)


@pytest.mark.parametrize(
    "breaking",
    [
        lambda body: cut_short(body, len(body) - 1),
        lambda body: cut_short(body, len(body) * 2 // 3),
        lambda body: chunked(body, ends="close", closing_chunk=False),
        lambda body: chunked(body[:-1]),
        lambda body: chunked(body[: len(body) // 2], ends="reset", closing_chunk=False),
        lambda body: Reply(answer(200, body).content.replace(b"Content-Length", b"X-Length")[:-2], ends="close"),
    ],
    ids=["last byte", "two thirds", "no closing chunk", "chunks end too early", "reset", "no length"],
)
async def test_a_ledger_that_breaks_off_never_ends_normally_and_is_not_read_again_inside(
    breaking: Callable[[bytes], Reply],
) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, breaking(BIG))

        with pytest.raises(OctopusUnavailable):
            await batches_of(world)

    assert len(world.server.asked_for(LEDGER)) == 1


async def test_a_ledger_that_breaks_off_before_its_first_batch_is_asked_for_again() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, RESET, cut_short(BIG, 1000), answer(503), chunked(BIG))

        batches = await batches_of(world)

    assert sum(len(batch.lines) for batch in batches) == 5000
    assert world.counter.calls["bookings/modified"] == 4


@pytest.mark.parametrize(
    "empty", [answer(200, {"modifiedBookings": [], "deletedBookings": []}), answer(200, {"deletedBookings": []})]
)
async def test_a_ledger_without_changes_has_no_lines_and_is_not_silent(empty: Reply) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, empty)

        [batch] = await batches_of(world)

    assert (batch.lines, batch.deleted, batch.fetched, batch.is_silent) == ([], [], 0, False)


@pytest.mark.parametrize(
    "wrong",
    [
        answer(200, b"<html></html>"),
        answer(200, [a_line()]),
        answer(200, [None]),
        answer(200, b'"text"'),
        answer(200, b"7"),
        answer(200, {"modifiedBookings": {}}),
        answer(200, BIG + b"trailing"),
        answer(200, BIG.replace(b'"journalNr":1', b'"journalNr":', 1)),
    ],
    ids=["html", "array", "null in an array", "text", "number", "wrong type", "trailing", "malformed line"],
)
async def test_a_wrong_ledger_answer_is_invalid(wrong: Reply) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, wrong)

        with pytest.raises(InvalidAnswer):
            await batches_of(world)


async def test_deletions_may_come_before_or_after_the_lines() -> None:
    deleted = {"bookyearKey": {"id": 1}, "documentSequenceNr": 7, "journalSequenceNr": 1, "journalType": 1}
    for members in (["deletedBookings", "modifiedBookings"], ["modifiedBookings", "deletedBookings"]):
        content = {"deletedBookings": [deleted], "modifiedBookings": [a_line()], "unknown": [{"a": "]}"}]}
        async with a_world() as world:
            world.server.answers(LEDGER, answer(body={name: content[name] for name in [*members, "unknown"]}))

            batches = await batches_of(world)

        assert sum(len(batch.lines) for batch in batches) == sum(len(batch.deleted) for batch in batches) == 1


async def test_odd_lines_are_numbered_by_their_place_in_the_whole_answer() -> None:
    lines = [a_line() for _ in range(4000)]
    lines[3210] = a_line(accountKey=None)
    async with a_world() as world:
        world.server.answers(LEDGER, chunked(a_ledger(*lines)))

        batches = await batches_of(world)

    assert [odd.position for batch in batches for odd in batch.odd] == [3210]
    assert sum(batch.fetched for batch in batches) == 4000


async def test_a_ledger_that_is_left_early_gives_the_login_free() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, chunked(BIG))
        world.server.answers(BOOKYEARS, ONE_YEAR)
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            async with aclosing(dossier.ledger([], 1, 1, None)) as batches:
                async for _ in batches:
                    break
            assert len((await dossier.bookyears()).rows) == 1


async def test_asking_while_the_same_task_reads_a_ledger_fails_instead_of_waiting_for_itself() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, chunked(BIG))
        async with (
            world.octopus.open(INTEGRATION, DOSSIER) as dossier,
            aclosing(dossier.ledger([], 1, 1, None)) as batches,
        ):
            async for _ in batches:
                with pytest.raises(RuntimeError):
                    await dossier.bookyears()
                break


async def test_a_login_is_asked_one_thing_at_a_time() -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, Reply(ONE_YEAR.content, pause=0.02))
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            await asyncio.gather(*(dossier.bookyears() for _ in range(5)))

    assert world.server.most_at_once == 1


async def test_every_request_is_reported_with_its_status_and_none_where_there_was_none() -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", NO_ANSWER, CONNECTED)
        world.server.answers(BOOKYEARS, answer(503), ONE_YEAR)

        await years_of(world)

    assert world.requests == [("connect", None), ("connect", 200), ("bookyears", 503), ("bookyears", 200)]


async def test_cookies_are_not_kept_and_no_content_coding_is_asked_for() -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", answer(body={"Dossiertoken": "t"}, Set_Cookie="session=1; Path=/"))
        world.server.answers(BOOKYEARS, ONE_YEAR)

        await years_of(world)

    [asked] = world.server.asked_for(BOOKYEARS)
    assert "cookie" not in asked.headers
    assert asked.headers["accept-encoding"] == "identity"


def test_a_list_may_be_64_mebibytes_long() -> None:
    assert client.LONGEST_LIST == 64 * 1024 * 1024
