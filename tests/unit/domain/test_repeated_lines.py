from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from monitr.domain.accounting.repeated_lines import repeating, repetitions
from tests.unit.importing.fake_dossier import lines_of, sale


def a_booking(*amounts: int) -> list[LedgerLine]:
    """Lines of the same amount are equal in every field."""
    day = date(2026, 3, 1)
    return [lines_of(sale(1), (400000 + amount, f"{amount}.00"), day=day, period=None)[0] for amount in amounts]


@pytest.mark.parametrize(
    ("amounts", "only_without", "either_way"),
    [
        ((5, -5), False, False),
        ((5, 5, -10), False, False),  # two lines that are alike
        ((5, 5, -5), True, False),
        ((5, -5, 5, -5), False, True),
        ((5, 5, -6), False, False),  # out of balance, whatever is left out
    ],
)
def test_lines_are_repetitions_where_the_booking_is_whole_only_without_them(
    amounts: tuple[int, ...], only_without: bool, either_way: bool
) -> None:
    alike = repeating(a_booking(*amounts))

    assert (alike is not None and alike.is_whole_only_without) is only_without
    assert (alike is not None and alike.is_whole_either_way) is either_way


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=6))
def test_a_booking_repeats_where_two_of_its_lines_are_alike(amounts: list[int]) -> None:
    lines = a_booking(*amounts)
    pairs = [one for one, other in combinations(lines, 2) if one == other]
    once = [amount for at, amount in enumerate(amounts) if amount not in amounts[:at]]

    alike = repeating(lines)

    assert (alike is None) is (not pairs)
    if alike is not None:
        assert alike == (BookingKey(*lines[0][:4]), Decimal(sum(amounts)), Decimal(sum(once)))
        assert alike.net - alike.net_once == sum(line.amount for line in repetitions(lines))
