"""The `Date` header of every answer, by Octopus's own clock."""

from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from octopus_sandbox.answers.timestamps import http_date
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.switches import DateHeader

_NONSENSE = "yesterday, about noon"


class Dated:
    """Middleware around the whole application, pages included."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *self._headers()]}
            await send(message)

        await self._app(scope, receive, dated)

    def _headers(self) -> list[tuple[bytes, bytes]]:
        switches = self._sandbox.switches
        match switches.date_header:
            case DateHeader.ABSENT:
                return []
            case DateHeader.NONSENSE:
                return [(b"date", _NONSENSE.encode())]
            case DateHeader.OWN:
                shown = self._sandbox.clock.now() + timedelta(seconds=switches.date_skew)
                return [(b"date", http_date(shown).encode())]
