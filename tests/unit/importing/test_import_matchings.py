"""Matchings in the life of an administration: read by their changes, judged by the report of what is open."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitr.application.octopus import AnswerBrokeOff, QuotaSpent
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.matchings import Matching
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportRun, ImportStatus, ImportTrigger
from tests.unit.importing.fake_dossier import MIDNIGHT, FakeDossier, Nothing, sale, small_books
from tests.unit.importing.story import Story, after_a_first_import

SPENT = QuotaSpent("balancings/modified", MIDNIGHT)
PAYMENT = BookingKey(2, 3, 1, 1)


def paid_books() -> tuple[FakeDossier, Matching]:
    """A sale, half of which is paid."""
    dossier = small_books()
    dossier.book(PAYMENT, (550000, "125.00"), (400000, "-125.00"), relation=16)
    return dossier, dossier.match(sale(1), PAYMENT, "125.00")


def matched(story: Story) -> dict[tuple[int, int], str]:
    """The matchings that count, by the numbers of their documents."""
    ours = story.imported
    return {
        (it.debit.document_number, it.credit.document_number): str(it.amount)
        for pair, it in ours.matchings.items()
        if pair not in ours.not_counting
    }


async def test_a_first_import_reads_them_all_and_the_next_ones_their_changes() -> None:
    dossier, _ = paid_books()
    story = Story(dossier)
    first = await story.sync()
    story.now += timedelta(hours=1)

    await story.sync()

    assert matched(story) == {(1, 1): "125.00"}
    assert story.dossier.asked("changed_matchings") == [None, first.watermark]
    assert story.check(CheckCode.MATCHINGS).status is VerificationStatus.PASSED


@pytest.mark.parametrize("full", [False, True], ids=["night", "full"])
async def test_a_night_and_a_full_import_read_them_all_again(full: bool) -> None:
    story = await after_a_first_import(paid_books()[0])
    story.queue(ImportMode.FULL if full else ImportMode.INCREMENTAL)
    story.run = story.run if full else _at_night(story)

    await story.work()

    assert story.dossier.asked("changed_matchings") == [None]


def _at_night(story: Story) -> ImportRun:
    return replace(story.run, trigger=ImportTrigger.DEEP_READ)


async def test_they_are_read_before_the_items_are_asked_for() -> None:
    story = Story(paid_books()[0])

    await story.sync()

    asked = [operation for operation, _ in story.dossier.calls]
    assert asked.index("changed_matchings") < asked.index("open_items")


async def test_one_that_was_removed_is_gone_whether_anybody_tells_or_not() -> None:
    for told in (True, False):
        dossier, matching = paid_books()
        story = await after_a_first_import(dossier)
        dossier.unmatch(matching, at=story.now if told else None)

        await story.sync()

        assert matched(story) == {}
        assert story.failed_checks() == {}


async def test_one_that_was_removed_and_made_anew_is_there() -> None:
    dossier, matching = paid_books()
    story = await after_a_first_import(dossier)
    dossier.unmatch(matching, at=story.now)
    dossier.match(sale(1), PAYMENT, "25.00", at=story.now)

    await story.sync()

    assert matched(story) == {(1, 1): "25.00"}
    assert story.failed_checks() == {}


async def test_one_of_a_booking_that_was_deleted_does_not_count() -> None:
    dossier, matching = paid_books()
    story = await after_a_first_import(dossier)
    dossier.delete(PAYMENT, at=story.now)
    dossier.unmatch(matching, at=None)

    await story.sync()

    assert matched(story) == {}
    assert story.failed_checks() == {}


async def test_what_is_settled_and_not_told_is_a_warning_until_it_is() -> None:
    dossier, _ = paid_books()
    story = await after_a_first_import(dossier)
    rest = dossier.book(
        PAYMENT._replace(document_number=2), (550000, "125.00"), (400000, "-125.00"), relation=16, at=story.now
    )
    dossier.match(sale(1), rest, "125.00")

    await story.sync()
    untold = story.check(CheckCode.MATCHINGS)
    dossier.match(sale(1), rest, "125.00", at=story.now)
    await story.sync()

    assert untold.status is VerificationStatus.WARNING
    assert untold.detail is not None
    assert "2 receivables differ by 0.00 (2-F1-2, relation 16: -125.00; 2-V1-1, relation 16: 125.00)" in (untold.detail)
    assert story.check(CheckCode.MATCHINGS).status is VerificationStatus.PASSED
    assert story.imported.corrections == {}


async def test_a_spent_maximum_leaves_them_as_they_are_and_the_next_run_asks_from_the_same_moment() -> None:
    dossier, _ = paid_books()
    story = await after_a_first_import(dossier)
    before = story.imported.last_reads[Dataset.OUTSTANDING_ITEMS].heard_at
    dossier.fail("changed_matchings", SPENT)

    run = await story.sync()
    story.now += timedelta(hours=1)
    await story.sync()

    assert (run.status, run.datasets[Dataset.OUTSTANDING_ITEMS].status) == (
        ImportStatus.SUCCEEDED,
        DatasetImportStatus.SUCCEEDED,
    )
    assert matched(story) == {(1, 1): "125.00"}
    assert story.dossier.asked("changed_matchings") == [before, before]


async def test_a_maximum_that_is_spent_before_the_first_of_them_leaves_all_to_be_read() -> None:
    story = Story(paid_books()[0])
    story.dossier.fail("changed_matchings", SPENT)
    await story.sync()
    story.now += timedelta(hours=1)

    await story.sync()

    assert story.dossier.asked("changed_matchings") == [None, None]
    assert matched(story) == {(1, 1): "125.00"}


@pytest.mark.parametrize("form", list(Nothing))
async def test_no_changes_leave_them_as_they_are(form: Nothing) -> None:
    story = await after_a_first_import(paid_books()[0])
    before = story.imported.last_reads[Dataset.OUTSTANDING_ITEMS].heard_at
    story.dossier.nothing = lambda operation, question: form if operation == "changed_matchings" else None

    await story.sync()

    assert matched(story) == {(1, 1): "125.00"}
    after = story.imported.last_reads[Dataset.OUTSTANDING_ITEMS].heard_at
    assert (after == before) is (form is Nothing.SILENT), "where no document came, it is asked from the same moment on"


async def test_an_answer_that_breaks_off_is_read_again() -> None:
    story = Story(paid_books()[0])
    story.dossier.fail("changed_matchings", AnswerBrokeOff("it broke off"))

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert matched(story) == {(1, 1): "125.00"}


async def test_of_an_octopus_that_tells_no_matchings_nothing_is_claimed() -> None:
    dossier, _ = paid_books()
    dossier.nothing = lambda operation, _: Nothing.SILENT if operation == "changed_matchings" else None
    story = Story(dossier)

    run = await story.sync()

    assert run.verification is not None
    assert CheckCode.MATCHINGS not in {check.code for check in run.verification.checks}
    assert story.failed_checks() == {}
