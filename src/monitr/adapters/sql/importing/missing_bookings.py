"""Bookings that a complete answer no longer held: kept, until the verification has judged."""

from collections import defaultdict

from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import statements
from monitr.application.importing.ledger.chunk import Chunk
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import Counts, ImportRunId
from monitr.domain.organisation import AdministrationId

_SQL = statements(__file__)


async def missing_chunks(connection: AsyncConnection, administration: AdministrationId) -> list[Chunk]:
    chunks = await _journal_types(connection, administration)
    return sorted(chunks, key=lambda chunk: (-chunk.bookyear, chunk.journal_type))


async def resolve_missing(
    connection: AsyncConnection, administration: AdministrationId, run: ImportRunId, chunk: Chunk, *, delete: bool
) -> Counts:
    types = (await _journal_types(connection, administration)).get(chunk, [])
    place = {"administration": administration, "bookyear": chunk.bookyear, "types": types}
    deleted = 0
    if delete:
        await connection.execute(_SQL["record_removed"], {**place, "run": run})
        await connection.execute(_SQL["take_off_balances"], place)
        await connection.execute(_SQL["forget_empty_balances"], place)
        await connection.execute(_SQL["forget_unbalanced"], place)
        deleted = (await connection.execute(_SQL["delete_lines"], place)).rowcount
    await connection.execute(_SQL["forget_missing"], place)
    return Counts(deleted=deleted)


async def _journal_types(connection: AsyncConnection, administration: AdministrationId) -> dict[Chunk, list[int]]:
    """Those of missing bookings, by their chunk: it may stand for several."""
    found = await connection.execute(_SQL["journal_types"], {"administration": administration})
    types: dict[Chunk, list[int]] = defaultdict(list)
    for bookyear, type in found:
        types[Chunk.of(BookingKey(bookyear, type, 0, 0))].append(type)
    return types
