"""Where a text may be found: the blocks that the index of texts names, and those that it does not know yet."""

from collections.abc import Sequence

from sqlalchemy import text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.adapters.sql.reading.line_filter import each_line_costs, is_storable
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.text_blocks import DOCUMENTS, LINES, MOST_COMPARED, MOST_PIECES, PIECE, Block
from monitr.application.reading.ledger import MOST_EFFORT, TransactionFilter
from monitr.domain.organisation import AdministrationId

PAGE = 100
"""Lines, as a rule."""

# Plan: ix_import_run_administration_id_queued_at, up to the first that is.
_ARE_INDEXED = text("""
    SELECT EXISTS (
        SELECT FROM import_run
        WHERE administration_id = :administration AND organisation_id = :organisation AND texts_indexed
    )
""")

# Those that hold the rarest pieces of the text, and those of the bookings that runs have changed since.
#
# The plan relied on: for each piece one range of pk_text_piece; the runs by ix_import_run_unindexed, and for each its
# changes by pk_import_change.
_BLOCKS = text(f"""
    WITH of_text AS (
        SELECT DISTINCT substr(lower(:text), start, {PIECE}) AS piece
        FROM generate_series(1, least(length(lower(:text)) - {PIECE - 1}, {MOST_PIECES})) AS start
    ),
    held AS (
        SELECT piece, held, sum(held) OVER (ORDER BY held, piece) AS so_far, min(held) OVER () AS least
        FROM of_text
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(cardinality(blocks)), 0) AS held
            FROM text_piece
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND text_piece.piece = of_text.piece
        ) AS holding
    ),
    piece AS MATERIALIZED (
        SELECT piece FROM held WHERE so_far <= greatest(2 * least, {MOST_COMPARED})
    )
    (SELECT bookyear, journal_type, journal_number, block
     FROM piece
     CROSS JOIN LATERAL (
         SELECT bookyear, journal_type, journal_number, unnest(blocks) AS block
         FROM text_piece
         WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND text_piece.piece = piece.piece
         OFFSET 0
     ) AS holding
     GROUP BY bookyear, journal_type, journal_number, block
     HAVING count(*) = (SELECT count(*) FROM piece))
    UNION
    SELECT bookyear, journal_type, journal_number,
           generate_series(document_number / {DOCUMENTS}, last_document_number / {DOCUMENTS})
    FROM import_run AS run
    JOIN import_change AS changed ON changed.administration_id = run.administration_id AND changed.run_id = run.id
    WHERE run.administration_id = :administration AND run.organisation_id = :organisation AND NOT run.texts_indexed
    LIMIT :most
""")


class TextQueries(Queries):
    async def _are_texts_indexed(self, id: AdministrationId) -> bool:
        """But for what runs have changed since, which is looked through."""

        async def ask() -> bool:
            ((are_indexed,),) = await self.snapshot.rows(_ARE_INDEXED, {"administration": id})
            return bool(are_indexed)

        return await self.snapshot.once(("texts indexed", id), ask)

    async def _blocks(self, id: AdministrationId, filter: TransactionFilter, lines: int) -> Sequence[Block] | None:
        """Where all lines with the filter's text are; None where to go through the ``lines`` of its span is shorter."""
        wanted = filter.text
        if not wanted or len(wanted) < PIECE or not is_storable(wanted) or not await self._are_texts_indexed(id):
            return None
        most = _most_blocks(lines, each_line_costs(filter))
        asked = {"administration": id, "text": wanted, "most": most + 1}
        found = await self.snapshot.once(("blocks", id, wanted, most), lambda: self.snapshot.rows(_BLOCKS, asked))
        return [Block(*tuple(row)) for row in found] if len(found) <= most else None


def _most_blocks(lines: int, each: int) -> int:
    """In how many it is worth while to look, and allowed."""
    return min(lines, MOST_EFFORT // each) // LINES
