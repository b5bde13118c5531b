"""Bookings that a complete answer no longer held: kept, until the verification has judged."""

from collections import defaultdict

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.application.importing.ledger.chunk import Chunk
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import Counts, ImportRunId

_SQL = statements(__file__)


async def missing_chunks(own: OwnTransaction) -> list[Chunk]:
    chunks = await _journal_types(own)
    return sorted(chunks, key=lambda chunk: (-chunk.bookyear, chunk.journal_type))


async def resolve_missing(own: OwnTransaction, run: ImportRunId, chunk: Chunk, *, delete: bool) -> Counts:
    types = (await _journal_types(own)).get(chunk, [])
    place = {"bookyear": chunk.bookyear, "types": types}
    deleted = 0
    if delete:
        await own.run(_SQL["record_removed"], **place, run=run)
        await own.run(_SQL["take_off_balances"], **place)
        await own.run(_SQL["forget_empty_balances"], **place)
        await own.run(_SQL["forget_unbalanced"], **place)
        deleted = (await own.run(_SQL["delete_lines"], **place)).rowcount
    await own.run(_SQL["forget_missing"], **place)
    return Counts(deleted=deleted)


async def _journal_types(own: OwnTransaction) -> dict[Chunk, list[int]]:
    """Those of missing bookings, by their chunk: it may stand for several."""
    found = await own.run(_SQL["journal_types"])
    types: dict[Chunk, list[int]] = defaultdict(list)
    for bookyear, type in found:
        types[Chunk.of(BookingKey(bookyear, type, 0, 0))].append(type)
    return types
