"""The deep reading of a night: chunks that have been read are read whole again (decision 19).

Desktop programs synchronise late: a booking may come with the time stamp of days ago, or be edited without a new one,
and where all totals stay as they were nothing else would find it. An answer that is the known one is not decoded.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from monitr.application.importing.ledger.chunk import Chunk, chunks_of
from monitr.application.importing.ledger.first_load import read_ahead
from monitr.application.importing.ledger.read_chunks import ReadChunks
from monitr.application.importing.session import ImportSession
from monitr.application.octopus import QuotaSpent
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.words.sentence import Sentence

KEPT_FOR_OTHERS = 24
"""Calls of the day that are left to Sync now, to the schedule, and to somebody else's first import of the dossier."""

EVERY_NIGHT = 3
"""Open bookyears that are read each night; where more are open, the others take turns with the closed ones."""

RECENT = timedelta(hours=12)
"""What was read whole so short a time ago is left for another night."""


async def deep_read(session: ImportSession, chunks: ReadChunks) -> None:
    """What the day's calls allow. It never makes the run wait: what is left over comes first another night."""
    calls = await chunks.dossier.ledger_calls_left() - KEPT_FOR_OTHERS
    plan = plan_of(chunks.bookyears, await session.store.ledger.read_at(), session.clock())[: max(0, calls)]
    try:
        await read_ahead(session, chunks, plan)
    except QuotaSpent:
        await session.store.record.note([Sentence.of("note.DEEP_READ_CUT_SHORT")])


def plan_of(bookyears: Sequence[Bookyear], read_at: Mapping[Chunk, datetime], now: datetime) -> list[Chunk]:
    """The newest open bookyears, then the others, the chunk that was read longest ago first. ``bookyears`` are oldest
    first; chunks that were never read are none of its business."""
    due = {chunk: at for chunk, at in read_at.items() if now - at > RECENT}
    still_open = [year.number for year in reversed(bookyears) if not year.closed][:EVERY_NIGHT]
    nightly = [chunk for number in still_open for chunk in chunks_of(number) if chunk in due]
    others = [chunk for year in bookyears if year.number not in still_open for chunk in chunks_of(year.number)]
    return nightly + sorted((chunk for chunk in others if chunk in due), key=lambda chunk: due[chunk])
