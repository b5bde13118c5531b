"""Bookings on fixed assets, written down as a bookkeeper would: accounts and amounts, debit positive."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Self

from monitr.domain.accounting.asset_accounts import AssetBooking, AssetLine, asset_bookings
from monitr.domain.accounting.ledger import BookingKey, JournalType

FIRST_DAY = date(2024, 1, 1)
Amounts = Mapping[int, int | str | Decimal]


@dataclass
class Entries:
    """Each booking is a day later than the one before, unless a day is given."""

    lines: list[AssetLine] = field(default_factory=list)
    documents: int = 0

    def book(
        self,
        amounts: Amounts,
        day: date | None = None,
        journal: JournalType = JournalType.DIVERS,
        relation: int | None = None,
        *,
        opens: bool = False,
        bookyear: int = 1,
        description: str | None = None,
    ) -> Self:
        self.documents += 1
        key = BookingKey(bookyear, journal, 1, self.documents)
        on = day or FIRST_DAY + timedelta(days=self.documents)
        self.lines += [
            AssetLine(
                key,
                ordinal,
                account,
                on,
                Decimal(amount).quantize(Decimal("0.01")),
                description,
                relation if account // 1000 in (400, 440) else None,
                opens,
            )
            for ordinal, (account, amount) in enumerate(amounts.items(), 1)
        ]
        return self

    def buy(self, account: int, amount: int, day: date | None = None, supplier: int | None = None) -> Self:
        return self.book({account: amount, 440000: -amount}, day, JournalType.PURCHASES, supplier)

    def opening(self, amounts: Amounts, bookyear: int = 1) -> Self:
        return self.book(amounts, FIRST_DAY, opens=True, bookyear=bookyear)

    def bookings(self) -> list[AssetBooking]:
        return asset_bookings(self.lines, 1)
