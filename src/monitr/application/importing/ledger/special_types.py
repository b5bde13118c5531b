"""Journal types outside 1 to 4, which Octopus gives with all the others only (octopus.md 8.1)."""

from collections.abc import Sequence

from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk
from monitr.application.importing.ledger.read_chunks import ReadChunks
from monitr.application.octopus import InvalidAnswer
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, LedgerLine


async def read_special_types(chunks: ReadChunks, special: Sequence[Chunk]) -> None:
    """With type -1 for one bookyear, which is INF; where that is refused, for all that are left from one answer that
    holds everything: a last resort."""
    for position, chunk in enumerate(special):
        try:
            await chunks.once(chunk)
        except InvalidAnswer:
            await _read_at_once(chunks, special[position:])
            return


async def _read_at_once(chunks: ReadChunks, special: Sequence[Chunk]) -> None:
    lines: dict[int, list[LedgerLine]] = {chunk.bookyear: [] for chunk in special}
    broken: set[BookingKey] = set()
    async with chunks.batches(EVERYTHING) as arriving:
        async for batch in arriving:
            await chunks.session.report(batch.odd)
            broken.update(batch.broken)
            for line in batch.lines:
                if line.journal_type not in FIRST_LOAD_TYPES and line.bookyear in lines:
                    lines[line.bookyear].append(line)
    for chunk in special:
        await chunks.put(chunk, lines[chunk.bookyear], broken)
