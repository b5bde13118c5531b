"""The Fixed Assets dashboard, derived from the ledger: Octopus has no register."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Self

import strawberry

from monitr.application.reading import fixed_assets
from monitr.application.reading.fixed_assets import AssetOrigin, FixedAssetRow, UnknownBookyear
from monitr.domain.accounting.account import Names
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_register import AssetStatus
from monitr.domain.accounting.depreciation import DepreciationMethod
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.paging import CountedConnection, bounded, within_books
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.ledger import Booking
from monitr.entrypoints.graphql.types.master_data import Account, Relation
from monitr.entrypoints.graphql.types.scalars import month_text
from monitr.entrypoints.graphql.types.sentences import Parameter

MOST_MONTHS = 600


@strawberry.type(description="Accounts that start with the same three digits; 28, the financial assets, are one.")
class AssetCategory:
    key: str
    name: str
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal
    unattributed: Decimal = strawberry.field(
        description="What of the category no asset of the register explains: with the acquisition values of the assets "
        "that are not disposed of it makes the category's."
    )
    depreciation_method: DepreciationMethod | None
    useful_life_months: int | None


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
    status: AssetStatus
    disposed_on: date | None
    disposal_proceeds: Decimal | None

    @strawberry.field
    async def booking(self, info: Info) -> Booking | None:
        return await Booking.load(info, self.administration_id, self.row.booking_code)

    @strawberry.field
    async def supplier(self, info: Info) -> Relation | None:
        return await Relation.load(info, self.administration_id, self.row.relation)

    @classmethod
    def of(cls, administration: AdministrationId, row: FixedAssetRow) -> Self:
        return shown(cls, row, row=row, administration_id=administration)


@strawberry.type
class ScheduleMonth:
    month: str
    depreciation: Decimal
    cancelled: Decimal = strawberry.field(
        description="Cancelled because assets were disposed of; never part of `depreciation`, which was charged."
    )
    written_back: Decimal
    net_book_value: Decimal
    booked: bool


@strawberry.type(
    description="opening + additions - disposals - writtenBack + transfers = closing; for depreciation `additions` is "
    "what was charged and `disposals` what was cancelled."
)
class MovementLine:
    opening: Decimal
    additions: Decimal
    disposals: Decimal
    written_back: Decimal
    transfers: Decimal
    closing: Decimal


@strawberry.type(description="The table of the annual accounts' notes, by rubric.")
class AssetMovements:
    names: strawberry.Private[Names]
    rubric: str
    value: MovementLine
    revaluation: MovementLine
    depreciation: MovementLine
    net_book_value: Decimal

    @strawberry.field
    def name(self, info: Info) -> str:
        """In the reader's language; in Dutch for whoever reads German."""
        return self.names.in_language(info.context.language, self.rubric)


@strawberry.type(
    description="What an account of classes 20 to 28 holds: by its last digit as a rule, what books on it, or by hand."
)
class AssetAccount:
    account: Account
    role: AssetRole
    by_hand: bool
    said_against: strawberry.Private[Sentence | None]
    doubt_code: str | None
    """Of the doubt; null where there is none."""

    @strawberry.field
    def doubt(self, info: Info) -> str | None:
        """What speaks against the role, in the reader's language."""
        return None if self.said_against is None else info.context.say(self.said_against)

    @strawberry.field
    def parameters(self) -> list[Parameter]:
        """What the doubt is said with."""
        return Parameter.all_of(self.said_against)

    @classmethod
    def of(cls, row: fixed_assets.AssetAccount) -> Self:
        code = row.doubt.code if row.doubt else None
        return shown(cls, row, account=Account.of(row.account), said_against=row.doubt, doubt_code=code)


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
        return [shown(AssetCategory, row) for row in await self._categories(info)]

    @described("Oldest acquisition first.")
    async def assets(
        self, info: Info, first: int | None = 100, after: str | None = strawberry.UNSET
    ) -> CountedConnection[FixedAsset]:
        question = partial(info.context.reading.fixed_assets, self.administration_id, self._day)
        node = partial(FixedAsset.of, self.administration_id)
        return await CountedConnection[FixedAsset].ask(question, node, first, after, 100)

    @described("The booked months up to asOf, oldest first.")
    async def schedule(self, info: Info, months: int | None = 12) -> list[ScheduleMonth]:
        count = bounded(months, "months", 12, 1, MOST_MONTHS)
        rows = await info.context.reading.depreciation_schedule(self.administration_id, self._day, count)
        return [shown(ScheduleMonth, row, month=month_text(row.month)) for row in rows]

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        return await Freshness.load(info, self.administration_id)

    @described("Of a bookyear, up to asOf.")
    async def movements(self, info: Info, bookyear: int) -> list[AssetMovements]:
        try:
            rows = await info.context.reading.asset_movements(self.administration_id, self._day, bookyear)
        except UnknownBookyear:
            raise BadUserInput("bookyear", Sentence.of("input.NO_BOOKYEAR", bookyear=bookyear)) from None
        return [shown(AssetMovements, row) for row in rows]

    @strawberry.field
    async def accounts(self, info: Info) -> list[AssetAccount]:
        rows = await info.context.reading.asset_accounts(self.administration_id)
        return [AssetAccount.of(row) for row in rows]

    @property
    def _day(self) -> date:
        return within_books(self.as_of)

    async def _categories(self, info: Info) -> list[fixed_assets.AssetCategory]:
        return list(await info.context.loaders.asset_categories.load((self.administration_id, self._day)))
