"""The index of the texts of ledger lines, journal by journal of each bookyear."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION, rows_of_all, transaction
from monitr.adapters.sql.text_blocks import DOCUMENTS, pieces_of
from monitr.domain.organisation import AdministrationId, OrganisationId

_PORTION = 1000
"""Lines whose pieces are found before others have their turn."""

# Plan: ix_import_run_unindexed.
_BEHIND = text("""
    SELECT DISTINCT organisation_id, administration_id
    FROM import_run
    WHERE NOT texts_indexed AND finished_at IS NOT NULL
    ORDER BY organisation_id, administration_id
""")

# Whoever gets the lock holds it to the end of the transaction, and so of all that is entered.
_TURN = text("SELECT pg_try_advisory_xact_lock(hashtextextended(CAST(:administration AS text), 22))")

# Held to the end of the transaction: the purge passes by what somebody has locked so, and comes back; else pieces that
# are entered behind its back would outlive the administration.
_RUNS = text("""
    SELECT run.id
    FROM import_run AS run
    JOIN administration ON administration.id = run.administration_id
    WHERE run.administration_id = :administration AND run.organisation_id = :organisation
      AND NOT texts_indexed AND finished_at IS NOT NULL AND administration.status <> 'DELETED'
    FOR KEY SHARE OF administration
""")

_DONE = text("""
    UPDATE import_run SET texts_indexed = true
    WHERE id = ANY (CAST(:runs AS uuid[])) AND organisation_id = :organisation
""")

# A booking may have come again in the run that has removed it.
_JOURNALS = text(f"""
    SELECT DISTINCT bookyear, journal_type, journal_number
    FROM import_change
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND run_id = ANY (CAST(:runs AS uuid[]))
    ORDER BY bookyear, journal_type, journal_number
""")

# Plan: pk_import_change, and for each range pk_ledger_line. Ranges of several runs may overlap: those that touch are
# read as one. The end of a range is behind its last number, which may be the largest INTEGER.
_TEXTS = text(f"""
    SELECT line.document_number, lower(line.description) AS description, lower(line.reference) AS reference
    FROM (
        SELECT unnest(range_agg(int8range(document_number, last_document_number, '[]'))) AS documents
        FROM import_change
        WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND run_id = ANY (CAST(:runs AS uuid[]))
          AND bookyear = :bookyear AND journal_type = :journal_type AND journal_number = :journal_number
    ) AS changed
    CROSS JOIN LATERAL (
        SELECT DISTINCT document_number, description, reference
        FROM ledger_line
        WHERE administration_id = :administration AND bookyear = :bookyear AND journal_type = :journal_type
          AND journal_number = :journal_number
          AND document_number >= lower(changed.documents) AND document_number < upper(changed.documents)
        OFFSET 0
    ) AS line
""")

_ENTER = text(f"""
    INSERT INTO text_piece AS kept
    SELECT :administration, piece, :bookyear, :journal_type, :journal_number, CAST(blocks AS int[])
    FROM unnest(CAST(:pieces AS text[]), CAST(:blocks AS text[])) AS found (piece, blocks)
    WHERE {OWN_ADMINISTRATION}
    ON CONFLICT (administration_id, piece, bookyear, journal_type, journal_number) DO UPDATE
        SET blocks = ARRAY(SELECT DISTINCT unnest(kept.blocks || excluded.blocks) ORDER BY 1)
        WHERE NOT kept.blocks @> excluded.blocks
""")


@dataclass(frozen=True, slots=True)
class SqlTextIndex:
    """The port ``TextIndex``. Cost: O(letters of the lines that changed)."""

    engine: AsyncEngine

    async def behind(self) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        rows = await rows_of_all(self.engine, _BEHIND)
        return [(OrganisationId(row.organisation_id), AdministrationId(row.administration_id)) for row in rows]

    async def catch_up(self, organisation: OrganisationId, id: AdministrationId) -> bool:
        its = {"administration": id, "organisation": organisation}
        async with transaction(self.engine, organisation) as connection:
            if not (await connection.execute(_TURN, its)).scalar_one():
                return False
            runs: list[UUID] = list((await connection.execute(_RUNS, its)).scalars())
            asked = {**its, "runs": runs}
            for journal in (await connection.execute(_JOURNALS, asked)).all():
                of_journal = {**asked, **journal._mapping}
                await _enter(connection, of_journal, await _found(connection, of_journal))
            await connection.execute(_DONE, asked)
        return bool(runs)


async def _found(connection: AsyncConnection, of_journal: Mapping[str, object]) -> Mapping[str, set[int]]:
    """The blocks of each piece."""
    blocks: defaultdict[str, set[int]] = defaultdict(set)
    options = {"yield_per": _PORTION}
    async with connection.stream(_TEXTS, of_journal, execution_options=options) as lines:
        async for portion in lines.partitions():
            _add(blocks, portion)
    return blocks


def _add(blocks: Mapping[str, set[int]], lines: Sequence[Row[Any]]) -> None:
    for document, description, reference in map(tuple, lines):
        block = document // DOCUMENTS
        for piece in pieces_of((description, reference)):
            blocks[piece].add(block)


async def _enter(connection: AsyncConnection, of_journal: Mapping[str, object], found: Mapping[str, set[int]]) -> None:
    pieces = sorted(found)
    held = ["{" + ",".join(map(str, sorted(found[piece]))) + "}" for piece in pieces]
    await connection.execute(_ENTER, {**of_journal, "pieces": pieces, "blocks": held})
