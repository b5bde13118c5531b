"""What is stored of each dataset, and when it was read."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportRun
from monitr.domain.organisation import AdministrationId

_ROWS = text("""
    SELECT (SELECT coalesce(sum(lines), 0) FROM account_month WHERE administration_id = :administration),
           (SELECT count(*) FROM account WHERE administration_id = :administration),
           (SELECT count(*) FROM cost_centre WHERE administration_id = :administration),
           (SELECT count(*) FROM outstanding_item WHERE administration_id = :administration),
           (SELECT count(*) FROM fixed_asset WHERE administration_id = :administration),
           (SELECT count(*) FROM bookyear WHERE administration_id = :administration),
           (SELECT count(*) FROM journal WHERE administration_id = :administration),
           (SELECT count(*) FROM relation WHERE administration_id = :administration)""")
_COUNTED = (
    Dataset.GENERAL_LEDGER,
    Dataset.ACCOUNTS,
    Dataset.DIMENSIONS,
    Dataset.OUTSTANDING_ITEMS,
    Dataset.FIXED_ASSETS,
    Dataset.BOOKYEARS,
    Dataset.JOURNALS,
    Dataset.RELATIONS,
)
_SAVE_STATE = text("""
    INSERT INTO dataset_state AS s (administration_id, dataset, rows, last_successful_at, failed)
    VALUES (:administration, :dataset, :rows, :read_at, :failed)
    ON CONFLICT (administration_id, dataset) DO UPDATE SET rows = excluded.rows, failed = excluded.failed,
        last_successful_at = coalesce(excluded.last_successful_at, s.last_successful_at)""")


async def save_dataset_states(
    connection: AsyncConnection, administration: AdministrationId, run: ImportRun, read: Mapping[Dataset, datetime]
) -> None:
    rows = (await connection.execute(_ROWS, {"administration": administration})).one()
    await connection.execute(
        _SAVE_STATE,
        [
            {
                "administration": administration,
                "dataset": dataset.value,
                "rows": count,
                "read_at": read.get(dataset),
                "failed": run.datasets[dataset].status is DatasetImportStatus.FAILED,
            }
            for dataset, count in zip(_COUNTED, rows, strict=True)
        ],
    )
