"""The statements of ``ledger.sql``, and the mark of the code that decides what becomes of a line."""

import hashlib
from pathlib import Path

from sqlalchemy import text

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.database.tables import ledger_line
from monitr.adapters.sql.importing import bulk_copy
from monitr.domain.accounting import repeated_lines
from monitr.domain.accounting.ledger import LedgerLine

_FILE = Path(__file__).with_name("ledger.sql")
SQL = statements(_FILE)
SQL["number_lines"], SQL["publish_new_lines"] = (
    text(f"INSERT INTO {table} {SQL['numbered_lines'].text}") for table in ("ledger_next", "ledger_line")
)
"""Beside the lines that are there, to be compared with them; right among them where there are none of the chunk."""

STAGE = f"""
    CREATE TEMP TABLE IF NOT EXISTS ledger_stage ON COMMIT DELETE ROWS AS
    SELECT {", ".join(LedgerLine._fields)} FROM ledger_line WITH NO DATA"""
"""What arrives: the fields of a line in their order, with the types that the ledger has."""
assert [*LedgerLine._fields] == [c.name for c in ledger_line.columns if c.name not in ("administration_id", "ordinal")]

_TEXTS = [Path(file).read_bytes() for file in (_FILE, __file__, bulk_copy.__file__, repeated_lines.__file__)]
THIS_CODE = hashlib.sha256(b"".join(_TEXTS)).hexdigest()[:16]
"""What becomes of a line here is a matter of these texts: an answer is known while they are the same (adr/0010)."""
