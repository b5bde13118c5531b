"""What it means when Octopus does not answer 200 (octopus.md 1.4, 3.1)."""

import re
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from monitr.adapters.octopus.answers.wire import ErrorResult
from monitr.domain.words.sentence import Sentence

TOO_MANY_CONNECTIONS = -51
NO_ACCESS = -3
DISABLED = -5
UNKNOWN_SOFTWARE_HOUSE = -68

_LIMIT = re.compile(
    r"""\b(daily|per\ day|a\ day|quota|rate.?limit|call\ limit|limit\ (of|exceeded|reached)|maximum|
    too\ many\ (calls|requests)|exceed(s|ed)|
    dag(elijkse?)?limiet|limiet|per\ dag|dagelijkse?|maximaal|overschreden|
    par\ jour|quotidien(ne)?|journalière?|limite|d[ée]pass[ée]e?|
    pro\ Tag|t[äa]gliche[rsn]?|[üu]berschritten)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DAY = re.compile(
    r"""\b(daily|per\ day|a\ day|today|tomorrow|24\ ?h(ours)?|
    dag(elijkse?)?limiet|per\ dag|dagelijkse?|vandaag|morgen|24\ uur|
    par\ jour|quotidien(ne)?|journali(er|ère)|aujourd.hui|demain|24\ heures|
    pro\ Tag|t[äa]gliche[rsn]?|heute|24\ Stunden)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_DISABLED = re.compile(r"disabled|deactivat|uitgeschakeld|gedeactiveerd|désactivé|deaktiviert", re.IGNORECASE)
_WEBSERVICE = re.compile(r"web.?service", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer other than 2xx, or an error object under 200. ``text`` can name user and address: it is for
    recognising, never for showing."""

    status: int
    code: int | None
    text: str
    is_empty: bool
    wait: timedelta | None = None
    """What it asks for (``Retry-After``)."""

    def __repr__(self) -> str:
        return f"Refusal(status={self.status}, code={self.code})"

    @classmethod
    def of(cls, status: int, body: bytes) -> "Refusal":
        try:
            error = msgspec.json.decode(body, type=ErrorResult)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return cls(status, None, body.decode(errors="replace"), not body.strip())
        texts = (error.error_message, error.technical_info)
        return cls(status, error.error_code, " ".join(text for text in texts if text), is_empty=False)

    @property
    def is_under_200(self) -> bool:
        return self.status < 300

    @property
    def says_nothing(self) -> bool:
        return self.code is None and not self.text

    @property
    def is_transient(self) -> bool:
        busy = self.code == TOO_MANY_CONNECTIONS and not self.is_quota
        return self.status >= 500 or self.status == 408 or busy

    @property
    def is_quota(self) -> bool:
        """No more today: a limit, and it speaks of the day."""
        return self._is_limit and _DAY.search(self.text) is not None

    @property
    def is_throttle(self) -> bool:
        """A limit, and it may pass."""
        return self._is_limit and not self.is_quota

    @property
    def _is_limit(self) -> bool:
        """Nobody has recorded what is answered over the maximum: 429, or 403 or 400 that speaks of a limit."""
        may_be = self.status in (400, 403) or self.is_under_200
        return self.status == 429 or (may_be and _LIMIT.search(self.text) is not None)

    @property
    def is_no_access(self) -> bool:
        """No right to what was asked for; on connecting, to the dossier."""
        may_be = self.status == 400 or self.is_under_200
        return self.status == 403 or (may_be and self.code in (NO_ACCESS, DISABLED))

    @property
    def reason(self) -> Sentence:
        """Why a dossier cannot be opened, for the user."""
        if self.code == DISABLED or _DISABLED.search(self.text):
            return Sentence.of("dossier.DISABLED")
        if _WEBSERVICE.search(self.text):
            return Sentence.of("dossier.NO_WEBSERVICE_MODULE")
        return Sentence.of("dossier.NO_ACCESS")

    @property
    def summary(self) -> str:
        """Safe to log and to show."""
        return f"{self.status}" if self.code is None else f"{self.status} (error {self.code})"
