"""Real sockets: what is connected to, under which name, and what never is. Python's audit events see every attempt to
connect or to look up a name in this process, whichever library makes it."""

import ssl
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from monitr.adapters.webhooks import public_addresses, target_addresses
from monitr.adapters.webhooks.sending import WebhookSender
from monitr.adapters.webhooks.target_addresses import TargetAddresses
from monitr.domain.webhooks import NotAccepted
from tests.components.webhooks.hostile_addresses import LITERALS, NAMES
from tests.integration.webhooks.receivers import Receiver, a_receiver

HEADERS = {"webhook-id": "msg_1", "webhook-timestamp": "1", "webhook-signature": "v1,x"}


@dataclass
class Spy:
    connected: list[Any] = field(default_factory=list)
    looked_up: list[Any] = field(default_factory=list)


_watching: list[Spy] = []


def _audit(event: str, arguments: tuple[Any, ...]) -> None:
    for spy in _watching:
        if event == "socket.connect":
            spy.connected.append(arguments[1])
        elif event == "socket.getaddrinfo":
            spy.looked_up.append(arguments[0])


sys.addaudithook(_audit)  # for the life of the process: it does nothing while nobody watches


@contextmanager
def watched() -> Iterator[Spy]:
    spy = Spy()
    _watching.append(spy)
    try:
        yield spy
    finally:
        _watching.remove(spy)


async def send(addresses: TargetAddresses, url: str, tls: ssl.SSLContext | None = None) -> NotAccepted | None:
    sender = WebhookSender(addresses, tls=tls, timeout=timedelta(seconds=3))
    try:
        return await sender(url, HEADERS, "{}")
    finally:
        await sender.close()


@pytest_asyncio.fixture
async def inside() -> AsyncIterator[Receiver]:
    """Something of our own that listens: no hostile address may reach it."""
    async with a_receiver() as receiver:
        yield receiver


async def test_the_spy_sees_a_connection_that_is_made(inside: Receiver) -> None:
    with watched() as spy:
        assert await send(TargetAddresses(allow_loopback=True), inside.url) is None
    assert spy.connected == [("127.0.0.1", inside.port)]
    assert inside.connections == 1


async def test_no_hostile_address_is_ever_connected_to_or_looked_up(inside: Receiver) -> None:
    """As they are, and with the port of something that listens on this machine."""
    addresses = TargetAddresses(ports=frozenset({443, inside.port}))
    with watched() as spy:
        for url in LITERALS:
            for hostile in (url, _with_port(url, inside.port)):
                refusal = await send(addresses, hostile)
                assert refusal is not None
                assert refusal.failure.code == "WEBHOOK_ADDRESS_REFUSED", hostile
    assert (spy.connected, spy.looked_up, inside.connections) == ([], [], 0)


def _with_port(url: str, port: int) -> str:
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host}:{port}{slash}{path}"


async def test_no_name_that_leads_inside_is_ever_connected_to(inside: Receiver) -> None:
    async def resolve(name: str) -> list[str]:
        return NAMES[name]

    addresses = TargetAddresses(ports=frozenset({443, inside.port}), resolve=resolve)
    with watched() as spy:
        for name in NAMES:
            refusal = await send(addresses, f"https://{name}:{inside.port}/")
            assert refusal is not None
            assert refusal.failure.code == "WEBHOOK_ADDRESS_REFUSED"
    assert (spy.connected, spy.looked_up, inside.connections) == ([], [], 0)


async def test_a_name_that_is_rebound_between_check_and_connection_reaches_nothing(inside: Receiver) -> None:
    answers = iter([["93.184.215.14"], ["127.0.0.1"]])

    async def resolve(name: str) -> list[str]:
        return next(answers)

    addresses = TargetAddresses(ports=frozenset({inside.port}), resolve=resolve)
    url = f"https://rebind.example:{inside.port}/"
    await addresses(url)
    with watched() as spy:
        assert await send(addresses, url) is not None
    assert (spy.connected, inside.connections) == ([], 0)


async def test_a_name_is_looked_up_as_it_is_without_the_search_domains_of_this_machine() -> None:
    with watched() as spy, pytest.raises(OSError):
        await target_addresses.resolve("no-such-host.invalid")
    assert spy.looked_up == ["no-such-host.invalid."]


async def test_no_proxy_of_the_environment_is_used(inside: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    async with a_receiver() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert await send(TargetAddresses(allow_loopback=True), inside.url) is None
    assert (inside.connections, proxy.connections) == (1, 0)


# --- the name stays the target's own though the connection goes to an address ---------------------------------------


def a_certificate(folder: Path, name: str) -> ssl.SSLContext:
    """Of a server with that name, and its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "certificate.pem", folder / "key.pem")
    return context


@pytest.mark.parametrize(("name", "arrives"), [("hooks.example", True), ("other.example", False)])
async def test_host_server_name_and_certificate_are_those_of_the_name_and_not_of_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, arrives: bool
) -> None:
    """The name leads to this machine, which stands for a public address here."""
    loopback = ip_address("127.0.0.1")
    monkeypatch.setattr(target_addresses, "is_public", lambda it: it == loopback or public_addresses.is_public(it))

    async def resolve(asked: str) -> list[str]:
        return ["127.0.0.1"]

    async with a_receiver(tls=a_certificate(tmp_path, "hooks.example")) as receiver:
        trust = ssl.create_default_context(cafile=str(tmp_path / "certificate.pem"))
        addresses = TargetAddresses(ports=frozenset({receiver.port}), resolve=resolve)
        with watched() as spy:
            refusal = await send(addresses, f"https://{name}:{receiver.port}/hooks?for=us", trust)

        assert (refusal is None) is arrives
        assert receiver.server_names == [name]
        assert {address[0] for address in spy.connected} == {"127.0.0.1"}
        assert spy.looked_up == []
        if arrives:
            (request,) = receiver.received
            assert (request.path, request.headers["host"]) == ("/hooks?for=us", f"{name}:{receiver.port}")


async def test_the_certificate_of_a_stranger_is_not_accepted(tmp_path: Path) -> None:
    async with a_receiver(tls=a_certificate(tmp_path, "localhost")) as receiver:
        refusal = await send(TargetAddresses(allow_loopback=True), f"https://localhost:{receiver.port}/")
    assert refusal is not None
    assert refusal.failure.code == "WEBHOOK_UNREACHABLE"
    assert receiver.received == []
