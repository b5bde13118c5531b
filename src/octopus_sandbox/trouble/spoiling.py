"""What a fault makes of a sound answer."""

from datetime import timedelta

from octopus_sandbox.answers.answer import Answer, failure, over_the_limit
from octopus_sandbox.answers.nothing import empty_document
from octopus_sandbox.answers.spool import Content
from octopus_sandbox.answers.timestamps import http_date
from octopus_sandbox.answers.wire import encoded
from octopus_sandbox.clock import Clock
from octopus_sandbox.trouble.faults import Fault, FaultKind
from octopus_sandbox.trouble.json_defects import bad_byte, dropped, mistyped, relabelled, shortened

_PAGE = b"<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway</h1></body></html>"
_OF_ELEMENTS = frozenset(
    {
        FaultKind.FEWER_ELEMENTS,
        FaultKind.FIELD_MISSING,
        FaultKind.FIELD_MISTYPED,
        FaultKind.FIELD_VALUE,
        FaultKind.BAD_BYTE,
        FaultKind.UNKNOWN_JOURNAL_TYPE,
    }
)


def spoiled(fault: Fault, answer: Answer, operation: str, clock: Clock) -> Answer:
    """The answer that a fault makes of a sound one; faults of the connection leave it as it is."""
    retry_after = _retry_after(fault, clock)
    made = _made(fault, answer, operation)
    return Answer(made.status, made.content, made.media_type, retry_after) if retry_after else made


def _made(fault: Fault, answer: Answer, operation: str) -> Answer:
    if fault.kind in _OF_ELEMENTS and not answer.content.whole().startswith((b"[", b"{")):
        return answer  # "nothing" without a document: there is no element to spoil
    match fault.kind:
        case FaultKind.STATUS:
            return Answer(fault.status, Content(fault.body.encode()), fault.media_type if fault.body else None)
        case FaultKind.HTML:
            return Answer(fault.status if fault.status != 500 else 200, Content(_PAGE), "text/html")
        case FaultKind.EMPTY:
            return Answer(200, Content(b""))
        case FaultKind.NO_CONTENT:
            return Answer(204, Content(b""), None)
        case FaultKind.NOT_FOUND:
            return Answer(404, Content(b'{"technicalInfo":"No rows found"}'))
        case FaultKind.EMPTY_LIST:
            return empty_document(operation)
        case FaultKind.ERROR_OBJECT:
            return failure(200, fault.code, "An error occurred")
        case FaultKind.REFUSED:
            return failure(403, -3, "No access to the data asked for")
        case FaultKind.DAY_LIMIT:
            return over_the_limit(fault.status if fault.status != 500 else 429)
        case FaultKind.INVALID_CLIENT:
            return Answer(401, Content(encoded({"error": "invalid_client"})))
        case _:
            return _spoiled_content(fault, answer)


def _spoiled_content(fault: Fault, answer: Answer) -> Answer:
    match fault.kind:
        case FaultKind.INVALID_JSON:
            return Answer(200, Content(answer.content.whole()[:-2] + b",,}"))
        case FaultKind.FEWER_ELEMENTS:
            return _edited(answer, shortened(answer.content.whole(), fault.at))
        case FaultKind.FIELD_MISSING:
            return _edited(answer, dropped(answer.content.whole(), fault.field, fault.where))
        case FaultKind.FIELD_MISTYPED:
            return _edited(answer, mistyped(answer.content.whole(), fault.field, fault.where))
        case FaultKind.FIELD_VALUE:
            return _edited(answer, relabelled(answer.content.whole(), fault.field, fault.value, fault.where))
        case FaultKind.BAD_BYTE:
            return _edited(answer, bad_byte(answer.content.whole(), fault.field, fault.where))
        case FaultKind.UNKNOWN_JOURNAL_TYPE:
            return _edited(answer, relabelled(answer.content.whole(), "journalType", 6, {}))
        case _:
            return answer


def _edited(answer: Answer, body: bytes) -> Answer:
    return Answer(answer.status, Content(body))


def _retry_after(fault: Fault, clock: Clock) -> tuple[tuple[str, str], ...]:
    if fault.retry_date is not None:
        return (("Retry-After", http_date(clock.now() + timedelta(seconds=fault.retry_date))),)
    return (("Retry-After", fault.retry_after),) if fault.retry_after else ()
