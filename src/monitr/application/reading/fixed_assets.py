"""Fixed assets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.pages import Page
from monitr.domain.accounting.asset_accounts import AssetRole
from monitr.domain.accounting.asset_movements import RubricMovements
from monitr.domain.accounting.asset_register import AssetStatus
from monitr.domain.accounting.depreciation import DepreciationMethod
from monitr.domain.organisation import AdministrationId


class AssetOrigin(StrEnum):
    """Where the fixed assets come from."""

    DERIVED_FROM_LEDGER = "DERIVED_FROM_LEDGER"
    """From the ledger lines of classes 20 to 28: Octopus has no register."""


class UnknownBookyear(Exception):
    """No bookyear of the administration has this number."""


@dataclass(frozen=True, slots=True)
class AssetCategory:
    """``key`` is the first three digits of the accounts (``230``), ``28`` for the financial fixed assets.

    ``unattributed``: what of the acquisition value no asset of the register explains. How it is depreciated is None
    where nobody has set it.
    """

    key: str
    name: str
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal
    unattributed: Decimal
    depreciation_method: DepreciationMethod | None = None
    useful_life_months: int | None = None


@dataclass(frozen=True, slots=True)
class FixedAssetRow:
    """One asset. Depreciation and net value are None where they do not follow from the ledger, and of what has left.

    ``acquired_on`` is None for what the oldest bookyear began with. ``acquisition_value`` of what has left is the one
    with which it left. ``relation``: the supplier.
    """

    id: UUID
    booking_code: str
    description: str | None
    category: str
    acquired_on: date | None
    acquisition_value: Decimal
    accumulated_depreciation: Decimal | None
    net_book_value: Decimal | None
    relation: int | None
    status: AssetStatus
    disposed_on: date | None = None
    disposal_proceeds: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DepreciationMonth:
    """``month`` is its first day; ``net_book_value`` of all categories at its end. ``depreciation`` is what was
    charged, or, in a month that is not ``booked``, what is planned."""

    month: date
    depreciation: Decimal
    cancelled: Decimal
    written_back: Decimal
    net_book_value: Decimal
    booked: bool


@dataclass(frozen=True, slots=True)
class AssetAccount:
    """What an account holds. ``doubt``: what speaks against it, in a sentence."""

    account: NamedAccount
    role: AssetRole
    by_hand: bool
    doubt: str | None


class FixedAssetReader(Protocol):
    """Of the administrations of one organisation. Each raises TooManySums where the books hold more than a report
    can."""

    async def asset_categories(self, id: AdministrationId, as_of: date) -> Sequence[AssetCategory]:
        """By key."""
        ...

    async def fixed_assets(
        self, id: AdministrationId, as_of: date, first: int, after: str | None
    ) -> Page[FixedAssetRow]:
        """Oldest acquisition first, with the total; what the books began with counts from their first day."""
        ...

    async def depreciation_schedule(
        self, id: AdministrationId, as_of: date, months: int
    ) -> Sequence[DepreciationMonth]:
        """The booked months up to ``as_of``, the last ``months`` of them, oldest first; behind them as many planned
        months, where a method has been set, from the month of ``as_of`` on or, where that is booked, the next."""
        ...

    async def asset_movements(self, id: AdministrationId, as_of: date, bookyear: int) -> Sequence[RubricMovements]:
        """Of the bookyear up to ``as_of``, by rubric; empty for one that begins later, or whose books are not complete.
        Raises UnknownBookyear."""
        ...

    async def asset_accounts(self, id: AdministrationId) -> Sequence[AssetAccount]:
        """All accounts of classes 20 to 28 that the chart or the books hold, by number."""
        ...
