"""Exports: how long they may read, and what writes each format that a library writes."""

from collections.abc import Mapping
from datetime import timedelta

from monitr.adapters.exports.parquet import write_parquet
from monitr.adapters.exports.xlsx import write_xlsx
from monitr.adapters.sql.reading.reader import SqlReaders
from monitr.application.exports.table import FileFormat, WriteTable
from monitr.application.reading.reader import Readers
from monitr.bootstrap.ports import Ports

WRITERS: Mapping[FileFormat, WriteTable] = {FileFormat.XLSX: write_xlsx, FileFormat.PARQUET: write_parquet}


def export_readers(of: Ports) -> Readers:
    """A second more than the deadline, which is told in words: PostgreSQL itself ends what nobody cancels. Nothing
    else bounds how many lines are looked at: all of them is what an export is for."""
    longest = of.settings.export_deadline + timedelta(seconds=1)
    return SqlReaders(of.engine, of.clock, longest_statement=longest, longest_pause=longest, is_limited=False)
