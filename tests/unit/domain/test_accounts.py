import pytest

from monitr.domain.accounting.account import (
    Account,
    AccountKind,
    Names,
    account_class,
    account_kind,
    is_carried_forward,
)


@pytest.mark.parametrize(
    ("number", "klass"), [(12000, 0), (100000, 1), (588888, 5), (600000, 6), (999999, 9), ("012000", 0), (7000001, 7)]
)
def test_the_class_is_the_first_digit_of_six(number: int | str, klass: int) -> None:
    assert account_class(number) == klass


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
