"""The server's door: what happens to connections before there is a request that the app could see.

uvicorn waits for ever for the rest of a request, keeps what a client does not fetch, and takes in connections until the
process has no file left. Here every wait has an end and every heap a size. There is no limit per address, since behind
a reverse proxy everybody comes from one: where the house is full, whoever has been silent longest makes room, so that
half-sent requests only drive out each other.
"""

import asyncio
import socket
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog
import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from uvicorn.server import ServerState
from websockets.frames import CloseCode, Frame
from websockets.http11 import Response as HandshakeResponse

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.http.json_errors import refusal
from monitr.entrypoints.http.security_headers import STRICT

HEADER_SECONDS = 20.0
"""From the connection, or from the answer before, until the next request's header has to be there."""
IDLE_SECONDS = 5
"""After an answer, where nothing is sent at all."""
STALL_SECONDS = 60.0
"""In which a client has to fetch ``LEAST_FETCHED`` of an answer, or all that is left of it."""
LEAST_FETCHED = 64 * 1024
PING_SECONDS = 20.0
"""Between the pings of a WebSocket, and until each has to be answered: half a frame lives no longer than both."""

LARGEST_HEADER = 64 * 1024
LARGEST_REQUEST = 16 * 1024 * 1024
"""Bytes. Beyond the limit of a body they are read and thrown away, so that the client hears its answer."""
LARGEST_MESSAGE = 1024 * 1024
"""Bytes of a WebSocket message: a GraphQL operation is never longer."""
FRAMES_AT_ONCE, FRAMES_A_SECOND = 2_000, 100
"""Frames that a WebSocket may send; a front end sends one for each of its 500 operations, and one to end it."""
PIECE = 4096
"""Bytes of a WebSocket that are read in one go: some seven milliseconds, if all frames are empty."""
MOST_PIPELINED = 16
"""Requests that a client may send ahead without waiting for their answers."""

MOST_CONNECTIONS = 4096
SPARE_FILES = 256
"""For the database, the broker, Octopus and the program itself."""
BACKLOG = 1024
"""Connections that the kernel keeps for us."""
TAKEN_AT_ONCE = 32
"""And that asyncio takes in before it looks at the first of them: three times as many are spare files."""

log = structlog.get_logger(__name__)


def server_config(app: Any, *, grace_seconds: int, lifespan: bool = True) -> uvicorn.Config:
    """For every server of this program. No access log: it would hold the callback's code and state (trap 9)."""
    room = WaitingRoom(most_connections())
    return uvicorn.Config(
        app,
        http=partial(Door, room),  # type: ignore[arg-type]  # called like a class, and used for nothing else
        ws=Hatch,
        access_log=False,
        log_config=None,
        server_header=False,
        lifespan="on" if lifespan else "off",
        backlog=TAKEN_AT_ONCE,
        timeout_keep_alive=IDLE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
        ws_max_size=LARGEST_MESSAGE,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
    )


class Server(uvicorn.Server):
    """asyncio has one number for what it takes in at once and for what the kernel keeps; these are two."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            listener.listen(BACKLOG)


def most_connections() -> int:
    """As many as there are files to spare; the soft limit is raised where the system's default is a low one."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return MOST_CONNECTIONS
    wanted = MOST_CONNECTIONS + SPARE_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_CONNECTIONS
    if hard == resource.RLIM_INFINITY or hard > soft:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return max(soft - SPARE_FILES, soft // 2)


class WaitingRoom:
    """The connections of one server that owe it a request header, those that have waited longest first."""

    def __init__(self, most_connections: int) -> None:
        self.most_connections = most_connections
        self._waiting: dict[Door, None] = {}

    def enter(self, door: "Door") -> None:
        self._waiting[door] = None

    def leave(self, door: "Door") -> None:
        self._waiting.pop(door, None)

    def make_room(self) -> bool:
        """False where all connections have a request, or are WebSockets."""
        longest = next(iter(self._waiting), None)
        if longest is None:
            return False
        longest.drive_out()
        return True


class _Stall:
    """Cuts off a client that does not fetch its answer. A transport that is closed waits for that too, for ever."""

    def __init__(self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport) -> None:
        self._loop = loop
        self._transport = transport
        self._timer: asyncio.TimerHandle | None = None
        transport.set_write_buffer_limits(high=0)  # else the last bytes could wait unnoticed

    def begin(self) -> None:
        self.end()
        self._timer = self._loop.call_later(STALL_SECONDS, self._look, self._transport.get_write_buffer_size())

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, before: int) -> None:
        if before - self._transport.get_write_buffer_size() < LEAST_FETCHED:
            log.info("http.answer_not_fetched")
            self._transport.abort()
        else:
            self.begin()


class _Stalling(asyncio.Protocol):
    """A connection whose client has to fetch what it is sent; its subclass sets ``_stall`` when it is made."""

    _stall: _Stall | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._stall is not None:
            self._stall.end()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stall is not None:
            self._stall.begin()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stall is not None:
            self._stall.end()


class Door(_Stalling, HttpToolsProtocol):
    def __init__(
        self,
        room: WaitingRoom,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._room = room
        self._timer: asyncio.TimerHandle | None = None
        self._is_in_header = False
        self._request_bytes = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._stall = _Stall(self.loop, transport)
        if len(self.connections) > self._room.most_connections and not self._room.make_room():
            log.warning("http.full")
            self._refuse(503, ErrorCode.UNAVAILABLE, Sentence.of("error.TOO_MANY_CONNECTIONS"), {"retry-after": "5"})
            return
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        was_in_header = self._is_in_header
        self._request_bytes += len(data)
        super().data_received(data)
        if was_in_header and self._is_in_header and self._request_bytes > LARGEST_HEADER:
            self._refuse(431, ErrorCode.HEADER_TOO_LARGE, Sentence.of("error.HEADER_TOO_LARGE", limit=LARGEST_HEADER))
        elif self._request_bytes > LARGEST_REQUEST:
            self.transport.abort()

    def on_message_begin(self) -> None:
        self._is_in_header = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        if len(self.pipeline) >= MOST_PIPELINED:
            raise ValueError("too many requests in one go")  # which the parser makes a 400 of
        self._is_in_header = False
        self._stop_waiting()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._request_bytes = 0
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self._wait()

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, ErrorCode.BAD_REQUEST, Sentence.of("error.BAD_REQUEST", why=Sentence.of("request.NOT_HTTP")))

    def drive_out(self) -> None:
        self._stop_waiting()
        self.transport.abort()

    def _wait(self) -> None:
        self._stop_waiting()
        self._room.enter(self)
        self._timer = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        self._room.leave(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        if self._is_in_header:
            sentence = Sentence.of("error.HEADER_TIMEOUT", seconds=f"{HEADER_SECONDS:g}")
            self._refuse(408, ErrorCode.REQUEST_TIMEOUT, sentence)
        else:
            self.transport.close()

    def _refuse(self, status: int, code: ErrorCode, sentence: Sentence, headers: dict[str, str] | None = None) -> None:
        """In English: no header has been read."""
        self._stop_waiting()
        if self.transport.is_closing():
            return
        answer = refusal(status, code, sentence, None, {**STRICT, "connection": "close", **(headers or {})})
        lines = [STATUS_LINE[status]]
        for name, value in (*self.server_state.default_headers, *answer.raw_headers):
            lines += [name, b": ", value, b"\r\n"]
        self.transport.write(b"".join((*lines, b"\r\n", bytes(answer.body))))
        self.transport.close()


class Hatch(_Stalling, WebSocketsSansIOProtocol):
    """The same for WebSockets; ``Door`` has seen their first request, and hands the connection over."""

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._stall: _Stall | None = None
        self._frames, self._counted_at = 0.0, self.loop.time()
        self.conn.reject = _strictly(self.conn.reject)  # type: ignore[method-assign]  # it makes each of the refusals

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._stall = _Stall(self.loop, self.transport)

    def data_received(self, data: bytes) -> None:
        """In pieces: a large one may hold forty thousand empty frames."""
        for start in range(0, len(data), PIECE):
            if self.transport.is_closing():
                return
            super().data_received(data[start : start + PIECE])

    def handle_text(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_text(event)

    def handle_bytes(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_bytes(event)

    def handle_cont(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_cont(event)

    def handle_ping(self) -> None:
        if self._may_go_on():
            super().handle_ping()

    def handle_pong(self, event: Frame) -> None:
        if self._may_go_on():
            super().handle_pong(event)

    def send_receive_event_to_app(self) -> None:
        """uvicorn logs a traceback for a text that is no UTF-8, before anybody has said who it is."""
        if self.curr_msg_data_type == "text" and not _is_utf8(self.frames):
            self._end(CloseCode.INVALID_DATA, "This is no UTF-8.")
        else:
            super().send_receive_event_to_app()

    def _may_go_on(self) -> bool:
        """False for whoever sends frames without end: empty ones cost the sender six bytes each, and no limit of a
        message's length counts them."""
        now = self.loop.time()
        self._frames = max(0.0, self._frames - (now - self._counted_at) * FRAMES_A_SECOND) + 1
        self._counted_at = now
        if self._frames > FRAMES_AT_ONCE:
            self._end(CloseCode.POLICY_VIOLATION, "Too many frames.")
        return not self.close_sent

    def _end(self, code: CloseCode, reason: str) -> None:
        if not self.close_sent:
            self.conn.send_close(code, reason)
            self.handle_parser_exception()


def _is_utf8(frames: Sequence[bytes]) -> bool:
    try:
        b"".join(frames).decode()
    except UnicodeDecodeError:
        return False
    return True


def _strictly(reject: Callable[..., HandshakeResponse]) -> Callable[..., HandshakeResponse]:
    def rejected(*arguments: Any) -> HandshakeResponse:
        response = reject(*arguments)
        for name, value in STRICT.items():
            response.headers[name] = value
        return response

    return rejected
