"""The run of an import, its administration, and what it has to report."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.database.tables import administration as administration_table
from monitr.adapters.sql.database.tables import import_run as import_run_table
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.adapters.sql.repositories.rows import administration_of, administration_values, import_run_values
from monitr.adapters.sql.repositories.sentences import stored
from monitr.adapters.sql.repositories.timeline import append
from monitr.application.importing.ports import LastRead, LeaseLost
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportRun
from monitr.domain.words.sentence import Sentence

_OF_ITS_HOLDER = frozenset({"id", "organisation_id", "administration_id", "queued_at", "cancel_requested"})
_OF_AN_IMPORT = ("watermark", "last_successful_import_at", "complete_from", "status")
_NOTES_KEPT = 100
_SQL = statements(__file__)


@dataclass(frozen=True, slots=True)
class SqlRunRecord:
    fence: Fence

    async def last_reads(self) -> Mapping[Dataset, LastRead]:
        rows = await self.fence.rows(_SQL["last_reads"])
        return {Dataset(dataset): LastRead(at, heard_at) for dataset, at, heard_at in rows}

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        async with self.fence.transaction() as own:
            if administration is not None:  # before its run, like whoever removes it: no two wait for each other
                await _save_administration(own.connection, administration, run.finished_at or run.queued_at)
            return await self.save_on(own.connection, run)

    async def note(self, notes: Sequence[Sentence]) -> None:
        texts, sentences = list(map(str, notes)), [json.dumps(stored(note)) for note in notes]
        async with self.fence.writing() as own:
            run = self.fence.claim.run_id
            await own.run(_SQL["note"], run=run, texts=texts, sentences=sentences, kept=_NOTES_KEPT)

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, LastRead]) -> None:
        async with self.fence.transaction(lasting=True) as own:
            await _save_administration(own.connection, administration, run.finished_at or run.queued_at)
            await self.save_on(own.connection, run)
            await _save_dataset_states(own, run, read)

    async def save_on(self, connection: AsyncConnection, run: ImportRun) -> bool:
        """With whatever else the transaction writes."""
        claim, row = self.fence.claim, import_run_table.c
        values = {name: value for name, value in import_run_values(run).items() if name not in _OF_ITS_HOLDER}
        saved = await connection.execute(
            update(import_run_table)
            .where(row.id == run.id, row.fence == claim.fence, row.organisation_id == claim.organisation_id)
            .values(**values)
            .returning(row.cancel_requested, text(tenancy.NO_PAUSE))
        )
        found = saved.one_or_none()
        if found is None:
            raise LeaseLost
        return bool(found[0])


async def _save_administration(connection: AsyncConnection, administration: Administration, at: datetime) -> None:
    """What an import may change of it; a removal at the same moment stands, and so does a state that somebody else
    has found meanwhile, unless the run itself has found out something about the dossier."""
    row = administration_table.c
    itself = (row.id == administration.id, row.organisation_id == administration.organisation_id)
    query = select(administration_table).where(*itself).with_for_update(key_share=True)
    stored = (await connection.execute(query)).mappings().one_or_none()
    current = None if stored is None else administration_of(stored)
    if current is None or not current.is_alive:
        return
    if administration.events:
        *_, found = administration.events
        opened = administration.status is AdministrationStatus.ACTIVE
        current = current.reached() if opened else current.unreachable(administration.status, found.cause)
        await append(connection, current.organisation_id, current.id, current.events, at)
    values = administration_values(administration) | {"status": current.status.value}
    changed = {name: values[name] for name in _OF_AN_IMPORT}
    await connection.execute(update(administration_table).where(*itself).values(**changed))


async def _save_dataset_states(own: OwnTransaction, run: ImportRun, read: Mapping[Dataset, LastRead]) -> None:
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
