"""One attempt: a POST to a checked address.

httpcore without httpx around it: it follows no redirects, reads no proxy from the environment, keeps no cookies, and
lets us make the connection ourselves. Host header, SNI and the name in the certificate stay the target's own.
"""

import asyncio
import ssl
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import cast

import httpcore

from monitr.adapters.webhooks.target_addresses import TargetAddresses
from monitr.application.webhooks.ports import AddressRefused
from monitr.domain.codes import ExplanationCode as Code
from monitr.domain.explanation import Explanation
from monitr.domain.webhooks import NotAccepted
from monitr.domain.words.sentence import Part, Sentence

ATTEMPT_TIMEOUT = timedelta(seconds=15)
"""From the look-up of the name to the receiver's status line; the specification recommends 15 to 30."""
_CONNECT_SECONDS = 5.0
_ADDRESSES_TRIED = 3
_IDLE_SECONDS = 5.0
_MOST_CONNECTIONS = 100
_DRAIN_SECONDS = 0.5
_DRAIN_BYTES = 64 * 1024
_GONE = 410

_ADVICE = Sentence.of("WEBHOOK_IS_TRIED_AGAIN")
_SocketOption = tuple[int, int, int] | tuple[int, int, bytes | bytearray] | tuple[int, int, None, int]


class CheckedConnections(httpcore.AsyncNetworkBackend):
    """Connects to the addresses that were checked, and to nothing else: a name is looked up once, here."""

    def __init__(self, addresses: TargetAddresses, inner: httpcore.AsyncNetworkBackend | None = None) -> None:
        self._addresses = addresses
        # to a type checker it may be the one that says that anyio is missing
        self._inner = inner or cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # the interface is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        *others, last = (await self._addresses.checked(host))[:_ADDRESSES_TRIED]
        for address in others:
            with suppress(httpcore.ConnectError, httpcore.ConnectTimeout):
                return await self._inner.connect_tcp(str(address), port, timeout, local_address, socket_options)
        return await self._inner.connect_tcp(str(last), port, timeout, local_address, socket_options)

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ASYNC109  # as above
        socket_options: Iterable[_SocketOption] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        raise AddressRefused(Sentence.of("address.LOCAL_SOCKET"))

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class WebhookSender:
    """The port ``SendWebhook``, for one event loop. What a receiver answers beside its status goes nowhere: nobody is
    to see through us what stands behind an address."""

    def __init__(
        self,
        addresses: TargetAddresses,
        *,
        tls: ssl.SSLContext | None = None,
        connections: httpcore.AsyncNetworkBackend | None = None,
        timeout: timedelta = ATTEMPT_TIMEOUT,
    ) -> None:
        """``tls`` and ``connections`` (those below the check) are for tests."""
        self._addresses = addresses
        self._timeout = timeout.total_seconds()
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=tls,
            max_connections=_MOST_CONNECTIONS,
            keepalive_expiry=_IDLE_SECONDS,
            network_backend=CheckedConnections(addresses, connections),
        )

    async def __call__(self, url: str, headers: Mapping[str, str], body: str) -> NotAccepted | None:
        try:
            async with asyncio.timeout(self._timeout):
                return await self._post(url, headers, body.encode())
        except AddressRefused as refused:
            return _failed(Code.WEBHOOK_ADDRESS_REFUSED, reason=refused.reason)
        except (TimeoutError, httpcore.TimeoutException):
            return _failed(Code.WEBHOOK_TIMEOUT, seconds=f"{self._timeout:g}")
        except (httpcore.NetworkError, httpcore.ProtocolError, ssl.SSLError, OSError) as error:
            return _failed(Code.WEBHOOK_UNREACHABLE, error=type(error).__name__)

    async def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> NotAccepted | None:
        to = self._addresses.destination(url)
        own = [("host", to.authority), ("content-type", "application/json"), ("user-agent", "Monitr-Webhooks/1")]
        async with self._pool.stream(
            "POST",
            httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.target),
            headers=_encoded([*own, *headers.items()]),
            content=body,
            extensions={"timeout": {"connect": _CONNECT_SECONDS, "read": self._timeout, "write": self._timeout}},
        ) as answer:
            judged = _judged(answer)
            await _drain(answer)
        return judged

    async def close(self) -> None:
        await self._pool.aclose()


def _encoded(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers]


async def _drain(answer: httpcore.Response) -> None:
    """Read a short rest, so that the connection serves the next event too; it changes nothing about the outcome."""
    size = 0
    with suppress(TimeoutError, httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
        async with asyncio.timeout(_DRAIN_SECONDS):
            async for part in answer.aiter_stream():
                size += len(part)
                if size > _DRAIN_BYTES:
                    return


def _judged(answer: httpcore.Response) -> NotAccepted | None:
    match answer.status // 100:
        case 2:
            return None
        case 3:
            said = Sentence.of("receiver.REDIRECTED", status=answer.status)
        case _ if answer.status == _GONE:
            said = Sentence.of("receiver.WANTS_NO_MORE")
        case _:
            said = Sentence.of("receiver.ANSWERED", status=answer.status)
    refused = _failed(Code.WEBHOOK_NOT_ACCEPTED, answer=said)
    return replace(refused, gone=answer.status == _GONE, retry_after=_retry_after(answer))


def _retry_after(answer: httpcore.Response) -> timedelta | None:
    """In seconds; the form with a date is rare, and the back-off serves as well."""
    value = next((value for name, value in answer.headers if name.lower() == b"retry-after"), b"")
    return timedelta(seconds=int(value)) if value.isdigit() and len(value) <= 6 else None


def _failed(code: Code, **parts: Part) -> NotAccepted:
    return NotAccepted(Explanation.of(code, _ADVICE, **parts))
