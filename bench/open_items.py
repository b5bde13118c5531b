"""What the dashboard of open items takes where much is open, beside where little is.

``python -m bench.open_items [--items 30000]``: two administrations in a new database, one with a hundredth of the
other's open items. Of each question the processor time of the reader, and what its statements take by ``EXPLAIN
ANALYZE``: the least of some rounds, in milliseconds.
"""

import argparse
import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from uuid import uuid4

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.databases import a_database, a_server
from monitr.adapters.sql.database.engine import create_engine
from monitr.adapters.sql.reading import SqlReader, SqlReaders
from monitr.application.reading.outstanding_items import OutstandingFilter
from monitr.domain.accounting.outstanding_items import OutstandingItemType, ageing_buckets
from monitr.domain.organisation import AdministrationId, OrganisationId

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY, YESTERDAY = NOON.date(), date(2026, 11, 21)
BUCKETS = ageing_buckets([30, 60, 90])
TYPE = OutstandingItemType.RECEIVABLE
ROUNDS = 9

OWNER = text("""
    WITH made AS (INSERT INTO organisation (id, created_at) VALUES (:organisation, now()) RETURNING id)
    INSERT INTO integration (id, organisation_id, status, created_at)
    SELECT :integration, id, 'CONFIGURED', now() FROM made
""")
BOOKS = text("""
    INSERT INTO administration (id, organisation_id, integration_id, dossier_number, name, created_at, status)
    VALUES (:administration, :organisation, :integration, :items, 'Books', now(), 'ACTIVE')
""")
ITEMS = text("""
    INSERT INTO outstanding_item (administration_id, type, bookyear, journal_key, document_number, line_sequence,
                                  ordinal, relation, document_date, due_date, amount, amount_outstanding, currency,
                                  found_on)
    SELECT :administration, 'RECEIVABLE', 1, CASE WHEN n % 10 = 0 THEN 'F1' ELSE 'V1' END, n, -1, 1,
           1 + n * 7919 % greatest(:items / 10, 1), CAST(:today AS date) - n % 1400,
           CAST(:today AS date) - n % 1400 + 30, 121, CASE WHEN n % 10 = 0 THEN -1 ELSE 1 END * (n % 997 + 0.5), 'EUR',
           CAST(:today AS date) - 9
    FROM generate_series(1, :items) AS n
""")
SNAPSHOT = text("INSERT INTO outstanding_snapshot VALUES (:administration, 'RECEIVABLE', CAST(:today AS date) - 1)")

Question = Callable[[SqlReader, AdministrationId], Awaitable[object]]
QUESTIONS: Mapping[str, Question] = {
    "totals and buckets": lambda reader, of: reader.outstanding_reports(of, TYPE, BUCKETS, [TODAY]),
    "the same of a day of an import": lambda reader, of: reader.outstanding_reports(of, TYPE, BUCKETS, [YESTERDAY]),
    "the 20 largest relations": lambda reader, of: reader.outstanding_by_relation(of, TYPE, BUCKETS, 20, [TODAY]),
    "a page of 100": lambda reader, of: reader.outstanding_items(of, TYPE, TODAY, OutstandingFilter(), 100, None),
}


async def books_with(engine: AsyncEngine, organisation: OrganisationId, items: int) -> AdministrationId:
    administration, integration = AdministrationId(uuid4()), uuid4()
    given = {"organisation": organisation, "administration": administration, "integration": integration}
    async with engine.begin() as connection:
        for statement in (OWNER, BOOKS, ITEMS, SNAPSHOT):
            await connection.execute(statement, {**given, "items": items, "today": TODAY})
    return administration


@contextmanager
def noted(engine: AsyncEngine) -> Iterator[list[tuple[str, object]]]:
    """The statements that are sent, with their parameters."""
    sent: list[tuple[str, object]] = []

    def note(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        if "set_config" not in statement:
            sent.append((statement, parameters))

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.sync_engine, "before_cursor_execute", note)


async def taken(
    engine: AsyncEngine, organisation: OrganisationId, id: AdministrationId, question: Question
) -> tuple[float, float]:
    """Processor time of ours, and PostgreSQL's own figure, in milliseconds."""
    async with SqlReaders(engine, lambda: NOON)(organisation) as reader:
        with noted(engine) as sent:
            begun = time.process_time()
            await question(reader, id)
            ours = time.process_time() - begun
    return ours * 1000, sum([await explained(engine, statement, given) for statement, given in sent])


async def explained(engine: AsyncEngine, statement: str, given: object) -> float:
    async with engine.connect() as connection:
        plan = await connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING OFF) {statement}", given)  # type: ignore[arg-type]  # as it was noted
        told = re.search(r"Execution Time: ([\d.]+) ms", "\n".join(row[0] for row in plan))
    assert told, statement
    return float(told[1])


async def measured(address: str, items: int) -> None:
    engine = create_engine(address)
    sizes = (items // 100, items)
    places = [(organisation := OrganisationId(uuid4()), await books_with(engine, organisation, size)) for size in sizes]
    async with engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("VACUUM ANALYZE"))
    print(f"{'':>32} {'ours':>8} {'':>8} {'':>6} {'PostgreSQL':>12}")
    for name, question in QUESTIONS.items():
        least = []
        for organisation, id in places:
            rounds = [await taken(engine, organisation, id, question) for _ in range(ROUNDS)]
            least.append([min(each) for each in zip(*rounds, strict=True)])
        (little, little_sql), (much, much_sql) = least
        print(
            f"{name:>32} {little:8.1f} {much:8.1f} {much / little:5.1f}x"
            f" {little_sql:8.1f} {much_sql:8.1f} {(much + much_sql) / (little + little_sql):5.1f}x together"
        )
    await engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=30_000)
    options = parser.parse_args()
    with a_server() as server, a_database(server, migrated=True) as address:
        asyncio.run(measured(address, options.items))


if __name__ == "__main__":
    main()
