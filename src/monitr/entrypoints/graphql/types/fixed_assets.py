"""The Fixed Assets dashboard, derived from the ledger: Octopus has no register."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Annotated, Self

import strawberry

from monitr.application.reading import fixed_assets
from monitr.application.reading.fixed_assets import AssetOrigin, FixedAssetRow, UnknownBookyear
from monitr.application.reading.opaque_ids import asset_id
from monitr.domain.accounting.account import Names
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_register import AssetStatus
from monitr.domain.accounting.depreciation import DepreciationMethod
from monitr.domain.accounting.money import ZERO
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.lookups import looks_up
from monitr.entrypoints.graphql.execution.paging import After, CountedConnection, First, bounded, within_books
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.freshness import Freshness
from monitr.entrypoints.graphql.types.ledger import Booking
from monitr.entrypoints.graphql.types.master_data import Account, Relation, relation_by
from monitr.entrypoints.graphql.types.node import Node
from monitr.entrypoints.graphql.types.scalars import month_text
from monitr.entrypoints.graphql.types.sentences import Parameter

MOST_MONTHS = 600


@strawberry.type
class AssetCategory:
    """Accounts that start with the same three digits; 28, the financial assets, are one."""

    key: str
    """The three digits: `230`; `28` for financial fixed assets."""
    name: str
    """What the chart of accounts calls it."""
    acquisition_value: Decimal
    """What it cost, revaluations in it; in the bookkeeping currency."""
    accumulated_depreciation: Decimal
    """What was depreciated so far; positive."""
    net_book_value: Decimal
    """`acquisitionValue` less `accumulatedDepreciation`."""
    unattributed: Decimal
    """What of the category no asset of the register explains: with the acquisition values of the assets that are not
    disposed of it makes the category's."""
    depreciation_method: DepreciationMethod | None
    """Set by `setDepreciation`; null: not set."""
    useful_life_months: int | None
    """In months; null: not set."""


_SUPPLIER = relation_by("row.relation")


@strawberry.type
class FixedAsset(Node):
    """Something that was acquired: a debit on an acquisition value."""

    row: strawberry.Private[FixedAssetRow]
    administration_id: strawberry.Private[AdministrationId]
    description: str | None
    """What the line that acquired it says; null: nothing."""
    category: str
    """The key of its `AssetCategory`."""
    acquired_on: date | None
    """The day of acquisition; null for what the books began with."""
    acquisition_value: Decimal
    """What is left of it, or what left with it."""
    accumulated_depreciation: Decimal | None
    """Positive; null where it does not follow from the ledger, and for what was disposed of."""
    net_book_value: Decimal | None
    """`acquisitionValue` less `accumulatedDepreciation`; null where that is."""
    booking_code: str | None
    """Of the booking that acquired it, for `Administration.booking`."""
    status: AssetStatus
    """Whether it is in use, disposed of or under construction."""
    disposed_on: date | None
    """When it was sold or taken out of use; null: it is still there."""
    disposal_proceeds: Decimal | None
    """What it was sold for, without VAT; null where the booking does not say so."""

    @strawberry.field
    async def booking(self, info: Info) -> Booking | None:
        """The booking that acquired it."""
        return await Booking.load(info, self.administration_id, self.row.booking_code)

    @strawberry.field
    @looks_up(_SUPPLIER)
    async def supplier(self, info: Info) -> Relation | None:
        """The relation on the line that acquired it; null: none."""
        return await _SUPPLIER.load(self, info)

    @classmethod
    def of(cls, administration: AdministrationId, row: FixedAssetRow) -> Self:
        return shown(cls, row, id=asset_id(administration, row.id), row=row, administration_id=administration)


@strawberry.type
class ScheduleMonth:
    """The depreciation of one month, all categories together. Positive amounts."""

    month: str
    """The calendar month: `2026-03`."""
    depreciation: Decimal
    """What was charged; what is planned, where `booked` is false."""
    cancelled: Decimal
    """Cancelled because assets were disposed of; never part of `depreciation`, which was charged."""
    written_back: Decimal
    """Depreciation that was taken back."""
    net_book_value: Decimal
    """Of all categories, at the end of the month."""
    booked: bool
    """False: planned, by the methods that were set."""


@strawberry.type
class MovementLine:
    """opening + additions - disposals - writtenBack + transfers = closing; for depreciation `additions` is what was
    charged and `disposals` what was cancelled."""

    opening: Decimal
    """At the beginning of the bookyear."""
    additions: Decimal
    """Bought; of depreciation, charged."""
    disposals: Decimal
    """Sold or taken out of use; of depreciation, cancelled. Positive."""
    written_back: Decimal
    """Of depreciation, taken back. Positive."""
    transfers: Decimal
    """From one rubric to another; these cancel out over all."""
    closing: Decimal
    """At the end of the bookyear, or at `asOf`."""


@strawberry.type
class AssetMovements:
    """A row of the table in the notes of the annual accounts."""

    names: strawberry.Private[Names]
    rubric: str
    """The NBB's rubric, `20` to `28`."""
    value: MovementLine
    """Acquisition values, revaluations left out."""
    revaluation: MovementLine
    """Revaluation surpluses, and what became of them."""
    depreciation: MovementLine
    """Depreciation and amounts written down; positive."""
    net_book_value: Decimal
    """Value and revaluation less depreciation and what is not called up, at the end."""

    @strawberry.field
    def name(self, info: Info) -> str:
        """In the reader's language; in Dutch for whoever reads German."""
        return self.names.in_language(info.context.language, self.rubric)


@strawberry.type
class AssetAccount:
    """What an account of classes 20 to 28 holds: by its last digit as a rule, what books on it, or by hand."""

    account: Account
    """An account of classes 20 to 28."""
    role: AssetRole
    """What the account holds."""
    by_hand: bool
    """Whether somebody said so (`setAssetRole`)."""
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
    """The fixed assets of an administration at the end of a day, as the ledger tells them: Octopus has no register.
    Classes 20 to 28."""

    as_of: date
    """The day that was asked for."""
    administration_id: strawberry.Private[AdministrationId]
    origin: AssetOrigin
    """Where the figures come from."""

    @strawberry.field
    async def acquisition_value(self, info: Info) -> Decimal:
        """Of all categories, revaluations in it."""
        return sum((row.acquisition_value for row in await self._categories(info)), ZERO)

    @strawberry.field
    async def accumulated_depreciation(self, info: Info) -> Decimal:
        """Of all categories; positive."""
        return sum((row.accumulated_depreciation for row in await self._categories(info)), ZERO)

    @strawberry.field
    async def net_book_value(self, info: Info) -> Decimal:
        """`acquisitionValue` less `accumulatedDepreciation`."""
        return sum((row.net_book_value for row in await self._categories(info)), ZERO)

    @strawberry.field
    async def categories(self, info: Info) -> list[AssetCategory]:
        """The categories, by key."""
        return [shown(AssetCategory, row) for row in await self._categories(info)]

    @strawberry.field
    async def assets(
        self, info: Info, first: First = 100, after: After = strawberry.UNSET
    ) -> CountedConnection[FixedAsset]:
        """Oldest acquisition first."""
        question = partial(info.context.reading.fixed_assets, self.administration_id, self._day)
        node = partial(FixedAsset.of, self.administration_id)
        return await CountedConnection[FixedAsset].ask(question, node, first, after, 100)

    @strawberry.field
    async def schedule(
        self,
        info: Info,
        months: Annotated[int | None, strawberry.argument(description="How many of either, 1 to 600; null: 12.")] = 12,
    ) -> list[ScheduleMonth]:
        """The last booked months up to `asOf`, oldest first; behind them planned ones, where a method has been set."""
        count = bounded(months, "months", 12, 1, MOST_MONTHS)
        rows = await info.context.reading.depreciation_schedule(self.administration_id, self._day, count)
        return [shown(ScheduleMonth, row, month=month_text(row.month)) for row in rows]

    @strawberry.field
    async def freshness(self, info: Info) -> Freshness:
        """How far the figures can be trusted; read in the same snapshot."""
        return await Freshness.load(info, self.administration_id)

    @strawberry.field
    async def movements(
        self,
        info: Info,
        bookyear: Annotated[int, strawberry.argument(description="Its `number`; an unknown one is BAD_USER_INPUT.")],
    ) -> list[AssetMovements]:
        """The notes' table of a bookyear, up to `asOf`, by rubric; empty where the bookyear begins later or is not read
        completely."""
        try:
            rows = await info.context.reading.asset_movements(self.administration_id, self._day, bookyear)
        except UnknownBookyear:
            raise BadUserInput("bookyear", Sentence.of("input.NO_BOOKYEAR", bookyear=bookyear)) from None
        return [shown(AssetMovements, row) for row in rows]

    @strawberry.field
    async def accounts(self, info: Info) -> list[AssetAccount]:
        """All of classes 20 to 28, by number."""
        rows = await info.context.reading.asset_accounts(self.administration_id)
        return [AssetAccount.of(row) for row in rows]

    @property
    def _day(self) -> date:
        return within_books(self.as_of)

    async def _categories(self, info: Info) -> list[fixed_assets.AssetCategory]:
        return list(await info.context.loaders.asset_categories.load((self.administration_id, self._day)))
