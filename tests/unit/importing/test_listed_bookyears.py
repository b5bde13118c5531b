"""The list decides which bookyears are asked for: one that vanished, one that Octopus refuses."""

from dataclasses import replace
from datetime import timedelta

from monitr.application.importing.ledger.vanished_bookyears import PROVEN_AFTER
from monitr.application.octopus import AccountAmount, ReadRefused
from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.import_run import ImportMode, ImportStatus
from tests.unit.importing.fake_dossier import purchase
from tests.unit.importing.story import Story, after_a_first_import


async def test_a_bookyear_that_is_no_longer_listed_is_not_asked_for_and_stays() -> None:
    story = await after_a_first_import()
    story.dossier.years = story.dossier.years[1:]

    run = await story.sync(ImportMode.FULL)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [(2, 1), (2, 2), (2, 3), (2, 4)]
    assert purchase(1, 1) in story.imported.ledger
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.FAILED
    assert "bookyear 1 (2025)" in (story.check(CheckCode.RECORDS_READABLE).detail or "")


async def test_a_bookyear_that_neither_list_nor_totals_hold_is_gone() -> None:
    story = await after_a_first_import()
    story.dossier.years = story.dossier.years[1:]
    story.dossier.amounts_override = [amount for amount in story.dossier.amounts() if amount.bookyear == 2]
    await story.sync()
    assert {key.bookyear for key in story.imported.ledger} == {1, 2}
    story.now += PROVEN_AFTER

    await story.sync()

    assert {key.bookyear for key in story.imported.ledger} == {2}
    assert list(story.imported.rows[Bookyear]) == [2]
    assert any("bookyear 1 (2025)" in note for note in story.notes)


async def test_a_bookyear_that_octopus_refuses_is_named_and_does_not_stop_the_others() -> None:
    refused = ReadRefused("Octopus does not let this user read the bookings of bookyear 1 (403).")
    story = Story()
    story.dossier.fail("ledger", refused, at=range(5, 99))  # the newest bookyear comes first

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert {key.bookyear for key in story.imported.ledger} == {2}
    assert "bookyear 1" in (story.check(CheckCode.RECORDS_READABLE).detail or "")

    story.dossier.errors.clear()
    await story.sync()

    assert story.agrees
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.PASSED


async def test_where_every_bookyear_is_refused_the_run_fails_and_says_so() -> None:
    story = Story()
    story.dossier.fail("ledger", ReadRefused("Octopus does not let this user read."), at=range(1, 99))

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, "READ_REFUSED")


async def test_totals_of_zero_do_not_hold_a_bookyear() -> None:
    story = await after_a_first_import()
    story.dossier.years = story.dossier.years[1:]
    story.dossier.amounts_override = [
        amount if amount.bookyear == 2 else AccountAmount(*_place(amount), balance=amount.balance * 0)
        for amount in story.dossier.amounts()
    ]
    await story.sync()
    story.now += PROVEN_AFTER

    await story.sync()

    assert {key.bookyear for key in story.imported.ledger} == {2}


def _place(amount: AccountAmount) -> tuple[int, int, int]:
    return amount.bookyear, amount.period, amount.account


async def test_a_bookyear_whose_record_cannot_be_read_keeps_its_lines_and_fails_the_verification() -> None:
    story = await after_a_first_import()
    story.dossier.unreadable = {1}

    run = await story.sync(ImportMode.FULL)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.FAILED
    assert "bookyear 1 cannot be read" in (story.check(CheckCode.RECORDS_READABLE).detail or "")


async def test_a_bookyear_whose_periods_cannot_be_read_keeps_those_that_are_known() -> None:
    story = await after_a_first_import()
    known = [year.periods for year in story.dossier.years]
    story.dossier.years = [replace(year, periods=()) for year in story.dossier.years]

    await story.sync()

    assert [year.periods for year in story.imported.rows[Bookyear].values()] == known


async def test_a_bookyear_that_was_moved_does_not_keep_the_periods_of_another() -> None:
    story = await after_a_first_import()
    *others, newest = story.dossier.years
    story.dossier.years = [*others, replace(newest, periods=(), end=newest.end + timedelta(days=31))]

    await story.sync()

    assert story.imported.rows[Bookyear][newest.number].periods == ()


async def test_a_first_import_without_a_bookyear_that_cannot_be_read_does_not_pass() -> None:
    story = Story()
    story.dossier.unreadable = {1}

    run = await story.sync()

    assert {key.bookyear for key in story.imported.ledger} == {2}
    assert run.verification is not None
    assert run.verification.status is VerificationStatus.FAILED


async def test_a_record_without_a_number_may_be_any_bookyear_that_is_not_there() -> None:
    story = await after_a_first_import()
    story.dossier.years = story.dossier.years[1:]
    story.dossier.nameless = [OddRecord("bookyears", 0, "bookyearKey is missing")]

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert {key.bookyear for key in story.imported.ledger} == {1, 2}
    assert story.imported.rows[Bookyear][1].unlisted_since is None
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.FAILED
