"""The read side (port ``monitr.application.reading``): SQL over the imported rows, one class of queries a subject."""

from monitr.adapters.sql.reading.reader import SqlProgress, SqlReader, SqlReaders

__all__ = ["SqlProgress", "SqlReader", "SqlReaders"]
