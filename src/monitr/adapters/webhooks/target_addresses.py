"""Where webhooks may be sent: server-side request forgery ends here.

A user names an address that this server then connects to, from inside our network. So the address is taken apart by
strict rules of our own, which leave no room for another reading of it; a name is resolved by us; every address that it
has must be public; and the connection is made to exactly that address (``sending.py``), so that a name cannot mean
something else a moment later (DNS rebinding).
"""

import asyncio
import re
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address, IPv6Address, ip_address

from monitr.adapters.webhooks.public_addresses import Address, is_loopback, is_public
from monitr.application.webhooks.ports import AddressRefused
from monitr.domain.words.sentence import Sentence

HTTPS_PORT = 443
LONGEST_URL = 2000
_LONGEST_NAME = 253
_DEFAULT_PORTS = {"https": HTTPS_PORT, "http": 80}

# ASCII, without what parsers read differently: no user name, no backslash, no fragment, no percent in the host.
_URL = re.compile(
    r"(?P<scheme>[A-Za-z]+)://(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>(?:/[!$-;=?-\[\]_a-z~]*)?)",
    re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)
# A last label that a resolver may take for a number makes the whole an IPv4 address: 127.1, 0x7f.1, 017700000001.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)

Resolve = Callable[[str], Awaitable[Sequence[str]]]
"""All addresses of a name, IPv4 and IPv6. Raises OSError where there are none."""


async def resolve(name: str) -> Sequence[str]:
    """By the system's resolver, the name being complete: no search domain of ours is tried behind it."""
    found = await asyncio.get_running_loop().getaddrinfo(f"{name}.", None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


@dataclass(frozen=True, slots=True)
class Destination:
    """``host`` is a name in lower case or an address without brackets; ``authority`` is what the Host header says;
    ``target`` is path and query."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class TargetAddresses:
    """``allow_loopback`` is for development: this machine may be a target then, over http too and on any port, where
    the address says so itself (localhost, 127.0.0.1, [::1]); a name that resolves to it stays refused."""

    allow_loopback: bool = False
    ports: frozenset[int] = frozenset({HTTPS_PORT})
    resolve: Resolve = resolve

    async def __call__(self, url: str) -> None:
        """The port ``CheckAddress``. Raises AddressRefused."""
        await self.checked(self.destination(url).host)

    def destination(self, url: str) -> Destination:
        """The parts of an address that webhooks may be sent to, as far as it says so itself. Raises AddressRefused."""
        match = _URL.fullmatch(url)
        if match is None or len(url) > LONGEST_URL:
            raise AddressRefused(Sentence.of("address.WRONG_FORM"))
        scheme, host = match["scheme"].lower(), _host(match["host"].lower())
        if scheme not in _DEFAULT_PORTS:
            raise AddressRefused(Sentence.of("address.NOT_HTTPS"))
        port = int(match["port"] or _DEFAULT_PORTS[scheme])
        if not (self.allow_loopback and _names_this_machine(host)):
            if scheme != "https":
                raise AddressRefused(Sentence.of("address.NOT_HTTPS"))
            if port not in self.ports:
                allowed = ", ".join(str(number) for number in sorted(self.ports))
                raise AddressRefused(Sentence.of("address.OTHER_PORT", ports=allowed))
        return Destination(scheme, host, port, match["target"] if match["target"][:1] == "/" else "/")

    async def checked(self, host: str) -> list[Address]:
        """The addresses to connect to, each of which is allowed. Raises AddressRefused."""
        if self.allow_loopback and host == "localhost":
            return [IPv4Address("127.0.0.1"), IPv6Address("::1")]
        literal = _literal(host)
        if literal is not None:
            if is_public(literal) or (self.allow_loopback and is_loopback(literal)):
                return [literal]
            raise AddressRefused(Sentence.of("address.NOT_PUBLIC"))
        if "." not in host:  # a name of this machine, or of our own network
            raise AddressRefused(Sentence.of("address.NO_NAME"))
        try:
            addresses = [ip_address(text) for text in await self.resolve(host)]
        except (OSError, ValueError):  # ValueError: an address with a zone, or no address
            addresses = []
        if not addresses or not all(is_public(address) for address in addresses):
            raise AddressRefused(Sentence.of("address.LEADS_NOWHERE"))
        return addresses


def _host(text: str) -> str:
    """A name, or an address in its one canonical spelling. Raises AddressRefused."""
    if text.startswith("["):
        try:
            return str(IPv6Address(text[1:-1]))
        except AddressValueError:
            raise AddressRefused(Sentence.of("address.NO_IPV6")) from None
    labels = text.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        try:
            return str(IPv4Address(text))  # four decimal numbers without leading zeros, nothing else
        except AddressValueError:
            raise AddressRefused(Sentence.of("address.NO_IPV4")) from None
    if len(text) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused(Sentence.of("address.NO_NAME"))
    return text


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _names_this_machine(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and is_loopback(literal))
