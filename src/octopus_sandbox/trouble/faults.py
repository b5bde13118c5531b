"""Answers that go wrong on purpose: the next so many calls, or for a span of the sandbox's time."""

import dataclasses
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypedDict, Unpack

from octopus_sandbox.answers.answer import JSON_TYPE
from octopus_sandbox.answers.wire import Json
from octopus_sandbox.clock import Clock


class FaultKind(StrEnum):
    # another answer instead of the sound one
    STATUS = "status"  # `status` with `body`
    HTML = "html"  # a page where JSON was due, under `status` or 200
    EMPTY = "empty"  # 200 without a body
    NO_CONTENT = "no-content"  # 204
    NOT_FOUND = "not-found"  # 404 although there are rows
    EMPTY_LIST = "empty-list"  # 200 and the operation's arrays, with nothing in them
    ERROR_OBJECT = "error-object"  # 200 with an error of `code` as its document
    REFUSED = "refused"  # 403, no access
    DAY_LIMIT = "day-limit"  # `status` (429) with a text that speaks of the day
    INVALID_CLIENT = "invalid-client"  # the token address does not know the software house
    # the sound answer, spoiled
    INVALID_JSON = "invalid-json"
    FEWER_ELEMENTS = "fewer-elements"  # valid JSON, the last half of the elements missing (or all but `at`)
    FIELD_MISSING = "field-missing"  # `field` is taken out of the elements
    FIELD_MISTYPED = "field-mistyped"  # `field` becomes {"unexpected": true}
    FIELD_VALUE = "field-value"  # `field` becomes `value`
    BAD_BYTE = "bad-byte"  # `field` becomes a text with a byte that is no UTF-8
    UNKNOWN_JOURNAL_TYPE = "unknown-journal-type"  # ledger lines come with journal type 6
    # the sound answer, on a bad connection
    TRUNCATED = "truncated"  # the connection ends after `at` bytes of the body
    RESET = "reset"  # the connection is reset before the answer
    DELAY = "delay"  # `seconds` before the answer
    SLOW = "slow"  # `seconds` in the middle of the body
    DRIP = "drip"  # `at` bytes at a time (or a twentieth), `seconds` between them
    HANG = "hang"  # no answer until the caller gives up
    # the sound answer, to a caller whose token has gone
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - the token counts as expired from this call on


INSTEAD = frozenset(
    {
        FaultKind.STATUS,
        FaultKind.HTML,
        FaultKind.EMPTY,
        FaultKind.NO_CONTENT,
        FaultKind.NOT_FOUND,
        FaultKind.EMPTY_LIST,
        FaultKind.ERROR_OBJECT,
        FaultKind.REFUSED,
        FaultKind.DAY_LIMIT,
        FaultKind.INVALID_CLIENT,
    }
)
"""Kinds that need no sound answer: with `reached=False`, Octopus does not even learn of the call."""


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong; each kind looks at the fields it needs."""

    kind: FaultKind
    status: int = 500
    body: str = ""
    media_type: str = JSON_TYPE
    at: int = 0
    seconds: float = 0.0
    field: str = ""
    value: Json = None
    where: Mapping[str, Json] = dataclasses.field(default_factory=dict[str, Json])
    """Only elements with these properties are spoiled."""
    code: int = -51
    """errorCode of an error object."""
    retry_after: str = ""
    """The header as it is sent, nonsense included."""
    retry_date: float | None = None
    """So many seconds from the answer's moment, sent as a date in Retry-After."""
    reached: bool = True
    """Whether Octopus did what was asked before its answer went wrong: counted the call, used up the code, rotated."""


class FaultFields(TypedDict, total=False):
    """The fields of a `Fault` but its kind."""

    status: int
    body: str
    media_type: str
    at: int
    seconds: float
    field: str
    value: Json
    where: Mapping[str, Json]
    code: int
    retry_after: str
    retry_date: float | None
    reached: bool


class Whom(TypedDict, total=False):
    """Whose calls a trouble is meant for; what is not named is any."""

    dossier: int | None
    bookyear: int | None
    """The one that the address or the query names; -1 is a call for all."""
    login: str | None
    but: Collection[str]
    """Operations that are spared."""


class Trouble(FaultFields, Whom, total=False):
    """Everything that can be said of a trouble but its operations and its kind."""


@dataclass(slots=True)
class _Waiting:
    """A fault with the calls that it meets."""

    fault: Fault
    operations: frozenset[str]
    """Empty: any."""
    whom: Whom
    begin: datetime
    end: datetime | None
    times: int | None

    def meets(self, operation: str, now: datetime, asked: Whom) -> bool:
        if self.end is not None and now >= self.end:
            self.times = 0
        if now < self.begin or self.times == 0 or operation in self.whom.get("but", ()):
            return False
        if self.operations and operation not in self.operations:
            return False
        return (
            self.whom.get("dossier") in (None, asked.get("dossier"))
            and self.whom.get("bookyear") in (None, asked.get("bookyear"))
            and self.whom.get("login") in (None, asked.get("login"))
        )


class Faults:
    """What will go wrong next, by operationId ("*" is any; "token" and "authorize" are the OAuth addresses)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: list[_Waiting] = []
        self._lock = threading.Lock()

    def next(
        self,
        operation: str | Collection[str],
        times: int = 1,
        *,
        kind: FaultKind | str = FaultKind.STATUS,
        **trouble: Unpack[Trouble],
    ) -> None:
        """Let the next `times` calls of an operation, or of some, go wrong."""
        self._await(operation, FaultKind(kind), trouble, self._clock.unskewed(), None, times)

    def during(
        self,
        operation: str | Collection[str],
        span: timedelta,
        *,
        kind: FaultKind | str = FaultKind.STATUS,
        after: timedelta = timedelta(),
        times: int | None = None,
        **trouble: Unpack[Trouble],
    ) -> None:
        """Let all calls go wrong that come within a span of the sandbox's time, which begins `after` so long.

        With `times` at most so many of them.
        """
        begin = self._clock.unskewed() + after
        self._await(operation, FaultKind(kind), trouble, begin, begin + span, times)

    def take(
        self, operation: str, dossier: int | None = None, *, bookyear: int | None = None, login: str | None = None
    ) -> Fault | None:
        """The fault that meets a call, which is then used up; one for this operation before one for any."""
        asked = Whom(dossier=dossier, bookyear=bookyear, login=login)
        with self._lock:
            now = self._clock.unskewed()
            meeting = [waiting for waiting in self._waiting if waiting.meets(operation, now, asked)]
            chosen = next((waiting for waiting in meeting if waiting.operations), next(iter(meeting), None))
            if chosen is not None and chosen.times is not None:
                chosen.times -= 1
            self._waiting = [waiting for waiting in self._waiting if waiting.times != 0]
        return chosen.fault if chosen else None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()

    @property
    def waiting(self) -> int:
        """How many troubles have not ended."""
        now = self._clock.unskewed()
        return sum(1 for waiting in self._waiting if waiting.end is None or now < waiting.end)

    def _await(
        self,
        operation: str | Collection[str],
        kind: FaultKind,
        trouble: Trouble,
        begin: datetime,
        end: datetime | None,
        times: int | None,
    ) -> None:
        named = {operation} if isinstance(operation, str) else set(operation)
        whom = Whom(**{name: value for name, value in trouble.items() if name in Whom.__annotations__})  # type: ignore[typeddict-item]  # its own names
        fields = {name: value for name, value in trouble.items() if name not in Whom.__annotations__}
        fault = Fault(kind, **fields)  # type: ignore[arg-type]  # what is left of Trouble are the fields of a Fault
        with self._lock:
            self._waiting.append(_Waiting(fault, frozenset(named - {"*"}), whom, begin, end, times))
