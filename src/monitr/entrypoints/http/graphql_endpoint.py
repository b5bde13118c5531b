"""``/graphql``: queries and mutations over POST, subscriptions over graphql-transport-ws."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from json import loads
from typing import Any, Never

import structlog
from cross_web import HTTPException
from prometheus_client import Counter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.exceptions import ConnectionRejectionError
from strawberry.http import GraphQLHTTPResponse
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.types.execution import ExecutionResult
from strawberry.types.unset import UNSET, UnsetType

from monitr.application.bearer_tokens import Bearer, ExpiredToken, InvalidToken, KeysUnavailable
from monitr.domain.language import Language, preferred_language
from monitr.domain.roles import Principal
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.context import Connection, Services
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.graphql.schema import Schema
from monitr.entrypoints.http.admission import KEYS_UNAVAILABLE, Admission, complaint, too_often
from monitr.entrypoints.http.body_limit import BodyLimit
from monitr.entrypoints.http.compression import COMPRESSIBLE
from monitr.entrypoints.http.graphql_socket import (
    FAULT,
    MOST_OPERATIONS,
    MOST_SOCKETS,
    TOO_MANY,
    OpenSockets,
    SocketConnection,
    SocketFrames,
    SocketHandler,
)
from monitr.entrypoints.http.hanging_up import while_connected
from monitr.entrypoints.http.json_errors import not_allowed, refusal
from monitr.entrypoints.http.json_rendering import json_of
from monitr.entrypoints.http.media_types import GRAPHQL, JSON, is_json, is_refused, negotiated, outcome_of, status_of
from monitr.entrypoints.http.reader import language_of
from monitr.entrypoints.http.request_log import request_id_of

log = structlog.get_logger()

CONNECTION = "monitr.connection"
MEDIA_TYPE = "monitr.media_type"
GREETING_SECONDS = 10
"""Within which a WebSocket has to say who it is."""
REFUSED = 4403
"""The close code of the contract, for a token that is refused or has run out."""


class _Rendered(dict[str, Any]):
    """An answer with its JSON, which strawberry would make in one go, and the rest of the response."""

    def __init__(self, answer: Mapping[str, Any], response: Response) -> None:
        super().__init__(answer)
        self.response = response


class GraphQLEndpoint(GraphQL[Connection, None]):
    """Nothing is parsed, let alone executed, before the token is verified and the user's rate is counted."""

    graphql_transport_ws_handler_class = SocketHandler
    websocket_adapter_class = SocketFrames

    def __init__(
        self,
        schema: Schema,
        services: Services,
        admission: Admission,
        allowed_origins: frozenset[str],
        graphiql: str | None,
        operations: Counter,
    ) -> None:
        super().__init__(
            schema,
            graphql_ide=None,
            allow_queries_via_get=False,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=GREETING_SECONDS),
            max_subscriptions_per_connection=None,  # a user may have so many, on all sockets
            allowed_origins=sorted(allowed_origins),
        )
        self.documents = schema.documents
        self.services = services
        self.turns = services.turns
        self._sockets = OpenSockets()
        self._admission = admission
        self._graphiql = graphiql
        self._operations = operations
        self._limited = BodyLimit(self._answer)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._serve_socket(WebSocket(scope, receive, send))
            return
        request = Request(scope, receive)
        refused = self._misdirected(request) or await self._admit(request)
        await (refused or self._limited)(scope, receive, send)

    def _misdirected(self, request: Request) -> Response | None:
        """A person who opens the address in a browser is shown GraphiQL, where that is on."""
        wants_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        return RedirectResponse(self._graphiql) if wants_page and self._graphiql else None

    async def _admit(self, request: Request) -> Response | None:
        bearer = await self._admission.admit(request)
        if isinstance(bearer, Response):
            return bearer
        if request.method != "POST":
            return not_allowed(request, "POST", "OPTIONS")
        language = language_of(request.scope)
        if not is_json(request.headers.get("content-type")):
            return _bad_request(415, Sentence.of("request.OTHER_CONTENT", media_type=JSON), language)
        if (media_type := negotiated(request.headers.get("accept"))) is None:
            known = f"{GRAPHQL}, {JSON}"
            return _bad_request(406, Sentence.of("request.OTHER_ANSWER", media_types=known), language)
        request.scope[MEDIA_TYPE] = media_type
        request.scope[CONNECTION] = Connection(self.services, bearer, request_id_of(request.scope), language=language)
        return None

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            await request.body()
            response = await while_connected(self.run(request), receive)
        except HTTPException as invalid:
            why = invalid.why if isinstance(invalid, _NoRequest) else Sentence.verbatim(invalid.reason)
            response = _bad_request(invalid.status_code, why, language_of(scope))
        await response(scope, receive, send)

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Connection:
        connection: Connection = request.scope[CONNECTION]
        return connection

    def parse_json(self, data: str | bytes) -> dict[str, Any]:
        """One operation, as an object; anything else is not understood. Raises _NoRequest."""
        try:
            body: dict[str, Any] | list[Any] | None = loads(data, parse_constant=_refuse_constant)
        except (ValueError, RecursionError):
            raise _NoRequest(Sentence.of("request.NOT_JSON")) from None
        if not isinstance(body, dict) or not _is_request(body):
            raise _NoRequest(Sentence.of("request.NOT_GRAPHQL"))
        extensions: Mapping[str, object] = body.get("extensions") or {}
        if not body.get("query") and not extensions.get("persistedQuery"):
            raise _NoRequest(Sentence.of("request.NOTHING_ASKED"))
        return body

    async def process_result(self, request: Request, result: ExecutionResult) -> GraphQLHTTPResponse:
        self._operations.labels(outcome_of(result)).inc()
        answer = await super().process_result(request, result)
        if is_refused(result):
            del answer["data"]
        media_type: str = request.scope[MEDIA_TYPE]
        connection: Connection = request.scope[CONNECTION]
        request.scope[COMPRESSIBLE] = not connection.changes_something
        text = await json_of(answer, self.turns)
        response = Response(text, status_of(result, media_type), media_type=f"{media_type}; charset=utf-8")
        return _Rendered(answer, response)  # type: ignore[return-value]  # it is a dict like that

    def create_response(
        self, response_data: GraphQLHTTPResponse | list[GraphQLHTTPResponse], sub_response: Response
    ) -> Response:
        assert isinstance(response_data, _Rendered)
        return response_data.response

    async def on_ws_connect(self, context: Connection) -> UnsetType:
        params = {name.lower(): value for name, value in (context.connection_params or {}).items()}
        text, language = params.get("authorization"), params.get("accept-language")
        if isinstance(language, str):  # a browser cannot set the header of its upgrade
            context.language = preferred_language(language)
        try:
            bearer = await self._admission.verify(text if isinstance(text, str) else None)
        except (InvalidToken, KeysUnavailable) as refused:
            log.info("token.refused", reason=str(refused))
            why = complaint(refused) if isinstance(refused, InvalidToken) else KEYS_UNAVAILABLE
            raise await _turned_away(context, REFUSED, why) from None
        finally:
            context.connection_params = None  # the token is not needed any more
        if isinstance(context, SocketConnection) and context.socket is not None:
            if not self._sockets.enter(context, bearer):
                raise await _turned_away(context, TOO_MANY, Sentence.of("error.TOO_MANY_SOCKETS", limit=MOST_SOCKETS))
            context.expiry = asyncio.create_task(self._close_at_expiry(context, context.socket, bearer))
        context.bearer = bearer
        no_payload: UnsetType = UNSET
        return no_payload

    def refused_operation(self, principal: Principal) -> Said | None:
        """The error of an operation on a socket that may not begin now."""
        if (seconds := self._admission.wait(principal)) is not None:
            return Said(ErrorCode.RATE_LIMITED, too_often(seconds))
        if self._sockets.operations(principal) >= MOST_OPERATIONS:
            sentence = Sentence.of("error.TOO_MANY_OPERATIONS", limit=MOST_OPERATIONS)
            return Said(ErrorCode.TOO_MANY_OPERATIONS, sentence, limit=MOST_OPERATIONS)
        return None

    async def _serve_socket(self, socket: WebSocket) -> None:
        id, language = request_id_of(socket.scope), language_of(socket.scope)
        connection = SocketConnection(self.services, None, id, language=language, socket=socket)
        socket.scope[CONNECTION] = connection
        try:
            await self.run(socket)
        except Exception:
            log.exception("websocket.fault")
            with suppress(RuntimeError, OSError):  # it was closed already
                await socket.close(FAULT, connection.say(Sentence.of("error.FAULT")))
        finally:
            self._sockets.leave(connection)
            if connection.expiry is not None:
                connection.expiry.cancel()

    async def _close_at_expiry(self, context: Connection, socket: WebSocket, bearer: Bearer) -> None:
        await asyncio.sleep(max(0.0, (bearer.expires_at - self.services.clock()).total_seconds()))
        with suppress(RuntimeError):  # it was closed at this very moment
            await socket.close(REFUSED, context.say(complaint(ExpiredToken())))


def _is_request(body: Mapping[str, object]) -> bool:
    texts = (body.get(name) for name in ("query", "operationName"))
    objects = (body.get(name) for name in ("variables", "extensions"))
    return all(isinstance(it, str | None) for it in texts) and all(isinstance(it, dict | None) for it in objects)


class _NoRequest(HTTPException):
    def __init__(self, why: Sentence) -> None:
        super().__init__(400, str(why))
        self.why = why


def _bad_request(status: int, why: Sentence, language: Language | None) -> Response:
    return refusal(status, ErrorCode.BAD_REQUEST, Sentence.of("error.BAD_REQUEST", why=why), language)


async def _turned_away(context: Connection, code: int, why: Sentence) -> ConnectionRejectionError:
    """To be raised: the library closes too, without words, which comes too late."""
    if isinstance(context, SocketConnection) and context.socket is not None:
        await context.socket.close(code, context.say(why))
    return ConnectionRejectionError()


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")
