"""The general ledger of a run: all of it for a first or full import, its changes afterwards (decision 6)."""

from monitr.application.importing.ledger.chunk import chunks_of
from monitr.application.importing.ledger.deep_read import deep_read
from monitr.application.importing.ledger.first_load import first_load, read_ahead
from monitr.application.importing.ledger.octopus_totals import OctopusTotals
from monitr.application.importing.ledger.read_changes import read_changes
from monitr.application.importing.ledger.read_chunks import PROGRESS_AFTER, PROGRESS_BEFORE, ReadChunks
from monitr.application.importing.open_bookyears import show_complete_bookyears
from monitr.application.importing.session import ImportSession
from monitr.application.octopus import ReadRefused
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportTrigger


async def import_ledger(session: ImportSession, chunks: ReadChunks, totals: OctopusTotals) -> None:
    session.became(session.run.advanced(PROGRESS_BEFORE))
    await session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING)
    try:
        await (first_load if session.is_full else read_changes)(session, chunks)
        if session.run.bookyears and not session.is_full:
            await read_again(session, chunks)
        if session.run.trigger is ImportTrigger.DEEP_READ and not session.is_full:
            await deep_read(session, chunks)
        _fail_where_all_is_refused(session, chunks)
        await totals.read()
    except Exception:
        await show_complete_bookyears(session)
        raise
    await session.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.SUCCEEDED)
    await session.advance(PROGRESS_AFTER)


async def read_again(session: ImportSession, chunks: ReadChunks) -> None:
    """The bookyears that somebody wants to have whole, newest first; one that Octopus does not list any more cannot be
    asked for."""
    wanted = [year.number for year in reversed(chunks.bookyears) if year.number in session.run.bookyears]
    await read_ahead(session, chunks, [chunk for number in wanted for chunk in chunks_of(number)])


def _fail_where_all_is_refused(session: ImportSession, chunks: ReadChunks) -> None:
    """One bookyear that Octopus refuses does not stop the others; there have to be others."""
    unread = [session.unread[year.number] for year in chunks.bookyears if year.number in session.unread]
    if unread and len(unread) == len(chunks.bookyears):
        raise ReadRefused(unread[0])
