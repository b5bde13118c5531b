from decimal import Decimal
from uuid import UUID

import pytest

from monitr.domain.accounting.asset_settings import AssetSettings, plan_for, target_of_asset, target_of_category
from monitr.domain.accounting.depreciation import DepreciationMethod, DepreciationPlan

LINEAR, DEGRESSIVE = (DepreciationPlan(method, 60) for method in DepreciationMethod)
LATHE = UUID(int=1)


@pytest.mark.parametrize("key", ["200", "230", "279", "28"])
def test_a_category_has_three_digits_but_for_the_financial_assets(key: str) -> None:
    assert target_of_category(key) == key


@pytest.mark.parametrize("key", ["", "23", "280", "290", "2300", "020", "2x0", "²30", "28 "])
def test_other_texts_are_no_category(key: str) -> None:
    with pytest.raises(ValueError, match="no category"):
        target_of_category(key)


def test_what_is_set_for_an_asset_comes_before_what_is_set_for_its_category() -> None:
    settings = AssetSettings(plans={target_of_asset(LATHE): LINEAR, target_of_category("230"): DEGRESSIVE})

    assert settings.of_asset(LATHE, "230") == LINEAR
    assert settings.of_asset(UUID(int=2), "230") == DEGRESSIVE
    assert settings.of_asset(UUID(int=2), "240") is None
    assert settings.of_category("230") == DEGRESSIVE


def test_a_method_needs_a_useful_life() -> None:
    with pytest.raises(ValueError, match="useful life"):
        plan_for(DepreciationMethod.LINEAR, None, None, full_first_year=False)

    plan = plan_for(DepreciationMethod.LINEAR, 12, None, full_first_year=True)
    assert plan == DepreciationPlan(DepreciationMethod.LINEAR, 12, Decimal(0), full_first_year=True)
