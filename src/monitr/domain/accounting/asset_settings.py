"""What users set about fixed assets, since no ledger tells it: the role of an account, how something is depreciated.

A plan is set for a category or for one asset; that of the asset comes first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NewType
from uuid import UUID

from monitr.domain.accounting.asset_accounts import FINANCIAL, AssetRole, category_key, is_fixed_asset
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan, InvalidPlan
from monitr.domain.words.sentence import Sentence

PlanTarget = NewType("PlanTarget", str)
"""The key of a category (``230``, ``28``), or the id of an asset."""


def target_of_category(key: str) -> PlanTarget:
    """Raises ValueError for a text that is the key of no category."""
    is_key = key.isascii() and key.isdigit() and len(key) == (2 if key == FINANCIAL else 3)
    if not is_key or not is_fixed_asset(account := int(key.ljust(6, "0"))) or category_key(account) != key:
        raise ValueError(f"{key!r} is no category of fixed assets")
    return PlanTarget(key)


def target_of_asset(id: UUID) -> PlanTarget:
    return PlanTarget(str(id))


def plan_for(
    method: DepreciationMethod, useful_life_months: int | None, residual_value: Decimal | None, *, full_first_year: bool
) -> DepreciationPlan:
    """Raises InvalidPlan without a useful life, and as DepreciationPlan."""
    if useful_life_months is None:
        raise InvalidPlan(Sentence.of("input.NO_USEFUL_LIFE"))
    return DepreciationPlan(method, useful_life_months, residual_value or Decimal(0), full_first_year)


@dataclass(frozen=True, slots=True)
class AssetSettings:
    """All that is set for one administration."""

    roles: Mapping[int, AssetRole] = field(default_factory=dict[int, AssetRole])
    plans: Mapping[PlanTarget, DepreciationPlan] = field(default_factory=dict[PlanTarget, DepreciationPlan])

    def of_category(self, key: str) -> DepreciationPlan | None:
        return self.plans.get(PlanTarget(key))

    def of_asset(self, id: UUID, category: str) -> DepreciationPlan | None:
        return self.plans.get(target_of_asset(id)) or self.of_category(category)
