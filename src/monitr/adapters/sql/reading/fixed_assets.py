"""Fixed assets: the bookings that touch them, the settings, and balances by the rules of the books; what follows, the
domain says."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from uuid import UUID

from sqlalchemy import select, text

from monitr.adapters.sql.database.tables import asset_depreciation, asset_role
from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION, of_administration
from monitr.adapters.sql.reading.basics import BasicsQueries
from monitr.adapters.sql.reading.books import BooksQueries, boundaries_of
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.application.reading.fixed_assets import (
    AssetAccount,
    AssetCategory,
    DepreciationMonth,
    FixedAssetRow,
    UnknownBookyear,
)
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.pages import Page
from monitr.application.reading.reports import MOST_SUMS, TooManySums
from monitr.domain.accounting import balances as rules
from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.asset_accounts import (
    FINANCIAL,
    FINANCIAL_NAMES,
    FIXED_ASSET_GROUPS,
    FIXED_ASSET_NUMBERS,
    AssetBooking,
    AssetLine,
    AssetRole,
    AssetRoles,
    asset_bookings,
    category_key,
    roles_of,
)
from monitr.domain.accounting.asset_movements import (
    RubricMovements,
    booked_movements,
    depreciation_by_month,
    movements_by_rubric,
)
from monitr.domain.accounting.asset_register import Asset, Register, asset_id, register
from monitr.domain.accounting.asset_settings import AssetSettings, PlanTarget
from monitr.domain.accounting.balances import Books
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan, planned_together, spans
from monitr.domain.accounting.fixed_assets import FixedAssets
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.money import ZERO
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId

_ASSETS = Cursors("asset", {"counted_from": date, **dict.fromkeys((*BookingKey._fields, "ordinal"), int)})
_LOWEST, _HIGHEST = (list(numbers) for numbers in zip(*FIXED_ASSET_NUMBERS, strict=True))

# The lines on fixed assets, and for each booking that has one, but for openings, its sums on every other account.
#
# The plan relied on: for each of the ranges an Index Scan on ix_ledger_line_account, for each booking one on
# pk_ledger_line. The cost follows the bookings that touch fixed assets, not the lines of the ledger.
_LINES = text(f"""
    WITH on_assets AS MATERIALIZED (
        SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number, l.ordinal, l.account,
               l.effective_date, l.amount, l.description, l.relation, y.evidence IS NOT NULL AS opens
        FROM unnest(CAST(:lowest AS int[]), CAST(:highest AS int[])) AS r (lowest, highest)
        CROSS JOIN LATERAL (
            SELECT *
            FROM ledger_line
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION}
              AND account BETWEEN r.lowest AND r.highest AND bookyear = ANY (CAST(:bookyears AS int[]))
            OFFSET 0
        ) AS l
        LEFT JOIN year_opening AS y
          ON y.administration_id = :administration
         AND (y.bookyear, y.journal_type, y.journal_number, y.document_number)
             = (l.bookyear, l.journal_type, l.journal_number, l.document_number)
    ),
    booking AS (
        SELECT DISTINCT bookyear, journal_type, journal_number, document_number FROM on_assets WHERE NOT opens
    )
    SELECT * FROM on_assets
    UNION ALL
    SELECT b.bookyear, b.journal_type, b.journal_number, b.document_number, 0, l.account, min(l.effective_date),
           sum(l.amount), NULL, l.relation, false
    FROM booking AS b
    CROSS JOIN LATERAL (
        SELECT account, effective_date, amount, relation
        FROM ledger_line
        WHERE administration_id = :administration
          AND bookyear = b.bookyear AND journal_type = b.journal_type
          AND journal_number = b.journal_number AND document_number = b.document_number
        OFFSET 0
    ) AS l
    WHERE NOT EXISTS (
        SELECT FROM unnest(CAST(:lowest AS int[]), CAST(:highest AS int[])) AS r (lowest, highest)
        WHERE l.account BETWEEN r.lowest AND r.highest
    )
    GROUP BY b.bookyear, b.journal_type, b.journal_number, b.document_number, l.account, l.relation
""")


_ROLES = select(asset_role.c.account, asset_role.c.role).where(of_administration(asset_role))
_PLANS = select(
    asset_depreciation.c.target,
    asset_depreciation.c.method,
    asset_depreciation.c.useful_life_months,
    asset_depreciation.c.residual_value,
    asset_depreciation.c.full_first_year,
).where(of_administration(asset_depreciation))


@dataclass(frozen=True, slots=True)
class _Known:
    """What the reports of one day share."""

    named: Sequence[NamedAccount]
    bookings: Sequence[AssetBooking]
    roles: AssetRoles
    balances: Mapping[int, Decimal]
    register: Register
    settings: AssetSettings

    @property
    def assets(self) -> FixedAssets:
        return FixedAssets(self.balances, self.register.acquisitions(), self.roles, frozenset(self.register.unclear))


class FixedAssetQueries(BooksQueries, BasicsQueries):
    async def asset_categories(self, id: AdministrationId, as_of: date) -> Sequence[AssetCategory]:
        known = await self._known(id, as_of)
        assets, names = known.assets, _category_names(known.named, known.roles, self.snapshot.language)
        return [
            AssetCategory(
                key,
                names.get(key, key),
                figures.acquisition_value,
                figures.accumulated_depreciation,
                figures.net_book_value,
                assets.unattributed(key),
                plan.method if plan else None,
                plan.useful_life_months if plan else None,
            )
            for key, figures in assets.categories().items()
            for plan in (known.settings.of_category(key),)
        ]

    async def fixed_assets(
        self, id: AdministrationId, as_of: date, first: int, after: str | None
    ) -> Page[FixedAssetRow]:
        known = await self._known(id, as_of)
        assets = known.assets
        ordered = sorted(known.register.assets, key=_place)
        if after is not None:
            behind = _ASSETS.decode(after)
            ordered = [asset for asset in ordered if _place(asset) > behind]
        shown = ordered[:first]
        return Page(
            [_row(id, asset, assets) for asset in shown],
            [_ASSETS.encode(_place(asset)) for asset in shown],
            has_next=len(ordered) > first,
            has_previous=after is not None,
            total=len(known.register.assets),
        )

    async def fixed_asset(self, id: AdministrationId, as_of: date, asset: UUID) -> FixedAssetRow | None:
        known = await self._known(id, as_of)
        found = next((one for one in known.register.assets if asset_id(id, one) == asset), None)
        return _row(id, found, known.assets) if found else None

    async def depreciation_schedule(
        self, id: AdministrationId, as_of: date, months: int
    ) -> Sequence[DepreciationMonth]:
        known = await self._known(id, as_of)
        booked = dict(list(depreciation_by_month(known.bookings, known.roles, as_of).items())[-months:])
        planned = await self._planned(id, known, as_of, booked, months)
        if not booked:
            return planned
        by_month = boundaries_of(rules.months(min(booked), as_of))
        books = await self._books(id, by_month, prefixes=FIXED_ASSET_GROUPS)
        net = _net_book_values(books, known.roles, min(booked), as_of)
        shown = [
            DepreciationMonth(month, sums.charged, sums.cancelled, sums.written_back, net.get(month, ZERO), booked=True)
            for month, sums in booked.items()
        ]
        return [*shown, *planned]

    async def _planned(
        self, id: AdministrationId, known: _Known, as_of: date, booked: Mapping[date, object], months: int
    ) -> list[DepreciationMonth]:
        """The months behind the booked ones, of the assets for which a method is set."""
        plans = [
            (asset.value, asset.acquired_on, plan)
            for asset in known.register.held()
            if asset.acquired_on and (plan := known.settings.of_asset(asset_id(id, asset), asset.category))
        ]
        if not plans:
            return []
        years = spans((year.start, year.end) for year in await self.bookyears(id))
        first, last_booked = as_of.replace(day=1), max(booked, default=None)
        following = await asyncio.to_thread(planned_together, plans, years, first, last_booked)
        left = sum((row.net_book_value for row in known.assets.categories().values()), ZERO)
        found = list[DepreciationMonth]()
        for month, amount in following[:months]:
            left -= amount
            found.append(DepreciationMonth(month, amount, ZERO, ZERO, left, booked=False))
        return found

    async def asset_movements(self, id: AdministrationId, as_of: date, bookyear: int) -> Sequence[RubricMovements]:
        year = next((one for one in await self.bookyears(id) if one.number == bookyear), None)
        if year is None:
            raise UnknownBookyear
        known = await self._known(id, as_of)
        if year.start > as_of:
            return []
        until = min(year.end, as_of)
        books = await self._books(id, boundaries_of([(year.start, until)]), prefixes=FIXED_ASSET_GROUPS)
        if bookyear not in [one.number for one in books.years]:
            return []
        figures = rules.trial_balance(books, year.start, until).accounts
        return movements_by_rubric(
            {account: row.opening for account, row in figures.items()},
            {account: row.closing for account, row in figures.items()},
            booked_movements(known.bookings, known.roles, year.start, until),
            known.roles,
        )

    async def asset_accounts(self, id: AdministrationId) -> Sequence[AssetAccount]:
        known = await self._known(id, self.snapshot.today)
        named = {account.number: account for account in known.named}
        return [
            AssetAccount(
                named.get(number) or NamedAccount(number, account_text(number), ()),
                one.role,
                one.by_hand,
                one.doubt_in_words,
            )
            for number, one in sorted(known.roles.judged.items())
        ]

    async def _known(self, id: AdministrationId, as_of: date) -> _Known:
        return await self.snapshot.once(("fixed assets", id, as_of), lambda: self._gathered(id, as_of))

    async def _gathered(self, id: AdministrationId, as_of: date) -> _Known:
        books = await self._books(id, boundaries_of([(as_of, as_of)]), prefixes=FIXED_ASSET_GROUPS)
        years = [year.number for year in books.years]
        named = await self.snapshot.once(("accounts", id), lambda: self.accounts(id))
        lines = await self.snapshot.once(("asset lines", id), lambda: self._asset_lines(id, years))
        settings = await self.snapshot.once(("asset settings", id), lambda: self._settings(id))
        return await asyncio.to_thread(_reckoned, books, named, lines, settings, as_of)

    async def _settings(self, id: AdministrationId) -> AssetSettings:
        roles = await self.snapshot.rows(_ROLES, {"administration": id})
        plans = await self.snapshot.rows(_PLANS, {"administration": id})
        return AssetSettings(
            {account: AssetRole(role) for account, role in map(tuple, roles)},
            {
                PlanTarget(target): DepreciationPlan(DepreciationMethod(method), *how)
                for target, method, *how in map(tuple, plans)
            },
        )

    async def _asset_lines(self, id: AdministrationId, bookyears: Sequence[int]) -> Sequence[AssetLine]:
        asked = {"administration": id, "bookyears": list(bookyears), "lowest": _LOWEST, "highest": _HIGHEST}
        rows = await self.snapshot.many_rows(_LINES, asked, MOST_SUMS)
        if rows is None:
            raise TooManySums
        return [AssetLine(BookingKey(*key[:4]), *key[4:]) for key in map(tuple, rows)]


def _reckoned(
    books: Books, named: Sequence[NamedAccount], lines: Sequence[AssetLine], settings: AssetSettings, as_of: date
) -> _Known:
    bookings = asset_bookings(lines, books.years[0].number if books.years else None)
    balances = rules.balances(books, as_of)
    roles = roles_of([*(account.number for account in named), *balances], bookings, settings.roles)
    return _Known(named, bookings, roles, balances, register(bookings, roles, as_of), settings)


def _place(asset: Asset) -> tuple[date | int, ...]:
    """Where it stands among the others: the key of its cursor."""
    return (asset.counted_from, *asset.booking, asset.ordinal)


def _row(id: AdministrationId, asset: Asset, assets: FixedAssets) -> FixedAssetRow:
    is_there = asset.disposed_on is None
    accumulated = assets.accumulated_depreciation(asset.account, asset.value) if is_there else None
    return FixedAssetRow(
        id=asset_id(id, asset),
        booking_code=asset.booking.code,
        description=asset.description,
        category=asset.category,
        acquired_on=asset.acquired_on,
        acquisition_value=asset.value,
        accumulated_depreciation=accumulated,
        net_book_value=None if accumulated is None else asset.value - accumulated,
        relation=asset.relation,
        status=asset.status,
        disposed_on=asset.disposed_on,
        disposal_proceeds=asset.proceeds,
    )


def _net_book_values(books: Books, roles: AssetRoles, from_: date, to: date) -> dict[date, Decimal]:
    """Of all fixed assets together at the end of each month."""
    figures = rules.monthly_balances(books, from_, to)
    return {
        month: sum((row.balance for row in rows if roles.of(row.account) is not AssetRole.NONE), ZERO)
        for month, rows in groupby(figures, lambda row: row.month)
    }


def _category_names(accounts: Sequence[NamedAccount], roles: AssetRoles, language: Language | None) -> dict[str, str]:
    """Each category is called like its lowest base account, as the newest bookyear that has one calls it."""
    base = [account for account in accounts if roles.of(account.number) is AssetRole.ACQUISITION]
    oldest_first = sorted(base, key=lambda account: (account.bookyears[-1], -account.number))
    return {category_key(account.number): account.name for account in oldest_first} | {
        FINANCIAL: FINANCIAL_NAMES.in_language(language, FINANCIAL)
    }
