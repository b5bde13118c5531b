"""Server-side request forgery: what is refused, and that nothing is connected to for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore
import pytest

from monitr.adapters.webhooks.sending import WebhookSender
from monitr.adapters.webhooks.target_addresses import TargetAddresses
from monitr.application.webhooks.ports import AddressRefused
from tests.components.webhooks.hostile_addresses import LITERALS, NAMES

PUBLIC = "93.184.215.14"


@dataclass
class Names:
    """A resolver; each look-up of a name takes the next of its answers, the last one for ever."""

    answers: dict[str, list[Sequence[str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, name: str) -> Sequence[str]:
        self.asked.append(name)
        answers = self.answers.get(name, [[]])
        return answers.pop(0) if len(answers) > 1 else answers[0]


class Connections(httpcore.AsyncNetworkBackend):
    """Notes every address that somebody wants to connect to; none answers but those in ``up``."""

    def __init__(self, up: Iterable[str] = ()) -> None:
        self.made: list[tuple[str, int]] = []
        self.up = set(up)

    async def connect_tcp(self, host: str, port: int, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.made.append((host, port))
        if host not in self.up:
            raise httpcore.ConnectError("nothing listens")
        return httpcore.AsyncMockStream([b"HTTP/1.1 204 No Content\r\n\r\n"])

    async def connect_unix_socket(self, path: str, *_: Any, **__: Any) -> httpcore.AsyncNetworkStream:
        self.made.append((path, 0))
        raise httpcore.ConnectError("nothing listens")


async def attempt(url: str, names: Names, connections: Connections, **rules: Any) -> str | None:
    """The code of the failure."""
    sender = WebhookSender(TargetAddresses(resolve=names, **rules), connections=connections)
    refusal = await sender(url, {}, "{}")
    await sender.close()
    return refusal.failure.code if refusal else None


@pytest.mark.parametrize("url", LITERALS, ids=str.__repr__)
async def test_a_hostile_address_is_refused_without_a_look_up_or_a_connection(url: str) -> None:
    names, connections = Names({}), Connections()
    with pytest.raises(AddressRefused):
        await TargetAddresses(resolve=names)(url)

    assert await attempt(url, names, connections) == "WEBHOOK_ADDRESS_REFUSED"
    assert (connections.made, names.asked) == ([], [])


@pytest.mark.parametrize("name", NAMES)
async def test_a_name_that_leads_inside_is_refused_without_a_connection(name: str) -> None:
    names, connections = Names({name: [NAMES[name]]}), Connections()
    with pytest.raises(AddressRefused):
        await TargetAddresses(resolve=names)(f"https://{name}/")

    assert await attempt(f"https://{name}/", names, connections) == "WEBHOOK_ADDRESS_REFUSED"
    assert (connections.made, names.asked) == ([], [name, name])


def test_there_are_more_than_forty_of_them() -> None:
    assert len(LITERALS) + len(NAMES) >= 80


async def test_what_a_name_leads_to_cannot_be_learnt_from_the_refusal() -> None:
    """An address inside, none at all, a resolver that fails: the same words, or our network could be mapped."""
    refusals = set()
    for answer in (["10.0.0.1"], ["127.0.0.1"], [], ["no address"]):
        with pytest.raises(AddressRefused) as refused:
            await TargetAddresses(resolve=Names({"name.example": [answer]}))("https://name.example/")
        refusals.add(str(refused.value))
    assert len(refusals) == 1


async def test_a_name_that_means_something_else_a_moment_later_is_not_followed() -> None:
    """DNS rebinding: public when it is checked, loopback when it is connected to. The connection looks up once, checks
    that answer, and goes to it, not to the name."""
    names, connections = Names({"rebind.example": [[PUBLIC], ["127.0.0.1"]]}), Connections()
    await TargetAddresses(resolve=names)("https://rebind.example/")
    assert await attempt("https://rebind.example/", names, connections) == "WEBHOOK_ADDRESS_REFUSED"
    assert connections.made == []


async def test_the_connection_goes_to_the_address_that_was_checked_and_never_to_the_name() -> None:
    names, connections = Names({"hooks.example": [[PUBLIC], ["10.0.0.1"]]}), Connections()
    assert await attempt("https://hooks.example/octopus?key=1", names, connections) == "WEBHOOK_UNREACHABLE"
    assert (connections.made, names.asked) == ([(PUBLIC, 443)], ["hooks.example"])


async def test_of_several_addresses_the_next_one_is_tried() -> None:
    names = Names({"hooks.example": [["2606:2800:21f::1", "8.8.4.4", "8.8.8.8", "9.9.9.9"]]})
    connections = Connections()
    assert await attempt("https://hooks.example/", names, connections) == "WEBHOOK_UNREACHABLE"
    assert connections.made == [("2606:2800:21f::1", 443), ("8.8.4.4", 443), ("8.8.8.8", 443)]


@pytest.mark.parametrize(
    ("url", "host", "port", "authority"),
    [
        ("https://hooks.example", "hooks.example", 443, "hooks.example"),
        ("HTTPS://Hooks.Example:443/a?b=c&d=%20", "hooks.example", 443, "hooks.example"),
        ("https://hooks.example:8443/a", "hooks.example", 8443, "hooks.example:8443"),
        ("https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443, "xn--bcher-kva.example"),
        (f"https://{PUBLIC}/", PUBLIC, 443, PUBLIC),
        ("https://[2606:2800:21f:CB07::1]/", "2606:2800:21f:cb07::1", 443, "[2606:2800:21f:cb07::1]"),
    ],
)
async def test_public_addresses_are_accepted_as_they_are_written(
    url: str, host: str, port: int, authority: str
) -> None:
    addresses = TargetAddresses(ports=frozenset({443, 8443}), resolve=Names({host: [[PUBLIC]]}))
    await addresses(url)
    destination = addresses.destination(url)
    assert (destination.host, destination.port, destination.authority) == (host, port, authority)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8080/", "http://localhost:3000/hooks", "http://[::1]:9000/", "https://127.0.0.1:8443/"]
)
async def test_this_machine_is_accepted_only_where_development_is_set(url: str) -> None:
    await TargetAddresses(allow_loopback=True)(url)
    with pytest.raises(AddressRefused):
        await TargetAddresses()(url)


@pytest.mark.parametrize(
    "url", [url for url, why in LITERALS.items() if "loopback" not in why and why != "this machine by name"]
)
async def test_development_opens_nothing_but_this_machine(url: str) -> None:
    with pytest.raises(AddressRefused):
        await TargetAddresses(allow_loopback=True, resolve=Names({}))(url)


@pytest.mark.parametrize(
    "url", ["https://[::ffff:127.0.0.1]/", "https://0x7f000001/", "https://127.1/", "https://loopback.example/"]
)
async def test_development_does_not_open_loopback_in_disguise(url: str) -> None:
    with pytest.raises(AddressRefused):
        await TargetAddresses(allow_loopback=True, resolve=Names({"loopback.example": [["127.0.0.1"]]}))(url)


async def test_the_name_of_this_machine_is_not_looked_up() -> None:
    names = Names({"localhost": [["10.0.0.1"]]})
    found = await TargetAddresses(allow_loopback=True, resolve=names).checked("localhost")
    assert ([str(address) for address in found], names.asked) == (["127.0.0.1", "::1"], [])
