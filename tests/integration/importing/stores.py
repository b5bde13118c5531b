"""An administration and its run, once in memory and once in PostgreSQL, seen alike."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Protocol
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.security.cipher import AesGcmCipher
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.importing.import_store import open_import_store
from monitr.adapters.sql.repositories.unit_of_work import SqlTransactions
from monitr.application.importing.ledger.chunk import Chunk
from monitr.application.importing.ports import ImportStore
from monitr.application.ports import Transactions
from monitr.domain.accounting.fixed_assets import Acquisition
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.administration import Administration
from monitr.domain.import_run import ImportRun, ImportRunId, ImportStatus
from monitr.domain.organisation import OrganisationId
from tests.unit.fakes import NOON, FakeClaim, FakeTransactions, a_run, an_administration, an_integration
from tests.unit.importing import fake_import_store
from tests.unit.importing.fake_claim import FakeDatabase
from tests.unit.importing.imported import Imported, Ledger, numbered


@dataclass(frozen=True)
class Stored:
    """What publishing keeps."""

    ledger: Ledger
    balances: Mapping[tuple[int, int, int, date, int, int], tuple[Decimal, Decimal, int]]
    """Debit, credit and lines by (bookyear, journal type, period, month, account, cost centre)."""
    missing: frozenset[BookingKey]
    unbalanced: Mapping[BookingKey, Decimal]
    chunks: Mapping[Chunk, ImportRunId]
    changes: Mapping[tuple[ImportRunId, BookingKey], str]
    assets: frozenset[Acquisition]


class Place(Protocol):
    """``run`` is held by ``store``."""

    administration: Administration
    run: ImportRun
    store: ImportStore

    @property
    def transactions(self) -> Transactions: ...

    async def claim(self) -> ImportStore:
        """The run taken over by another worker: its store."""
        ...

    async def stored(self) -> Stored: ...


async def begin(place: Place, run: ImportRunId | None = None, *, after_another: bool = False) -> None:
    """A run that is worked on; the one before it has ended."""
    async with place.transactions(place.administration.organisation_id) as work:
        if not after_another:
            await work.integrations.save(
                an_integration(
                    id=place.administration.integration_id, organisation_id=place.administration.organisation_id
                )
            )
            await work.administrations.save(place.administration)
            place.administration = replace(place.administration, events=())  # they are on its timeline
        else:
            await work.imports.save(replace(place.run, status=ImportStatus.CANCELLED, finished_at=NOON))
        place.run = a_run(place.administration, id=run or ImportRunId(uuid4()))
        await work.imports.add(place.run)
        await work.commit()
    place.run = place.run.begin(NOON)
    place.store = await place.claim()
    await place.store.record.save(place.run)


class InMemory:
    administration: Administration
    run: ImportRun
    store: ImportStore

    def __init__(self, administration: Administration) -> None:
        self.administration = administration
        self.transactions = FakeTransactions()
        self.database = FakeDatabase(self.transactions)

    async def claim(self) -> ImportStore:
        fence = self.database.claimed(self.run.id)
        claim = FakeClaim(self.run.id, self.run.organisation_id, fence, attempt=fence)
        return fake_import_store.open_import_store(self.database, claim, self.administration)

    async def stored(self) -> Stored:
        ours: Imported = self.database.imported[self.administration.id]
        return Stored(
            ours.ledger,
            ours.account_month,
            frozenset(ours.missing),
            ours.unbalanced,
            ours.chunks,
            ours.changes,
            frozenset(ours.rows[Acquisition].values()),
        )


class InPostgres:
    administration: Administration
    run: ImportRun
    store: ImportStore

    def __init__(self, engine: AsyncEngine, administration: Administration) -> None:
        self.engine = engine
        self.administration = administration
        self.transactions: Transactions = SqlTransactions(engine, AesGcmCipher([os.urandom(32)]), lambda: NOON)

    async def claim(self) -> ImportStore:
        statement = (
            "UPDATE import_run SET fence = fence + 1, attempt = attempt + 1 WHERE id = :id RETURNING fence, attempt"
        )
        async with transaction(self.engine, self.run.organisation_id) as connection:
            fence, attempt = (await connection.execute(text(statement), {"id": self.run.id})).one()
        claim = FakeClaim(self.run.id, self.run.organisation_id, fence, attempt)
        return open_import_store(self.engine, claim, self.administration)

    async def stored(self) -> Stored:
        fields = ", ".join(LedgerLine._fields)
        lines = await self.rows(
            f"SELECT {fields}, ordinal FROM ledger_line WHERE administration_id = :id ORDER BY {fields}, ordinal"
        )
        ledger = numbered(LedgerLine(*row[:-1]) for row in lines)
        by_ordinal: Ledger = {}
        for row in sorted(lines, key=lambda row: (row[:4], row[-1])):
            line = LedgerLine(*row[:-1])
            by_ordinal.setdefault(BookingKey(*line[:4]), []).append(line)
            assert len(by_ordinal[BookingKey(*line[:4])]) == row[-1], "ordinals are 1 to n"
        assert ledger == by_ordinal, "lines are numbered by what they are"
        balances = {
            row[:6]: row[6:]
            for row in await self.rows(
                "SELECT bookyear, journal_type, period, month, account, cost_centre, debit, credit, lines"
                " FROM account_month WHERE administration_id = :id"
            )
        }
        sums = "sum(debit), sum(credit), sum(lines) FROM"
        by_year = "administration_id = :id GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5"
        of_months, of_years = [
            await self.rows(
                f"SELECT bookyear, journal_type, date_trunc('year', {day})::date, account, cost_centre, {sums} {table}"
                f" WHERE {by_year}"
            )
            for table, day in (("account_month", "month"), ("account_year", "year"))
        ]
        assert of_years == of_months, "a year is its months"
        key = "bookyear, journal_type, journal_number, document_number"
        return Stored(
            ledger,
            balances,
            frozenset(
                BookingKey(*row)
                for row in await self.rows(f"SELECT {key} FROM missing_booking WHERE administration_id = :id")
            ),
            {
                BookingKey(*row[:4]): row[4]
                for row in await self.rows(f"SELECT {key}, net FROM unbalanced_booking WHERE administration_id = :id")
            },
            {
                Chunk(*row[:2]): row[2]
                for row in await self.rows(
                    "SELECT bookyear, journal_type, run_id FROM ledger_chunk WHERE administration_id = :id"
                )
            },
            {
                (row[0], BookingKey(*row[1:5])): row[5]
                for row in await self.rows(
                    "SELECT run_id, bookyear, journal_type, journal_number, number, kind FROM import_change,"
                    " generate_series(document_number, last_document_number) number WHERE administration_id = :id"
                )
            },
            frozenset(
                Acquisition(BookingKey(*row[:4]), *row[4:])
                for row in await self.rows(
                    f"SELECT {key}, ordinal, account, counted_from, acquired_on, acquisition_value, description,"
                    " relation FROM fixed_asset WHERE administration_id = :id"
                )
            ),
        )

    async def versions(self) -> list[tuple[Any, ...]]:
        """Of every row of the ledger and its balances: another where a row was written, even with the same values."""
        return [
            row
            for table in ("ledger_line", "account_month")
            for row in await self.rows(
                f"SELECT '{table}', ctid::text, xmin::text FROM {table} WHERE administration_id = :id ORDER BY 1, 2"
            )
        ]

    async def rows(self, statement: str) -> list[tuple[Any, ...]]:
        async with transaction(self.engine, self.administration.organisation_id, read_only=True) as connection:
            return [tuple(row) for row in await connection.execute(text(statement), {"id": self.administration.id})]


def of_an_own_organisation() -> Administration:
    return an_administration(organisation_id=OrganisationId(uuid4()))
