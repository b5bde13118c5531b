"""Import runs: their progress, their counts, and what proves them."""

from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading import BookingChange, BookingChangeKind, FirstSeen, Page
from monitr.domain import explanation, import_run
from monitr.domain.accounting import verification
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportStatus, ImportTrigger
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.paging import PageInfo, ask_for_page, page_size, selects, total_of


@strawberry.type(description="What went wrong, for a finance person, and what to do about it.")
class Failure:
    code: str
    message: str
    action: str | None

    @classmethod
    def of(cls, row: explanation.Explanation | None) -> "Failure | None":
        return cls(code=row.code, message=row.message, action=row.action) if row else None


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
        counts = progress.counts
        return cls(
            dataset=dataset,
            status=progress.status,
            fetched=counts.fetched,
            inserted=counts.inserted,
            updated=counts.updated,
            unchanged=counts.unchanged,
            deleted=counts.deleted,
        )


@strawberry.type
class Check:
    code: str
    status: VerificationStatus
    detail: str | None


@strawberry.type(description="The checks that prove an import; status is the worst of theirs.")
class Verification:
    status: VerificationStatus
    checks: list[Check]

    @classmethod
    def of(cls, row: verification.Verification | None) -> "Verification | None":
        if row is None:
            return None
        checks = [Check(code=check.code.value, status=check.status, detail=check.detail) for check in row.checks]
        return cls(status=row.status, checks=checks)


@strawberry.type(description="What a run did to one booking.")
class ImportChange:
    kind: BookingChangeKind
    booking_code: str
    bookyear: int
    journal_key: str
    document_number: int

    @classmethod
    def of(cls, row: BookingChange) -> Self:
        key = row.booking
        return cls(
            kind=row.kind,
            booking_code=key.code,
            bookyear=key.bookyear,
            journal_key=key.journal_key,
            document_number=key.document_number,
        )


@strawberry.type
class ImportChangeEdge:
    cursor: str
    node: ImportChange


@strawberry.type
class ImportChangeConnection:
    page: strawberry.Private[Page[BookingChange]]
    page_info: PageInfo
    edges: list[ImportChangeEdge]

    @strawberry.field
    def total_count(self) -> int:
        return total_of(self.page)

    @classmethod
    def of(cls, page: Page[BookingChange]) -> Self:
        return cls(
            page=page,
            page_info=PageInfo.of(page),
            edges=[
                ImportChangeEdge(cursor=cursor, node=ImportChange.of(row))
                for row, cursor in zip(page.rows, page.cursors, strict=True)
            ],
        )


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
    ) -> ImportChangeConnection:
        run = self.run
        size, count = page_size(first, 100), selects(info, "totalCount")
        page = await ask_for_page(
            after,
            lambda cursor: info.context.reading.import_changes(
                run.administration_id, run.id, size, cursor, count=count
            ),
        )
        return ImportChangeConnection.of(page)

    @described("Account numbers that this run saw for the first time, in whatever bookyear.")
    async def new_accounts(self, info: Info) -> list[str]:
        return [account_text(number) for number in (await self._first_seen(info)).accounts]

    @described("Codes of dimension values that this run saw for the first time.")
    async def new_dimension_values(self, info: Info) -> list[str]:
        return [str(number) for number in (await self._first_seen(info)).cost_centres]

    async def _first_seen(self, info: Info) -> FirstSeen:
        return await info.context.reading.first_seen(self.run.administration_id, self.run.id)

    @classmethod
    def of(cls, run: import_run.ImportRun) -> Self:
        return cls(
            run=run,
            id=strawberry.ID(str(run.id)),
            mode=run.mode,
            trigger=run.trigger,
            status=run.status,
            progress=run.progress,
            queued_at=run.queued_at,
            started_at=run.started_at,
            finished_at=run.finished_at,
            datasets=[ImportDataset.of(name, run.datasets[name]) for name in Dataset if name in run.datasets],
            verification=Verification.of(run.verification),
            error=Failure.of(run.error),
        )


@strawberry.type
class ImportRunEdge:
    cursor: str
    node: ImportRun


@strawberry.type
class ImportRunConnection:
    page_info: PageInfo
    edges: list[ImportRunEdge]

    @classmethod
    def of(cls, page: Page[import_run.ImportRun]) -> Self:
        return cls(
            page_info=PageInfo.of(page),
            edges=[
                ImportRunEdge(cursor=cursor, node=ImportRun.of(run))
                for run, cursor in zip(page.rows, page.cursors, strict=True)
            ],
        )
