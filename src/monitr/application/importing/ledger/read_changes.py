"""The ledger as an incremental import reads it: what has changed since the watermark (decision 6)."""

from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk, chunks_of
from monitr.application.importing.ledger.read_chunks import ReadChunks
from monitr.application.importing.ledger.special_types import read_special_types
from monitr.application.importing.session import ImportSession
from monitr.application.octopus import ReadRefused
from monitr.domain.import_run import Dataset


async def read_changes(session: ImportSession, chunks: ReadChunks) -> None:
    published = await chunks.once(EVERYTHING, session.since_of(Dataset.GENERAL_LEDGER))
    done = await session.store.ledger.checkpoints()
    # the answer did not hold all lines of a changed booking: its chunk is read
    cut = [chunk for chunk in dict.fromkeys(map(Chunk.of, published.unbalanced)) if chunk not in done]
    for chunk in cut:
        if not chunk.is_special:
            await chunks.whole(chunk)
    await read_special_types(chunks, [chunk for chunk in cut if chunk.is_special])
    await _read_new_bookyears(session, chunks)


async def _read_new_bookyears(session: ImportSession, chunks: ReadChunks) -> None:
    """A bookyear that was not there before is read as a first load has to: its lines may be older than itself."""
    known = await session.store.ledger.chunks_read()
    for bookyear in reversed(chunks.bookyears):
        try:
            for chunk in chunks_of(bookyear.number):
                if chunk not in known:
                    await chunks.whole(chunk)
        except ReadRefused as refused:
            session.unread[bookyear.number] = refused.said
