"""Rows as the text that COPY makes of them: counted, and summed up by their hashes, so that neither their order nor the
place where they lie matters. What pg_dump writes and what a table holds are compared by it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

import psycopg

_MODULUS = 1 << 256


@dataclass(slots=True)
class TableRows:
    """Of the ``columns``, in that order. ``digest``: the sum of the SHA-256 of every row, modulo 2^256."""

    columns: bytes
    count: int = 0
    digest: int = 0

    def add(self, row: bytes) -> None:
        self.count += 1
        self.digest = (self.digest + int.from_bytes(sha256(row).digest())) % _MODULUS


@dataclass(slots=True)
class Contents:
    """By the names of the tables and sequences as pg_dump writes them, their schema in front. ``revision``: that of
    Monitr's schema; None where there is none."""

    tables: dict[str, TableRows] = field(default_factory=dict[str, TableRows])
    sequences: dict[str, tuple[int, bool]] = field(default_factory=dict[str, tuple[int, bool]])
    """The last value of each, and whether it was handed out."""
    revision: str | None = None

    @property
    def rows(self) -> int:
        return sum(table.count for table in self.tables.values())


def differences(expected: Contents, found: Contents) -> list[str]:
    """Of the tables: a few words each, by how many rows or by their content."""
    troubles: list[str] = []
    for name in sorted(expected.tables.keys() | found.tables.keys()):
        wanted, there = expected.tables.get(name), found.tables.get(name)
        if wanted is None or there is None:
            troubles.append(f"{name} is {'not expected' if wanted is None else 'missing'}")
        elif wanted.count != there.count:
            troubles.append(f"{name} has {there.count} rows instead of {wanted.count}")
        elif wanted.digest != there.digest:
            troubles.append(f"{name} has other rows")
    return troubles


def rows_of(connection: psycopg.Connection, tables: Iterable[tuple[str, bytes]]) -> dict[str, TableRows]:
    """What the tables hold, of the columns that are named, for this connection's transaction."""
    found: dict[str, TableRows] = {}
    for name, columns in tables:
        table = found[name] = TableRows(columns)
        statement = b"COPY (SELECT %s FROM ONLY %s) TO STDOUT" % (columns, name.encode())
        with connection.cursor() as cursor, cursor.copy(statement) as copied:
            for row in copied:
                table.add(bytes(row))
    return found
