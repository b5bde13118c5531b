"""Importing a dossier, as a user and a worker see it."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from monitr.application.importing.ports import LeaseLost
from monitr.application.octopus import (
    AuthorizationRejected,
    DossierNotFound,
    DossierRefused,
    InvalidAnswer,
    NotConfiguredError,
)
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, OddRecord
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.administration import AdministrationStatus
from monitr.domain.codes import ExplanationCode
from monitr.domain.import_run import Dataset, DatasetImportStatus, ImportMode, ImportRunId, ImportStatus, ImportTrigger
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import FakeClaim, a_run, an_integration
from tests.unit.importing.fake_dossier import INVALID, a_bookyear, divers, purchase, sale
from tests.unit.importing.story import Story, after_a_first_import

# --- success --------------------------------------------------------------------------------------------------------


async def test_a_first_import_brings_everything_in() -> None:
    story = Story()

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    assert {progress.status for progress in run.datasets.values()} == {DatasetImportStatus.SUCCEEDED}
    assert (run.datasets[Dataset.GENERAL_LEDGER].counts.fetched, len(story.imported.lines)) == (12, 12)
    assert run.datasets[Dataset.GENERAL_LEDGER].counts.inserted == 12
    assert run.verification is not None
    assert run.verification.status is VerificationStatus.PASSED


async def test_an_administration_without_a_watermark_is_imported_whole_whatever_was_asked() -> None:
    story = Story()

    run = await story.sync(ImportMode.INCREMENTAL)

    assert run.mode is ImportMode.FULL
    assert story.dossier.asked("ledger") == [(year, int(type)) for year in (2, 1) for type in FIRST_LOAD_TYPES]


@pytest.mark.parametrize(
    ("away", "days", "mode"),
    [
        (timedelta(days=29), 30, ImportMode.INCREMENTAL),
        (timedelta(days=30), 30, ImportMode.FULL),
        (timedelta(days=7), 7, ImportMode.FULL),
        (timedelta(days=90), 100, ImportMode.INCREMENTAL),
    ],
)
async def test_a_run_that_was_queued_for_so_long_that_octopus_may_have_forgotten_deletions_reads_everything(
    away: timedelta, days: int, mode: ImportMode
) -> None:
    story = await after_a_first_import()
    assert story.administration.watermark is not None
    story.queue(ImportMode.INCREMENTAL)
    story.now = story.administration.watermark + away

    await replace(story.importer(), changes_remembered=timedelta(days=days))(story.claim())

    assert (story.run.status, story.run.mode) == (ImportStatus.SUCCEEDED, mode)
    assert ((-1, -1) in story.dossier.asked("ledger")) is (mode is ImportMode.INCREMENTAL)


async def test_the_watermark_is_the_moment_at_which_the_run_began() -> None:
    story = Story()
    story.dossier.before_call = lambda operation: setattr(story, "now", story.now + timedelta(minutes=3))

    run = await story.sync()

    assert run.started_at is not None
    assert story.administration.watermark == run.started_at < story.now
    assert story.administration.last_successful_import_at == run.finished_at == story.now
    assert story.administration.complete_from == story.dossier.years[0].start


async def test_progress_only_rises_and_ends_at_one() -> None:
    story = Story()

    await story.sync()

    progress = [saved.progress for saved in story.database.saved]
    assert progress == sorted(progress)
    assert progress[-1] == 1.0
    assert len(set(progress)) > len(FIRST_LOAD_TYPES)


async def test_progress_is_saved_while_a_long_answer_arrives() -> None:
    story = Story()
    story.dossier.batch = 1
    for number in range(10, 40):
        story.dossier.book(purchase(number), (600000, "1.00"), (440000, "-1.00"), relation=13)

    await story.sync()

    fetched = [saved.datasets[Dataset.GENERAL_LEDGER].counts.fetched for saved in story.database.saved]
    assert 0 < sorted(set(fetched))[1] < 62


async def test_a_dossier_without_bookyears_is_an_empty_administration() -> None:
    story = Story()
    story.dossier.years, story.dossier.books = [], {}

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.administration.complete_from is None


async def test_a_full_import_without_changes_writes_nothing() -> None:
    story = await after_a_first_import()

    run = await story.sync(ImportMode.FULL)

    counts = run.datasets[Dataset.GENERAL_LEDGER].counts
    assert (counts.fetched, counts.unchanged, counts.written) == (12, 12, 0)
    assert story.agrees


async def test_a_full_import_finds_what_octopus_did_not_report() -> None:
    story = await after_a_first_import()
    unreported = story.dossier.books[sale(1)]
    story.dossier.books[sale(1)] = [line._replace(description="later") for line in unreported]

    run = await story.sync(ImportMode.FULL)

    counts = run.datasets[Dataset.GENERAL_LEDGER].counts
    assert (counts.fetched, counts.unchanged, counts.written) == (12, 10, 2)
    assert story.agrees


# --- incremental ----------------------------------------------------------------------------------------------------


async def test_an_incremental_import_asks_once_for_what_changed_since_the_watermark() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(2), (400000, "80.00"), (700000, "-80.00"), relation=16, at=story.now)
    story.dossier.book(sale(1), (400000, "251.00"), (700000, "-251.00"), relation=16, at=story.now)
    story.dossier.delete(divers(2), story.now)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [(-1, -1)]
    assert story.agrees
    assert story.changes() == {sale(2): "ADDED", sale(1): "CHANGED", divers(2): "REMOVED"}
    assert story.failed_checks() == {}


async def test_a_number_that_was_deleted_and_used_again_is_the_new_booking() -> None:
    story = await after_a_first_import()
    story.dossier.delete(sale(1), story.now)
    story.dossier.deleted[sale(1)] = story.now
    story.dossier.book(sale(1), (400000, "9.00"), (700000, "-9.00"), relation=16, at=story.now)
    story.dossier.deleted[sale(1)] = story.now

    await story.sync()

    assert story.agrees


async def test_a_changed_booking_that_arrives_without_all_its_lines_is_read_from_its_chunk() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(1), (400000, "7.00"), (700000, "-7.00"), relation=16, at=story.now)
    story.dossier.spoil(lambda lines: lines[:-1])

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [(-1, -1), (2, 2)]
    assert story.agrees


async def test_a_new_bookyear_is_read_whole_and_the_books_stay_complete() -> None:
    story = await after_a_first_import()
    story.dossier.years.append(a_bookyear(3, 2027))
    story.dossier.book(sale(1, 3), (400000, "5.00"), (700000, "-5.00"), relation=16)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [(-1, -1), *((3, int(type)) for type in FIRST_LOAD_TYPES)]
    assert story.agrees
    assert story.administration.complete_from == story.dossier.years[0].start


async def test_a_booking_of_a_special_type_that_arrives_cut_is_read_with_type_minus_one() -> None:
    story = await after_a_first_import()
    key = divers(1)._replace(journal_type=5)
    story.dossier.book(key, (100000, "-5.00"), (550000, "5.00"), at=story.now)
    story.dossier.spoil(lambda lines: lines[:-1])

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.dossier.asked("ledger") == [(-1, -1), (2, -1)]
    assert story.agrees


# --- what ends a run ------------------------------------------------------------------------------------------------


async def test_an_answer_that_is_no_bookkeeping_data_fails_the_run_with_words() -> None:
    story = Story()
    story.dossier.fail("ledger", INVALID, at=range(3, 99))

    run = await story.sync()

    assert run.status is ImportStatus.FAILED
    assert run.error is not None
    assert run.error.code is ExplanationCode.OCTOPUS_INVALID_ANSWER
    assert "if it happens twice" in str(run.error.action)
    assert "HTML" in run.error.message
    assert story.status_of(Dataset.GENERAL_LEDGER) is DatasetImportStatus.FAILED
    assert story.status_of(Dataset.OUTSTANDING_ITEMS) is DatasetImportStatus.SKIPPED
    assert story.administration.watermark is None


async def test_a_rejected_authorisation_fails_the_run_and_asks_for_a_reconnection() -> None:
    story = Story()
    story.octopus.fails = AuthorizationRejected("invalid_grant")

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, "RECONNECT_REQUIRED")


async def test_an_integration_that_awaits_a_reconnection_is_not_asked() -> None:
    story = Story()
    integration = story.transactions.integrations[0]
    story.transactions.committed.integrations[integration.id] = integration.rejected()

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, "RECONNECT_REQUIRED")
    assert story.dossier.calls == []


@pytest.mark.parametrize("why", ["No client id is configured.", "Octopus does not know the software house id."])
async def test_a_server_that_octopus_does_not_know_says_why(why: str) -> None:
    story = Story()
    story.octopus.fails = NotConfiguredError(why)

    run = await story.sync()

    assert run.error is not None
    assert (run.status, run.error.code) == (ImportStatus.FAILED, ExplanationCode.OCTOPUS_NOT_CONFIGURED)
    assert run.error.message.endswith(f"({why})")


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (DossierNotFound("404"), AdministrationStatus.NOT_FOUND, "DOSSIER_NOT_FOUND"),
        (
            DossierRefused(Sentence.verbatim("The dossier is disabled in Octopus.")),
            AdministrationStatus.ACCESS_LOST,
            "ACCESS_LOST",
        ),
    ],
)
async def test_a_dossier_that_cannot_be_opened_is_marked_and_active_again_once_it_can(
    error: Exception, status: AdministrationStatus, code: str
) -> None:
    story = await after_a_first_import()
    story.octopus.fails = error  # type: ignore[assignment]  # both are OctopusError

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, code)
    assert story.administration.status is status
    assert story.agrees

    story.octopus.fails = None
    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.administration.status is AdministrationStatus.ACTIVE


async def test_a_failed_run_says_what_octopus_gave_as_the_reason() -> None:
    story = Story()
    story.octopus.fails = DossierRefused(Sentence.verbatim("The dossier is disabled in Octopus."))

    run = await story.sync()

    assert run.error is not None
    assert "The dossier is disabled in Octopus." in run.error.message


async def test_the_import_of_a_removed_administration_is_cancelled() -> None:
    story = Story()
    story.administration = story.administration.delete(story.now, timedelta(days=30))

    run = await story.sync()

    assert run.status is ImportStatus.CANCELLED
    assert story.dossier.calls == []


async def test_a_removal_during_the_import_stands() -> None:
    story = Story()

    def remove(operation: str) -> None:
        if operation == "open_items":
            story.administration = story.administration.delete(story.now, timedelta(days=30))

    story.dossier.before_call = remove
    await story.sync()

    assert story.administration.status is AdministrationStatus.DELETED


async def test_a_run_that_is_over_or_unknown_is_left_alone() -> None:
    story = Story()
    done = await story.sync()
    stranger = FakeClaim(a_run().id, done.organisation_id, 1, 1)

    await story.importer()(story.claim())
    await story.importer()(stranger)

    assert story.run == done


# --- cancellation and leases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("operation", ["bookyears", "accounts", "ledger", "changed_account_amounts", "open_items"])
async def test_a_cancelled_run_ends_at_its_next_checkpoint(operation: str) -> None:
    story = Story()
    story.dossier.charts_by_changes = False

    def cancel(asked: str) -> None:
        if asked == operation:
            story.ask_for_cancellation()

    story.dossier.before_call = cancel
    run = await story.sync()

    assert run.status is ImportStatus.CANCELLED
    assert story.dossier.calls[-1][0] == operation
    assert story.administration.watermark is None


async def test_a_run_that_was_cancelled_before_it_began_asks_nothing() -> None:
    story = Story()
    story.run = a_run(story.administration, cancel_requested=True)

    run = await story.work()

    assert run.status is ImportStatus.CANCELLED
    assert story.dossier.calls == []


async def test_what_a_cancelled_run_has_published_stays() -> None:
    story = Story()

    def cancel(asked: str) -> None:
        if story.dossier.count("ledger") == 2:
            story.ask_for_cancellation()

    story.dossier.before_call = cancel
    await story.sync()

    assert set(story.imported.ledger) == {purchase(1), sale(1)}


async def test_a_worker_that_lost_its_lease_writes_no_more() -> None:
    story = Story()

    def take_over(asked: str) -> None:
        if story.dossier.count("ledger") == 2:
            story.database.claimed(story.run.id)

    story.dossier.before_call = take_over
    with pytest.raises(LeaseLost):
        await story.sync()

    assert set(story.imported.ledger) == {purchase(1)}
    assert story.run.status is ImportStatus.RUNNING


# --- what cannot be read --------------------------------------------------------------------------------------------


async def test_an_odd_record_is_reported_and_the_others_are_not_lost() -> None:
    story = Story()
    story.dossier.odd = [OddRecord("bookings/modified", 7, "accountKey is missing")]

    await story.sync()

    assert story.agrees
    assert story.notes == ["bookings/modified, record 7: accountKey is missing"]
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.WARNING


async def test_lines_that_belong_to_another_chunk_are_left_out_and_reported() -> None:
    story = Story()
    story.dossier.spoil(lambda lines: [line._replace(journal_type=6) for line in lines], asked=(2, 1), times=5)

    await story.sync()

    assert purchase(1) not in story.imported.ledger
    assert any("2 lines of other bookyears or journal types" in note for note in story.notes)
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.FAILED


async def test_totals_of_a_bookyear_that_is_not_listed_are_reported() -> None:
    story = Story()
    short = story.dossier.years.pop(0)

    await story.sync()

    assert story.notes == [f"Octopus has totals for bookyear {short.number}, which its list of bookyears leaves out"]


async def test_totals_that_cannot_be_read_leave_the_import_unverified() -> None:
    story = Story()
    story.dossier.fail("changed_account_amounts", InvalidAnswer("accounts/amounts was answered 400"))

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.NOT_AVAILABLE
    assert story.notes == ["accounts/amounts was answered 400"]


async def test_an_import_of_another_organisations_integration_finds_none() -> None:
    story = Story()
    story.administration = replace(story.administration, integration_id=an_integration().id)

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, "RECONNECT_REQUIRED")


async def test_the_schedule_reads_the_cost_centres_once_a_day_and_leaves_the_other_call_to_sync_now() -> None:
    story = await after_a_first_import()

    async def sync_as(trigger: ImportTrigger) -> DatasetImportStatus:
        story.now += timedelta(minutes=1)
        story.run = a_run(story.administration, id=ImportRunId(uuid4()), trigger=trigger, queued_at=story.now)
        await story.work()
        return story.status_of(Dataset.DIMENSIONS)

    assert await sync_as(ImportTrigger.SCHEDULE) is DatasetImportStatus.SKIPPED
    assert await sync_as(ImportTrigger.SYNC_NOW) is DatasetImportStatus.SUCCEEDED
    story.now += timedelta(days=1)
    assert await sync_as(ImportTrigger.SCHEDULE) is DatasetImportStatus.SUCCEEDED


async def test_journals_of_closed_bookyears_are_read_once() -> None:
    story = Story()
    story.dossier.years = [replace(story.dossier.years[0], closed=True), *story.dossier.years[1:]]
    await story.sync()
    first = len(story.dossier.asked("journals"))

    await story.sync()

    assert (first, len(story.dossier.asked("journals"))) == (2, 3)
