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
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.loaders import ChangesKey
from monitr.entrypoints.graphql.execution.paging import CountedConnection, selects
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.sentences import Parameter, WithMessage


@strawberry.type(description="What went wrong, for a finance person, and what to do about it.")
class Failure(WithMessage):
    code: str
    advice: strawberry.Private[Sentence | None]

    @strawberry.field
    def action(self, info: Info) -> str | None:
        """What to do about it, in the reader's language."""
        return None if self.advice is None else info.context.say(self.advice)


@strawberry.type
class ImportDataset:
    dataset: Dataset
    status: DatasetImportStatus
    fetched: int
    inserted: int
    updated: int
    unchanged: int
    deleted: int

    @classmethod
    def of(cls, dataset: Dataset, progress: import_run.DatasetProgress) -> Self:
        return shown(cls, progress.counts, dataset=dataset, status=progress.status)


@strawberry.type
class Check:
    code: str
    status: VerificationStatus
    sentence: strawberry.Private[Sentence | None]

    @strawberry.field
    def detail(self, info: Info) -> str | None:
        """What a bookkeeper can act on, in the reader's language; null where there is nothing to say."""
        return None if self.sentence is None else info.context.say(self.sentence)

    @strawberry.field
    def parameters(self) -> list[Parameter]:
        """What the detail is said with: with code and status that is enough for words of one's own."""
        return Parameter.all_of(self.sentence)


@strawberry.type(description="The checks that prove an import; status is the worst of theirs.")
class Verification:
    status: VerificationStatus
    checks: list[Check]


@strawberry.type(description="What a run did to one booking.")
class ImportChange:
    kind: BookingChangeKind
    booking_code: str
    bookyear: int
    journal_key: str
    document_number: int

    @classmethod
    def of(cls, row: BookingChange) -> Self:
        return shown(cls, row.booking, kind=row.kind, booking_code=row.booking.code)


@strawberry.type
class ImportRun:
    run: strawberry.Private[import_run.ImportRun]
    id: strawberry.ID
    mode: ImportMode
    trigger: ImportTrigger
    status: ImportStatus
    progress: float
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    datasets: list[ImportDataset]
    verification: Verification | None
    error: Failure | None

    @described("The bookings that this run added, changed and removed, by bookyear, journal and document number.")
    async def import_changes(
        self, info: Info, first: int | None = 100, after: str | None = strawberry.UNSET
    ) -> CountedConnection[ImportChange]:
        info.context.reading.expect(Reading.import_changes, self.run.administration_id)
        count = selects(info, "totalCount")

        async def question(size: int, cursor: str | None) -> Page[BookingChange]:
            key = ChangesKey(self.run.administration_id, self.run.id, size, cursor, with_total=count)
            return await info.context.loaders.import_changes.load(key)

        return await CountedConnection[ImportChange].ask(question, ImportChange.of, first, after, 100)

    @described("Account numbers that this run saw for the first time, in whatever bookyear.")
    async def new_accounts(self, info: Info) -> list[str]:
        return [account_text(number) for number in (await self._first_seen(info)).accounts]

    @described("Codes of dimension values that this run saw for the first time.")
    async def new_dimension_values(self, info: Info) -> list[str]:
        return [str(number) for number in (await self._first_seen(info)).cost_centres]

    async def _first_seen(self, info: Info) -> FirstSeen:
        return await info.context.loaders.first_seen.load((self.run.administration_id, self.run.id))

    @classmethod
    def of(cls, run: import_run.ImportRun) -> Self:
        datasets = [ImportDataset.of(name, run.datasets[name]) for name in Dataset if name in run.datasets]
        return shown(cls, run, run=run, datasets=datasets)
