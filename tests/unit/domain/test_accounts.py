import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.account import (
    Account,
    AccountKind,
    Names,
    account_class,
    account_group,
    account_kind,
    holds_result,
    is_carried_forward,
    is_trade,
    numbers_of_group,
)


@pytest.mark.parametrize(
    ("number", "klass"), [(12000, 0), (100000, 1), (588888, 5), (600000, 6), (999999, 9), ("012000", 0), (7000001, 7)]
)
def test_the_class_is_the_first_digit_of_six(number: int | str, klass: int) -> None:
    assert account_class(number) == klass


@given(st.integers(1, 2**31), st.integers(1, 4))
def test_a_number_below_zero_goes_by_its_digits_so_that_no_report_fails_of_it(number: int, digits: int) -> None:
    assert account_group(-number, digits) == account_group(number, digits)
    assert account_class(-number) == account_class(number)
    assert is_carried_forward(-number) == is_carried_forward(number)


@given(st.integers(0, 10**10), st.integers(1, 4))
def test_a_group_is_what_the_number_begins_with_in_six_digits_or_more(number: int, digits: int) -> None:
    """The model counts instead of writing: a number is of the group g while it lies between g000 and g999."""
    length = max(6, next(length for length in range(1, 12) if number < 10**length))
    wide = 10 ** (length - digits)
    (group,) = [group for group in range(10**digits) if group * wide <= number < (group + 1) * wide]

    assert account_group(number, digits) == f"{group:0{digits}d}"
    assert account_class(number) == int(account_group(number, 1))


@given(
    st.integers(0, 10).flatmap(lambda digits: st.integers(0, min(10**digits, 2**31 - 1))),
    st.integers(1, 3).flatmap(lambda digits: st.text("0123456789", min_size=digits, max_size=digits)),
)
def test_the_numbers_of_a_group_are_those_that_are_of_it(number: int, group: str) -> None:
    of_it = [lowest <= number <= highest for lowest, highest in numbers_of_group(group)]

    assert of_it.count(True) == (account_group(number, len(group)) == group)
    assert all(highest < 2**31 for _, highest in numbers_of_group(group)), "they are parameters of an int4"


@pytest.mark.parametrize(
    ("group", "numbers"),
    [
        ("23", [(230000, 239999), (2300000, 2399999), (23000000, 23999999), (230000000, 239999999)]),
        (
            "21",
            [
                (210000, 219999),
                (2100000, 2199999),
                (21000000, 21999999),
                (210000000, 219999999),
                (2100000000, 2**31 - 1),
            ],
        ),
        ("01", [(10000, 19999)]),
    ],
)
def test_a_group_has_numbers_of_each_length_from_six_digits_on_and_class_0_of_six_alone(
    group: str, numbers: list[tuple[int, int]]
) -> None:
    assert numbers_of_group(group) == numbers


@pytest.mark.parametrize(
    ("number", "holds"),
    [(140000, True), (149999, True), (1400001, True), (14, False), (14000, False), (1399999, False), (150000, False)],
)
def test_the_result_goes_to_class_14_however_long_its_numbers_are(number: int, holds: bool) -> None:
    assert holds_result(number) is holds


@pytest.mark.parametrize(
    ("number", "trade"),
    [(400000, True), (440999, True), (4000001, True), (44012345, True), (401000, False), (441000, False), (400, False)],
)
def test_trade_accounts_are_told_by_three_digits(number: int, trade: bool) -> None:
    assert is_trade(number) is trade


@pytest.mark.parametrize(
    ("klass", "kind"),
    [
        (0, AccountKind.OFF_BALANCE_SHEET),
        (1, AccountKind.BALANCE_SHEET),
        (5, AccountKind.BALANCE_SHEET),
        (6, AccountKind.PROFIT_AND_LOSS),
        (9, AccountKind.PROFIT_AND_LOSS),
    ],
)
def test_a_class_decides_where_an_account_is_reported(klass: int, kind: AccountKind) -> None:
    assert account_kind(klass) is kind


@pytest.mark.parametrize(("number", "carried"), [(12000, True), (599999, True), (600000, False), (890000, False)])
def test_classes_0_to_5_go_over_into_the_next_bookyear(number: int, carried: bool) -> None:
    assert is_carried_forward(number) is carried


def test_a_number_is_written_with_the_zeros_of_class_0() -> None:
    assert Account(1, 12000, Names()).text == "012000"


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (Names(nl="Kas", fr="Caisse", en="Cash", de="Kasse"), "Kas"),
        (Names(fr="Caisse", en="Cash", de="Kasse"), "Caisse"),
        (Names(nl="  ", en=" Cash ", de="Kasse"), "Cash"),
        (Names(de="Kasse"), "Kasse"),
        (Names(), "570000"),
    ],
)
def test_a_name_is_the_first_that_is_filled_in_nl_fr_en_de_then_the_number(names: Names, shown: str) -> None:
    assert names.display("570000") == shown
