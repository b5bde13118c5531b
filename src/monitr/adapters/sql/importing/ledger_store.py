"""The chunks of the ledger: what has been read of them, and a stage for the next."""

from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile

from monitr.adapters.sql.database.statements import scoped
from monitr.adapters.sql.importing.fence import Fence
from monitr.adapters.sql.importing.ledger_sql import SQL, THIS_CODE
from monitr.adapters.sql.importing.ledger_stage import SqlLedgerStage
from monitr.adapters.sql.importing.reference_data import stored_bookyears
from monitr.adapters.sql.importing.run_record import SqlRunRecord
from monitr.application.importing.ledger.chunk import Chunk, chunks_of
from monitr.domain.accounting.bookyear import Bookyear

_CHUNKS = scoped("SELECT bookyear, journal_type, run_id FROM ledger_chunk WHERE administration_id = :own")
_READ_AT = scoped("SELECT bookyear, journal_type, read_at FROM ledger_chunk WHERE administration_id = :own")


@dataclass(frozen=True, slots=True)
class SqlLedgerStore:
    fence: Fence
    record: SqlRunRecord

    def stage(self) -> AbstractAsyncContextManager[SqlLedgerStage]:
        return self.fence.staging(lambda own: SqlLedgerStage(own, self.record.save_on))

    async def checkpoints(self) -> frozenset[Chunk]:
        return frozenset(
            Chunk(bookyear, type)
            for bookyear, type, run in await self.fence.rows(_CHUNKS)
            if run == self.fence.claim.run_id
        )

    async def chunks_read(self) -> frozenset[Chunk]:
        return frozenset(Chunk(bookyear, type) for bookyear, type, _ in await self.fence.rows(_CHUNKS))

    async def read_at(self) -> Mapping[Chunk, datetime]:
        return {Chunk(bookyear, type): at for bookyear, type, at in await self.fence.rows(_READ_AT)}

    async def answers(self) -> Mapping[Chunk, str]:
        return {
            Chunk(bookyear, type): answer.removeprefix(THIS_CODE)
            for bookyear, type, answer in await self.fence.rows(SQL["answers"])
            if answer.startswith(THIS_CODE)
        }

    async def doubt(self, chunks: Collection[Chunk]) -> None:
        async with self.fence.writing() as own:
            for chunk in chunks:
                await own.run(SQL["doubt"], bookyear=chunk.bookyear, type=chunk.journal_type)

    async def complete_bookyears(self) -> list[Bookyear]:
        async with self.fence.transaction() as own:
            newest_first = reversed(await stored_bookyears(own))
            read = {Chunk(bookyear, type) for bookyear, type, _ in await own.run(_CHUNKS)}
        unbroken = takewhile(lambda bookyear: read.issuperset(chunks_of(bookyear.number)), newest_first)
        return [*unbroken][::-1]
