"""An import run: one execution for one administration, of some datasets. The row of it in the database is the job."""

from dataclasses import astuple, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from operator import add
from typing import NewType, Self
from uuid import UUID

from monitr.domain.accounting.verification import Verification
from monitr.domain.administration import Administration
from monitr.domain.brussels import BRUSSELS
from monitr.domain.explanation import Explanation
from monitr.domain.lifecycle import Transitions, following
from monitr.domain.organisation import AdministrationId, OrganisationId

ImportRunId = NewType("ImportRunId", UUID)


class Dataset(StrEnum):
    """What is imported of a dossier, and derived from it."""

    GENERAL_LEDGER = "GENERAL_LEDGER"
    """The lines of all bookings."""
    ACCOUNTS = "ACCOUNTS"
    """The chart of accounts of each bookyear."""
    DIMENSIONS = "DIMENSIONS"
    """The cost centres, Octopus's one dimension."""
    OUTSTANDING_ITEMS = "OUTSTANDING_ITEMS"
    """Open receivables and payables."""
    FIXED_ASSETS = "FIXED_ASSETS"
    """Derived from the ledger lines of classes 20 to 28."""
    BOOKYEARS = "BOOKYEARS"
    """Bookyears with their periods."""
    JOURNALS = "JOURNALS"
    """The journals of each bookyear."""
    RELATIONS = "RELATIONS"
    """Clients and suppliers."""


class ImportMode(StrEnum):
    """How much a run reads."""

    INCREMENTAL = "INCREMENTAL"
    """What has changed since the last run that succeeded; everything, where that is not enough."""
    FULL = "FULL"
    """Everything again. Nothing is emptied first, and rows that did not change are not written."""


CHANGES_REMEMBERED = timedelta(days=30)
"""How long Octopus is trusted to tell of deletions: nobody has stated it, so the operator may say otherwise."""


def mode_of(
    administration: Administration, wanted: ImportMode, now: datetime, changes_remembered: timedelta
) -> ImportMode:
    """FULL where it is wanted, and where changes alone would not be enough: there is nothing complete to add them to,
    Octopus no longer remembers every deletion since the watermark, or the watermark has not come yet (decision 18).
    Nothing is emptied by it first."""
    watermark = administration.watermark
    is_usable = watermark is not None and watermark - SLACK <= now < watermark + changes_remembered
    return wanted if is_usable else ImportMode.FULL


SLACK = timedelta(minutes=10)
"""How far the clocks of two workers may be apart; what is read again at every import covers it."""

OUTAGE_WAITS = tuple(timedelta(minutes=minutes) for minutes in (5, 10, 20, 40, 60, 90, 120))
"""How long a run waits for an Octopus that does not answer, each time that it does not: some six hours together."""

LONGEST_WAIT = timedelta(hours=26)
"""Farther away than any midnight in Brussels, the long autumn day's too: a run that waits for longer was told so by a
clock that was wrong, and is taken up at once."""

UNKNOWN_CLOCK = timedelta(days=1)
"""How far Octopus's clock may be behind ours where its answers do not tell the time."""


class ImportTrigger(StrEnum):
    """Why a run was queued."""

    FIRST = "FIRST"
    """The dossier was selected."""
    SYNC_NOW = "SYNC_NOW"
    """A user pressed *Sync now*."""
    SCHEDULE = "SCHEDULE"
    """It was time, by the operator's schedule."""
    RECONNECT = "RECONNECT"
    """The integration was authorised again."""
    DEEP_READ = "DEEP_READ"
    """By itself, at night: books that were read are read whole again."""


class ImportStatus(StrEnum):
    """Where a run stands. The last three are final."""

    QUEUED = "QUEUED"
    """No worker has taken it up yet."""
    RUNNING = "RUNNING"
    """A worker reads and writes."""
    WAITING = "WAITING"
    """The rest does not fit the day's quota, or Octopus does not answer: it goes on by itself at the administration's
    `nextImportAt`."""
    SUCCEEDED = "SUCCEEDED"
    """Everything was read and published, whatever the verification says."""
    FAILED = "FAILED"
    """Something could not be read or written: the run's `error` says what. What was published stays."""
    CANCELLED = "CANCELLED"
    """By a user, or because the administration was removed. What was published stays."""

    @property
    def is_final(self) -> bool:
        return self in (ImportStatus.SUCCEEDED, ImportStatus.FAILED, ImportStatus.CANCELLED)


class RunEvent(StrEnum):
    """What happens to a run."""

    QUEUED = "QUEUED"
    TAKEN_UP = "TAKEN_UP"  # by a worker: for the first time, or again behind the last checkpoint
    WAITED = "WAITED"
    HANDED_OVER = "HANDED_OVER"  # given back unfinished by its worker (``Leases.release``)
    CANCELLATION_REQUESTED = "CANCELLATION_REQUESTED"
    WANTED_AGAIN = "WANTED_AGAIN"
    CANCELLED = "CANCELLED"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


_QUEUED, _RUNNING, _WAITING = ImportStatus.QUEUED, ImportStatus.RUNNING, ImportStatus.WAITING
_SUCCEEDED, _FAILED, _CANCELLED = ImportStatus.SUCCEEDED, ImportStatus.FAILED, ImportStatus.CANCELLED

TRANSITIONS: Transitions[RunEvent, ImportStatus] = {
    RunEvent.QUEUED: {None: _QUEUED},
    RunEvent.TAKEN_UP: {_QUEUED: _RUNNING, _RUNNING: _RUNNING, _WAITING: _RUNNING},
    RunEvent.WAITED: {_RUNNING: _WAITING},
    RunEvent.HANDED_OVER: {_RUNNING: _QUEUED},
    RunEvent.CANCELLATION_REQUESTED: {_QUEUED: _CANCELLED, _RUNNING: _RUNNING, _WAITING: _CANCELLED},
    RunEvent.WANTED_AGAIN: {_QUEUED: _QUEUED, _RUNNING: _RUNNING, _WAITING: _WAITING},
    RunEvent.CANCELLED: {_QUEUED: _CANCELLED, _RUNNING: _CANCELLED, _WAITING: _CANCELLED},
    RunEvent.SUCCEEDED: {_RUNNING: _SUCCEEDED},
    RunEvent.FAILED: {_QUEUED: _FAILED, _RUNNING: _FAILED, _WAITING: _FAILED},
}
"""All that can happen to a run (``docs/lifecycle.md`` draws it, and a test compares the two)."""


class DatasetImportStatus(StrEnum):
    """Where one dataset of a run stands."""

    PENDING = "PENDING"
    """Its reading has not begun."""
    RUNNING = "RUNNING"
    """It is being read."""
    SUCCEEDED = "SUCCEEDED"
    """It was read and published."""
    FAILED = "FAILED"
    """Not readable, or not complete when the run failed."""
    SKIPPED = "SKIPPED"
    """Not read in this run (quota spent, or nothing asked for it); its last state stands."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows of one dataset: read from Octopus, and what became of them here."""

    fetched: int = 0
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0
    deleted: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*map(add, astuple(self), astuple(other)))

    @property
    def written(self) -> int:
        return self.inserted + self.updated + self.deleted


@dataclass(frozen=True, slots=True)
class DatasetProgress:
    status: DatasetImportStatus = DatasetImportStatus.PENDING
    counts: Counts = field(default_factory=Counts)


@dataclass(frozen=True, slots=True)
class ImportRun:
    """Instants are aware and in UTC; ``progress`` is 0 to 1 and never falls.

    ``watermark`` is the moment up to which this run reads changes: when it first began to ask Octopus, by Octopus's
    clock. ``waits`` counts how often it has waited because Octopus did not answer.
    """

    id: ImportRunId
    organisation_id: OrganisationId
    administration_id: AdministrationId
    mode: ImportMode
    trigger: ImportTrigger
    queued_at: datetime
    status: ImportStatus
    progress: float = 0.0
    started_at: datetime | None = None
    finished_at: datetime | None = None
    resume_at: datetime | None = None
    watermark: datetime | None = None
    cancel_requested: bool = False
    datasets: dict[Dataset, DatasetProgress] = field(default_factory=dict)
    verification: Verification | None = None
    error: Explanation | None = None
    waits: int = 0

    @classmethod
    def queue(
        cls,
        id: ImportRunId,
        organisation: OrganisationId,
        administration: AdministrationId,
        mode: ImportMode,
        trigger: ImportTrigger,
        now: datetime,
    ) -> Self:
        return cls(
            id,
            organisation,
            administration,
            mode,
            trigger,
            now,
            following(TRANSITIONS, RunEvent.QUEUED, None),
            datasets={dataset: DatasetProgress() for dataset in Dataset},
        )

    def begin(self, now: datetime) -> "ImportRun":
        """A worker takes it up, for the first time or again behind its last checkpoint."""
        return replace(
            self._after(RunEvent.TAKEN_UP),
            started_at=self.started_at or now,
            resume_at=None,
            error=None,
        )

    def reading_up_to(self, octopus_time: datetime | None, now: datetime) -> "ImportRun":
        """``octopus_time``: what Octopus's clock says as the reading begins. The watermark follows it, and never a
        moment that has not come; without it, our clock alone is not believed, and a day is read again (decision 18).
        A run that goes on keeps the watermark with which it began."""
        if self.watermark is not None:
            return self
        return replace(self, watermark=now - UNKNOWN_CLOCK if octopus_time is None else min(octopus_time, now))

    def advanced(self, progress: float) -> "ImportRun":
        return replace(self, progress=min(1.0, max(self.progress, progress)))

    def dataset(self, dataset: Dataset, status: DatasetImportStatus, counts: Counts | None = None) -> "ImportRun":
        """With ``counts`` added to what the dataset has, and its status set."""
        before = self.datasets.get(dataset, DatasetProgress())
        after = DatasetProgress(status, before.counts + (counts or Counts()))
        return replace(self, datasets={**self.datasets, dataset: after})

    def wait(self, until: datetime, reason: Explanation) -> "ImportRun":
        return replace(self._after(RunEvent.WAITED), resume_at=until, error=reason)

    def wait_for_octopus(self, now: datetime, reason: Explanation, at_least: timedelta = timedelta()) -> "ImportRun":
        """It did not answer. The run goes on by itself a while later, and not before ``at_least`` is over; it ends as
        FAILED where it has waited often enough (decision 20). The message says when."""
        if self.waits == len(OUTAGE_WAITS):
            return self.fail(now, reason)
        until = now + max(OUTAGE_WAITS[self.waits], at_least)
        message = f"{reason.message} We try again at {until.astimezone(BRUSSELS):%H:%M}."
        waiting = replace(reason, message=message, action="Nothing to do: the import goes on by itself.")
        return replace(self.wait(until, waiting), waits=self.waits + 1)

    def goes_on_at(self, now: datetime) -> datetime | None:
        """Of a run that waits; one that was told to wait by a clock that was wrong goes on now (decision 18)."""
        is_wrong = self.resume_at is not None and self.resume_at > now + LONGEST_WAIT
        return now if is_wrong else self.resume_at

    def succeed(self, now: datetime, verification: Verification) -> "ImportRun":
        return replace(self._after(RunEvent.SUCCEEDED), progress=1.0, finished_at=now, verification=verification)

    def fail(self, now: datetime, error: Explanation) -> "ImportRun":
        return replace(self._after(RunEvent.FAILED)._ended(now, DatasetImportStatus.FAILED), error=error)

    def request_cancellation(self, now: datetime) -> "ImportRun":
        """A run that nobody works on ends at once; one that is worked on ends at its next checkpoint."""
        if self.status.is_final:
            return self
        asked = self._after(RunEvent.CANCELLATION_REQUESTED)
        if asked.status.is_final:
            return asked._ended(now, DatasetImportStatus.SKIPPED)
        return replace(asked, cancel_requested=True)

    def wanted_again(self) -> "ImportRun":
        """The request for cancellation is taken back: it goes on."""
        return replace(self._after(RunEvent.WANTED_AGAIN), cancel_requested=False)

    def cancelled(self, now: datetime) -> "ImportRun":
        return self._after(RunEvent.CANCELLED)._ended(now, DatasetImportStatus.SKIPPED)

    def _after(self, what: RunEvent) -> "ImportRun":
        return replace(self, status=following(TRANSITIONS, what, self.status))

    def _ended(self, now: datetime, unfinished: DatasetImportStatus) -> "ImportRun":
        """Early: the dataset that it was at is ``unfinished``, and those that it never came to are SKIPPED."""
        became = {DatasetImportStatus.RUNNING: unfinished, DatasetImportStatus.PENDING: DatasetImportStatus.SKIPPED}
        datasets = {
            name: replace(progress, status=became.get(progress.status, progress.status))
            for name, progress in self.datasets.items()
        }
        return replace(self, finished_at=now, resume_at=None, error=None, datasets=datasets)
