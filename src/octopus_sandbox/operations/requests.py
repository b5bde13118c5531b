"""What an operation knows of the request it answers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from octopus_sandbox.answers.answer import Answer, BadParameter, Refused, failure, unusable_body
from octopus_sandbox.answers.nothing import nothing
from octopus_sandbox.answers.timestamps import Span, span
from octopus_sandbox.answers.wire import Json, Spelling
from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.oauth.tokens import Grant
from octopus_sandbox.sandbox import Sandbox

_INT32 = 2**31


@dataclass(frozen=True)
class DossierRequest:
    """A request to one dossier whose token was found good."""

    operation: str
    """Its operationId."""
    sandbox: Sandbox
    books: Books
    grant: Grant
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes

    @cached_property
    def spelling(self) -> Spelling:
        return Spelling(self.sandbox.switches)

    @property
    def locale(self) -> int:
        """The language of the session; 0 is the dossier's own."""
        return self.grant.locale or {"fr": 2}.get(self.books.card.language, 1)

    def nothing(self, text: str) -> Answer:
        """The answer of an operation without rows."""
        return nothing(self.operation, text, self.sandbox.switches.nothing)

    def integer(self, name: str) -> int:
        """A required integer of path or query."""
        return integer(self.path.get(name, self.query.get(name)))

    def optional_integer(self, name: str) -> int | None:
        return integer(self.query[name]) if name in self.query else None

    def bookyear(self) -> Bookyear:
        """The bookyear of the path or query; 400 with code -9 for one that is unknown."""
        year = self.books.listed.get(self.integer("bookyearId"))
        if year is None:
            raise Refused(failure(400, -9, "Unknown bookyear", self.locale))
        return year

    def bookyears(self) -> list[int]:
        """The ids that bookyearId means: one, or all for -1."""
        return list(self.books.listed) if self.integer("bookyearId") == -1 else [self.bookyear().id]

    def span(self, *, required: bool = True) -> Span:
        """The span of modification that the timestamps of the query mean."""
        since = self.query.get("modifiedTimeStamp")
        if since is None and required:
            raise BadParameter("modifiedTimeStamp")
        try:
            return span(since, self.query.get("modifiedTimeStampTo"), self.sandbox.switches)
        except ValueError as wrong:
            raise BadParameter("modifiedTimeStamp") from wrong

    def json(self) -> dict[str, Json]:
        """The JSON object of the body; 500 without a body where it cannot be read (octopus.md 1.4)."""
        try:
            value: dict[str, Json] | list[Json] | None = json.loads(self.body)
        except ValueError as wrong:
            raise Refused(unusable_body()) from wrong
        if not isinstance(value, dict):
            raise Refused(unusable_body())
        return value


def integer(text: str | None) -> int:
    """An int32, or BadParameter."""
    try:
        number = int(text or "")
    except ValueError as wrong:
        raise BadParameter(text) from wrong
    if not -_INT32 <= number < _INT32:
        raise BadParameter(text)
    return number
