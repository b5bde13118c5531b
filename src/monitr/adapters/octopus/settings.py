"""Where Octopus is and how it is asked. Every address is configurable: the token address is inferred (octopus.md
1.2)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OctopusSettings:
    """Times are in seconds. ``client_id`` is the software house id; without one nothing can be asked."""

    redirect_uri: str
    api_url: str
    authorize_url: str
    token_url: str
    issuer: str | None = None
    """As the callback's ``iss`` has to name it (RFC 9207); None where that is not known (octopus.md 1.2)."""
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    pkce: bool = True
    daily_limits: bool = True
    locale: int = 0
    """The language of journal names and error texts; 0 is the dossier's own (octopus.md 1.3)."""
    connect_timeout: float = 10.0
    read_timeout: float = 180.0
    """Between two pieces of an answer; a user in production needed 180 (octopus.md 3.3)."""
    attempts: int = 6
    """At one answer at most, the first included; most operations allow fewer (``retries.py``)."""
