"""GraphQL over a WebSocket (graphql-transport-ws): how frames are read, and how many sockets a user may hold."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence, Sized
from contextlib import suppress
from dataclasses import dataclass
from json import loads
from typing import Any, Never, cast

from graphql import DocumentNode, GraphQLError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter
from strawberry.http.exceptions import NonJsonMessageReceived, NonTextMessageReceived, WebSocketDisconnected
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler
from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message, SubscribeMessage

from monitr.application.bearer_tokens import Bearer
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal
from monitr.entrypoints.graphql.execution.context import Connection
from monitr.entrypoints.graphql.execution.documents import Documents, Refused
from monitr.entrypoints.graphql.execution.errors import rendered
from monitr.entrypoints.http.json_rendering import json_of

MOST_SOCKETS = 200
"""Of one user (organisation and subject), in one process. A browser has one for each tab."""
MOST_OPERATIONS = 500
"""Under way at once on all sockets of one user, subscriptions for the most part."""
TOO_MANY = 4429
FAULT = 4500
_LONGEST_REASON = 123
"""Bytes: RFC 6455, 5.5."""
_LONGEST_ID = 200

User = tuple[OrganisationId, str]


@dataclass(slots=True)
class SocketConnection(Connection):
    """``expiry`` closes the socket when the token runs out."""

    socket: WebSocket | None = None
    expiry: asyncio.Task[None] | None = None
    operations: Sized = ()
    """Those under way."""


class OpenSockets:
    """The sockets whose tokens were accepted, by user."""

    def __init__(self) -> None:
        self._of: defaultdict[User, list[SocketConnection]] = defaultdict(list)

    def enter(self, connection: SocketConnection, bearer: Bearer) -> bool:
        """False where the user has too many already."""
        open = self._of[_user(bearer.principal)]
        if len(open) >= MOST_SOCKETS:
            return False
        open.append(connection)
        return True

    def leave(self, connection: SocketConnection) -> None:
        if connection.bearer is not None and connection in (open := self._of[_user(connection.bearer.principal)]):
            open.remove(connection)
            if not open:
                del self._of[_user(connection.bearer.principal)]

    def operations(self, principal: Principal) -> int:
        return sum(len(connection.operations) for connection in self._of[_user(principal)])


def _user(principal: Principal) -> User:
    return principal.organisation, principal.subject


class SocketFrames(ASGIWebSocketAdapter):
    """What a client sends is JSON, or the socket is closed; what it is sent is rendered like any answer."""

    async def iter_json(self, *, ignore_parsing_errors: bool = False) -> AsyncGenerator[object, None]:
        while self.ws.application_state is not WebSocketState.DISCONNECTED:
            frame = await self.ws.receive()
            if frame["type"] == "websocket.disconnect":
                return
            text = frame.get("text")
            if text is None:
                raise NonTextMessageReceived
            yield _decoded(text)

    async def send_json(self, message: Mapping[str, object]) -> None:
        text = (await json_of(message, self.view.turns)).decode()  # type: ignore[attr-defined]  # it is a GraphQLEndpoint
        try:
            await self.ws.send_text(text)
        except (WebSocketDisconnect, RuntimeError, OSError) as gone:
            raise WebSocketDisconnected from gone

    async def close(self, code: int, reason: str) -> None:
        """Once: whoever comes second has nothing to add."""
        if self.ws.application_state is not WebSocketState.DISCONNECTED:
            with suppress(WebSocketDisconnect, RuntimeError, OSError):
                await self.ws.close(code, _short(reason))


def _decoded(text: str) -> object:
    try:
        return loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise NonJsonMessageReceived from None


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _short(reason: str) -> str:
    return reason.encode(errors="replace")[:_LONGEST_REASON].decode(errors="ignore")


class SocketHandler(BaseGraphQLTransportWSHandler[Connection, None]):
    """Each operation counts for the user's rate, like a request, and for what the user may have under way."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if isinstance(self.context, SocketConnection):
            self.context.operations = self.operations

    async def handle_message(self, message: Message) -> None:
        if complaint := _complaint(message):
            await self.handle_invalid_message(complaint)
        else:
            await super().handle_message(message)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        bearer = self.context.bearer
        is_new = self.connection_acknowledged and message["id"] not in self.operations
        if is_new and bearer is not None and (refusal := self._refusal(bearer.principal)):
            await self._refuse(message, [refusal])
            return
        try:
            message = _with_text(message, self.view.documents)  # type: ignore[attr-defined]  # as above
        except Refused as refused:
            await self._refuse(message, refused.errors, refused.document)
            return
        await super().handle_subscribe(message)

    def _refusal(self, principal: Principal) -> GraphQLError | None:
        refused = self.view.refused_operation(principal)  # type: ignore[attr-defined]  # it is a GraphQLEndpoint
        return cast("GraphQLError | None", refused)

    async def _refuse(
        self, message: SubscribeMessage, errors: Sequence[GraphQLError], document: DocumentNode | None = None
    ) -> None:
        told = rendered(errors, document, self.context.request_id, self.context.language)
        payload = [error.formatted for error in told]
        await self.send_message({"id": message["id"], "type": "error", "payload": payload})

    async def handle_task_exception(self, error: Exception) -> None:
        if not isinstance(error, WebSocketDisconnected):  # the client has gone in the middle of an answer
            await super().handle_task_exception(error)


def _with_text(message: SubscribeMessage, documents: Documents) -> SubscribeMessage:
    """The message with the text that its hash stands for: the library hands on no extensions. Raises Refused."""
    payload = cast("dict[str, Any]", message["payload"])
    text = documents.text(payload.get("query"), payload.get("extensions"))
    return cast("SubscribeMessage", {**message, "payload": {**payload, "query": text}})


def _complaint(received: object) -> str | None:
    """What is wrong with the message, by the protocol; its type and the order of messages are looked at elsewhere."""
    if not isinstance(received, dict):
        return "A message is an object"
    message = cast("dict[str, Any]", received)
    if not isinstance(message.get("type"), str):
        return "A message has a type"
    if message["type"] in ("subscribe", "complete"):
        id = message.get("id")
        if not isinstance(id, str) or not 0 < len(id) <= _LONGEST_ID:
            return f"A message of this type has an id, a text of at most {_LONGEST_ID} characters"
    return _complaint_of_payload(message.get("payload")) if message["type"] == "subscribe" else None


def _complaint_of_payload(received: object) -> str | None:
    payload = cast("dict[str, Any]", received if isinstance(received, dict) else {})
    if not isinstance(payload.get("query"), str if not payload.get("extensions") else str | None):
        return "The payload holds a query"
    if not isinstance(payload.get("operationName"), str | None):
        return "An operationName is a text"
    if any(not isinstance(payload.get(name), dict | None) for name in ("variables", "extensions")):
        return "Variables and extensions are objects"
    return None
