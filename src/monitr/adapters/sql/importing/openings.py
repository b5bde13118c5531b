"""What the recognition of year openings reads and writes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import statements
from monitr.domain.accounting.account import is_carried_forward
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType
from monitr.domain.accounting.year_opening import TRANSFER_ACCOUNT, Candidate, YearOpening
from monitr.domain.organisation import AdministrationId

_SQL = statements(__file__)


async def candidates(
    connection: AsyncConnection, administration: AdministrationId, bookyear: Bookyear
) -> list[Candidate]:
    """The bookings, all of classes 0 to 5, that might open the bookyear (``domain.year_opening`` judges them)."""
    place = {"administration": administration, "bookyear": bookyear.number, "types": list(FIRST_LOAD_TYPES)}
    booked = (await connection.execute(_SQL["booked"], place)).one()
    first = min(bookyear.periods, key=lambda period: period.start, default=None)
    rows = await connection.execute(
        _SQL["candidates"],
        {
            **place,
            "divers": int(JournalType.DIVERS),
            "financial": int(JournalType.FINANCIAL),
            "transfer": TRANSFER_ACCOUNT,
            "start": bookyear.start,
            "first_period_end": first.end if first else bookyear.start,
            "unusual": booked.unusual_types,
            "not_carried": [account for account in booked.accounts if not is_carried_forward(account)],
        },
    )
    found: dict[BookingKey, Candidate] = {}
    for row in rows:
        key = BookingKey(bookyear.number, row.journal_type, row.journal_number, row.document_number)
        periods = frozenset(None if period == -1 else period for period in row.periods)
        known = found.get(key, Candidate(key, row.date, frozenset(), {}))
        found[key] = Candidate(
            key, min(known.date, row.date), known.periods | periods, {**known.sums, row.account: row.amount}
        )
    return list(found.values())


async def closing(
    connection: AsyncConnection, administration: AdministrationId, bookyear: int, start: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """What the bookyear closes with: its openings, or else ``start``, and all its movements."""
    place = {"administration": administration, "bookyear": bookyear}
    has_opening = (await connection.execute(_SQL["stored_openings"], place)).first() is not None
    balances = {} if has_opening else dict(start)
    for account, amount in await connection.execute(_SQL["moved"], place):
        if is_carried_forward(account):
            balances[account] = balances.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in balances.items() if amount}


async def save(
    connection: AsyncConnection, administration: AdministrationId, bookyear: int, openings: Sequence[YearOpening]
) -> bool:
    """Put the openings and what they carry in place of the bookyear's; nothing is written where they are the same."""
    place = {"administration": administration, "bookyear": bookyear}
    wanted = sorted((*opening.key[1:], str(opening.evidence)) for opening in openings)
    stored = (await connection.execute(_SQL["stored_openings"], place)).all()
    differs = list(map(tuple, stored)) != wanted
    if differs:
        names = (*BookingKey._fields[1:], "evidence")
        await connection.execute(_SQL["forget_openings"], place)
        await _add(connection, "add_opening", [{**place, **dict(zip(names, row, strict=True))} for row in wanted])
    return await _save_balances(connection, place) or differs


async def _save_balances(connection: AsyncConnection, place: Mapping[str, object]) -> bool:
    wanted = (await connection.execute(_SQL["carried"], place)).all()
    if (await connection.execute(_SQL["stored_balances"], place)).all() == wanted:
        return False
    await connection.execute(_SQL["forget_balances"], place)
    await _add(connection, "add_balance", [{**place, **row._mapping} for row in wanted])
    return True


async def _add(connection: AsyncConnection, statement: str, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        await connection.execute(_SQL[statement], rows)
