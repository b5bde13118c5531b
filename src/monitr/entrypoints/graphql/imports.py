"""Import runs: their progress, their counts, and what proves them."""

from datetime import datetime
from typing import Self

import strawberry

from monitr.application.reading import Page
from monitr.domain import failure, import_run, verification
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportStatus, ImportTrigger
from monitr.domain.verification import VerificationStatus
from monitr.entrypoints.graphql.paging import PageInfo


@strawberry.type(description="What went wrong, for a finance person, and what to do about it.")
class Failure:
    code: str
    message: str
    action: str | None

    @classmethod
    def of(cls, row: failure.Failure | None) -> "Failure | None":
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


@strawberry.type
class ImportRun:
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

    @classmethod
    def of(cls, run: import_run.ImportRun) -> Self:
        return cls(
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
