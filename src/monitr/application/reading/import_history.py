"""What imports have done: runs, the changes that each made, and timelines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import ImportRun, ImportRunId
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.timeline import TimelineEvent


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """An event of a timeline, and when it was recorded (UTC)."""

    id: str
    at: datetime
    event: TimelineEvent


class BookingChangeKind(StrEnum):
    """What a run did to a booking."""

    ADDED = "ADDED"
    """It was not here before."""
    CHANGED = "CHANGED"
    """Some of its lines differ from what was here."""
    REMOVED = "REMOVED"
    """Octopus no longer has it."""


@dataclass(frozen=True, slots=True)
class BookingChange:
    """What a run did to one booking."""

    booking: BookingKey
    kind: BookingChangeKind


@dataclass(frozen=True, slots=True)
class FirstSeen:
    """The account and cost centre numbers that a run saw for the first time, in whatever bookyear; ascending."""

    accounts: tuple[int, ...]
    cost_centres: tuple[int, ...]


class HistoryReader(Protocol):
    """Of the administrations of one organisation."""

    async def import_run(self, id: ImportRunId) -> ImportRun | None: ...

    async def imports(self, id: AdministrationId, first: int, after: str | None) -> Page[ImportRun]:
        """Newest first. Raises InvalidCursor, like every ``after``."""
        ...

    async def timeline(
        self, subject: IntegrationId | AdministrationId, first: int, after: str | None
    ) -> Page[RecordedEvent]:
        """Newest first."""
        ...

    async def import_changes(
        self, id: AdministrationId, runs: Sequence[ImportRunId], first: int, after: str | None, *, count: bool
    ) -> Mapping[ImportRunId, Page[BookingChange]]:
        """The page of each run, by bookyear, journal and document number; ``count``: with the total."""
        ...

    async def first_seen(self, id: AdministrationId, runs: Sequence[ImportRunId]) -> Mapping[ImportRunId, FirstSeen]:
        """Of each run."""
        ...
