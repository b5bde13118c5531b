"""Bookings that hold lines equal in every field."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.booking_keys import by_column
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.repeated_lines import Repeating
from monitr.domain.organisation import AdministrationId

_SQL = statements(__file__)


async def repeated_lines(
    connection: AsyncConnection, administration: AdministrationId, bookyears: Sequence[int]
) -> list[LedgerLine]:
    place = {"administration": administration, "bookyears": list(bookyears)}
    found = await connection.execute(_SQL["repeating_bookings"], place)
    repeating = [Repeating(BookingKey(*row[:4]), row.net, row.net_once) for row in found]
    bookings = [booking.booking for booking in repeating if booking.is_whole_either_way]
    lines = await connection.execute(_SQL["lines_of_bookings"], {**place, **by_column(bookings)})
    return [LedgerLine(*row) for row in lines]
