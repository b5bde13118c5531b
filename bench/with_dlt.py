"""The same answers loaded by dlt: https://dlthub.com, the integration library that one would reach for instead.

Run by the Python of ``.venv-bench``, which has dlt and not Monitr: one JSON object of ``Task`` as its argument, one of
the answer as the last line that it prints.

Two ways. *Rows*, what its documentation begins with: pages of dictionaries, everything else by default. *Arrow*, what
its page on PostgreSQL calls fast loading: the JSON decoded by pyarrow, Arrow tables extracted, parquet files loaded
over ADBC. Telemetry is off, the tables exist before the clock starts (its schema is known by then), the destination is
empty, and the token was fetched before. Of its merge strategies, file formats and file sizes the fastest were taken for
the Arrow way, as measured on this task; ``deduplicated`` spares it a sort, since keys are unique here.
"""

import io
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found]  # lives in .venv-bench
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
        {', '.join(f'{column} DESC' for column in KEY[:-1])}, {KEY[-1]})""",
    "CREATE INDEX ON {table} (administration_id, account_key, document_date)",
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
    arrow: bool
    indexed: bool


def answers(task: Task, bookyears: list[int]) -> Iterator[bytes]:
    """The requests of a first load, as Octopus wants them: one a bookyear and journal type (api.md 2.10)."""
    session = requests.Client(request_timeout=180).session
    for bookyear in bookyears:
        for type in TYPES:
            answer = session.get(
                f"{task.api}/dossiers/{task.dossier}/bookyears/{bookyear}/bookings/modified",
                params={"journalTypeId": type, "modifiedTimeStamp": EVERYTHING_SINCE},
                headers={"dossierToken": task.token},
            )
            answer.raise_for_status()
            yield answer.content


def pages(task: Task, bookyears: list[int]) -> Iterator[list[dict[str, Any]]]:
    for body in answers(task, bookyears):
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


def tables(task: Task, bookyears: list[int]) -> Iterator[Any]:
    for body in answers(task, bookyears):
        whole = pa_json.ReadOptions(use_threads=False, block_size=len(body) + 1)
        answer = pa_json.read_json(io.BytesIO(body), read_options=whole, parse_options=_ANSWER)
        lines = answer.column("modifiedBookings").combine_chunks().flatten()
        flat = pa.Table.from_struct_array(lines).flatten()
        flat = flat.rename_columns([name.replace(".", "__") for name in flat.column_names])
        yield flat.cast(_schema_with_days(flat.schema))


def _schema_with_days(schema: Any) -> Any:
    """The JSON reader knows moments only."""
    days = [pa.field(field.name, pa.date32()) if pa.types.is_timestamp(field.type) else field for field in schema]
    return pa.schema(days)


def lines_of(task: Task, bookyears: list[int]) -> Any:
    """The dlt resource: its data, its key, its types."""
    return dlt.resource(
        tables(task, bookyears) if task.arrow else pages(task, bookyears),
        name=TABLE,
        primary_key=KEY,
        columns=None if task.arrow else COLUMNS,
        write_disposition=ARROW_MERGE if task.arrow else "merge",
        file_format="parquet" if task.arrow else None,
    )


ARROW_MERGE = {"disposition": "merge", "strategy": "delete-insert", "deduplicated": True}


def run(task: Task) -> dict[str, float]:
    with tempfile.TemporaryDirectory(prefix="monitr-bench-dlt-") as folder:
        os.environ["DLT_DATA_DIR"] = folder
        pipeline = dlt.pipeline(
            "peer", pipelines_dir=folder, destination=dlt.destinations.postgres(task.database), dataset_name=DATASET
        )
        pipeline.run(lines_of(task, task.bookyears[:1]))  # makes the tables and learns the schema
        with pipeline.sql_client() as client:
            client.execute_sql(f"TRUNCATE {TABLE}")
            if task.indexed:
                client.execute_sql(f"ALTER TABLE {TABLE} {WITH_TENANT}")
                for statement in INDEXES:
                    client.execute_sql(statement.format(table=TABLE))
            client.execute_sql("CHECKPOINT")
        idle = resident_bytes()
        begun = time.perf_counter()
        pipeline.run(lines_of(task, task.bookyears))
        seconds = time.perf_counter() - begun
        with pipeline.sql_client() as client:
            [[lines]] = client.execute_sql(f"SELECT count(*) FROM {TABLE}")
    return {"seconds": seconds, "lines": lines, "idle_bytes": idle, "peak_bytes": peak_bytes()}


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
    print(json.dumps(run(Task(**json.loads(sys.argv[1])))))  # noqa: T201  # the answer
