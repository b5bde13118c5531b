"""Answers that go wrong on purpose, the next so many times an operation is called."""

import threading
from dataclasses import dataclass
from enum import StrEnum

from octopus_sandbox.answers.answer import JSON_TYPE, Answer
from octopus_sandbox.answers.spool import Content
from octopus_sandbox.trouble.json_defects import dropped, mistyped, relabelled, shortened


class FaultKind(StrEnum):
    STATUS = "status"  # `status` with `body`
    HTML = "html"  # a page where JSON was due
    INVALID_JSON = "invalid-json"
    TRUNCATED = "truncated"  # the connection ends after `at` bytes of the body
    FEWER_ELEMENTS = "fewer-elements"  # valid JSON, the last half of the elements missing (or all but `at`)
    RESET = "reset"  # the connection is reset before the answer
    DELAY = "delay"  # `seconds` before the answer
    SLOW = "slow"  # `seconds` in the middle of the body
    EMPTY = "empty"  # 200 without a body
    FIELD_MISSING = "field-missing"  # `field` is taken out of the elements
    FIELD_MISTYPED = "field-mistyped"  # `field` becomes {"unexpected": true}
    UNKNOWN_JOURNAL_TYPE = "unknown-journal-type"  # ledger lines come with journal type 6
    TOKEN_EXPIRED = "token-expired"  # noqa: S105 - the token counts as expired from this call on
    NOT_FOUND = "not-found"  # 404 although there are rows


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
    dossier: int | None = None
    """Only for this dossier."""


class Faults:
    """What will go wrong next, by operationId ("*" is any; "token" and "authorize" are the OAuth addresses)."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = {}
        self._lock = threading.Lock()

    def next(
        self,
        operation: str,
        times: int = 1,
        *,
        kind: FaultKind | str = FaultKind.STATUS,
        status: int = 500,
        body: str = "",
        media_type: str = JSON_TYPE,
        at: int = 0,
        seconds: float = 0.0,
        field: str = "",
        dossier: int | None = None,
    ) -> None:
        """Let the next `times` calls of an operation go wrong."""
        fault = Fault(FaultKind(kind), status, body, media_type, at, seconds, field, dossier)
        with self._lock:
            self._waiting.setdefault(operation, []).extend([fault] * times)

    def take(self, operation: str, dossier: int | None = None) -> Fault | None:
        """The fault for a call, which is then used up."""
        with self._lock:
            for name in (operation, "*"):
                waiting = self._waiting.get(name, [])
                for position, fault in enumerate(waiting):
                    if fault.dossier in (None, dossier):
                        return waiting.pop(position)
        return None

    def clear(self) -> None:
        with self._lock:
            self._waiting.clear()


_PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"


def spoiled(fault: Fault, answer: Answer) -> Answer:
    """The answer that a fault makes of a sound one; faults of the connection leave it as it is."""
    match fault.kind:
        case FaultKind.STATUS:
            return Answer(fault.status, Content(fault.body.encode()), fault.media_type if fault.body else None)
        case FaultKind.HTML:
            return Answer(fault.status if fault.status != 500 else 200, Content(_PAGE), "text/html")
        case FaultKind.INVALID_JSON:
            return Answer(200, Content(answer.content.whole()[:-2] + b",,}"))
        case FaultKind.EMPTY:
            return Answer(200, Content(b""))
        case FaultKind.NOT_FOUND:
            return Answer(404, Content(b'{"technicalInfo":"No rows found"}'))
        case FaultKind.FEWER_ELEMENTS:
            return Answer(answer.status, Content(shortened(answer.content.whole(), fault.at)))
        case FaultKind.FIELD_MISSING:
            return Answer(answer.status, Content(dropped(answer.content.whole(), fault.field)))
        case FaultKind.FIELD_MISTYPED:
            return Answer(answer.status, Content(mistyped(answer.content.whole(), fault.field)))
        case FaultKind.UNKNOWN_JOURNAL_TYPE:
            return Answer(answer.status, Content(relabelled(answer.content.whole(), "journalType", 6)))
        case FaultKind.TRUNCATED | FaultKind.RESET | FaultKind.DELAY | FaultKind.SLOW | FaultKind.TOKEN_EXPIRED:
            return answer
