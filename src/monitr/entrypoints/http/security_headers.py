"""Headers that keep browsers strict. A page that needs more than nothing sets its own Content-Security-Policy."""

from collections.abc import Collection, Iterable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
CONSOLE = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {websocket}; "
    "frame-ancestors {ancestors}; base-uri 'none'; form-action 'self'"
)
AUTHORISE = (
    "default-src 'none'; style-src 'self'; img-src 'self'; frame-ancestors 'none'; base-uri 'none'; "
    "form-action {form_action}"
)
GRAPHIQL = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' "
    "data:; connect-src 'self' {websocket}; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""GraphiQL's editor sets style attributes."""

COMMON = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
}
STRICT = COMMON | {"content-security-policy": NOTHING}
"""Of an answer that the server gives without the app."""


class SecurityHeaders:
    def __init__(self, app: ASGIApp, *, https: bool) -> None:
        self._app = app
        self._headers = COMMON | ({"strict-transport-security": "max-age=31536000"} if https else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                policy = headers.setdefault("content-security-policy", NOTHING)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
                if "frame-ancestors 'none'" not in policy:
                    del headers["x-frame-options"]  # it knows no list of origins
            await send(message)

        await self._app(scope, receive, send_with_headers)


def for_page(
    policy: str, public_url: str, fetched: Iterable[str] = (), ancestors: Collection[str] = ()
) -> dict[str, str]:
    """The header of a page. Not every browser counts a WebSocket of the same host among 'self'.

    ``fetched``: other addresses that it may send requests to; ``ancestors``: whose pages may frame it.
    """
    connected = " ".join((public_url.replace("http", "ws", 1), *fetched))
    framed = " ".join(sorted(ancestors)) or "'none'"
    return {"content-security-policy": policy.format(websocket=connected, ancestors=framed)}
