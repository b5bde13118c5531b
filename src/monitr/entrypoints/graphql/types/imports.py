"""Import runs: their progress, their counts, and what proves them."""

from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading.import_history import BookingChange, BookingChangeKind, FirstSeen
from monitr.application.reading.pages import Page
from monitr.application.reading.reading import Reading
from monitr.domain import import_run
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportStatus, ImportTrigger
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.loaders import ChangesKey
from monitr.entrypoints.graphql.execution.paging import After, CountedConnection, First, selects
from monitr.entrypoints.graphql.execution.shown import shown


@strawberry.type
class Failure:
    """What went wrong, for a finance person, and what to do about it."""

    code: str
    """Stable, for programs: docs/errors.md lists them."""
    message: str
    """A sentence; it may be worded anew."""
    action: str | None
    """What the reader can do about it; null: nothing."""


@strawberry.type
class ImportDataset:
    """What a run did to one dataset, in rows."""

    dataset: Dataset
    """Which dataset."""
    status: DatasetImportStatus
    """Where the reading of the dataset stands."""
    fetched: int
    """Rows read from Octopus."""
    inserted: int
    """Rows that were not here before."""
    updated: int
    """Rows that differed from what was here."""
    unchanged: int
    """Rows that were here as they are: nothing was written."""
    deleted: int
    """Rows that Octopus no longer has."""

    @classmethod
    def of(cls, dataset: Dataset, progress: import_run.DatasetProgress) -> Self:
        return shown(cls, progress.counts, dataset=dataset, status=progress.status)


@strawberry.type
class Check:
    """One of the proofs of an import."""

    code: str
    """`ACCOUNT_AMOUNTS` and so on: docs/accounting.md says what each holds."""
    status: VerificationStatus
    """How the check came out."""
    detail: str | None
    """What a bookkeeper can act on: account, period, our figure, Octopus's and the difference; null where it passed."""


@strawberry.type
class Verification:
    """The checks that prove an import. They do not decide about the run: one that read everything has succeeded."""

    status: VerificationStatus
    """The worst of its checks."""
    checks: list[Check]
    """All checks, those that passed too."""


@strawberry.type
class ImportChange:
    """What a run did to one booking."""

    kind: BookingChangeKind
    """What the run did to the booking."""
    booking_code: str
    """For `Administration.booking`; of one that was removed it leads nowhere any more."""
    bookyear: int
    """The `number` of its `Bookyear`."""
    journal_key: str
    """The `key` of its `Journal`: `V1`."""
    document_number: int
    """Within journal and bookyear."""

    @classmethod
    def of(cls, row: BookingChange) -> Self:
        return shown(cls, row.booking, kind=row.kind, booking_code=row.booking.code)


@strawberry.type
class ImportRun:
    """One import of one administration."""

    run: strawberry.Private[import_run.ImportRun]
    id: strawberry.ID
    """Opaque; for `cancelImport`."""
    mode: ImportMode
    """How much it reads."""
    trigger: ImportTrigger
    """Why it was queued."""
    status: ImportStatus
    """Where it stands."""
    progress: float
    """0 to 1; it never falls."""
    queued_at: datetime
    """When it was asked for (UTC)."""
    started_at: datetime | None
    """When a worker first took it up (UTC); null: none has yet."""
    finished_at: datetime | None
    """When it ended (UTC); null: it has not."""
    datasets: list[ImportDataset]
    """What it did to each of the eight datasets."""
    verification: Verification | None
    """What proves it; null until it has succeeded."""
    error: Failure | None
    """Why it failed, or what it waits for; else null."""

    @strawberry.field
    async def import_changes(
        self, info: Info, first: First = 100, after: After = strawberry.UNSET
    ) -> CountedConnection[ImportChange]:
        """The bookings that this run added, changed and removed, by bookyear, journal and document number."""
        info.context.reading.expect(Reading.import_changes, self.run.administration_id)
        count = selects(info, "totalCount")

        async def question(size: int, cursor: str | None) -> Page[BookingChange]:
            key = ChangesKey(self.run.administration_id, self.run.id, size, cursor, with_total=count)
            return await info.context.loaders.import_changes.load(key)

        return await CountedConnection[ImportChange].ask(question, ImportChange.of, first, after, 100)

    @strawberry.field
    async def new_accounts(self, info: Info) -> list[str]:
        """Account numbers that this run saw for the first time, in whatever bookyear; ascending."""
        return [account_text(number) for number in (await self._first_seen(info)).accounts]

    @strawberry.field
    async def new_dimension_values(self, info: Info) -> list[str]:
        """Codes of dimension values that this run saw for the first time; ascending."""
        return [str(number) for number in (await self._first_seen(info)).cost_centres]

    async def _first_seen(self, info: Info) -> FirstSeen:
        return await info.context.loaders.first_seen.load((self.run.administration_id, self.run.id))

    @classmethod
    def of(cls, run: import_run.ImportRun) -> Self:
        datasets = [ImportDataset.of(name, run.datasets[name]) for name in Dataset if name in run.datasets]
        return shown(cls, run, run=run, datasets=datasets)
