"""Codes and tokens with their lives: code 5 minutes, access and dossier token 10, refresh 60 days (octopus.md 1)."""

import base64
import binascii
import hmac
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random

from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import Rotation

CODE_LIFE = timedelta(minutes=5)
ACCESS_LIFE = timedelta(minutes=10)
REFRESH_LIFE = timedelta(days=60)
_MANY = 1_000
"""Above so many tokens, those that have ended are forgotten."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Who a token stands for and until when."""

    login: str
    until: datetime
    dossier: int | None = None
    locale: int = 0
    challenge: str | None = None
    redirect_uri: str = ""


class Tokens:
    """All tokens that are alive. They look like JWTs and mean nothing.

    Refresh tokens are signed, so that a sandbox that is started again knows those of the one before; what was revoked
    in that one is forgotten.
    """

    def __init__(self, clock: Clock, key: str) -> None:
        self._clock = clock
        self._key = key.encode()
        self._random = Random(f"{key} {clock.now().isoformat()}")
        self._dead: set[str] = set()
        self._revoked: dict[str, datetime] = {}
        self._codes: dict[str, Grant] = {}
        self._access: dict[str, Grant] = {}
        self._refresh: dict[str, Grant] = {}
        self._dossier: dict[str, Grant] = {}

    def drawn(self, length: int) -> str:
        """So many random bytes as text: the next of this sandbox, the same again for the same key, start and calls."""
        return base64.urlsafe_b64encode(self._random.randbytes(length)).decode().rstrip("=")

    def code(self, login: str, redirect_uri: str, challenge: str | None) -> str:
        code = self.drawn(32)
        until = self._clock.now() + CODE_LIFE
        self._codes[code] = Grant(login, until, challenge=challenge, redirect_uri=redirect_uri)
        return code

    def redeem(self, code: str) -> Grant | None:
        """The grant of a code, once."""
        return self._alive(self._codes.pop(code, None))

    def access(self, login: str) -> str:
        return self._issue(self._access, Grant(login, self._clock.now() + ACCESS_LIFE))

    def refresh(self, login: str) -> str:
        return self._issue(self._refresh, Grant(login, self._clock.now() + REFRESH_LIFE))

    def dossier(self, login: str, dossier: int, locale: int) -> str:
        return self._issue(self._dossier, Grant(login, self._clock.now() + ACCESS_LIFE, dossier, locale))

    def of_access(self, token: str) -> Grant | None:
        return self._alive(self._access.get(token))

    def of_refresh(self, token: str) -> Grant | None:
        return self._alive(self._refresh.get(token) or self._of_an_earlier_sandbox(token))

    def of_dossier(self, token: str) -> Grant | None:
        return self._alive(self._dossier.get(token))

    def rotated(self, token: str, rotation: Rotation) -> str | None:
        """The refresh token that the answer to a refresh holds; None where it holds none."""
        match rotation:
            case Rotation.NONE:
                return None
            case Rotation.SAME:
                return token
            case Rotation.KEEP_OLD:
                return self.refresh(self._login(token))
            case Rotation.INVALIDATE_OLD:
                login = self._login(token)
                self._dead.add(token)
                self._refresh.pop(token, None)
                return self.refresh(login)

    def revoke(self, login: str) -> None:
        """Nothing issued to a login works any more."""
        self._revoked[login] = self._clock.now()
        for held in (self._codes, self._access, self._refresh, self._dossier):
            for token in [token for token, grant in held.items() if grant.login == login]:
                del held[token]
                self._dead.add(token)

    def expire(self, *, refresh: bool = False) -> None:
        """Access and dossier tokens expire now, refresh tokens too where asked."""
        past = self._clock.now() - timedelta(seconds=1)
        for held in (self._access, self._dossier, *([self._refresh] if refresh else [])):
            for token, grant in held.items():
                held[token] = replace(grant, until=past)

    def end_dossier(self, dossier: int, login: str | None = None) -> None:
        """The tokens of one dossier stop working, or only those of a login."""
        self._dossier = {
            token: grant
            for token, grant in self._dossier.items()
            if grant.dossier != dossier or login not in (None, grant.login)
        }

    def _issue(self, held: dict[str, Grant], grant: Grant) -> str:
        claims = {
            "exp": int(grant.until.timestamp()),
            "iat": self._clock.now().timestamp(),
            "sub": grant.login,
            "dossier": grant.dossier,
            "use": "refresh" if held is self._refresh else "",
            "jti": self.drawn(8),
        }
        if held is not self._refresh and len(held) > _MANY:
            for old in [old for old, known in held.items() if self._alive(known) is None]:
                del held[old]
        body = ".".join(_encoded(json.dumps(part).encode()) for part in ({"alg": "HS256"}, claims))
        token = f"{body}.{self._signature(body)}"
        held[token] = grant
        return token

    def _signature(self, body: str) -> str:
        return _encoded(hmac.digest(self._key, body.encode(), "sha256"))

    def _of_an_earlier_sandbox(self, token: str) -> Grant | None:
        body, _, signature = token.rpartition(".")
        if token in self._dead or not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            return None
        try:
            claims = json.loads(base64.urlsafe_b64decode(body.partition(".")[2] + "=="))
        except (ValueError, binascii.Error):
            return None
        revoked = self._revoked.get(claims["sub"])
        if claims["use"] != "refresh" or (revoked is not None and claims["iat"] <= revoked.timestamp()):
            return None
        return Grant(claims["sub"], datetime.fromtimestamp(claims["exp"], UTC))

    def _login(self, token: str) -> str:
        grant = self.of_refresh(token)
        if grant is None:
            raise KeyError("no refresh token that is alive")
        return grant.login

    def _alive(self, grant: Grant | None) -> Grant | None:
        return grant if grant is not None and self._clock.now() < grant.until else None


def _encoded(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
