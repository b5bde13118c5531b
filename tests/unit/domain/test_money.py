from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.money import CENT, ZERO, credit, debit, loses_more_than_noise, to_cents

MODERATE = settings(max_examples=30, deadline=None)
CENTS = st.integers(-(10**12), 10**12)
FRACTIONS_OF_A_CENT = st.decimals(-1_000_000, 1_000_000, places=5)


@pytest.mark.parametrize(
    ("written", "rounded"),
    [
        ("990.3199999999999", "990.32"),
        ("0.005", "0.00"),
        ("0.015", "0.02"),
        ("0.025", "0.02"),
        ("-0.015", "-0.02"),
        ("1e3", "1000.00"),
        ("7", "7.00"),
    ],
)
def test_an_amount_is_rounded_half_even_to_the_cent(written: str, rounded: str) -> None:
    assert str(to_cents(Decimal(written))) == rounded


@MODERATE
@given(CENTS)
def test_what_a_double_makes_of_two_decimals_disappears(cents: int) -> None:
    exact = Decimal(cents).scaleb(-2)

    assert to_cents(Decimal(repr(cents / 100))) == exact


@MODERATE
@given(st.lists(st.integers(-(10**7), 10**7), min_size=1, max_size=20))
def test_the_noise_of_a_sum_of_doubles_disappears_and_is_not_reported(cents: list[int]) -> None:
    noisy = Decimal(repr(sum(amount / 100 for amount in cents)))

    assert to_cents(noisy) == Decimal(sum(cents)).scaleb(-2)
    assert not loses_more_than_noise(noisy)


@MODERATE
@given(FRACTIONS_OF_A_CENT)
def test_rounding_stays_within_half_a_cent_and_is_done_once(amount: Decimal) -> None:
    rounded = to_cents(amount)

    assert abs(rounded - amount) <= CENT / 2
    assert to_cents(rounded) == rounded


@MODERATE
@given(FRACTIONS_OF_A_CENT)
def test_a_remainder_is_reported_from_more_than_a_tenth_of_a_cent_on(amount: Decimal) -> None:
    in_tenths = abs(amount).scaleb(3) % 10

    assert loses_more_than_noise(amount) is (1 < in_tenths < 9)


@MODERATE
@given(CENTS)
def test_an_amount_is_its_debit_less_its_credit_and_only_one_of_them_is_filled(cents: int) -> None:
    amount = Decimal(cents).scaleb(-2)

    assert debit(amount) - credit(amount) == amount
    assert min(debit(amount), credit(amount)) == ZERO
    assert str(min(debit(amount), credit(amount))) == "0.00"
