"""Bookyears that Octopus no longer lists: they are not asked for any more, since their calls are refused."""

from collections.abc import Collection
from datetime import timedelta

from monitr.application.importing.ledger.chunk import Chunk, chunks_of
from monitr.application.importing.ledger.octopus_totals import OctopusTotals
from monitr.application.importing.ledger.read_chunks import ReadChunks
from monitr.application.importing.session import ImportSession
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import JournalType
from monitr.domain.import_run import Dataset, DatasetImportStatus
from monitr.domain.words.sentence import Sentence

PROVEN_AFTER = timedelta(hours=20)
"""Another day's list."""


async def settle_vanished_bookyears(
    session: ImportSession, chunks: ReadChunks, totals: OctopusTotals, differing: Collection[int]
) -> bool:
    """Their lines stay until Octopus has not listed them for ``PROVEN_AFTER``, its totals leave them out as well, and
    those of all listed bookyears, which are there, agree with our lines. Whether any was removed."""
    listed = {bookyear.number for bookyear in chunks.bookyears}
    are_proven = bool(listed & totals.of_bookyears) and listed.isdisjoint(differing)
    removed = False
    for bookyear in await session.store.reference.bookyears():
        if bookyear.number in listed:
            continue
        since = bookyear.unlisted_since or session.clock()
        is_proven = are_proven and session.clock() - since >= PROVEN_AFTER
        if is_proven and bookyear.number not in totals.of_bookyears:
            await _remove(session, chunks, bookyear)
            removed = True
        else:
            session.unread[bookyear.number] = _about("note.BOOKYEAR_NO_LONGER_LISTED", bookyear)
    return removed


async def _remove(session: ImportSession, chunks: ReadChunks, bookyear: Bookyear) -> None:
    for chunk in (*chunks_of(bookyear.number), Chunk(bookyear.number, int(JournalType.ALL))):
        await chunks.put(chunk, [])
        counts = await session.store.reconciliation.resolve_missing(chunk, delete=True)
        await session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, counts)
    await session.store.reference.merge(Bookyear, [], [bookyear])
    await session.store.record.note([_about("note.BOOKYEAR_REMOVED", bookyear)])


def _about(key: str, bookyear: Bookyear) -> Sentence:
    return Sentence.of(key, bookyear=bookyear.number, description=bookyear.description)
