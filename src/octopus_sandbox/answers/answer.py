"""What an operation answers, and the errors of Octopus (octopus.md 1.4)."""

from collections.abc import Sequence
from dataclasses import dataclass

from octopus_sandbox.answers.spool import Content
from octopus_sandbox.answers.wire import Element, Json, Spelling, encoded

INVALID_PARAMETERS = "Invalid or missing parameters passed"
JSON_TYPE = "application/json"
_LIMIT = "The maximum number of calls per day has been exceeded for this operation"
_TEXTS = {
    -2: ("Niet aangemeld", "Non authentifié", "Not authenticated"),
    -3: ("Geen toegang tot dit dossier", "Pas d'accès à ce dossier", "No access to this dossier"),
    -4: ("Onbekend dossier", "Dossier inconnu", "Unknown dossier"),
    -5: ("Dit dossier is gedeactiveerd", "Ce dossier est désactivé", "This dossier is disabled"),
    -9: ("Onbekend boekjaar", "Exercice inconnu", "Unknown bookyear"),
    -10: ("Onbekend dagboek", "Journal inconnu", "Unknown journal"),
    -51: ("Te veel oproepen", "Trop d'appels", "Too many calls"),
    -79: ("Ongeldige parameter", "Paramètre non valable", "Invalid parameter"),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A status with a body, ready to be sent."""

    status: int
    content: Content
    media_type: str | None = JSON_TYPE
    headers: tuple[tuple[str, str], ...] = ()
    """Those beside Content-Type, Content-Length and Date."""


class Refused(Exception):
    """An operation ends with an error answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class BadParameter(Exception):
    """A parameter is missing or has the wrong type."""


def ok(value: Json, *, sort: bool = True) -> Answer:
    return Answer(200, Content(encoded(value, sort=sort)))


def array(elements: Sequence[Element], spelling: Spelling, empty: Answer) -> Answer:
    """An array, or the answer for an empty one."""
    return Answer(200, Content(spelling.array(elements))) if elements else empty


def bad_request() -> Answer:
    return Answer(400, Content(encoded({"technicalInfo": INVALID_PARAMETERS})))


def failure(status: int, code: int, technical: str, locale: int = 1) -> Answer:
    """An ErrorResult with code and texts."""
    nl, fr, en = _TEXTS[code]
    message = {2: fr, 3: en}.get(locale, nl)
    body = {"errorCode": code, "errorMessage": message, "technicalInfo": technical}
    return Answer(status, Content(encoded(body)))


def unusable_body() -> Answer:
    """The 500 of the reports, which has no body (octopus.md 8.4)."""
    return Answer(500, Content(b""), None)


def over_the_limit(status: int) -> Answer:
    """What a call over the daily maximum gets; nobody knows the real one (octopus.md 3.1)."""
    if status == 403:
        return failure(403, -51, _LIMIT)
    return Answer(status, Content(encoded({"technicalInfo": _LIMIT})))
