from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.checks import (
    SHOWN,
    StoredBooks,
    amounts_check,
    openings_check,
    outstanding_check,
    without_bookyears,
)
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import (
    AmountsReading,
    AmountsReport,
    Check,
    CheckCode,
    Difference,
    VerificationStatus,
)
from monitr.domain.words.sentence import Sentence

Told = tuple[CheckCode, VerificationStatus, str | None]

SOUND = StoredBooks({}, {}, (), (), (), ())
PASSED, FAILED, WARNING = VerificationStatus.PASSED, VerificationStatus.FAILED, VerificationStatus.WARNING
NOT_AVAILABLE = VerificationStatus.NOT_AVAILABLE
RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE


def amounts(**by_account: str) -> dict[int, Decimal]:
    return {int(account[1:]): Decimal(amount) for account, amount in by_account.items()}


# --- what is stored -------------------------------------------------------------------------------------------------


def told(check: Check) -> Told:
    return check.code, check.status, check.detail


def found(books: StoredBooks) -> list[Check]:
    return [check for check in books.checks() if check.status is not PASSED]


def test_sound_books_pass_six_checks_without_a_word() -> None:
    checks = replace(SOUND, bookings={BookingKey(1, 1, 1, 1): Decimal("0.00")}, bookyears={1: Decimal("0.00")}).checks()

    assert [check.code for check in checks] == [
        CheckCode.BOOKINGS_BALANCE,
        CheckCode.BOOKYEARS_BALANCE,
        CheckCode.ACCOUNTS_KNOWN,
        CheckCode.RELATIONS_KNOWN,
        CheckCode.COST_CENTRES_KNOWN,
        CheckCode.RECORDS_READABLE,
    ]
    assert {(check.status, check.detail) for check in checks} == {(PASSED, None)}


@pytest.mark.parametrize(
    ("books", "check"),
    [
        (
            replace(SOUND, bookings={BookingKey(2, 2, 1, 9): Decimal("1.00")}),
            (
                CheckCode.BOOKINGS_BALANCE,
                FAILED,
                "Bookings whose lines do not add up to zero: 2-V1-9 is out by 1.00.",
            ),
        ),
        (
            replace(SOUND, bookyears={2: Decimal("-1.00"), 1: Decimal("1.00")}),
            (
                CheckCode.BOOKYEARS_BALANCE,
                FAILED,
                "Bookyears whose lines do not add up to zero: bookyear 1 is out by 1.00; bookyear 2 is out by -1.00.",
            ),
        ),
        (
            replace(SOUND, unlisted_accounts={(2, 12000)}),
            (
                CheckCode.ACCOUNTS_KNOWN,
                FAILED,
                "Booked on accounts that the chart does not have: 012000 in bookyear 2.",
            ),
        ),
        (
            replace(SOUND, unlisted_relations={16, 7}),
            (CheckCode.RELATIONS_KNOWN, WARNING, "Booked with relations that Octopus does not list: 7; 16."),
        ),
        (
            replace(SOUND, unlisted_cost_centres={3}),
            (CheckCode.COST_CENTRES_KNOWN, WARNING, "Booked on cost centres that are not listed: 3."),
        ),
        (
            replace(SOUND, notes=(Sentence.verbatim("b"), Sentence.verbatim("a"))),
            (CheckCode.RECORDS_READABLE, WARNING, "Records that could not be read, or were repaired: b; a."),
        ),
    ],
    ids=["bookings", "bookyears", "accounts", "relations", "cost centres", "records"],
)
def test_a_finding_is_told_with_what_it_means(books: StoredBooks, check: Told) -> None:
    assert [told(each) for each in found(books)] == [check]


@given(st.sets(st.integers(1, 40)))
def test_of_many_findings_the_first_five_are_told_and_the_rest_is_counted(relations: set[int]) -> None:
    checks = found(replace(SOUND, unlisted_relations=relations))

    told = checks[0].detail.removesuffix(".").split(": ")[1] if checks and checks[0].detail else ""
    named, _, more = told.partition(" and ")
    assert named == "; ".join(str(number) for number in sorted(relations)[:SHOWN])
    assert more == ("" if len(relations) <= SHOWN else f"{len(relations) - SHOWN} more")


# --- totals ---------------------------------------------------------------------------------------------------------


def test_without_totals_there_is_nothing_to_compare_with() -> None:
    assert told(amounts_check(None)) == (
        CheckCode.ACCOUNT_AMOUNTS,
        NOT_AVAILABLE,
        "Octopus gave no totals to compare with.",
    )


def test_totals_that_agree_say_how_many_were_compared_and_how_they_were_read() -> None:
    check = amounts_check(AmountsReport(AmountsReading.CUMULATIVE, 42, ()))

    assert told(check) == (
        CheckCode.ACCOUNT_AMOUNTS,
        PASSED,
        "42 totals per account and period agree; Octopus's are cumulative balances.",
    )


def test_totals_that_differ_are_told_by_account_and_period() -> None:
    difference = Difference(2, 202601, 12000, Decimal("1.00"), Decimal("1.01"))
    report = AmountsReport(AmountsReading.MOVEMENTS, 42, (difference,))

    assert told(amounts_check(report)) == (
        CheckCode.ACCOUNT_AMOUNTS,
        FAILED,
        "Octopus's totals, read as movements, differ: account 012000, period 202601: 1.00 here, 1.01 in Octopus, "
        "difference -0.01.",
    )


# --- openings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "difference",
    [
        {},
        amounts(a140000="-50.00"),  # the result that the opening moved
        amounts(a140000="-60.00", a141000="10.00"),
    ],
)
def test_an_opening_may_move_the_result(difference: dict[int, Decimal]) -> None:
    assert openings_check({2: difference}) == Check(CheckCode.YEAR_OPENINGS, PASSED)


@pytest.mark.parametrize(
    ("difference", "findings"),
    [
        (
            amounts(a550000="5.00", a499000="-5.00"),
            "account 499000 opens bookyear 2 -5.00 away from the closing before it; "
            "account 550000 opens bookyear 2 5.00 away from the closing before it",
        ),
        (
            amounts(a140000="-50.00", a550000="5.00", a499000="-5.00"),  # the result is moved as well
            "account 499000 opens bookyear 2 -5.00 away from the closing before it; "
            "account 550000 opens bookyear 2 5.00 away from the closing before it",
        ),
        (
            amounts(a140000="-50.00", a12000="5.00"),  # a part of what class 14 took is no result
            "account 012000 opens bookyear 2 5.00 away from the closing before it; "
            "account 140000 opens bookyear 2 -50.00 away from the closing before it",
        ),
    ],
)
def test_an_opening_that_differs_otherwise_is_told_by_account_with_what_to_do(
    difference: dict[int, Decimal], findings: str
) -> None:
    assert told(openings_check({1: {}, 2: difference})) == (
        CheckCode.YEAR_OPENINGS,
        WARNING,
        f"{findings}. Run the opening again in Octopus, unless it was adjusted on purpose.",
    )


# --- open items -----------------------------------------------------------------------------------------------------


def totals(type: OutstandingItemType, outstanding: str, *accounts: int) -> ControlTotal:
    return ControlTotal(type, Decimal(outstanding), frozenset(accounts))


def test_open_items_that_agree_with_their_control_accounts_pass() -> None:
    both = [totals(RECEIVABLE, "250.00", 400000), totals(PAYABLE, "100.00", 440000)]

    check = outstanding_check(both, amounts(a400000="250.00", a440000="-100.00"))

    assert check == Check(CheckCode.OUTSTANDING_ITEMS, PASSED)


def test_open_items_that_do_not_agree_are_told_with_both_sides() -> None:
    check = outstanding_check([totals(PAYABLE, "90.00", 440000, 441000)], amounts(a440000="-100.00"))

    assert told(check) == (
        CheckCode.OUTSTANDING_ITEMS,
        FAILED,
        "outstanding items -90.00, accounts 440000, 441000 -100.00, difference 10.00.",
    )


def test_what_clients_owe_too_much_does_not_make_up_for_what_suppliers_are_owed_too_much() -> None:
    both = [totals(RECEIVABLE, "250.00", 400000), totals(PAYABLE, "100.00", 440000)]

    check = outstanding_check(both, amounts(a400000="240.00", a440000="-90.00"))

    assert check.detail == (
        "outstanding items 250.00, accounts 400000 240.00, difference 10.00; "
        "outstanding items -100.00, accounts 440000 -90.00, difference -10.00."
    )


def test_both_sides_are_compared_together_where_they_share_an_account() -> None:
    both = [totals(RECEIVABLE, "250.00", 400000, 440000), totals(PAYABLE, "100.00", 440000)]

    assert outstanding_check(both, amounts(a400000="270.00", a440000="-120.00")).status is PASSED


def test_open_items_that_no_line_stands_behind_are_held_against_nothing() -> None:
    both = [totals(RECEIVABLE, "250.00", 400000), totals(PAYABLE, "100.00")]

    check = outstanding_check(both, amounts(a400000="250.00"))

    assert check.detail is not None
    assert check.detail.endswith(" 0.00, difference -100.00.")


def test_no_open_items_and_settled_accounts_are_nothing_to_check() -> None:
    assert told(outstanding_check([], amounts(a400000="0.00", a550000="5.00"))) == (
        CheckCode.OUTSTANDING_ITEMS,
        NOT_AVAILABLE,
        "There are no outstanding items.",
    )


def test_no_open_items_beside_unsettled_trade_accounts_is_a_finding() -> None:
    check = outstanding_check([], amounts(a440001="-1.00", a400000="250.00", a499000="3.00"))

    assert told(check) == (
        CheckCode.OUTSTANDING_ITEMS,
        WARNING,
        "Octopus lists no outstanding items behind lines of the ledger, yet account 400000 holds 250.00; "
        "account 440001 holds -1.00.",
    )


@pytest.mark.parametrize(
    ("records", "detail"),
    [
        (Check(CheckCode.RECORDS_READABLE, PASSED), ""),
        (
            Check.of(CheckCode.RECORDS_READABLE, WARNING, findings=[Sentence.verbatim("one record")]),
            " Records that could not be read, or were repaired: one record.",
        ),
    ],
)
def test_bookyears_that_could_not_be_read_fail_the_check_of_the_records(records: Check, detail: str) -> None:
    unread = {2: Sentence.verbatim("bookyear 2 is refused"), 1: Sentence.verbatim("bookyear 1 is gone")}

    assert told(without_bookyears(records, unread)) == (
        CheckCode.RECORDS_READABLE,
        FAILED,
        f"Bookyears that could not be read: bookyear 1 is gone; bookyear 2 is refused.{detail}",
    )


@pytest.mark.parametrize(
    ("check", "unread"),
    [
        (Check(CheckCode.RECORDS_READABLE, PASSED), {}),
        (Check(CheckCode.ACCOUNTS_KNOWN, PASSED), {1: Sentence.verbatim("bookyear 1 is gone")}),
    ],
)
def test_where_all_bookyears_are_read_and_for_other_checks_nothing_is_said(
    check: Check, unread: dict[int, Sentence]
) -> None:
    assert without_bookyears(check, unread) == check
