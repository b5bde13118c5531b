"""What is stored of each dataset, and when it was read."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import statements
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportRun
from monitr.domain.organisation import AdministrationId

_SQL = statements(__file__)


async def save_dataset_states(
    connection: AsyncConnection, administration: AdministrationId, run: ImportRun, read: Mapping[Dataset, datetime]
) -> None:
    rows = (await connection.execute(_SQL["rows_stored"], {"administration": administration})).mappings().one()
    await connection.execute(
        _SQL["save_state"],
        [
            {
                "administration": administration,
                "dataset": dataset.value,
                "rows": rows[dataset.value.lower()],
                "read_at": read.get(dataset),
                "failed": run.datasets[dataset].status is DatasetImportStatus.FAILED,
            }
            for dataset in Dataset
        ],
    )
