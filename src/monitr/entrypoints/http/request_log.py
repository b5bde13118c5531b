"""One line for each request, with an id that goes back to the caller; never a query string: it holds OAuth codes."""

import re
import time
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.observation import OpenSpan
from monitr.entrypoints.http.json_errors import refusal
from monitr.entrypoints.http.metrics import HttpMetrics
from monitr.entrypoints.http.reader import language_of

log = structlog.get_logger()

REQUEST_ID = "x-request-id"
QUIET = {"/livez", "/readyz", "/metrics"}
"""Asked every few seconds by machines: logged only where something is wrong."""

HUNG_UP = 499
"""Nobody hears it: what logs and metrics say of a client that left before it was answered."""

OF_MANY = ("/static/", "/exports/")
"""Beginnings of many addresses."""

_USABLE_ID = re.compile(r"[\w.:-]{1,100}", re.ASCII)


def request_id_of(scope: Scope) -> str:
    """The id that ``RequestLog`` has given to this request."""
    return str(scope.get("monitr.request_id", ""))


class RequestLog:
    """Outermost but for the security headers: what escapes everything below becomes a 500 that tells its number and
    nothing else."""

    def __init__(self, app: ASGIApp, metrics: HttpMetrics, routes: frozenset[str], open_span: OpenSpan) -> None:
        self._app = app
        self._open_span = open_span
        self._metrics = metrics
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        offered = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = offered if _USABLE_ID.fullmatch(offered) else uuid4().hex
        scope["monitr.request_id"] = request_id
        with structlog.contextvars.bound_contextvars(request_id=request_id):
            if scope["type"] == "http" and scope["path"] in QUIET:
                await self._http(scope, receive, send, request_id)
            elif scope["type"] == "http":
                await self._traced(scope, receive, send, request_id)
            else:
                await self._websocket(scope, receive, send)

    async def _traced(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        """In a span of its own, which belongs to the caller's trace where it has sent a traceparent."""
        method, route = self._labels(scope)
        caller = Headers(scope=scope).get("traceparent")
        with self._open_span(f"{method} {route}", kind="server", parent=caller) as attributes:
            attributes |= {"http.request.method": method, "http.route": route, "request_id": request_id}
            attributes["http.response.status_code"] = await self._http(scope, receive, send, request_id)

    async def _http(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> int:
        """The status of the answer."""
        status = 0
        started = time.perf_counter()

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = int(message["status"])
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        except ClientDisconnect:  # in the middle of its body, or while its answer is made
            status = HUNG_UP
        except Exception:
            log.exception("http.fault", path=scope["path"], method=scope["method"])
            if status:  # half an answer is out already: the server has to cut the connection
                raise
            sentence = Sentence.of("error.INTERNAL", request_id=request_id)
            await refusal(500, ErrorCode.INTERNAL, sentence, language_of(scope))(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - started)
        return status

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        with self._metrics.sockets.track_inprogress():
            await self._app(scope, receive, send)
        log.info("websocket.closed", path=scope["path"], seconds=round(time.perf_counter() - started, 3))

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        path, method = scope["path"], scope["method"]
        known, route = self._labels(scope)
        self._metrics.requests.labels(route, known, str(status)).inc()
        self._metrics.duration.labels(route).observe(seconds)
        if path not in QUIET or status >= 500:
            log.info("http.request", method=method, path=path, status=status, milliseconds=round(seconds * 1000, 1))

    def _labels(self, scope: Scope) -> tuple[str, str]:
        """Method and route, in few values."""
        path, method = scope["path"], scope["method"]
        begins = next((it.rstrip("/") for it in OF_MANY if path.startswith(it)), "other")
        route = path if path in self._routes else begins
        return method if method in ("GET", "HEAD", "POST", "OPTIONS") else "other", route
