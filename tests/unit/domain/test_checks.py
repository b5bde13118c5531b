from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitr.domain.accounting.checks import SHOWN, StoredBooks
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import Check, CheckCode, VerificationStatus

SOUND = StoredBooks({}, {}, (), (), (), ())
FAILED, WARNING = VerificationStatus.FAILED, VerificationStatus.WARNING


def found(books: StoredBooks) -> list[Check]:
    return [check for check in books.checks() if check.status is not VerificationStatus.PASSED]


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
    assert {(check.status, check.detail) for check in checks} == {(VerificationStatus.PASSED, None)}


@pytest.mark.parametrize(
    ("books", "check"),
    [
        (
            replace(SOUND, bookings={BookingKey(2, 2, 1, 9): Decimal("1.00")}),
            Check(
                CheckCode.BOOKINGS_BALANCE,
                FAILED,
                "Bookings whose lines do not add up to zero: 2-V1-9 is out by 1.00.",
            ),
        ),
        (
            replace(SOUND, bookyears={2: Decimal("-1.00"), 1: Decimal("1.00")}),
            Check(
                CheckCode.BOOKYEARS_BALANCE,
                FAILED,
                "Bookyears whose lines do not add up to zero: bookyear 1 is out by 1.00; bookyear 2 is out by -1.00.",
            ),
        ),
        (
            replace(SOUND, unlisted_accounts={(2, 12000)}),
            Check(
                CheckCode.ACCOUNTS_KNOWN,
                FAILED,
                "Booked on accounts that the chart does not have: 012000 in bookyear 2.",
            ),
        ),
        (
            replace(SOUND, unlisted_relations={16, 7}),
            Check(CheckCode.RELATIONS_KNOWN, WARNING, "Booked with relations that Octopus does not list: 7; 16."),
        ),
        (
            replace(SOUND, unlisted_cost_centres={3}),
            Check(CheckCode.COST_CENTRES_KNOWN, WARNING, "Booked on cost centres that are not listed: 3."),
        ),
        (
            replace(SOUND, notes=("b", "a")),
            Check(CheckCode.RECORDS_READABLE, WARNING, "Records that could not be read, or were repaired: b; a."),
        ),
    ],
    ids=lambda value: value.code.value if isinstance(value, Check) else "",
)
def test_a_finding_is_told_with_what_it_means(books: StoredBooks, check: Check) -> None:
    assert found(books) == [check]


@given(st.sets(st.integers(1, 40)))
def test_of_many_findings_the_first_five_are_told_and_the_rest_is_counted(relations: set[int]) -> None:
    checks = found(replace(SOUND, unlisted_relations=relations))

    told = checks[0].detail.removesuffix(".").split(": ")[1] if checks and checks[0].detail else ""
    named, _, more = told.partition(" and ")
    assert named == "; ".join(str(number) for number in sorted(relations)[:SHOWN])
    assert more == ("" if len(relations) <= SHOWN else f"{len(relations) - SHOWN} more")
