"""The closed list of what can be asked of Octopus. All of it reads; a write cannot be expressed (decision 10).

The two POST paths beside the reports do not write either: connecting gives a dossier token (octopus.md 3.10).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote, urlencode

import msgspec

from monitr.application.reading.quota import DailyMaximum
from monitr.domain.words.sentence import Sentence


class Operation(Enum):
    """Name (as counted and logged), method, path below the API's address, documented calls a day (octopus.md 3.1)."""

    DOSSIERS = ("dossiers", "GET", "/dossiers", 150)
    CONNECT = ("connect", "POST", "/dossiers", 150)
    BOOKYEARS = ("bookyears", "GET", "/dossiers/{dossier}/bookyears", 24)
    JOURNALS = ("journals", "GET", "/dossiers/{dossier}/bookyears/{bookyear}/journals", 24)
    ACCOUNTS = ("accounts", "GET", "/dossiers/{dossier}/accounts", 2)
    CHANGED_ACCOUNTS = ("accounts/modified", "GET", "/dossiers/{dossier}/accounts/modified", 48)
    ACCOUNT_AMOUNTS = ("accounts/amounts/modified", "GET", "/dossiers/{dossier}/accounts/amounts/modified", 48)
    COST_CENTRES = ("costcentres", "GET", "/dossiers/{dossier}/costcentres", 2)
    RELATIONS = ("relations", "GET", "/dossiers/{dossier}/relations", 2)
    CHANGED_RELATIONS = ("relations/modified", "GET", "/dossiers/{dossier}/relations/modified", 48)
    LEDGER = ("bookings/modified", "GET", "/dossiers/{dossier}/bookyears/{bookyear}/bookings/modified", 48)
    MATCHINGS = ("balancings/modified", "GET", "/dossiers/{dossier}/balancings/modified", 48)
    OPEN_RECEIVABLES = ("reports/clients/open", "POST", "/dossiers/{dossier}/reports/clients/open", 24)
    OPEN_PAYABLES = ("reports/suppliers/open", "POST", "/dossiers/{dossier}/reports/suppliers/open", 24)

    def __init__(self, label: str, method: str, path: str, daily_maximum: int) -> None:
        self.label = label
        self.method = method
        self.path = path
        self.daily_maximum = daily_maximum

    @property
    def subject(self) -> Sentence:
        """What it gives, in a bookkeeper's words."""
        return Sentence.of(f"subject.{self.name.removeprefix('CHANGED_')}")

    @property
    def may_be_absent(self) -> bool:
        """404 says that there is none, whatever comes with it; of dossiers, it says that they are not there."""
        return self not in (Operation.DOSSIERS, Operation.CONNECT)


INDISPENSABLE = (Operation.CONNECT, Operation.BOOKYEARS, Operation.LEDGER)
"""Without these no import of a dossier gets anywhere (decision 8)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One operation with its parameters. Numbers only in the path, so that nothing can climb out of it."""

    operation: Operation
    place: Mapping[str, int] = field(default_factory=dict[str, int])
    query: Mapping[str, str | int] = field(default_factory=dict[str, str | int])
    question: msgspec.Struct | None = None

    @property
    def path(self) -> str:
        """Path and query; a space is ``%20``, not ``+`` (octopus.md 3.4)."""
        path = self.operation.path.format_map({name: int(number) for name, number in self.place.items()})
        return f"{path}?{urlencode(self.query, quote_via=quote)}" if self.query else path

    @property
    def subject(self) -> Sentence:
        """What is asked for, in a bookkeeper's words: ``the bookings of bookyear 3``."""
        bookyear, subject = self.place.get("bookyear", self.query.get("bookyearId", -1)), self.operation.subject
        return subject if bookyear == -1 else Sentence.of("subject.OF_BOOKYEAR", subject=subject, bookyear=bookyear)


DAILY_MAXIMA = tuple(
    DailyMaximum(it.label, "POST dossiers" if it is Operation.CONNECT else it.label, it.daily_maximum)
    for it in Operation
    if it is not Operation.DOSSIERS
)
"""Of what is asked about a dossier (``tests/contract/rules.md``, 25)."""
