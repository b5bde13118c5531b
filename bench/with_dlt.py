"""The same answers loaded by dlt (dlthub.com), the integration library that one would reach for instead, and by hand.

Run by the Python of ``.venv-bench``, which has dlt and not Monitr: it reads a JSON object, the fields of
``Task``, and prints one, those of ``bench.results.PeerLoad``, as its last line.

Three ways of dlt. *rows*, what its documentation begins with: pages of dictionaries, everything else by default.
*arrow*, what its page on PostgreSQL calls fast loading: Arrow tables made of the decoded JSON, parquet files over
ADBC. *pyarrow*, dlt at its best: the same where pyarrow reads the JSON itself, and dlt is told that no key comes twice,
though Octopus does repeat elements now and then. And *by_hand*, what a good engineer would write: pyarrow reads the
JSON, pgpq (Rust) makes binary COPY of its tables, an answer at a time, all in one transaction and without any check.

Before the clock starts the token is there, the tables exist, their schema is known and the destination is empty. For
the Arrow ways of dlt its merge strategies (delete-insert, upsert), its fast file formats (parquet, CSV) and more and
smaller files were tried: those used here were the fastest, or as fast.
"""

import io
import json
import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from importlib.metadata import version
from typing import Any

import dlt  # type: ignore[import-not-found]  # lives in .venv-bench
import pgpq  # type: ignore[import-not-found]  # as dlt
import psycopg2  # type: ignore[import-untyped]  # as dlt
import pyarrow as pa  # type: ignore[import-not-found]  # as dlt
import pyarrow.json as pa_json  # type: ignore[import-not-found]  # as dlt
from dlt.sources.helpers import requests  # type: ignore[import-not-found]  # as dlt

EVERYTHING_SINCE = "1980-01-01 00:00:00.000"
TYPES = (1, 2, 3, 4)
DATASET = "peer"
TABLE = "ledger_line"

KEY = ("bookyear_key__id", "journal_type", "journal_nr", "document_sequence_nr", "line_sequence_nr")
MONEY = {"data_type": "decimal", "precision": 18, "scale": 2}
RATE = {"data_type": "decimal", "precision": 18, "scale": 6}
NUMBER = {"data_type": "bigint", "precision": 32}
DAY = {"data_type": "date"}
_TYPES: dict[str, dict[str, Any]] = {
    **dict.fromkeys(KEY, NUMBER),
    "journal_type": {"data_type": "bigint", "precision": 16},
    "bookyear_periode_nr": NUMBER,
    "document_date": DAY,
    "expiry_date": DAY,
    "account_key": NUMBER,
    "booking_amount": MONEY,
    "currency_code": {"data_type": "text"},
    "document_amount": MONEY,
    "exchange_rate": RATE,
    "relation_key__id": NUMBER,
    "cost_centre_key__id": NUMBER,
    "comment": {"data_type": "text"},
    "reference": {"data_type": "text"},
    "vat_section_code": {"data_type": "text"},
    "vat_recuperation_percentage": RATE,
}
COLUMNS = {name: dict(type) for name, type in _TYPES.items()}  # dlt writes into them

# The primary key and the report indexes of our ledger_line; its tenant is filled in by PostgreSQL.
WITH_TENANT = "ADD COLUMN IF NOT EXISTS administration_id uuid NOT NULL DEFAULT '00000000-0000-4000-8000-000000000000'"
INDEXES = (
    f"ALTER TABLE {{table}} ADD PRIMARY KEY (administration_id, {', '.join(KEY)})",
    f"""CREATE INDEX ON {{table}} (administration_id, document_date DESC,
        {", ".join(f"{column} DESC" for column in KEY[:-1])}, {KEY[-1]})""",
    "CREATE INDEX ON {table} (administration_id, account_key, document_date)",
    """CREATE INDEX ON {table} (administration_id, relation_key__id, document_date)
        WHERE relation_key__id IS NOT NULL""",
)


@dataclass(frozen=True, slots=True)
class Task:
    database: str
    """A libpq address."""
    api: str
    dossier: int
    token: str
    """A dossier token, good for ten minutes."""
    bookyears: list[int]
    way: str
    """``rows``, ``arrow``, ``pyarrow`` or ``by_hand``."""
    indexed: bool

    @property
    def chunks(self) -> list[tuple[int, int]]:
        """Newest bookyear first."""
        return [(bookyear, type) for bookyear in reversed(self.bookyears) for type in TYPES]


def answers(task: Task, chunks: list[tuple[int, int]]) -> Iterator[bytes]:
    """The requests of a first load, as Octopus wants them: one a bookyear and journal type (octopus.md 2.10)."""
    session = requests.Client(request_timeout=180).session
    for bookyear, type in chunks:
        answer = session.get(
            f"{task.api}/dossiers/{task.dossier}/bookyears/{bookyear}/bookings/modified",
            params={"journalTypeId": type, "modifiedTimeStamp": EVERYTHING_SINCE},
            headers={"dossierToken": task.token},
        )
        answer.raise_for_status()
        yield answer.content


def pages(task: Task, chunks: list[tuple[int, int]]) -> Iterator[list[dict[str, Any]]]:
    for body in answers(task, chunks):
        yield json.loads(body)["modifiedBookings"]


_NUMBERED = pa.struct([("id", pa.int32())])
_LINE = pa.struct(
    [
        ("accountKey", pa.int32()),
        ("bookingAmount", pa.decimal128(18, 2)),
        ("bookyearKey", _NUMBERED),
        ("bookyearPeriodeNr", pa.int32()),
        ("comment", pa.string()),
        ("costCentreKey", _NUMBERED),
        ("currencyCode", pa.string()),
        ("documentAmount", pa.decimal128(18, 2)),
        ("documentDate", pa.timestamp("s")),
        ("documentSequenceNr", pa.int32()),
        ("exchangeRate", pa.decimal128(18, 6)),
        ("expiryDate", pa.timestamp("s")),
        ("journalNr", pa.int32()),
        ("journalType", pa.int16()),
        ("lineSequenceNr", pa.int32()),
        ("reference", pa.string()),
        ("relationKey", _NUMBERED),
        ("vatRecuperationPercentage", pa.decimal128(18, 6)),
        ("vatSectionCode", pa.string()),
    ]
)
_ANSWER = pa_json.ParseOptions(
    explicit_schema=pa.schema([("modifiedBookings", pa.list_(_LINE))]), unexpected_field_behavior="ignore"
)


def tables(task: Task, chunks: list[tuple[int, int]]) -> Iterator[Any]:
    for body in answers(task, chunks):
        whole = pa_json.ReadOptions(use_threads=False, block_size=len(body) + 1)
        answer = pa_json.read_json(io.BytesIO(body), read_options=whole, parse_options=_ANSWER)
        lines = answer.column("modifiedBookings").combine_chunks().flatten()
        flat = pa.Table.from_struct_array(lines).flatten()
        flat = flat.rename_columns([name.replace(".", "__") for name in flat.column_names])
        yield flat.cast(_schema_with_days(flat.schema))


_FLAT = pa.Table.from_struct_array(pa.array([], _LINE)).flatten().schema
_FLAT = pa.schema(
    [
        pa.field(field.name.replace(".", "__"), pa.date32() if pa.types.is_timestamp(field.type) else field.type)
        for field in _FLAT
    ]
)
_KEYS = ("bookyearKey", "costCentreKey", "relationKey")
_DAYS = ("documentDate", "expiryDate")


def tables_of_rows(task: Task, chunks: list[tuple[int, int]]) -> Iterator[Any]:
    for body in answers(task, chunks):
        rows = json.loads(body, parse_float=Decimal)["modifiedBookings"]
        for row in rows:
            for name in _KEYS:
                if name in row:
                    row[f"{name}__id"] = row.pop(name)["id"]
            for name in _DAYS:
                if name in row:
                    row[name] = date.fromisoformat(row[name])
        yield pa.Table.from_pylist(rows, schema=_FLAT)


def _schema_with_days(schema: Any) -> Any:
    """The JSON reader knows moments only."""
    days = [pa.field(field.name, pa.date32()) if pa.types.is_timestamp(field.type) else field for field in schema]
    return pa.schema(days)


def lines_of(task: Task, chunks: list[tuple[int, int]]) -> Any:
    """The dlt resource: its data, its key, and the types of what JSON has no types for; Arrow tables have them."""
    if task.way == "pyarrow":
        return dlt.resource(
            tables(task, chunks), name=TABLE, primary_key=KEY, write_disposition=FASTEST_MERGE, file_format="parquet"
        )
    if task.way == "arrow":
        return dlt.resource(
            tables_of_rows(task, chunks), name=TABLE, primary_key=KEY, write_disposition="merge", file_format="parquet"
        )
    return dlt.resource(pages(task, chunks), name=TABLE, primary_key=KEY, write_disposition="merge", columns=COLUMNS)


FASTEST_MERGE = {"disposition": "merge", "strategy": "delete-insert", "deduplicated": True}


def load(task: Task) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="monitr-bench-dlt-") as folder:
        pipeline = dlt.pipeline(
            "peer", pipelines_dir=folder, destination=dlt.destinations.postgres(task.database), dataset_name=DATASET
        )
        pipeline.run(lines_of(task, task.chunks[:1]))  # makes the tables and learns the schema
        with pipeline.sql_client() as client:
            client.execute_sql(f"TRUNCATE {TABLE}")
            if task.indexed:
                client.execute_sql(f"ALTER TABLE {TABLE} {WITH_TENANT}")
                for statement in INDEXES:
                    client.execute_sql(statement.format(table=TABLE))
        begun = time.perf_counter()
        pipeline.run(lines_of(task, task.chunks))
        seconds = time.perf_counter() - begun
        with pipeline.sql_client() as client:
            [[lines]] = client.execute_sql(f"SELECT count(*) FROM {TABLE}")  # noqa: S608  # a constant
    return {"seconds": seconds, "lines": lines, "peak_bytes": peak_bytes(), "version": dlt.__version__}


def load_by_hand(task: Task) -> dict[str, Any]:
    named = {field.name: _CAPITAL.sub(r"_\g<0>", field.name).lower() for field in _FLAT}  # as dlt names them
    columns = ", ".join(f"{named[field.name]} {_DDL[str(field.type)]}" for field in _FLAT)
    names = ", ".join(named.values())
    with psycopg2.connect(task.database) as connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {TABLE} ({columns})")
        if task.indexed:
            cursor.execute(f"ALTER TABLE {TABLE} {WITH_TENANT}")
            for statement in INDEXES:
                cursor.execute(statement.format(table=TABLE))
        connection.commit()
        begun = time.perf_counter()
        for table in tables(task, task.chunks):
            encoder = pgpq.ArrowToPostgresBinaryEncoder(_FLAT)
            parts = [encoder.write_header()]
            parts += [encoder.write_batch(batch) for batch in table.select(_FLAT.names).to_batches()]
            parts.append(encoder.finish())
            cursor.copy_expert(f"COPY {TABLE} ({names}) FROM STDIN (FORMAT BINARY)", io.BytesIO(b"".join(parts)))
        connection.commit()
        seconds = time.perf_counter() - begun
        cursor.execute(f"SELECT count(*) FROM {TABLE}")  # noqa: S608  # a constant
        [[lines]] = cursor.fetchall()
    return {"seconds": seconds, "lines": lines, "peak_bytes": peak_bytes(), "version": version("pgpq")}


_CAPITAL = re.compile("[A-Z]")
_DDL = {
    "int16": "smallint",
    "int32": "integer",
    "date32[day]": "date",
    "string": "text",
    "decimal128(18, 2)": "numeric(18, 2)",
    "decimal128(18, 6)": "numeric(18, 6)",
}


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


if __name__ == "__main__":
    given = Task(**json.load(sys.stdin))
    print(json.dumps(load_by_hand(given) if given.way == "by_hand" else load(given)))  # the result
