"""Planned depreciation, held against published figures (CBN advice 2010/15) and against a model that goes day by
year."""

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.depreciation import (
    DepreciationMethod,
    DepreciationPlan,
    Span,
    annuities,
    planned,
    planned_together,
    spans,
)

LINEAR, DEGRESSIVE = DepreciationMethod.LINEAR, DepreciationMethod.DEGRESSIVE
YEARS = [Span(date(2024, 1, 1), date(2024, 12, 31)), Span(date(2025, 1, 1), date(2025, 12, 31))]
NEW_YEAR = date(2024, 1, 1)


def by_year(value: str, acquired: date, plan: DepreciationPlan, years: list[Span] | None = None) -> list[str]:
    found = annuities(Decimal(value), acquired, plan, YEARS if years is None else years)
    return [str(amount) for _, amount, _ in found]


def test_degressive_is_twice_linear_on_what_is_left_and_then_linear() -> None:
    """The figures of the advice: at most 40 %, and linear from the year in which that is more."""
    plan = DepreciationPlan(DEGRESSIVE, 60)

    assert by_year("100000.00", NEW_YEAR, plan) == ["40000.00", "24000.00", "20000.00", "16000.00"]


def test_linear_is_the_same_each_year() -> None:
    assert by_year("100000.00", NEW_YEAR, DepreciationPlan(LINEAR, 60)) == ["20000.00"] * 5


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        # 184 of 366 days are left in 2024
        (DepreciationPlan(LINEAR, 24), ["25136.61", "50000.00", "24863.39"]),
        (DepreciationPlan(LINEAR, 24, full_first_year=True), ["50000.00", "50000.00"]),
        (DepreciationPlan(LINEAR, 24, residual_value=Decimal(10000), full_first_year=True), ["45000.00", "45000.00"]),
        # 66.67 % of what is left would be 66,667: no annuity is above 40 % of the acquisition value
        (DepreciationPlan(DEGRESSIVE, 36, full_first_year=True), ["40000.00", "40000.00", "20000.00"]),
        (
            DepreciationPlan(DEGRESSIVE, 60, residual_value=Decimal(10000), full_first_year=True),
            ["40000.00", "24000.00", "18000.00", "8000.00"],
        ),
        # a third of a cent each year: nothing is left over at the end
        (DepreciationPlan(LINEAR, 36, full_first_year=True), ["33333.33", "33333.33", "33333.34"]),
    ],
)
def test_the_first_year_the_residual_value_and_the_ceiling(plan: DepreciationPlan, expected: list[str]) -> None:
    assert by_year("100000.00", date(2024, 7, 1), plan) == expected


def test_a_long_first_bookyear_carries_more_than_twelve_months() -> None:
    long_year = [Span(date(2024, 7, 1), date(2025, 12, 31))]

    assert by_year("6000.00", date(2024, 7, 1), DepreciationPlan(LINEAR, 36), long_year) == [
        "3000.00",
        "2000.00",
        "1000.00",
    ]


def test_the_months_of_a_year_add_up_to_its_annuity() -> None:
    months = planned(Decimal("1000.00"), NEW_YEAR, DepreciationPlan(LINEAR, 60), YEARS)

    assert [str(month.amount) for month in months[:12]].count("16.67") == 8
    assert sum(month.amount for month in months[:12]) == 200
    assert len(months) == 60


def test_the_last_year_ends_when_nothing_is_left() -> None:
    months = planned(Decimal("1200.00"), date(2024, 7, 1), DepreciationPlan(LINEAR, 12), YEARS)

    assert (months[0].month, months[-1].month) == (date(2024, 7, 1), date(2025, 6, 1))


def test_what_was_acquired_before_the_bookyears_that_are_known_has_years_too() -> None:
    assert by_year("100.00", date(2022, 1, 1), DepreciationPlan(LINEAR, 24)) == ["50.00", "50.00"]


@pytest.mark.parametrize("life", [0, 1201])
def test_a_useful_life_is_some_months(life: int) -> None:
    with pytest.raises(ValueError, match="useful life"):
        DepreciationPlan(LINEAR, life)


def test_a_residual_value_is_not_negative() -> None:
    with pytest.raises(ValueError, match="residual"):
        DepreciationPlan(LINEAR, 12, Decimal(-1))


def test_of_several_assets_the_months_behind_the_booked_ones_are_added_up() -> None:
    plan, other = DepreciationPlan(LINEAR, 12), DepreciationPlan(LINEAR, 24)
    assets = [(Decimal(1200), NEW_YEAR, plan), (Decimal(2400), NEW_YEAR, other)]

    following = planned_together(assets, YEARS, date(2024, 11, 1), None)
    behind = planned_together(assets, YEARS, date(2024, 11, 1), date(2024, 11, 1))

    assert [month.amount for month in following[:3]] == [Decimal(200), Decimal(200), Decimal(100)]
    assert behind == following[1:]


def test_a_bookyear_that_reaches_into_the_next_ends_before_it() -> None:
    assert spans([(date(2025, 1, 1), date(2025, 12, 31)), (NEW_YEAR, date(2025, 1, 1))]) == YEARS


plans = st.builds(
    DepreciationPlan,
    st.sampled_from(DepreciationMethod),
    st.integers(1, 400),
    st.integers(0, 5000).map(Decimal),
    st.booleans(),
)


@given(
    st.integers(1, 10**7).map(lambda cents: Decimal(cents).scaleb(-2)),
    st.dates(date(2015, 1, 1), date(2030, 1, 1)),
    plans,
)
def test_a_plan_ends_at_the_residual_value_and_never_goes_below(
    value: Decimal, acquired: date, plan: DepreciationPlan
) -> None:
    """The model keeps exact fractions of what is left and goes on calendar year by calendar year, without rounding."""
    found = planned(value, acquired, plan, YEARS)
    to_depreciate = max(value - plan.residual_value, Decimal(0))

    assert sum((month.amount for month in found), Decimal(0)) == to_depreciate
    assert all(month.amount > 0 for month in found)
    assert [month.month for month in found] == sorted({month.month for month in found})

    left, year = Fraction(to_depreciate), acquired.year
    whole, linear = Fraction(value), Fraction(to_depreciate) * 12 / plan.useful_life_months
    per_year = {key: sum(it.amount for it in group) for key, group in groupby(found, lambda it: it.month.year)}
    while left > Fraction(1, 2):
        annuity = linear
        if plan.method is DEGRESSIVE:
            annuity = max(
                linear, min((left + whole - Fraction(to_depreciate)) * 24 / plan.useful_life_months, whole * 2 / 5)
            )
        if year == acquired.year and not plan.full_first_year:
            first, last = date(year, 1, 1), date(year, 12, 31)
            annuity = annuity * ((last - acquired).days + 1) / ((last - first).days + 1)
        annuity = min(annuity, left)
        assert abs(Fraction(per_year.get(year, 0)) - annuity) <= Fraction(1, 2)
        left -= annuity
        year += 1
    assert found == [] or found[-1].month <= acquired + timedelta(days=31 * plan.useful_life_months + 366)
