"""Where a browser may be sent after an OAuth round: never anywhere else (RFC 9700, section 4.11, open redirectors)."""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit


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
            origin = f"{parts.scheme}://{parts.netloc}".lower()  # with the user information, which no origin has
        except ValueError:
            return None
        if not parts.scheme and not parts.netloc and address.startswith("/"):
            return None if address.startswith("//") else self.home.rstrip("/") + address
        allowed = {self._origin(self.home), *(self._origin(origin) for origin in self.origins)}
        return address if origin in allowed else None

    @staticmethod
    def _origin(address: str) -> str:
        parts = urlsplit(address)
        return f"{parts.scheme}://{parts.netloc}".lower()


def with_query(address: str, **parameters: str) -> str:
    """The address with the parameters added to its query string."""
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(parameters)]))
    return urlunsplit(parts._replace(path=parts.path or "/", query=query))
