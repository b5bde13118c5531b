"""What the verification says, and to whom it is of use: a bookkeeper with Octopus open beside it."""

from datetime import date
from decimal import Decimal

import pytest

from monitr.domain.accounting.checks import amounts_check, listed, openings_check, outstanding_check
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.fixed_assets import Acquisition
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import (
    AmountsReading,
    AmountsReport,
    CheckCode,
    Difference,
    VerificationStatus,
)
from tests.unit.importing.fake_dossier import FakeDossier, divers, purchase, sale, small_books
from tests.unit.importing.story import Story

RECEIVABLE, PAYABLE = OutstandingItemType.RECEIVABLE, OutstandingItemType.PAYABLE


def amounts(**by_account: str) -> dict[int, Decimal]:
    return {int(account[1:]): Decimal(amount) for account, amount in by_account.items()}


# --- totals ---------------------------------------------------------------------------------------------------------


def test_without_totals_there_is_nothing_to_compare_with() -> None:
    assert amounts_check(None).status is VerificationStatus.NOT_AVAILABLE


def test_totals_that_agree_say_how_many_were_compared_and_how_they_were_read() -> None:
    check = amounts_check(AmountsReport(AmountsReading.CUMULATIVE, 42, ()))

    assert check.status is VerificationStatus.PASSED
    assert check.detail == "42 totals per account and period agree; Octopus's are cumulative balances."


def test_a_total_that_differs_is_named_with_both_figures() -> None:
    difference = Difference(2, 202601, 12000, Decimal("1.00"), Decimal("1.01"))

    check = amounts_check(AmountsReport(AmountsReading.MOVEMENTS, 42, (difference,)))

    assert check.status is VerificationStatus.FAILED
    assert check.detail is not None
    assert "account 012000, period 202601: 1.00 here, 1.01 in Octopus, difference -0.01" in check.detail


def test_five_findings_are_shown_and_the_others_counted() -> None:
    assert listed(["a", "b", "c", "d", "e"]) == "a; b; c; d; e"
    assert listed(["a", "b", "c", "d", "e", "f", "g"]) == "a; b; c; d; e; and 2 more"


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
    assert openings_check({2: difference}).status is VerificationStatus.PASSED


@pytest.mark.parametrize(
    "difference",
    [
        amounts(a550000="5.00", a499000="-5.00"),
        amounts(a140000="-50.00", a550000="5.00", a499000="-5.00"),
        amounts(a140000="-50.00", a550000="5.00"),
    ],
)
def test_an_opening_that_differs_otherwise_is_named_by_account(difference: dict[int, Decimal]) -> None:
    check = openings_check({2: difference})

    assert check.status is VerificationStatus.WARNING
    assert check.detail is not None
    assert "account 550000 opens bookyear 2 5.00 away from the closing before it" in check.detail


async def test_the_opening_of_imported_books_is_compared_with_the_closing_before_it() -> None:
    story = Story(opened_books(stale=Decimal("7.00")))

    await story.sync()

    assert [opening.key for opening in story.imported.openings[2]] == [divers(1)]
    check = story.check(CheckCode.YEAR_OPENINGS)
    assert check.status is VerificationStatus.WARNING
    assert check.detail is not None
    assert "account 499000 opens bookyear 2 7.00 away from the closing before it" in check.detail


async def test_an_opening_that_repeats_the_closing_is_no_finding() -> None:
    story = Story(opened_books(stale=Decimal("0.00")))

    await story.sync()

    assert [opening.key for opening in story.imported.openings[2]] == [divers(1)]
    assert story.check(CheckCode.YEAR_OPENINGS).status is VerificationStatus.PASSED


def opened_books(*, stale: Decimal) -> FakeDossier:
    """Books of eleven accounts, whose second bookyear is opened with all of them, one out of date by ``stale``."""
    dossier = small_books()
    many = [(410000 + number, "1.00") for number in range(10)]
    dossier.book(divers(3, 1), *many, (610000, "-10.00"), day=date(2025, 5, 1))
    dossier.book(
        divers(1),
        *many,
        (400000, "250.00"),
        (440000, "-100.00"),
        (499000, str(stale - 30)),
        (140000, str(Decimal("-130.00") - stale)),
    )
    return dossier


# --- open items -----------------------------------------------------------------------------------------------------


def totals(type: OutstandingItemType, outstanding: str, *accounts: int) -> ControlTotal:
    return ControlTotal(type, Decimal(outstanding), frozenset(accounts))


def test_open_items_that_agree_with_their_control_accounts_pass() -> None:
    both = [totals(RECEIVABLE, "250.00", 400000), totals(PAYABLE, "100.00", 440000)]

    check = outstanding_check(both, amounts(a400000="250.00", a440000="-100.00"))

    assert check.status is VerificationStatus.PASSED


def test_open_items_that_do_not_agree_are_named_with_both_sides() -> None:
    check = outstanding_check([totals(PAYABLE, "90.00", 440000)], amounts(a440000="-100.00"))

    assert check.status is VerificationStatus.FAILED
    assert check.detail == "outstanding items -90.00, accounts 440000 -100.00, difference 10.00."


def test_both_sides_are_compared_together_where_they_share_an_account() -> None:
    both = [totals(RECEIVABLE, "250.00", 400000, 440000), totals(PAYABLE, "100.00", 440000)]

    assert outstanding_check(both, amounts(a400000="270.00", a440000="-120.00")).status is VerificationStatus.PASSED


def test_no_open_items_and_settled_accounts_are_nothing_to_check() -> None:
    assert outstanding_check([], amounts(a550000="5.00")).status is VerificationStatus.NOT_AVAILABLE


def test_no_open_items_beside_unsettled_trade_accounts_is_a_finding() -> None:
    check = outstanding_check([], amounts(a400000="250.00", a440001="-1.00", a499000="3.00"))

    assert check.status is VerificationStatus.WARNING
    assert check.detail is not None
    assert "account 400000 holds 250.00; account 440001 holds -1.00" in check.detail
    assert "499000" not in check.detail


# --- accounts, relations, cost centres ------------------------------------------------------------------------------


async def test_a_line_on_an_account_that_the_chart_does_not_have_fails() -> None:
    story = Story()
    whole = story.dossier._chart()
    story.dossier._chart = lambda: whole[1:]  # type: ignore[method-assign]

    await story.sync()

    assert story.check(CheckCode.ACCOUNTS_KNOWN).status is VerificationStatus.FAILED


async def test_a_line_with_an_unknown_relation_or_cost_centre_is_a_warning() -> None:
    story = Story()
    story.dossier.relations_known = {13}
    story.dossier.books[sale(1)][1] = story.dossier.books[sale(1)][1]._replace(cost_centre=99)

    run = await story.sync()

    assert story.failed_checks() == {
        CheckCode.RELATIONS_KNOWN: VerificationStatus.WARNING,
        CheckCode.COST_CENTRES_KNOWN: VerificationStatus.WARNING,
    }
    assert run.verification is not None
    assert run.verification.status is VerificationStatus.WARNING


async def test_a_purchase_on_a_fixed_asset_account_counts_as_an_acquisition() -> None:
    story = Story()
    story.dossier.book(purchase(2), (230000, "900.00"), (440000, "-900.00"), relation=13)

    await story.sync()

    assert [asset.account for asset in story.imported.rows[Acquisition].values()] == [230000]
