from collections.abc import Iterator
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.statements.layout import NormalSide, Seat, StatementKind
from monitr.domain.accounting.statements.rubrics import (
    LegalForm,
    StatementModel,
    normal_side,
    rubric_of,
    statutory_layout,
)
from tests.unit.domain.naive_statements import BALANCE, PROFIT, rubrics, takers

WITH_CAPITAL = LegalForm.WITH_CAPITAL
FULL = StatementModel.FULL
VARIANTS = list(product(StatementModel, LegalForm))
LIKE_A_NUMBER = settings(max_examples=300, deadline=None)


@pytest.mark.parametrize("form", LegalForm)
@pytest.mark.parametrize("model", [StatementModel.FULL, StatementModel.ABRIDGED])
def test_every_number_is_taken_by_one_rubric_or_by_none(model: StatementModel, form: LegalForm) -> None:
    """Four digits decide, but for 131000."""
    for number in (*range(100, 1_000_000, 100), 131000):
        kind = BALANCE if BALANCE.holds(number) else PROFIT
        expected = takers(kind, model, form, number)
        assert len(expected) <= 1
        assert rubric_of(number, model, form) == (expected[0] if expected else None), number


@LIKE_A_NUMBER
@given(st.integers(1, 999_999) | st.integers(1, 2**31 - 1), st.sampled_from(VARIANTS))
def test_whatever_follows_the_fourth_digit(number: int, variant: tuple[StatementModel, LegalForm]) -> None:
    text = f"{number:06d}"
    if number != 131000:
        assert rubric_of(number, *variant) == rubric_of(int(text[:4].ljust(6, "0")), *variant) or text[:4] == "1310"
        assert rubric_of(-number, *variant) == rubric_of(number, *variant)


def test_micro_has_the_lines_of_abridged() -> None:
    for kind, form in product(StatementKind, LegalForm):
        abridged, micro = (statutory_layout(kind, model, form).lines for model in list(StatementModel)[1:])
        assert abridged == micro


@pytest.mark.parametrize(("model", "form"), VARIANTS)
@pytest.mark.parametrize("kind", StatementKind)
def test_a_model_has_the_rubrics_of_the_list(kind: StatementKind, model: StatementModel, form: LegalForm) -> None:
    lines = statutory_layout(kind, model, form).lines

    assert len(lines) == len({line.key for line in lines})
    assert {line.key for line in lines} == set(rubrics(kind, model, form))
    assert all(set(line.parts) <= {each.key for each in lines} for line in lines)


@pytest.mark.parametrize(("model", "form"), VARIANTS)
@pytest.mark.parametrize("kind", StatementKind)
def test_a_heading_stands_before_its_parts_and_a_total_behind(
    kind: StatementKind, model: StatementModel, form: LegalForm
) -> None:
    lines = statutory_layout(kind, model, form).lines
    at = {line.key: index for index, line in enumerate(lines)}
    totals = {"20/58", "10/49", "9901", "9903", "9904", "9905"}

    for line in lines:
        for part in line.parts:
            assert (at[part] < at[line.key]) is (line.key in totals), (line.key, part)
            assert lines[at[part]].level == (0 if line.key in totals else line.level + 1)
    assert lines[0].level == 0


def unmapped(digits: int) -> Iterator[str]:
    for number in range(10 ** (digits - 1), 8 * 10 ** (digits - 1)):
        numbers = range(number * 10 ** (6 - digits), (number + 1) * 10 ** (6 - digits), 100)
        if not any(rubric_of(each, FULL, WITH_CAPITAL) for each in numbers):
            yield str(number)


def expanded(text: str) -> set[str]:
    spans = [span.split("–") for span in text.split(", ")]
    return {str(number) for span in spans for number in range(int(span[0]), int(span[-1]) + 1)}


def test_the_numbers_that_no_rubric_takes_are_those_of_the_list() -> None:
    """``mar-rubrics.md`` and rule 4; 69 and 79, the appropriation, are lines of their own here."""
    three = (
        "102–109, 112–119, 134–139, 166–167, 169, 177, 180–189, 289, 292–299, 380–399, 445–449, 494–498, 590–599, 639, "
        "674–679, 681–688, 730–739, 781–788"
    )
    four = "1101–1108, 1111–1118, 1314–1318, 1752–1759, 6622–6629, 6632–6639, 6692–6699, 7622–7629, 7632–7639"
    assert set(unmapped(3)) == expanded(three)
    inside = {number for number in unmapped(4) if number[:3] not in expanded(three)}
    assert inside == expanded(four)  # and 1310, but for 131000
    assert [rubric_of(number, FULL, WITH_CAPITAL) for number in (131000, 131001, 1310000)] == ["1319", None, None]


@pytest.mark.parametrize(
    ("account", "expected"),
    [
        (663000, "66A"),
        (763000, "76A"),
        (175000, "1750"),
        (661000, "66B"),
        (769000, "76B"),
        (690000, "69"),
        (801000, None),
    ],
)
def test_the_traps_of_six_digits_are_known(account: int, expected: str | None) -> None:
    assert rubric_of(account, FULL, WITH_CAPITAL) == expected


def test_class_0_is_in_no_statement() -> None:
    assert [kind for kind in StatementKind if kind.holds(10000)] == []
    assert rubric_of(10000, FULL, WITH_CAPITAL) is None


@pytest.mark.parametrize(
    ("account", "form", "debit", "credit"),
    [
        (440000, WITH_CAPITAL, "41", "440/4"),
        (451000, WITH_CAPITAL, "41", "450/3"),
        (400000, WITH_CAPITAL, "40", "47/48"),
        (411000, LegalForm.ASSOCIATION, "41", "48"),
        (550000, WITH_CAPITAL, "54/58", "430/8"),
        (499000, WITH_CAPITAL, "490/1", "492/3"),
        (490000, WITH_CAPITAL, "490/1", "490/1"),
        (430000, WITH_CAPITAL, "430/8", "430/8"),
        (480000, WITH_CAPITAL, "47/48", "47/48"),
    ],
)
def test_some_accounts_stand_where_their_sign_says(account: int, form: LegalForm, debit: str, credit: str) -> None:
    seat = statutory_layout(BALANCE, FULL, form).seat(account, 0)
    assert (seat.at(Decimal(1)), seat.at(Decimal(-1))) == ((debit,), (credit,))
    assert seat.at(Decimal(0)) == (rubric_of(account, FULL, form),)


def test_a_number_that_no_rubric_takes_stands_nowhere_whatever_its_sign() -> None:
    assert statutory_layout(BALANCE, FULL, WITH_CAPITAL).seat(445000, 0) == Seat.always()


@pytest.mark.parametrize(
    ("account", "side"),
    [
        (101000, "DEBIT"),
        (190000, "DEBIT"),
        (100000, "CREDIT"),
        (230009, "DEBIT"),
        (499000, "DEBIT"),
        (440000, "CREDIT"),
        (639000, "DEBIT"),
        (730000, "CREDIT"),
        (112000, "CREDIT"),
        (445000, "CREDIT"),
        (495000, "DEBIT"),
        (674000, "DEBIT"),
        (781000, "CREDIT"),
        (10000, "DEBIT"),
    ],
)
def test_every_account_has_a_side_on_which_it_usually_stands(account: int, side: str) -> None:
    assert normal_side(account) is NormalSide(side)


def test_names_are_those_of_the_list() -> None:
    fixed = next(line for line in statutory_layout(BALANCE, FULL, WITH_CAPITAL).lines if line.key == "21/28")
    assert (fixed.names.nl, fixed.names.fr, fixed.names.en, fixed.names.de) == (
        "Vaste activa",
        "Actifs immobilisés",
        "Fixed assets",
        "",
    )
    for kind, (model, form) in product(StatementKind, VARIANTS):
        assert all(
            line.names.nl and line.names.fr and line.names.en for line in statutory_layout(kind, model, form).lines
        )
