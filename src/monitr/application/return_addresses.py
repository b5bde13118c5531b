"""Where a browser may be sent after an OAuth round: never anywhere else (RFC 9700, section 4.11, open redirectors)."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

_USUAL_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True)
class ReturnAddresses:
    """``home`` is PUBLIC_URL; ``origins`` are FRONTEND_ORIGINS (``https://app.example``, without a path)."""

    home: str
    origins: frozenset[str]

    def allowed(self, address: str | None) -> str | None:
        """The address to go to: ours where none is given, None where the given one is of no allowed origin."""
        if address is None:
            return self.home
        if any(character <= " " or character in '\\"<>' for character in address):
            return None
        try:
            parts = urlsplit(address)
        except ValueError:
            return None
        if not parts.scheme and not parts.netloc and address.startswith("/"):
            return None if address.startswith("//") else self.home.rstrip("/") + address
        origin = origin_of(address)
        return address if origin is not None and origin in map(origin_of, (self.home, *self.origins)) else None


def origin_of(address: str) -> str | None:
    """As browsers write it, without a port that is the usual one (RFC 6454, section 6.2). None where it is no web
    address, or one with user information, which no origin has."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        return None
    if parts.scheme not in _USUAL_PORTS or not host or "@" in parts.netloc:
        return None
    named = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{named}" + ("" if port in (None, _USUAL_PORTS[parts.scheme]) else f":{port}")


def with_query(address: str, **parameters: str) -> str:
    """The address with the parameters added to its query string."""
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(parameters)]))
    return urlunsplit(parts._replace(path=parts.path or "/", query=query))
