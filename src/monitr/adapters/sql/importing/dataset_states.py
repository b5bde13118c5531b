"""What is stored of each dataset, and when it was read."""

from collections.abc import Mapping

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.application.importing.ports import LastRead
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportRun

_SQL = statements(__file__)


async def save_dataset_states(own: OwnTransaction, run: ImportRun, read: Mapping[Dataset, LastRead]) -> None:
    rows = (await own.run(_SQL["rows_stored"])).mappings().one()
    await own.run_for_each(
        _SQL["save_state"],
        [
            {
                "dataset": dataset.value,
                "rows": rows[dataset.value.lower()],
                "read_at": last.at if (last := read.get(dataset)) else None,
                "heard_at": last.heard_at if last else None,
                "failed": run.datasets[dataset].status is DatasetImportStatus.FAILED,
            }
            for dataset in Dataset
        ],
    )
