"""The imported data of one administration, written under a run's fencing token."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import TextClause, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database import tenancy
from monitr.adapters.sql.database.tables import administration as administration_table
from monitr.adapters.sql.database.tables import import_run as import_run_table
from monitr.adapters.sql.importing import (
    checks,
    control_accounts,
    dataset_states,
    fixed_assets,
    ledger_sql,
    missing_bookings,
    reference_tables,
    repeated_lines,
    totals,
)
from monitr.adapters.sql.importing import openings as opening_queries
from monitr.adapters.sql.importing.item_stage import SqlItemStage
from monitr.adapters.sql.importing.ledger_stage import SqlLedgerStage
from monitr.adapters.sql.importing.reference_rows import STORED
from monitr.adapters.sql.repositories.administration_rows import administration_of, administration_values
from monitr.adapters.sql.repositories.import_run_rows import import_run_values
from monitr.adapters.sql.repositories.timeline import append
from monitr.application.importing.import_store import Chunk, ItemStage, LeaseLost, LedgerStage, Row
from monitr.application.ports import Claim
from monitr.domain.accounting.account import Account, CostCentre
from monitr.domain.accounting.bookyear import Bookyear, Period, chronological
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, LedgerLine
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import AmountCell, Check
from monitr.domain.accounting.year_opening import Candidate, YearOpening
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import Counts, Dataset, ImportRun

_OF_ITS_HOLDER = frozenset({"id", "organisation_id", "administration_id", "queued_at", "cancel_requested"})
_NOTES_KEPT = 100


@dataclass(frozen=True, slots=True)
class SqlImportStore:
    engine: AsyncEngine
    claim: Claim
    administration: Administration

    async def save(self, run: ImportRun, administration: Administration | None = None) -> bool:
        async with self._transaction() as connection:
            if administration is not None:  # before its run, like whoever removes it: no two wait for each other
                await self._save_administration(connection, administration, run.finished_at or run.queued_at)
            return await self._save_run(connection, run)

    async def replace(self, kind: type[Row], rows: Sequence[Row]) -> Counts:
        async with self._transaction() as connection:
            await self._hold(connection)
            return await reference_tables.replace(connection, self.administration.id, kind, rows)

    @asynccontextmanager
    async def outstanding_items(self, type: OutstandingItemType) -> AsyncIterator[ItemStage]:
        async with self._staging() as connection:
            stage = SqlItemStage(connection, self.administration.id, type, self._hold)
            async with _arriving(stage):
                yield stage

    async def merge(self, kind: type[Row], rows: Sequence[Row], deleted: Sequence[Row]) -> Counts:
        if not rows and not deleted:
            return Counts()
        async with self._transaction() as connection:
            await self._hold(connection)
            await self._note_first_seen(connection, kind, rows)
            return await reference_tables.merge(connection, self.administration.id, kind, rows, deleted)

    async def checkpoints(self) -> frozenset[Chunk]:
        async with self._transaction() as connection:
            rows = await self._run(
                connection,
                "SELECT bookyear, journal_type FROM ledger_chunk"
                " WHERE administration_id = :administration AND run_id = :run",
                run=self.claim.run_id,
            )
        return frozenset(Chunk(*row) for row in rows)

    async def chunks_read(self) -> frozenset[Chunk]:
        async with self._transaction() as connection:
            rows = await self._run(
                connection, "SELECT bookyear, journal_type FROM ledger_chunk WHERE administration_id = :administration"
            )
            return frozenset(Chunk(*row) for row in rows)

    async def answers(self) -> Mapping[Chunk, str]:
        async with self._transaction() as connection:
            rows = await self._run(connection, ledger_sql.ANSWERS)
            code = ledger_sql.THIS_CODE
            return {
                Chunk(bookyear, type): answer.removeprefix(code)
                for bookyear, type, answer in rows
                if answer.startswith(code)
            }

    async def knows(self, kind: type[Row]) -> bool:
        async with self._transaction() as connection:
            found = await self._run(
                connection,
                f"SELECT EXISTS (SELECT FROM {STORED[kind].table} WHERE administration_id = :administration)",
            )
            return bool(found.scalar_one())

    async def read_at(self) -> Mapping[Dataset, datetime]:
        async with self._transaction() as connection:
            rows = await self._run(
                connection,
                "SELECT dataset, last_successful_at FROM dataset_state"
                " WHERE administration_id = :administration AND last_successful_at IS NOT NULL",
            )
            return {Dataset(dataset): at for dataset, at in rows}

    async def bookyears(self) -> list[Bookyear]:
        async with self._transaction() as connection:
            return await self._bookyears(connection)

    @asynccontextmanager
    async def stage(self) -> AsyncIterator[LedgerStage]:
        async with self._staging() as connection:
            stage = SqlLedgerStage(connection, self.administration.id, self._save_run)
            async with _arriving(stage):
                yield stage

    async def complete_bookyears(self) -> list[Bookyear]:
        async with self._transaction() as connection:
            bookyears = await self._bookyears(connection)
            rows = await self._run(
                connection,
                """SELECT bookyear FROM ledger_chunk
                   WHERE administration_id = :administration AND journal_type = ANY(CAST(:types AS int[]))
                   GROUP BY bookyear HAVING count(*) = cardinality(CAST(:types AS int[]))""",
                types=list(FIRST_LOAD_TYPES),
            )
        complete = {number for (number,) in rows}
        unbroken: list[Bookyear] = []
        for bookyear in reversed(bookyears):
            if bookyear.number not in complete:
                break
            unbroken.insert(0, bookyear)
        return unbroken

    async def opening_candidates(self, bookyear: Bookyear) -> list[Candidate]:
        async with self._transaction() as connection:
            return await opening_queries.candidates(connection, self.administration.id, bookyear)

    async def journal_names(self, bookyear: int) -> Mapping[int, str]:
        async with self._transaction() as connection:
            rows = await self._run(
                connection,
                "SELECT number, name FROM journal"
                " WHERE administration_id = :administration AND bookyear = :bookyear AND type = 'D'",
                bookyear=bookyear,
            )
            return dict(rows.all())

    async def carried_forward(self, bookyear: Bookyear, start: Mapping[int, Decimal] | None) -> dict[int, Decimal]:
        async with self._transaction() as connection:
            return await opening_queries.closing(connection, self.administration.id, bookyear.number, start or {})

    async def save_openings(self, bookyear: Bookyear, openings: Sequence[YearOpening]) -> bool:
        async with self._transaction() as connection:
            await self._hold(connection)
            return await opening_queries.save(connection, self.administration.id, bookyear.number, openings)

    async def derive_fixed_assets(self) -> Counts:
        async with self._transaction() as connection:
            await self._hold(connection)
            return await fixed_assets.derive_fixed_assets(connection, self.administration.id)

    async def checks(self) -> list[Check]:
        async with self._transaction() as connection:
            return await checks.checks(connection, self.administration.id, self.claim.run_id)

    async def amount_cells(self, bookyears: Sequence[Bookyear], *, without_missing: bool = False) -> list[AmountCell]:
        async with self._transaction() as connection:
            return await totals.amount_cells(
                connection, self.administration.id, bookyears, without_missing=without_missing
            )

    async def missing_chunks(self) -> list[Chunk]:
        async with self._transaction() as connection:
            return await missing_bookings.missing_chunks(connection, self.administration.id)

    async def repeated_lines(self, bookyears: Sequence[int]) -> list[LedgerLine]:
        async with self._transaction() as connection:
            return await repeated_lines.repeated_lines(connection, self.administration.id, bookyears)

    async def control_total(self, type: OutstandingItemType) -> ControlTotal | None:
        async with self._transaction() as connection:
            return await control_accounts.control_total(connection, self.administration.id, type)

    async def resolve_missing(self, chunk: Chunk, *, delete: bool) -> Counts:
        async with self._transaction() as connection:
            await self._hold(connection)
            return await missing_bookings.resolve_missing(
                connection, self.administration.id, self.claim.run_id, chunk, delete=delete
            )

    async def note(self, texts: Sequence[str]) -> None:
        async with self._transaction() as connection:
            await self._hold(connection)
            await self._run(
                connection,
                """INSERT INTO import_note (administration_id, run_id, text)
                   SELECT :administration, CAST(:run AS uuid), note FROM unnest(CAST(:texts AS text[])) note
                   LIMIT greatest(0, :kept - (SELECT count(*) FROM import_note WHERE run_id = CAST(:run AS uuid)))""",
                run=self.claim.run_id,
                texts=list(texts),
                kept=_NOTES_KEPT,
            )

    async def finish(self, run: ImportRun, administration: Administration, read: Mapping[Dataset, datetime]) -> None:
        async with self._transaction(lasting=True) as connection:
            await self._save_administration(connection, administration, run.finished_at or run.queued_at)
            await self._save_run(connection, run)
            await dataset_states.save_dataset_states(connection, self.administration.id, run, read)

    # --- the transaction, and what every one of them does -----------------------------------------------------------

    @asynccontextmanager
    async def _transaction(self, *, lasting: bool = False) -> AsyncIterator[AsyncConnection]:
        """Only the end of a run has to last: its commit waits for all that went before."""
        async with tenancy.transaction(self.engine, self.claim.organisation_id, lasting=lasting) as connection:
            yield connection

    @asynccontextmanager
    async def _staging(self) -> AsyncIterator[AsyncConnection]:
        """A transaction that stays open while something arrives: undone, unless it was committed meanwhile."""
        async with self.engine.connect() as connection:
            await tenancy.enter(connection, self.claim.organisation_id, lasting=False)
            await connection.execute(text(f"SELECT {tenancy.PATIENT}"))
            try:
                yield connection
            finally:
                try:
                    await connection.rollback()
                except Exception:  # cancelled in the midst of a command: the connection does not take another one
                    await connection.invalidate()

    async def _save_run(self, connection: AsyncConnection, run: ImportRun) -> bool:
        values = {name: value for name, value in import_run_values(run).items() if name not in _OF_ITS_HOLDER}
        row = (
            await connection.execute(
                update(import_run_table)
                .where(import_run_table.c.id == run.id, import_run_table.c.fence == self.claim.fence)
                .values(**values)
                .returning(import_run_table.c.cancel_requested, text(tenancy.NO_PAUSE))
            )
        ).one_or_none()
        if row is None:
            raise LeaseLost
        return bool(row[0])

    async def _hold(self, connection: AsyncConnection) -> None:
        """Nobody can claim the run until this transaction ends; LeaseLost where somebody has."""
        held = await connection.execute(
            text(f"SELECT {tenancy.NO_PAUSE} FROM import_run WHERE id = :run AND fence = :fence FOR UPDATE"),
            {"run": self.claim.run_id, "fence": self.claim.fence},
        )
        if held.one_or_none() is None:
            raise LeaseLost

    async def _save_administration(
        self, connection: AsyncConnection, administration: Administration, at: datetime
    ) -> None:
        """What an import may change of it; a removal at the same moment stands, and so does a state that somebody else
        has found meanwhile, unless the run itself has found out something about the dossier."""
        query = select(administration_table).where(administration_table.c.id == administration.id)
        row = (await connection.execute(query.with_for_update(key_share=True))).mappings().one_or_none()
        current = None if row is None else administration_of(row)
        if current is None or not current.is_alive:
            return
        if administration.events:
            *_, found = administration.events
            opened = administration.status is AdministrationStatus.ACTIVE
            current = current.reached() if opened else current.unreachable(administration.status, found.cause)
            await append(connection, current.organisation_id, current.id, current.events, at)
        values = administration_values(administration) | {"status": current.status.value}
        changed = ("name", "vat_number", "watermark", "last_successful_import_at", "complete_from", "status")
        await connection.execute(
            update(administration_table)
            .where(administration_table.c.id == administration.id)
            .values(**{name: values[name] for name in changed})
        )

    async def _bookyears(self, connection: AsyncConnection) -> list[Bookyear]:
        rows = await self._run(
            connection,
            "SELECT number, description, start_date, end_date, closed, periods FROM bookyear"
            " WHERE administration_id = :administration",
        )
        return chronological(
            [
                Bookyear(number, description, start, end, closed, _periods(periods))
                for number, description, start, end, closed, periods in rows
            ]
        )

    async def _note_first_seen(self, connection: AsyncConnection, kind: type[Row], rows: Sequence[Row]) -> None:
        """Before they are written: the numbers that no bookyear has had."""
        if kind not in (Account, CostCentre):
            return
        await self._run(
            connection,
            f"""INSERT INTO import_first_seen (administration_id, run_id, kind, number)
                SELECT DISTINCT CAST(:administration AS uuid), CAST(:run AS uuid), :seen, number
                FROM unnest(CAST(:numbers AS int[])) AS new(number)
                WHERE NOT EXISTS (SELECT FROM {STORED[kind].table} old
                                  WHERE old.administration_id = :administration AND old.number = new.number)
                ON CONFLICT DO NOTHING""",
            run=self.claim.run_id,
            seen="ACCOUNT" if kind is Account else "COST_CENTRE",
            numbers=[row.number for row in rows if isinstance(row, Account | CostCentre)],
        )

    async def _run(self, connection: AsyncConnection, statement: str | TextClause, **parameters: object) -> Any:
        clause = text(statement) if isinstance(statement, str) else statement
        return await connection.execute(clause, {"administration": self.administration.id, **parameters})


@asynccontextmanager
async def _arriving(stage: SqlLedgerStage | SqlItemStage) -> AsyncIterator[None]:
    """The stage takes what arrives. However that ends, its connection takes commands again afterwards."""
    try:
        await stage.open()
        yield
        await stage.arriving.close()
    except BaseException as error:
        with suppress(Exception):  # cancelled in the midst of a command: the connection does not take another one
            await stage.arriving.close(error)
        raise


def _periods(stored: Sequence[Sequence[Any]]) -> tuple[Period, ...]:
    return tuple(Period(number, date.fromisoformat(start), date.fromisoformat(end)) for number, start, end in stored)
