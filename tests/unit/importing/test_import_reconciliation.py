"""Octopus's own totals against the ledger: what is read again, what is believed, what is reported."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.import_run import ImportMode, ImportStatus
from tests.unit.importing.fake_dossier import (
    INVALID,
    SPENT,
    FakeDossier,
    cut,
    divers,
    nothing,
    purchase,
    sale,
    small_books,
    twice,
    without,
)
from tests.unit.importing.story import Story, after_a_first_import

# --- bookings that an answer no longer holds ------------------------------------------------------------------------


async def test_bookings_that_a_short_answer_left_out_stay_where_the_totals_hold_them() -> None:
    story = await after_a_first_import()
    story.dossier.spoil(without(sale(1)), asked=(2, 2))

    run = await story.sync(ImportMode.FULL)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    assert story.changes() == {}
    assert story.notes == [
        "Octopus's answer for bookyear 2, journal type 2, left out bookings that its totals still hold: they are kept"
    ]
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.WARNING


async def test_bookings_that_are_gone_without_a_report_go_where_the_totals_agree_without_them() -> None:
    story = await after_a_first_import()
    story.dossier.forget(sale(1))

    await story.sync(ImportMode.FULL)

    assert story.agrees
    assert story.changes() == {sale(1): "REMOVED"}
    assert story.dossier.asked("ledger").count((2, 2)) == 1
    assert story.failed_checks() == {}


async def test_without_totals_a_second_reading_decides() -> None:
    story = await after_a_first_import(a_dossier_without_totals())
    story.dossier.forget(sale(1))

    await story.sync(ImportMode.FULL)

    assert story.agrees
    assert story.dossier.asked("ledger").count((2, 2)) == 2


async def test_without_totals_what_a_second_reading_holds_stays() -> None:
    story = await after_a_first_import(a_dossier_without_totals())
    story.dossier.spoil(without(sale(1)), asked=(2, 2))

    await story.sync(ImportMode.FULL)

    assert story.agrees
    assert story.changes() == {}


async def test_without_totals_nothing_goes_while_the_second_reading_has_to_wait_for_quota() -> None:
    story = await after_a_first_import(a_dossier_without_totals())
    story.dossier.forget(sale(1))
    story.dossier.fail("ledger", SPENT, at=range(9, 20))

    await story.sync(ImportMode.FULL)

    assert sale(1) in story.imported.ledger
    assert [note for note in story.notes if "could not be read again today" in note] == story.notes
    story.dossier.errors.clear()

    await story.sync()

    assert story.agrees


async def test_an_empty_answer_never_deletes_a_chunk_that_nothing_but_itself_speaks_against() -> None:
    story = await after_a_first_import(a_dossier_without_totals())
    ledger = dict(story.imported.ledger)
    story.dossier.spoil(nothing, times=1_000)

    run = await story.sync(ImportMode.FULL)

    assert run.status is ImportStatus.WAITING
    assert story.imported.ledger == ledger
    assert any("left out bookings that nothing proves to be gone" in note for note in story.notes)


async def test_an_answer_that_leaves_out_bookings_that_cancel_each_other_is_read_again() -> None:
    dossier = small_books()
    dossier.book(sale(7), (400000, "9.00"), (700000, "-9.00"), relation=16)
    dossier.book(sale(8), (400000, "-9.00"), (700000, "9.00"), relation=16)
    story = await after_a_first_import(dossier)
    story.dossier.spoil(without(sale(7), sale(8)), asked=(2, 2))

    await story.sync(ImportMode.FULL)

    assert story.agrees
    assert story.dossier.asked("ledger").count((2, 2)) == 2


async def test_of_what_is_missing_only_what_a_second_reading_lacks_too_goes() -> None:
    dossier = small_books()
    dossier.book(sale(7), (400000, "9.00"), (700000, "-9.00"), relation=16)
    story = await after_a_first_import(dossier)
    story.dossier.forget(sale(7))
    story.dossier.spoil(without(sale(1)), asked=(2, 2))

    await story.sync(ImportMode.FULL)

    assert story.agrees
    assert story.changes() == {sale(7): "REMOVED"}


async def test_missing_bookings_that_the_totals_neither_hold_nor_deny_are_kept_and_the_difference_is_reported() -> None:
    story = await after_a_first_import()
    story.dossier.amounts_override = [
        replace(amount, balance=amount.balance + Decimal(1)) if amount.account == 400000 else amount
        for amount in story.dossier.amounts()
    ]
    story.dossier.spoil(without(sale(1)), asked=(2, 2), times=3)

    await story.sync(ImportMode.FULL)

    assert sale(1) in story.imported.ledger
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.FAILED


async def test_a_missing_booking_that_changes_meanwhile_is_no_longer_missing() -> None:
    story = await after_a_first_import(a_dossier_without_totals())
    story.dossier.spoil(without(sale(1)), asked=(2, 2))
    story.dossier.fail("ledger", SPENT, at=range(9, 20))
    await story.sync(ImportMode.FULL)
    assert story.imported.missing == {sale(1)}
    story.dossier.errors.clear()
    story.dossier.book(sale(1), (400000, "7.00"), (700000, "-7.00"), relation=16, at=story.now)

    await story.sync()

    assert story.agrees
    assert story.imported.missing == set()


# --- differences ----------------------------------------------------------------------------------------------------


async def test_a_short_first_answer_is_found_by_the_totals_and_read_again() -> None:
    story = Story()
    story.dossier.spoil(nothing, asked=(1, 2))

    await story.sync()

    assert story.agrees
    assert story.failed_checks() == {}


async def test_differences_are_read_again_once_and_then_reported_to_the_cent() -> None:
    story = Story()
    story.dossier.book(sale(2, 1), (400000, "80.00"), (700001, "-80.00"), relation=16)
    story.dossier.spoil(without(sale(1, 1)), asked=(1, 2), times=99)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger").count((1, 2)) == 2
    check = story.check(CheckCode.ACCOUNT_AMOUNTS)
    assert check.status is VerificationStatus.FAILED
    assert check.detail is not None
    assert "account 400000, period 202501: 80.00 here, 330.00 in Octopus, difference -250.00" in check.detail


async def test_differences_that_stay_the_same_are_not_read_again_by_the_next_run() -> None:
    story = Story()
    story.dossier.book(sale(2, 1), (400000, "80.00"), (700001, "-80.00"), relation=16)
    story.dossier.spoil(without(sale(1, 1)), asked=(1, 2), times=99)
    await story.sync()
    story.dossier.calls.clear()

    await story.sync()

    assert story.dossier.asked("ledger") == [(-1, -1)]
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.FAILED


async def test_differences_that_stay_are_read_again_on_another_day() -> None:
    story = Story()
    story.dossier.book(sale(2, 1), (400000, "80.00"), (700001, "-80.00"), relation=16)
    story.dossier.spoil(without(sale(1, 1)), asked=(1, 2), times=2)
    await story.sync()
    story.now += timedelta(days=1)

    await story.sync()

    assert story.agrees


async def test_new_differences_are_read_again() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(2), (400000, "80.00"), (700000, "-80.00"), relation=16, at=story.now)
    story.dossier.spoil(nothing)

    await story.sync()

    assert story.agrees
    assert story.dossier.asked("ledger") == [(-1, -1), (2, -1), (2, 1), (2, 2), (2, 3), (2, 4)]


async def test_totals_that_have_gone_wrong_here_are_read_anew_before_the_ledger() -> None:
    story = await after_a_first_import()
    amounts = story.dossier.amounts()
    story.dossier.amounts_override = [replace(amounts[0], balance=Decimal("1.00"))]
    story.dossier.before_call = lambda operation: (
        setattr(story.dossier, "amounts_override", None)
        if story.dossier.count("changed_account_amounts") == 2
        else None
    )

    await story.sync()

    assert story.dossier.asked("changed_account_amounts")[-1] is None
    assert story.failed_checks() == {}


@pytest.mark.parametrize("error", [SPENT, INVALID])
async def test_totals_that_cannot_be_read_anew_stand(error: Exception) -> None:
    story = await after_a_first_import()
    story.dossier.spoil(nothing)
    story.dossier.book(sale(2), (400000, "80.00"), (700000, "-80.00"), relation=16, at=story.now)
    story.dossier.fail("changed_account_amounts", error, at=[2])  # type: ignore[arg-type]  # both are OctopusError

    await story.sync()

    assert story.agrees
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.PASSED


async def test_what_the_quota_does_not_allow_to_read_again_is_reported_not_waited_for() -> None:
    story = Story()
    story.dossier.book(sale(2, 1), (400000, "80.00"), (700001, "-80.00"), relation=16)
    story.dossier.spoil(without(sale(1, 1)), asked=(1, 2))
    story.dossier.fail("ledger", SPENT, at=range(9, 99))

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.FAILED


async def test_an_invalid_answer_to_a_second_reading_fails_the_run() -> None:
    story = Story()
    story.dossier.spoil(without(sale(1, 1)), asked=(1, 2))
    story.dossier.fail("ledger", INVALID, at=range(10, 99))

    run = await story.sync()

    assert run.status is ImportStatus.FAILED


# --- lines that arrive twice ----------------------------------------------------------------------------------------


async def test_repeated_lines_are_dropped_where_the_booking_balances_without_them_only() -> None:
    story = Story()
    story.dossier.spoil(lambda lines: [*lines, lines[0]], asked=(2, 1))

    await story.sync()

    assert story.agrees
    assert story.notes == ["1 repeated line of bookyear 2, type 1 was left out"]


async def test_repeated_lines_of_changed_bookings_are_dropped_too() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(2), (400000, "80.00"), (700000, "-80.00"), relation=16, at=story.now)
    story.dossier.spoil(lambda lines: [*lines, lines[0]])

    await story.sync()

    assert story.agrees
    assert story.notes == ["1 repeated line of changed bookings was left out"]


async def test_whole_bookings_that_arrive_twice_are_told_by_the_totals() -> None:
    story = Story()
    story.dossier.spoil(twice, asked=(2, 2))

    await story.sync()

    assert story.agrees
    assert story.dossier.asked("ledger").count((2, 2)) == 1
    assert story.notes == ["2 repeated lines were left out"]


async def test_open_items_are_not_older_than_lines_that_were_read_again() -> None:
    story = Story()
    story.dossier.spoil(without(sale(1)), asked=(2, 2))

    await story.sync()

    operations = [operation for operation, _ in story.dossier.calls]
    assert story.dossier.asked("ledger").count((2, 2)) == 2
    assert operations.index("open_items") > 0
    last_ledger = len(operations) - operations[::-1].index("ledger")
    assert operations[last_ledger:].count("open_items") == 2


async def test_lines_that_are_alike_stay_where_the_totals_hold_both() -> None:
    story = Story()
    line = (600000, "10.00"), (440000, "-10.00")
    story.dossier.book(purchase(2), *line, *line, relation=13)
    story.dossier.books[purchase(2)] = [entry._replace(line_sequence=1) for entry in story.dossier.books[purchase(2)]]

    await story.sync()

    assert story.agrees
    assert story.failed_checks() == {}


async def test_where_totals_differ_for_another_reason_alike_lines_are_left_alone() -> None:
    story = Story()
    line = (600000, "10.00"), (440000, "-10.00")
    story.dossier.book(purchase(2), *line, *line, relation=13)
    story.dossier.books[purchase(2)] = [entry._replace(line_sequence=1) for entry in story.dossier.books[purchase(2)]]
    story.dossier.spoil(without(sale(1)), asked=(2, 2), times=99)

    await story.sync()

    assert len(story.imported.ledger[purchase(2)]) == 4


async def test_without_totals_bookings_that_arrive_twice_are_read_again() -> None:
    story = Story(a_dossier_without_totals())
    story.dossier.spoil(twice, asked=(2, 2))

    await story.sync()

    assert story.agrees
    assert story.notes == [
        "Octopus's answer for bookyear 2, journal type 2, holds lines that are alike, and no totals tell whether they"
        " are repetitions"
    ]


async def test_a_chunk_that_ends_inside_a_booking_is_read_again_at_once() -> None:
    story = Story(a_dossier_without_totals())
    story.dossier.spoil(cut, asked=(2, 2))

    await story.sync()

    assert story.agrees


async def test_an_answer_that_is_always_cut_inside_a_booking_leaves_the_booking_as_it_was() -> None:
    story = await after_a_first_import(a_dossier_without_totals())
    ledger = dict(story.imported.ledger)
    story.dossier.spoil(cut, times=1_000)

    await story.sync(ImportMode.FULL)

    assert story.imported.ledger == ledger
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.WARNING


async def test_a_booking_that_does_not_balance_in_octopus_is_imported_and_reported() -> None:
    story = Story()
    story.dossier.book(sale(9), (400000, "9.00"), (700000, "-8.00"), relation=16)

    await story.sync()

    assert story.agrees
    assert story.check(CheckCode.BOOKINGS_BALANCE).detail == (
        "Bookings whose lines do not add up to zero: 2-V1-9 is out by 1.00."
    )


# --- journal types outside 1 to 4 -----------------------------------------------------------------------------------


def special_books() -> FakeDossier:
    """The second bookyear is opened by a booking of type 5, seen with journal type -1 only (octopus.md 4)."""
    dossier = small_books()
    opening = divers(1)._replace(journal_type=5)
    dossier.book(opening, (400000, "250.00"), (440000, "-100.00"), (499000, "-30.00"), (140000, "-120.00"))
    return dossier


async def test_special_types_are_not_asked_for_where_the_totals_agree() -> None:
    story = Story()

    await story.sync()

    assert (2, -1) not in story.dossier.asked("ledger")


async def test_special_types_are_read_for_the_bookyear_whose_totals_show_a_gap() -> None:
    story = Story(special_books())

    await story.sync()

    assert story.agrees
    assert story.dossier.asked("ledger")[8:] == [(2, -1)]
    assert [opening.key.journal_type for opening in story.imported.openings[2]] == [5]
    assert story.failed_checks() == {}


async def test_special_types_come_from_one_answer_for_everything_where_type_minus_one_is_refused() -> None:
    dossier = special_books()
    dossier.all_types_of_one_bookyear = False
    dossier.book(divers(1, 1)._replace(journal_type=5), (100000, "-5.00"), (550000, "5.00"))
    story = Story(dossier)

    await story.sync()

    assert story.agrees
    assert story.dossier.asked("ledger")[8:] == [(2, -1), (-1, -1)]


async def test_special_types_that_octopus_refuses_altogether_leave_a_reported_gap() -> None:
    dossier = special_books()
    dossier.all_types_of_one_bookyear = False
    dossier.fail("ledger", INVALID, at=[10])
    story = Story(dossier)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.FAILED
    assert story.notes == [f"Journal types outside 1 to 4 could not be read: {INVALID}"]


async def test_special_types_that_the_quota_did_not_allow_are_read_by_the_next_run() -> None:
    dossier = special_books()
    dossier.fail("ledger", SPENT, at=range(9, 20))
    story = Story(dossier)
    await story.sync()
    story.dossier.errors.clear()

    await story.sync()

    assert story.agrees
    assert story.failed_checks() == {}


async def test_a_special_booking_that_an_answer_left_out_stays() -> None:
    story = await after_a_first_import(special_books())
    story.dossier.book(sale(9), (400000, "9.00"), (700000, "-9.00"), relation=16)
    special = divers(1)._replace(journal_type=5)
    story.dossier.spoil(without(special), asked=(2, -1), times=99)
    story.dossier.spoil(without(sale(9)), asked=(2, 2))

    await story.sync(ImportMode.FULL)

    assert special in story.imported.ledger
    assert story.agrees


def a_dossier_without_totals() -> FakeDossier:
    dossier = small_books()
    dossier.has_totals = False
    for bookyear in (1, 2):  # a second sale, so that an answer without the first is not empty
        dossier.book(sale(5, bookyear), (400000, "3.00"), (700000, "-3.00"), relation=16)
    return dossier
