"""Bookings that hold lines equal in every field."""

from collections.abc import Sequence

from monitr.adapters.sql.database.statements import statements
from monitr.adapters.sql.importing.booking_keys import by_column
from monitr.adapters.sql.importing.own_transaction import OwnTransaction
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.repeated_lines import Repeating

_SQL = statements(__file__)


async def repeated_lines(own: OwnTransaction, bookyears: Sequence[int]) -> list[LedgerLine]:
    found = await own.run(_SQL["repeating_bookings"], bookyears=list(bookyears))
    repeating = [Repeating(BookingKey(*row[:4]), row.net, row.net_once) for row in found]
    bookings = [booking.booking for booking in repeating if booking.is_whole_either_way]
    lines = await own.run(_SQL["lines_of_bookings"], **by_column(bookings))
    return [LedgerLine(*row) for row in lines]
