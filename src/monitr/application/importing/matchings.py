"""Matchings: read by their changes, and held against Octopus's report of what is open.

They are read before the items are asked for, so that the report is never older than they are.
"""

from contextlib import aclosing
from datetime import datetime

from monitr.application.importing.session import ImportSession
from monitr.application.octopus import AnswerBrokeOff, OpenDossier, QuotaSpent
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.import_run import Dataset, ImportTrigger


async def read_matchings(session: ImportSession, dossier: OpenDossier) -> bool:
    """False where Octopus's daily maximum is spent: they stay as they are, and are asked for from the same moment on by
    the next run (decision 8)."""
    since = await _since(session)
    try:
        await session.patiently(lambda: _read(session, dossier, since), AnswerBrokeOff)
    except QuotaSpent:
        session.silent.add(Dataset.OUTSTANDING_ITEMS)
        return False
    return True


async def _since(session: ImportSession) -> datetime | None:
    """Everything at night, as of accounts and relations, and until there are any."""
    is_deep = session.run.trigger is ImportTrigger.DEEP_READ
    if is_deep or not await session.store.matchings.are_known():
        return None
    return session.since_of(Dataset.OUTSTANDING_ITEMS)


async def _read(session: ImportSession, dossier: OpenDossier, since: datetime | None) -> None:
    odd: list[OddRecord] = []
    is_silent = False
    async with (
        session.store.matchings.stage() as stage,
        aclosing(dossier.changed_matchings(since)) as arriving,
    ):
        async for changed in arriving:
            await stage.add(changed.rows, changed.deleted)
            odd += changed.odd
            is_silent = is_silent or changed.is_silent
        await stage.publish(is_whole=since is None)
    if is_silent:
        session.silent.add(Dataset.OUTSTANDING_ITEMS)
    await session.report(odd)
