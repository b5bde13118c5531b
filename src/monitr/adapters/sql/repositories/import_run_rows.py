"""An import run and its row. The columns of the lease are not part of the run: ``leases.py`` writes them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import RowMapping

from monitr.adapters.sql.repositories.failure_json import failure_from_json, failure_to_json
from monitr.domain.accounting.verification import Check, CheckCode, Verification, VerificationStatus
from monitr.domain.import_run import (
    Counts,
    Dataset,
    DatasetImportStatus,
    DatasetProgress,
    ImportMode,
    ImportRun,
    ImportRunId,
    ImportStatus,
    ImportTrigger,
)
from monitr.domain.organisation import AdministrationId, OrganisationId


def import_run_of(row: RowMapping) -> ImportRun:
    """From a row with all columns of ``import_run`` but those of the lease."""
    return ImportRun(
        id=ImportRunId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        administration_id=AdministrationId(row["administration_id"]),
        mode=ImportMode(row["mode"]),
        trigger=ImportTrigger(row["trigger"]),
        queued_at=row["queued_at"],
        status=ImportStatus(row["status"]),
        progress=row["progress"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        resume_at=row["resume_at"],
        watermark=row["watermark"],
        cancel_requested=row["cancel_requested"],
        datasets=datasets_from_json(row["datasets"]),
        verification=verification_from_json(row["verification"]),
        error=failure_from_json(row["error"]),
    )


def import_run_values(run: ImportRun) -> dict[str, object]:
    """Every column of the row but those of the lease."""
    return {
        "id": run.id,
        "organisation_id": run.organisation_id,
        "administration_id": run.administration_id,
        "mode": run.mode.value,
        "trigger": run.trigger.value,
        "status": run.status.value,
        "progress": run.progress,
        "queued_at": run.queued_at,
        "started_at": run.started_at,
        "finished_at": run.finished_at,
        "resume_at": run.resume_at,
        "watermark": run.watermark,
        "cancel_requested": run.cancel_requested,
        "datasets": datasets_to_json(run.datasets),
        "verification": verification_to_json(run.verification),
        "error": failure_to_json(run.error),
    }


def datasets_to_json(datasets: Mapping[Dataset, DatasetProgress]) -> dict[str, dict[str, object]]:
    return {
        dataset.value: {"status": progress.status.value, **asdict(progress.counts)}
        for dataset, progress in datasets.items()
    }


def datasets_from_json(stored: Mapping[str, Mapping[str, Any]]) -> dict[Dataset, DatasetProgress]:
    """In the order of the enum: JSONB does not keep the order of keys."""
    return {dataset: _progress(stored[dataset.value]) for dataset in Dataset if dataset.value in stored}


def _progress(stored: Mapping[str, Any]) -> DatasetProgress:
    counts = {name: number for name, number in stored.items() if name != "status"}
    return DatasetProgress(DatasetImportStatus(stored["status"]), Counts(**counts))


def verification_to_json(verification: Verification | None) -> list[dict[str, str | None]] | None:
    if verification is None:
        return None
    return [
        {"code": check.code.value, "status": check.status.value, "detail": check.detail}
        for check in verification.checks
    ]


def verification_from_json(stored: Sequence[Mapping[str, Any]] | None) -> Verification | None:
    if stored is None:
        return None
    return Verification(
        tuple(Check(CheckCode(row["code"]), VerificationStatus(row["status"]), row.get("detail")) for row in stored)
    )
