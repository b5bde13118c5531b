"""Purging two million ledger lines while another administration is imported: how long, in whose way, and what is left.

    python bench/purge.py postgresql://…/an_empty_database [--lines 2000000]

The other import is imitated by its publishing transaction: a thousand lines inserted and their balances kept.
"""

import argparse
import asyncio
import time
from datetime import UTC, datetime, timedelta
from statistics import median
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.database.migration import migrate
from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.domain.organisation import AdministrationId, OrganisationId

NOW = datetime.now(UTC)
LINES = text("""
    INSERT INTO ledger_line (administration_id, bookyear, journal_type, journal_number, document_number, ordinal,
        line_sequence, period, document_date, effective_date, account, amount, currency, description)
    SELECT CAST(:id AS uuid), 1 + n / 400000, 1 + n % 4, 1, :first + n / 4, 1 + n % 4, 1 + n % 4, 202601, day, day,
        400000 + n % 500, (n % 1000) - 500, 'EUR', 'Invoice of a client, number ' || n
    FROM generate_series(0, :lines - 1) n, LATERAL (SELECT date '2022-01-01' + n % 1500 AS day) days
""")
SIZES = text("""
    SELECT pg_total_relation_size('ledger_line') / 1048576 AS megabytes, n_live_tup AS live, n_dead_tup AS dead
    FROM pg_stat_user_tables WHERE relname = 'ledger_line'
""")


def tell(line: str) -> None:
    print(line, flush=True)  # the result


async def administration(engine: AsyncEngine, organisation: OrganisationId, dossier: int, status: str) -> UUID:
    id, integration = uuid4(), uuid4()
    async with transaction(engine, organisation) as connection:
        await connection.execute(
            text("INSERT INTO organisation VALUES (:o, now()) ON CONFLICT DO NOTHING"), {"o": organisation}
        )
        await connection.execute(
            text(
                "INSERT INTO integration (id, organisation_id, status, created_at) VALUES (:i, :o, 'CONFIGURED', now())"
            ),
            {"i": integration, "o": organisation},
        )
        await connection.execute(
            text(
                "INSERT INTO administration (id, organisation_id, integration_id, dossier_number, name, created_at,"
                " status, purge_after) VALUES (:id, :o, :i, :d, 'Demo', now(), :s, now())"
            ),
            {"id": id, "o": organisation, "i": integration, "d": dossier, "s": status},
        )
    return id


async def sizes(engine: AsyncEngine, label: str) -> None:
    async with engine.connect() as connection:
        await connection.execute(text("SELECT pg_stat_clear_snapshot()"))
        row = (await connection.execute(SIZES)).one()
    tell(f"{label:<44} {row.megabytes:>6} MB  {row.live:>9} live  {row.dead:>9} dead")


async def vacuumed(engine: AsyncEngine) -> None:
    """What the autovacuum does by itself within its minute."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE ledger_line"))


async def importing(
    engine: AsyncEngine, organisation: OrganisationId, id: UUID, first: int, stop: asyncio.Event
) -> list[float]:
    """Seconds of each publication of a thousand lines."""
    seconds: list[float] = []
    while not stop.is_set():
        started = time.perf_counter()
        async with transaction(engine, organisation) as connection:
            await connection.execute(LINES, {"id": id, "first": first + 1000 * len(seconds), "lines": 1000})
        seconds.append(time.perf_counter() - started)
        await asyncio.sleep(0.02)
    return seconds


def told(label: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    worst = ordered[int(len(ordered) * 0.99) - 1]
    tell(
        f"{label:<44} {len(ordered):>5} publications, median {median(ordered) * 1000:.0f} ms,"
        f" p99 {worst * 1000:.0f} ms, longest {ordered[-1] * 1000:.0f} ms"
    )


async def main(url: str, lines: int) -> None:
    migrate(url)
    engine = create_engine(url, application_name="bench-purge", pool_size=5)
    organisation = OrganisationId(uuid4())
    large = await administration(engine, organisation, 1, "DELETED")
    other = await administration(engine, organisation, 2, "ACTIVE")
    async with transaction(engine, organisation) as connection:
        await connection.execute(LINES, {"id": large, "first": 0, "lines": lines})
    await vacuumed(engine)
    await sizes(engine, f"{lines} lines")

    stop = asyncio.Event()
    alone = asyncio.create_task(importing(engine, organisation, other, 0, stop))
    await asyncio.sleep(15)
    stop.set()
    told("another import, alone", await alone)

    stop = asyncio.Event()
    beside = asyncio.create_task(importing(engine, organisation, other, 10_000_000, stop))
    started = time.perf_counter()
    await SqlPurgeableAdministrations(engine).erase(organisation, AdministrationId(large), NOW + timedelta(minutes=10))
    purge_seconds = time.perf_counter() - started
    stop.set()
    told("another import, beside the purge", await beside)
    tell(f"{'the purge':<44} {purge_seconds:.1f} s, {lines / purge_seconds:,.0f} lines a second")
    await asyncio.sleep(1)
    await sizes(engine, "after the purge")
    await vacuumed(engine)
    await sizes(engine, "after the autovacuum")
    again = await administration(engine, organisation, 3, "ACTIVE")
    async with transaction(engine, organisation) as connection:
        await connection.execute(LINES, {"id": again, "first": 0, "lines": lines})
    await sizes(engine, "after as many lines were imported again")
    await engine.dispose()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--lines", type=int, default=2_000_000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.url, arguments.lines))
