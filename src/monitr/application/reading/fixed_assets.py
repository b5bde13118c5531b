"""Fixed assets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from monitr.application.reading.pages import Page
from monitr.domain.organisation import AdministrationId


class AssetOrigin(StrEnum):
    DERIVED_FROM_LEDGER = "DERIVED_FROM_LEDGER"  # Octopus has no register


@dataclass(frozen=True, slots=True)
class AssetCategory:
    """``key`` is the first three digits of the accounts (``230``), ``28`` for the financial fixed assets."""

    key: str
    name: str
    acquisition_value: Decimal
    accumulated_depreciation: Decimal
    net_book_value: Decimal


@dataclass(frozen=True, slots=True)
class FixedAssetRow:
    """One acquisition. Depreciation and net value are None where they do not follow from the ledger.

    ``acquired_on`` is None for what the oldest bookyear began with.
    """

    id: str
    booking_code: str
    description: str | None
    category: str
    acquired_on: date | None
    acquisition_value: Decimal
    accumulated_depreciation: Decimal | None
    net_book_value: Decimal | None
    relation: int | None


@dataclass(frozen=True, slots=True)
class DepreciationMonth:
    """``month`` is its first day; ``net_book_value`` of all categories at its end."""

    month: date
    depreciation: Decimal
    net_book_value: Decimal
    booked: bool


class FixedAssetReader(Protocol):
    """Of the administrations of one organisation."""

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
        """The booked months up to ``as_of``, the last ``months`` of them, oldest first."""
        ...
