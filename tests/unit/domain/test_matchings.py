from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.checks import matchings_check
from monitr.domain.accounting.matchings import (
    InDoubt,
    ItemGroup,
    MatchedLine,
    MatchedPair,
    Matching,
    Unexplained,
    contradicted,
    corrected,
)
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import VerificationStatus

RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE
MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def a_group(number: int, journal: str = "V1", relation: int = 16) -> ItemGroup:
    return ItemGroup(RECEIVABLE, 2, journal, number, relation)


def in_doubt(invoice: int, payment: int, amount: int, on: date = MARCH, *, credit_amount: int | None = None) -> InDoubt:
    pair = MatchedPair(MatchedLine(2, "V1", invoice, -1), MatchedLine(2, "F1", payment, 1))
    credited = Decimal(amount if credit_amount is None else credit_amount)
    return InDoubt(pair, Decimal(amount), credited, on, a_group(invoice), a_group(payment, "F1"))


def more_open(invoices: dict[int, int], payments: dict[int, int]) -> dict[ItemGroup, Decimal]:
    """Than documents less matchings leave them, as differences."""
    debits = {a_group(number): Decimal(-amount) for number, amount in invoices.items()}
    return debits | {a_group(number, "F1"): Decimal(amount) for number, amount in payments.items()}


# --- matchings ------------------------------------------------------------------------------------------------------


def a_matching(kind: str = "C", account: int | None = 400000, relation: int | None = 16) -> Matching:
    pair = MatchedPair(MatchedLine(2, "V1", 7, -1), MatchedLine(2, "F1", 3, 1))
    return Matching(*pair, kind, relation, account, Decimal(5), Decimal(5), APRIL, MARCH)


def test_a_matching_is_of_the_later_of_its_documents_dates() -> None:
    assert a_matching().matched_on == APRIL


@pytest.mark.parametrize(
    ("kind", "account", "types", "type"),
    [
        ("C", 400000, {}, RECEIVABLE),
        ("S", 440000, {}, PAYABLE),
        ("A", 499000, {400000: RECEIVABLE}, None),
        ("A", 400000, {400000: RECEIVABLE}, RECEIVABLE),  # the account tells more than the letter
        ("C", None, {400000: PAYABLE}, RECEIVABLE),
        ("", None, {}, None),
    ],
)
def test_whom_a_matching_is_about_follows_from_its_account_or_its_kind(
    kind: str, account: int | None, types: dict[int, OutstandingItemType], type: OutstandingItemType | None
) -> None:
    groups = a_matching(kind, account).groups(types)

    assert groups == (type and (a_group(7)._replace(type=type), a_group(3, "F1")._replace(type=type)))


def test_without_a_relation_a_matching_is_of_none() -> None:
    groups = a_matching(relation=None).groups({})

    assert groups is not None
    assert {group.relation for group in groups} == {0}


# --- what the report contradicts ------------------------------------------------------------------------------------


def test_a_matching_was_removed_where_both_its_lines_are_open_again() -> None:
    removed, other = in_doubt(7, 3, 100), in_doubt(8, 4, 50)

    assert contradicted([removed, other], more_open({7: 100}, {3: 100})) == [removed]


@pytest.mark.parametrize(
    ("invoices", "payments"),
    [({7: 100}, {}), ({}, {3: 100}), ({7: 99}, {3: 100}), ({7: 100}, {3: 99}), ({7: -100}, {3: -100})],
    ids=["debit", "credit", "less debit", "less credit", "settled instead"],
)
def test_it_stands_where_one_of_them_is_not(invoices: dict[int, int], payments: dict[int, int]) -> None:
    assert contradicted([in_doubt(7, 3, 100)], more_open(invoices, payments)) == []


def test_what_explains_a_difference_to_the_cent_comes_before_what_is_newer() -> None:
    small, exact = in_doubt(7, 3, 40, MAY), in_doubt(7, 4, 100, MARCH)

    assert contradicted([small, exact], more_open({7: 100}, {3: 40, 4: 100})) == [exact]


def test_of_several_that_might_have_been_removed_it_is_the_newest() -> None:
    older, newer = in_doubt(7, 3, 40, MARCH), in_doubt(7, 4, 40, APRIL)

    assert contradicted([older, newer], more_open({7: 40}, {3: 60, 4: 60})) == [newer]
    assert contradicted([older, newer], more_open({7: 80}, {3: 60, 4: 60})) == [newer, older]


def test_each_side_has_its_own_amount() -> None:
    with_a_gain = in_doubt(7, 3, 100, credit_amount=98)

    assert contradicted([with_a_gain], more_open({7: 100}, {3: 98})) == [with_a_gain]
    assert contradicted([with_a_gain], more_open({7: 98}, {3: 100})) == []


def test_a_matching_within_one_group_says_nothing_of_it() -> None:
    within = in_doubt(7, 3, 100)._replace(credit=a_group(7))

    assert contradicted([within], more_open({7: 100}, {})) == []


# --- what is corrected ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "difference", "after"),
    [
        ({}, "0", {}),
        ({}, "100", {MAY: "100"}),
        ({MARCH: "100"}, "100", {MARCH: "100"}),
        ({MARCH: "100"}, "150", {MARCH: "100", MAY: "50"}),
        ({MARCH: "100", MAY: "20"}, "150", {MARCH: "100", MAY: "50"}),
        ({MARCH: "100", APRIL: "50"}, "150", {MARCH: "100", APRIL: "50"}),
        ({MARCH: "100", APRIL: "50"}, "70", {MARCH: "70"}),
        ({MARCH: "100"}, "0", {}),
        ({MARCH: "100"}, "-30", {MAY: "-30"}),
        ({MARCH: "-100"}, "-130", {MARCH: "-100", MAY: "-30"}),
    ],
    ids=["none", "new", "known", "more", "more today", "in steps", "less", "explained", "opposite", "negative"],
)
def test_a_correction_is_of_the_day_that_found_it(
    before: dict[date, str], difference: str, after: dict[date, str]
) -> None:
    def amounts(of: dict[date, str]) -> dict[date, Decimal]:
        return {day: Decimal(amount) for day, amount in of.items()}

    assert corrected(amounts(before), Decimal(difference), MAY) == amounts(after)


@given(st.lists(st.integers(-3, 3).map(Decimal)))
def test_corrections_come_to_the_difference_day_after_day_and_never_go_beyond_it(differences: list[Decimal]) -> None:
    of: dict[date, Decimal] = {}
    for day, difference in enumerate(differences):
        of = corrected(of, difference, MARCH + timedelta(days=day))

        assert sum(of.values()) == difference
        assert all(amount * difference > 0 for amount in of.values())


# --- what is said of it ---------------------------------------------------------------------------------------------


def test_matchings_that_explain_the_report_are_no_finding() -> None:
    assert matchings_check([]).status is VerificationStatus.PASSED


def test_the_items_that_differ_are_counted_and_some_are_named() -> None:
    some = [(a_group(number), Decimal(10)) for number in range(1, 6)]
    one = Unexplained(PAYABLE, 1, Decimal("-7.00"), [(a_group(9, "A1", 13), Decimal("-7.00"))])

    check = matchings_check([Unexplained(RECEIVABLE, 7, Decimal("70.00"), some), one])

    assert check.status is VerificationStatus.WARNING
    assert check.detail == (
        "Octopus's report is not what documents less matchings leave open: 7 receivables differ by 70.00"
        " (2-V1-1, relation 16: 10; 2-V1-2, relation 16: 10; 2-V1-3, relation 16: 10; 2-V1-4, relation 16: 10;"
        " 2-V1-5, relation 16: 10; and 2 more); 1 payable differs by -7.00 (2-A1-9, relation 13: -7.00)."
        " The report counts, from the day on which it was found so."
    )
