"""Entities and their rows. A field and its column have one name, but for those that are said here.

``msgspec`` converts by the types of the fields: enums are texts, explanations and the like are JSON objects.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping

from monitr.adapters.sql.repositories.sentences import check_of, explanation_of, stored_check, stored_explanation
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.administration import Administration
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import Dataset, ImportRun
from monitr.domain.integration import Integration

Entity = TypeVar("Entity")
Row = RowMapping | Mapping[str, Any]

_AS_THEY_ARE = (UUID, datetime, date, bytes)
"""The driver takes and gives them."""


def entity_of(row: Row, kind: type[Entity]) -> Entity:
    """From a row with all columns that the entity has fields for. Others are not looked at.

    Raises msgspec.ValidationError where a value is none of its field.
    """
    return msgspec.convert(
        {str(name): value for name, value in row.items()}, kind
    )  # SQLAlchemy's names are no plain str


def values_of(entity: object) -> dict[str, Any]:
    """Every column of the row. The events of an entity have a table of their own."""
    values: dict[str, Any] = msgspec.to_builtins(entity, builtin_types=_AS_THEY_ARE)
    values.pop("events", None)
    told = {name: getattr(entity, name) for name in values}
    return values | {name: stored_explanation(it) for name, it in told.items() if isinstance(it, Explanation)}


def integration_of(row: Row) -> Integration:
    return entity_of({**row, "last_error": explanation_of(row["last_error"])}, Integration)


def administration_of(row: Row) -> Administration:
    return entity_of({**row, "dossier": row["dossier_number"]}, Administration)


def administration_values(administration: Administration) -> dict[str, Any]:
    values = values_of(administration)
    values["dossier_number"] = values.pop("dossier")
    return values


def bookyear_of(row: Row) -> Bookyear:
    periods = [dict(zip(("number", "start", "end"), period, strict=True)) for period in row["periods"]]
    return entity_of({**row, "start": row["start_date"], "end": row["end_date"], "periods": periods}, Bookyear)


def import_run_of(row: Row) -> ImportRun:
    """The datasets in the order of the enum: JSONB does not keep that of keys."""
    datasets, checks = row["datasets"], row["verification"]
    stored = {
        "datasets": {str(name): {**datasets[name], "counts": datasets[name]} for name in Dataset if name in datasets},
        "verification": None if checks is None else {"checks": list(map(check_of, checks))},
        "error": explanation_of(row["error"]),
    }
    return entity_of({**row, **stored}, ImportRun)


def import_run_values(run: ImportRun) -> dict[str, Any]:
    """Every column but those of the lease, which are not part of the run: ``work/leases.py`` writes them."""
    values = values_of(run)
    datasets = {name: {"status": was["status"], **was["counts"]} for name, was in values["datasets"].items()}
    checks = None if run.verification is None else list(map(stored_check, run.verification.checks))
    return {**values, "datasets": datasets, "verification": checks}
