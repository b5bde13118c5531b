"""The Fixed Assets dashboard, derived from the ledger: Octopus has no register."""

from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from monitr.application import reading
from monitr.application.reading import AssetOrigin, FixedAssetRow, Page
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.paging import (
    PageInfo,
    ask_for_page,
    bounded,
    page_size,
    total_of,
    within_books,
)
from monitr.entrypoints.graphql.types.enums import DepreciationMethod
from monitr.entrypoints.graphql.types.ledger import opaque_id
from monitr.entrypoints.graphql.types.master_data import Relation
from monitr.entrypoints.graphql.types.scalars import month_text

MOST_MONTHS = 600


@strawberry.type(description="Accounts that start with the same three digits; 28, the financial assets, are one.")
class AssetCategory:
    key: str
    name: str
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal
    depreciation_method: DepreciationMethod | None = None
    useful_life_months: int | None = None

    @classmethod
    def of(cls, row: reading.AssetCategory) -> Self:
        return cls(
            key=row.key,
            name=row.name,
            acquisition_value=row.acquisition_value,
            accumulated_depreciation=row.accumulated_depreciation,
            net_book_value=row.net_book_value,
        )


@strawberry.type
class FixedAsset:
    id: strawberry.ID
    row: strawberry.Private[FixedAssetRow]
    administration_id: strawberry.Private[AdministrationId]
    description: str | None
    category: str
    acquired_on: date | None
    acquisition_value: Decimal
    accumulated_depreciation: Decimal | None
    net_book_value: Decimal | None
    booking_code: str | None

    @strawberry.field
    async def supplier(self, info: Info) -> Relation | None:
        return await Relation.load(info, self.administration_id, self.row.relation)

    @classmethod
    def of(cls, administration: AdministrationId, row: FixedAssetRow) -> Self:
        return cls(
            id=opaque_id(administration, "asset", row.id),
            row=row,
            administration_id=administration,
            description=row.description,
            category=row.category,
            acquired_on=row.acquired_on,
            acquisition_value=row.acquisition_value,
            accumulated_depreciation=row.accumulated_depreciation,
            net_book_value=row.net_book_value,
            booking_code=row.booking_code,
        )


@strawberry.type
class FixedAssetEdge:
    cursor: str
    node: FixedAsset


@strawberry.type
class FixedAssetConnection:
    page_info: PageInfo
    edges: list[FixedAssetEdge]
    page: strawberry.Private[Page[FixedAssetRow]]

    @strawberry.field
    def total_count(self) -> int:
        return total_of(self.page)


@strawberry.type
class ScheduleMonth:
    month: str
    depreciation: Decimal
    net_book_value: Decimal
    booked: bool


@strawberry.type
class FixedAssets:
    as_of: date
    administration_id: strawberry.Private[AdministrationId]
    origin: AssetOrigin

    @strawberry.field
    async def acquisition_value(self, info: Info) -> Decimal:
        return sum((row.acquisition_value for row in await self._categories(info)), ZERO)

    @strawberry.field
    async def accumulated_depreciation(self, info: Info) -> Decimal:
        return sum((row.accumulated_depreciation for row in await self._categories(info)), ZERO)

    @strawberry.field
    async def net_book_value(self, info: Info) -> Decimal:
        return sum((row.net_book_value for row in await self._categories(info)), ZERO)

    @strawberry.field
    async def categories(self, info: Info) -> list[AssetCategory]:
        return [AssetCategory.of(row) for row in await self._categories(info)]

    @described("Oldest acquisition first.")
    async def assets(
        self, info: Info, first: int | None = 100, after: str | None = strawberry.UNSET
    ) -> FixedAssetConnection:
        size = page_size(first, 100)
        page = await ask_for_page(
            after,
            lambda cursor: info.context.reading.fixed_assets(self.administration_id, self._day, size, cursor),
        )
        edges = [
            FixedAssetEdge(cursor=cursor, node=FixedAsset.of(self.administration_id, row))
            for row, cursor in zip(page.rows, page.cursors, strict=True)
        ]
        return FixedAssetConnection(page_info=PageInfo.of(page), edges=edges, page=page)

    @described("The booked months up to asOf, oldest first.")
    async def schedule(self, info: Info, months: int | None = 12) -> list[ScheduleMonth]:
        count = bounded(months, "months", 12, 1, MOST_MONTHS)
        rows = await info.context.reading.depreciation_schedule(self.administration_id, self._day, count)
        return [
            ScheduleMonth(
                month=month_text(row.month),
                depreciation=row.depreciation,
                net_book_value=row.net_book_value,
                booked=row.booked,
            )
            for row in rows
        ]

    @property
    def _day(self) -> date:
        return within_books(self.as_of)

    async def _categories(self, info: Info) -> list[reading.AssetCategory]:
        return list(await info.context.loaders.asset_categories.load((self.administration_id, self._day)))
