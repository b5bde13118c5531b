"""Books in the database, written past row-level security: what the queries read."""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database import tables
from monitr.adapters.sql.repositories.rows import administration_values, values_of
from monitr.domain.administration import Administration, DossierNumber
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from tests.unit.domain.random_books import Ledger

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)

_SUMS = """
    INSERT INTO {table}
    SELECT administration_id, bookyear, {columns} date_trunc('month', effective_date)::date, account,
           coalesce(cost_centre, 0), sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
    FROM ledger_line {join}
    WHERE administration_id = :id
    GROUP BY {groups}
"""


@dataclass
class Place:
    """One organisation with one integration; ``rows`` go to the tables of that name."""

    engine: AsyncEngine
    organisation: OrganisationId = field(default_factory=lambda: OrganisationId(uuid4()))
    integration: IntegrationId = field(default_factory=lambda: IntegrationId(uuid4()))

    async def founded(self) -> "Place":
        async with self.engine.begin() as connection:
            await connection.execute(insert(tables.organisation).values(id=self.organisation, created_at=NOON))
        await self.an_integration(self.integration)
        return self

    async def an_integration(
        self, id: IntegrationId | None = None, status: IntegrationStatus = IntegrationStatus.CONFIGURED
    ) -> Integration:
        one = Integration(id or IntegrationId(uuid4()), self.organisation, status, NOON)
        await self.rows(tables.integration, [values_of(one)])
        return one

    async def an_administration(self, dossier: int = 1, **changes: Any) -> AdministrationId:
        one = Administration(
            **{
                "id": AdministrationId(uuid4()),
                "organisation_id": self.organisation,
                "integration_id": self.integration,
                "dossier": DossierNumber(dossier),
                "name": f"Dossier {dossier}",
                "vat_number": None,
                "created_at": NOON,
                **changes,
            }
        )
        await self.rows(tables.administration, [administration_values(one)])
        return one.id

    async def rows(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            async with self.engine.begin() as connection:
                await connection.execute(insert(table), list(rows))

    async def bookyears(self, id: AdministrationId, years: Mapping[int, tuple[date, date]]) -> None:
        await self.rows(
            tables.bookyear,
            [
                {
                    "administration_id": id,
                    "number": number,
                    "description": str(start.year),
                    "start_date": start,
                    "end_date": end,
                    "closed": False,
                    "periods": [[start.year * 100 + 1, start.isoformat(), end.isoformat()]],
                }
                for number, (start, end) in years.items()
            ],
        )

    async def lines(self, id: AdministrationId, lines: Sequence[Mapping[str, Any]]) -> None:
        """Ledger lines, defaults filled in; ``is_opening`` marks those of year openings. Sums follow."""
        async with self.engine.begin() as connection:
            await connection.execute(insert(tables.ledger_line), [_line(id, line) for line in lines])
            openings = {_booking(line) for line in lines if line.get("is_opening")}
            if openings:
                await connection.execute(
                    insert(tables.year_opening),
                    [
                        dict(zip(_BOOKING, key, strict=True)) | {"administration_id": id, "evidence": "TEST"}
                        for key in sorted(openings)
                    ],
                )
            await _summed(connection, id)

    async def ledger(self, ledger: Ledger, *, complete_from: date | None = None) -> AdministrationId:
        """An administration with these random books."""
        id = await self.an_administration(
            dossier=uuid4().int % 2**31, complete_from=complete_from or min(ledger.years.values())
        )
        starts = list(ledger.years.items())
        ends = [start for _, start in starts[1:]] + [ledger.end]
        await self.bookyears(id, {number: (start, end) for (number, start), end in zip(starts, ends, strict=True)})
        if ledger.lines:
            await self.lines(
                id,
                [
                    {
                        "bookyear": line.bookyear,
                        "document_number": line.document,
                        "ordinal": ordinal,
                        "effective_date": line.day,
                        "account": line.account,
                        "cost_centre": line.cost_centre or None,
                        "amount": line.amount,
                        "is_opening": line.is_opening,
                    }
                    for ordinal, line in enumerate(ledger.lines, 1)
                ],
            )
        return id


_BOOKING = ("bookyear", "journal_type", "journal_number", "document_number")
_DEFAULTS: dict[str, Any] = {
    "journal_type": 4,
    "journal_number": 1,
    "document_number": 1,
    "ordinal": 1,
    "period": None,
    "due_date": None,
    "currency": "EUR",
    "currency_amount": None,
    "relation": None,
    "cost_centre": None,
    "description": None,
    "reference": None,
}


def _line(id: AdministrationId, line: Mapping[str, Any]) -> dict[str, Any]:
    filled = {**_DEFAULTS, "document_date": line["effective_date"], **line, "administration_id": id}
    return {"line_sequence": filled["ordinal"], **{key: filled[key] for key in filled if key != "is_opening"}}


def _booking(line: Mapping[str, Any]) -> tuple[Any, ...]:
    filled = {**_DEFAULTS, **line}
    return tuple(filled[name] for name in _BOOKING)


async def _summed(connection: AsyncConnection, id: AdministrationId) -> None:
    for table, columns, join, groups in (
        ("account_month", "journal_type, coalesce(period, 0),", "", "1, 2, 3, 4, 5, 6, 7"),
        (
            "opening_balance",
            "",
            "JOIN year_opening USING (administration_id, bookyear, journal_type, journal_number, document_number)",
            "1, 2, 3, 4, 5",
        ),
    ):
        await connection.execute(text(f"DELETE FROM {table} WHERE administration_id = :id"), {"id": id})
        await connection.execute(text(_SUMS.format(table=table, columns=columns, join=join, groups=groups)), {"id": id})


def last_day(day: date) -> date:
    return day.replace(day=monthrange(day.year, day.month)[1])
