"""Connections of strangers: none waits for ever, none fills the house, and every answer is strict."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from structlog.testing import capture_logs
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from monitr.entrypoints.http import body_limit, door
from monitr.entrypoints.http.security_headers import STRICT
from tests.integration.http.a_server import PROTOCOL, Server, a_server, a_token

GET = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
UPGRADE = (
    b"Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
CONTRACT_SECONDS = 60


@asynccontextmanager
async def a_line(server: Server) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """One connection, bytes as they are."""
    parts = urlsplit(server.url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def said(server: Server, *pieces: bytes) -> bytes:
    """All that the server says until it closes."""
    async with a_line(server) as (reader, writer):
        with suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
            return await asyncio.wait_for(reader.read(), 5)
        return b""


async def dripping(server: Server, first: bytes, drop: bytes) -> bytes:
    """All that the server says to a client that goes on sending a little until it is cut off."""
    async with a_line(server) as (reader, writer):
        hearing = asyncio.create_task(reader.read())
        writer.write(first)
        async with asyncio.timeout(5):
            while not hearing.done():
                writer.write(drop)
                await asyncio.sleep(0.02)
        return b"" if hearing.exception() else hearing.result()


def is_strict(answer: bytes) -> bool:
    head = answer.split(b"\r\n\r\n")[0].lower()
    return all(f"{name}: {value}".lower().encode() in head for name, value in STRICT.items())


def a_post(body: bytes, length: int, token: str | None = None) -> bytes:
    authorization = f"Authorization: Bearer {token}\r\n" if token else ""
    head = f"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n{authorization}"
    return f"{head}Content-Length: {length}\r\n\r\n".encode() + body


def test_the_contract_gives_an_incomplete_request_a_minute() -> None:
    waits = (door.HEADER_SECONDS, door.IDLE_SECONDS, body_limit.BODY_SECONDS, 2 * door.PING_SECONDS)
    assert max(waits) < CONTRACT_SECONDS


@pytest.mark.parametrize(
    ("sent", "answer"),
    [(b"", b""), (b"GET /livez HTT", b"408"), (GET[:-2], b"408"), (GET + b"GET", b"408")],
    ids=["nothing", "half a line", "half a header", "half of the second"],
)
async def test_a_header_that_does_not_end_is_not_waited_for(monkeypatch, sent: bytes, answer: bytes) -> None:
    monkeypatch.setattr(door, "HEADER_SECONDS", 0.1)
    async with a_server() as server:
        heard = await said(server, sent)
    assert answer in heard
    assert not heard or is_strict(b"HTTP" + heard.split(b"HTTP")[-1])


async def test_a_header_that_drips_gains_no_time(monkeypatch) -> None:
    monkeypatch.setattr(door, "HEADER_SECONDS", 0.2)
    async with a_server() as server:
        await dripping(server, b"GET / HTTP/1.1\r\nX: ", b"x")  # returns


async def test_a_body_that_does_not_end_is_not_waited_for(monkeypatch) -> None:
    monkeypatch.setattr(body_limit, "BODY_SECONDS", 0.1)
    async with a_server() as server:
        answer = await said(server, a_post(b'{"query"', 100, a_token()))
    assert answer.startswith(b"HTTP/1.1 408")
    assert b"REQUEST_TIMEOUT" in answer
    assert is_strict(answer)


async def test_who_hangs_up_in_the_middle_of_a_body_is_no_fault_of_ours() -> None:
    async with a_server() as server:
        with capture_logs() as log:
            async with a_line(server) as (_, writer):
                writer.write(a_post(b'{"query"', 100, a_token()))
                await writer.drain()
            async with asyncio.timeout(5):
                while not log:  # noqa: ASYNC110
                    await asyncio.sleep(0.02)
    assert [(line["event"], line["status"]) for line in log] == [("http.request", 499)]


async def test_what_follows_a_refusal_has_an_end_too(monkeypatch) -> None:
    monkeypatch.setattr(door, "HEADER_SECONDS", 0.2)
    async with a_server() as server:
        await dripping(server, a_post(b"{", 100_000), b" ")  # refused for want of a token, the body is on the way


async def test_waiting_for_an_answer_is_no_waiting_for_a_request(monkeypatch) -> None:
    monkeypatch.setattr(door, "HEADER_SECONDS", 0.05)
    monkeypatch.setattr(body_limit, "BODY_SECONDS", 0.05)

    async def slow() -> None:
        await asyncio.sleep(0.3)

    async with a_server(readiness={"database": slow}) as server:
        assert (await server.client.get("/readyz")).status_code == 200


async def test_a_header_has_a_size() -> None:
    async with a_server() as server:
        answer = await said(server, b"GET / HTTP/1.1\r\nX: ", *[b"x" * 60_000] * 10)
    assert not answer or answer.startswith(b"HTTP/1.1 431")  # a reset where more was sent than was read


async def test_a_client_may_not_send_thousands_of_requests_ahead() -> None:
    async with a_server() as server:
        answers = await said(server, GET * 1000)
    assert answers.count(b"200 OK") <= door.MOST_PIPELINED + 1
    assert answers.count(b"400 Bad Request") == 1


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01", b"400"),
        (b"GET \xff HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /graphql\xff HTTP/1.1\r\n" + UPGRADE, b"400"),
        (b"GET /nowhere HTTP/1.1\r\n" + UPGRADE, b"403"),
        (b"GET /graphql HTTP/1.1\r\n" + UPGRADE.replace(b"Version: 13", b"Version: 1"), b"400"),
        (b"GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"404"),
    ],
    ids=["TLS", "bytes", "a socket of bytes", "a socket of nothing", "an old socket", "nothing"],
)
async def test_every_refusal_is_strict_and_leaves_no_traceback(caplog, request_: bytes, status: bytes) -> None:
    async with a_server() as server:
        answer = await said(server, request_)
    assert answer.split(b" ")[1] == status
    assert is_strict(answer)
    assert not [record for record in caplog.records if record.exc_info]


async def test_a_fault_is_json_and_strict_wherever_it_happens(monkeypatch) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("a secret")

    async with a_server() as server:
        for place in ("health.PlainTextResponse.__call__", "request_log.RequestLog.__call__"):
            with monkeypatch.context() as patch:
                patch.setattr(f"monitr.entrypoints.http.{place}", broken)
                answer = await server.client.get("/livez")
            assert answer.status_code == 500
            assert answer.json()["errors"][0]["extensions"]["code"] == "INTERNAL"
            assert STRICT.items() <= dict(answer.headers).items()
            assert "secret" not in answer.text


async def said_to_frames(server: Server, frames: bytes) -> bytes:
    """All that the server says, until it closes, to frames of a socket that has not said yet whose it is."""
    async with a_line(server) as (reader, writer):
        writer.write(b"GET /graphql HTTP/1.1\r\nSec-WebSocket-Protocol: " + PROTOCOL.encode() + b"\r\n" + UPGRADE)
        assert b" 101 " in await reader.readuntil(b"\r\n\r\n")
        writer.write(frames)
        return await asyncio.wait_for(reader.read(), 5)


def a_frame(opcode: int, data: bytes = b"", *, is_last: bool = True) -> bytes:
    return bytes([opcode | (0x80 if is_last else 0), 0x80 | len(data), 0, 0, 0, 0]) + data


TEXT, CLOSE = 1, 8
EMPTY = {"fragments": a_frame(0, is_last=False), "pings": a_frame(9), "pongs": a_frame(10)}


@pytest.mark.parametrize("frame", EMPTY.values(), ids=EMPTY)
async def test_nobody_sends_frames_without_end(monkeypatch, frame: bytes) -> None:
    monkeypatch.setattr(door, "FRAMES_AT_ONCE", 10)
    begun = a_frame(TEXT, is_last=False)
    async with a_server() as server:
        few = await said_to_frames(server, begun + frame * 5 + a_frame(CLOSE))
        many = await said_to_frames(server, begun + frame * 600)
    assert b"Too many frames." not in few
    assert (1008).to_bytes(2, "big") + b"Too many frames." in many


async def test_what_is_read_of_a_socket_in_one_go_is_little(monkeypatch) -> None:
    pieces: list[int] = []
    receive = WebSocketsSansIOProtocol.data_received

    def noted(protocol: WebSocketsSansIOProtocol, data: bytes) -> None:
        pieces.append(len(data))
        receive(protocol, data)

    monkeypatch.setattr(WebSocketsSansIOProtocol, "data_received", noted)
    async with a_server() as server:
        with suppress(ConnectionError):
            await said_to_frames(server, EMPTY["pings"] * 10_000)
    assert max(pieces) == door.PIECE


async def test_a_text_that_is_no_utf_8_leaves_no_traceback(caplog) -> None:
    async with a_server() as server:
        heard = await said_to_frames(server, a_frame(TEXT, b"\xff"))
    assert (1007).to_bytes(2, "big") in heard
    assert not [record for record in caplog.records if record.exc_info]


async def test_who_does_not_fetch_an_answer_is_cut_off(monkeypatch) -> None:
    """Also where it is the last one of the connection: a transport that is closed waits until all is fetched."""
    monkeypatch.setattr(door, "STALL_SECONDS", 0.1)
    file = b"GET /static/graphiql/vendor/graphiql.min.js HTTP/1.1\r\nHost: x\r\n\r\n"
    async with a_server(graphiql=True) as server, a_line(server) as (reader, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # a StreamWriter's is a Transport
        with capture_logs() as log:
            for _ in range(10):
                writer.write(file)
            async with asyncio.timeout(10):
                while not any(line["event"] == "http.answer_not_fetched" for line in log):  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        writer.transport.resume_reading()  # type: ignore[attr-defined]
        with suppress(ConnectionError):
            assert (await asyncio.wait_for(reader.read(), 5)).count(b"HTTP/1.1 200") < 10


async def test_where_the_house_is_full_the_longest_silent_makes_room(monkeypatch) -> None:
    monkeypatch.setattr(door, "most_connections", lambda: 5)
    async with a_server() as server, AsyncExitStack() as held:
        lines = [await held.enter_async_context(a_line(server)) for _ in range(20)]
        for _, writer in lines:
            writer.write(GET[:10])
        async with httpx.AsyncClient(base_url=server.url) as stranger:
            assert (await stranger.get("/livez")).status_code == 200
        assert [reader.at_eof() or reader.exception() is not None for reader, _ in lines] == [True] * 16 + [False] * 4


async def test_where_nobody_can_make_room_the_next_one_is_told(monkeypatch) -> None:
    monkeypatch.setattr(door, "most_connections", lambda: 2)
    async with a_server() as server, server.socket() as one, server.socket() as two:
        answer = await said(server)
        assert answer.startswith(b"HTTP/1.1 503")
        assert is_strict(answer)
        assert one.subprotocol == two.subprotocol == PROTOCOL


FLOODED = """
import asyncio, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (300, 300))
from monitr.entrypoints.cli.logs import configure_logs
from tests.integration.http.a_server import a_server
async def main():
    async with a_server() as server:
        configure_logs("api")
        print(server.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)
asyncio.run(main())
"""


def test_a_thousand_half_sent_requests_take_nothing_down_and_fill_no_log(tmp_path: Path) -> None:
    """In a process of its own, which has fewer files than there are connections."""
    with (tmp_path / "log").open("w+") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", FLOODED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
        assert process.stdin is not None
        assert process.stdout is not None
        url = process.stdout.readline().strip()

        async def flood() -> Sequence[int]:
            parts = urlsplit(url)
            held = await asyncio.gather(*(asyncio.open_connection(parts.hostname, parts.port) for _ in range(1024)))
            for _, writer in held:
                writer.write(GET[:-2])
            async with httpx.AsyncClient(base_url=url, timeout=5) as client:
                statuses = [(await client.get("/livez")).status_code for _ in range(2)]
            for _, writer in held:
                writer.close()
            return statuses

        try:
            assert asyncio.run(flood()) == [200] * 2
        finally:
            process.stdin.close()
            process.wait(20)
        log.seek(0)
        said = log.read()
        assert len(said) < 20_000, said[:3000]
        assert all(json.loads(line) for line in said.splitlines())
