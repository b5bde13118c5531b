"""The keys of bookings as a statement takes them."""

from collections.abc import Sequence

from monitr.domain.accounting.ledger import BookingKey


def by_column(bookings: Sequence[BookingKey]) -> dict[str, list[int]]:
    """One array for each column of the key, for ``unnest``."""
    return {column: [getattr(key, column) for key in bookings] for column in BookingKey._fields}
