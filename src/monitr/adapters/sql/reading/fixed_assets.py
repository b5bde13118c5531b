"""Fixed assets: balances by the rules of the books, acquisitions from ``fixed_asset``, roles from the domain."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.adapters.sql.reading.basics import BasicsQueries
from monitr.adapters.sql.reading.books import BooksQueries, boundaries_of
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.application.reading.fixed_assets import AssetCategory, DepreciationMonth, FixedAssetRow
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.pages import Page
from monitr.domain.accounting import balances as rules
from monitr.domain.accounting.balances import Books
from monitr.domain.accounting.fixed_assets import (
    FINANCIAL,
    FINANCIAL_NAME,
    FIXED_ASSET_GROUPS,
    AccountRole,
    Acquisitions,
    FixedAssets,
    account_role,
    category_key,
)
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId

_NO_BOOKS_BEFORE = date(1900, 1, 1)

_ASSETS = Cursors("asset", {"counted_from": date, **dict.fromkeys((*BookingKey._fields, "ordinal"), int)})

# Of the bookyears that the balances are of: a long first import may have read older lines than those.
_ACQUIRED = f"""
    FROM fixed_asset
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION}
      AND counted_from <= :as_of AND bookyear = ANY (CAST(:bookyears AS int[]))
"""

_BY_ACCOUNT = text(f"SELECT account, count(*) AS items, sum(acquisition_value) AS value {_ACQUIRED} GROUP BY account")

_PAGE = text(f"""SELECT * {_ACQUIRED}
      AND (CAST(:counted_from AS date) IS NULL
           OR (counted_from, bookyear, journal_type, journal_number, document_number, ordinal)
              > (:counted_from, :bookyear, :journal_type, :journal_number, :document_number, :ordinal))
    ORDER BY counted_from, bookyear, journal_type, journal_number, document_number, ordinal
    LIMIT :first
""")


class FixedAssetQueries(BooksQueries, BasicsQueries):
    async def asset_categories(self, id: AdministrationId, as_of: date) -> Sequence[AssetCategory]:
        assets, _ = await self._fixed_assets(id, as_of)
        names = _category_names(await self.accounts(id))
        return [
            AssetCategory(
                key,
                names.get(key, key),
                figures.acquisition_value,
                figures.accumulated_depreciation,
                figures.net_book_value,
            )
            for key, figures in assets.categories().items()
        ]

    async def fixed_assets(
        self, id: AdministrationId, as_of: date, first: int, after: str | None
    ) -> Page[FixedAssetRow]:
        assets, asked = await self._fixed_assets(id, as_of)
        rows = await self.snapshot.rows(_PAGE, {**asked, **_ASSETS.place(after), "first": first + 1})

        def read(row: Row[Any]) -> FixedAssetRow:
            accumulated = assets.accumulated_depreciation(row.account, row.acquisition_value)
            booking = BookingKey(row.bookyear, row.journal_type, row.journal_number, row.document_number)
            return FixedAssetRow(
                id=_ASSETS.of(row),
                booking_code=booking.code,
                description=row.description,
                category=category_key(row.account),
                acquired_on=row.acquired_on,
                acquisition_value=row.acquisition_value,
                accumulated_depreciation=accumulated,
                net_book_value=None if accumulated is None else row.acquisition_value - accumulated,
                relation=row.relation,
            )

        total = sum(acquired.count for acquired in assets.acquisitions.values())
        return _ASSETS.page(rows, first, after, read, total)

    async def depreciation_schedule(
        self, id: AdministrationId, as_of: date, months: int
    ) -> Sequence[DepreciationMonth]:
        """Depreciation is the net credit of the month's lines on the accounts that hold it, openings left out."""
        by_month = boundaries_of(rules.months(min(_NO_BOOKS_BEFORE, as_of), as_of))
        books = await self._books(id, by_month, prefixes=FIXED_ASSET_GROUPS)
        depreciation: dict[date, Decimal] = {}
        for line in books.movements:
            if line.day <= as_of and account_role(line.account) is AccountRole.DEPRECIATION:
                month = line.day.replace(day=1)
                depreciation[month] = depreciation.get(month, ZERO) + line.credit - line.debit
        booked = sorted(month for month, amount in depreciation.items() if amount)[-months:]
        net = _net_book_values(books, booked[0], as_of) if booked else {}
        return [DepreciationMonth(month, depreciation[month], net.get(month, ZERO), booked=True) for month in booked]

    async def _fixed_assets(self, id: AdministrationId, as_of: date) -> tuple[FixedAssets, Mapping[str, object]]:
        """The fixed assets of the day, and the parameters that name their acquisitions."""
        books = await self._books(id, boundaries_of([(as_of, as_of)]), prefixes=FIXED_ASSET_GROUPS)
        asked = {"administration": id, "as_of": as_of, "bookyears": [year.number for year in books.years]}
        acquired = {
            row.account: Acquisitions(row.items, row.value) for row in await self.snapshot.rows(_BY_ACCOUNT, asked)
        }
        return FixedAssets(rules.balances(books, as_of), acquired), asked


def _net_book_values(books: Books, from_: date, to: date) -> dict[date, Decimal]:
    """Of all fixed assets together at the end of each month."""
    figures = rules.monthly_balances(books, from_, to)
    return {month: sum((row.balance for row in rows), ZERO) for month, rows in groupby(figures, lambda row: row.month)}


def _category_names(accounts: Sequence[NamedAccount]) -> dict[str, str]:
    """Each category is called like its lowest base account, as the newest bookyear that has one calls it."""
    base = [account for account in accounts if account_role(account.number) is AccountRole.BASE]
    oldest_first = sorted(base, key=lambda account: (account.bookyears[-1], -account.number))
    return {category_key(account.number): account.name for account in oldest_first} | {FINANCIAL: FINANCIAL_NAME}
