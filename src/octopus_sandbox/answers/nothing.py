"""The answers that hold no rows: as an operation's document has them, and in every other form."""

from octopus_sandbox.answers.answer import Answer
from octopus_sandbox.answers.spool import Content
from octopus_sandbox.answers.wire import encoded
from octopus_sandbox.switches import Nothing

_PAGE = b"<!DOCTYPE html><html><head><title>404</title></head><body><h1>Not Found</h1></body></html>"
_CHANGES = b'{"deleted":[],"modified":[]}'
_DOCUMENTS = {
    "getModifiedAccountAmounts": _CHANGES,
    "getModifiedAccounts": _CHANGES,
    "getModifiedBalancingRelations": b'{"deletedBalancings":[],"modifiedBalancings":[]}',
    "getModifiedJournals": b'{"deletedJournalList":[],"modifiedJournalServiceDataList":[]}',
    "getModifiedRelations": _CHANGES,
    "getReportModifiedBooking": b'{"deletedBookings":[],"modifiedBookings":[]}',
}
"""By operationId; all other lists are plain arrays."""


def empty_document(operation: str) -> Answer:
    """What an operation would answer if it sent its arrays with nothing in them."""
    return Answer(200, Content(_DOCUMENTS.get(operation, b"[]")))


def nothing(operation: str, text: str, form: Nothing) -> Answer:
    """No rows, said in one of the forms; `text` is the vendor's for this operation."""
    match form:
        case Nothing.TECHNICAL_INFO:
            return Answer(404, Content(encoded({"technicalInfo": text})))
        case Nothing.CODE_AND_TEXTS:
            return Answer(404, Content(encoded({"errorCode": 0, "errorMessage": text, "technicalInfo": text})))
        case Nothing.TEXT:
            return Answer(404, Content(text.encode()), "text/plain")
        case Nothing.PAGE:
            return Answer(404, Content(_PAGE), "text/html")
        case Nothing.BARE:
            return Answer(404, Content(b""), None)
        case Nothing.NO_CONTENT:
            return Answer(204, Content(b""), None)
        case Nothing.EMPTY_BODY:
            return Answer(200, Content(b""))
        case Nothing.EMPTY_DOCUMENT:
            return empty_document(operation)
