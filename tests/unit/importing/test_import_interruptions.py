"""Runs that have to stop before they are through: quota, an Octopus that is away, a worker that dies."""

from dataclasses import replace
from datetime import timedelta

import pytest

from monitr.application.importing.import_dossier import MOST_ATTEMPTS, QUOTA
from monitr.application.importing.ledger.first_load import CHUNKS_WAITING
from monitr.application.importing.session import PAUSES, REST
from monitr.application.octopus import AnswerBrokeOff, OctopusAsksToWait, OctopusError, OctopusUnavailable, QuotaSpent
from monitr.domain.accounting.account import Account
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.brussels import BRUSSELS
from monitr.domain.import_run import OUTAGE_WAITS, Dataset, DatasetImportStatus, ImportMode, ImportStatus
from tests.unit.importing.fake_dossier import INVALID, MIDNIGHT, SPENT, UNAVAILABLE, purchase, sale
from tests.unit.importing.story import Story, after_a_first_import

BROKE_OFF = AnswerBrokeOff("bookings/modified broke off")
ALL_CHUNKS = [(year, type) for year in (2, 1) for type in (1, 2, 3, 4)]

# --- quota ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("operation", "at"), [("bookyears", 1), ("ledger", 1), ("ledger", 4)])
async def test_a_run_whose_quota_is_spent_waits_for_midnight_in_brussels_and_goes_on(operation: str, at: int) -> None:
    story = Story()
    story.dossier.fail(operation, SPENT, at=[at])

    waiting = await story.sync()

    assert (waiting.status, waiting.resume_at, waiting.error) == (ImportStatus.WAITING, MIDNIGHT, QUOTA)
    assert story.administration.watermark is None

    story.wait_for(waiting)
    run = await story.work()

    assert run.status is ImportStatus.SUCCEEDED
    assert run.error is None
    assert story.agrees
    assert story.administration.watermark == (waiting.watermark or waiting.resume_at)  # when its reading began


async def test_connecting_beyond_the_quota_makes_the_run_wait() -> None:
    story = Story()
    story.octopus.fails = QuotaSpent("connect", MIDNIGHT)

    run = await story.sync()

    assert (run.status, run.resume_at) == (ImportStatus.WAITING, MIDNIGHT)


async def test_a_run_that_goes_on_does_not_read_again_what_it_has_published() -> None:
    story = Story()
    story.dossier.fail("ledger", SPENT, at=[4])
    waiting = await story.sync()
    story.wait_for(waiting)

    await story.work()

    assert story.dossier.asked("ledger") == ALL_CHUNKS[:4] + ALL_CHUNKS[3:]


async def test_the_next_run_reads_everything_again() -> None:
    story = await after_a_first_import()

    await story.sync(ImportMode.FULL)

    assert story.dossier.asked("ledger") == ALL_CHUNKS


@pytest.mark.parametrize(
    ("operation", "dataset"),
    [
        ("journals", Dataset.JOURNALS),
        ("changed_accounts", Dataset.ACCOUNTS),
        ("cost_centres", Dataset.DIMENSIONS),
        ("changed_relations", Dataset.RELATIONS),
        ("open_items", Dataset.OUTSTANDING_ITEMS),
    ],
)
async def test_reference_data_whose_quota_is_spent_keeps_its_last_state(operation: str, dataset: Dataset) -> None:
    story = await after_a_first_import()
    before = {kind: dict(rows) for kind, rows in story.imported.rows.items()}
    read_before = story.imported.last_reads[dataset].at
    story.dossier.fail(operation, SPENT)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.status_of(dataset) is DatasetImportStatus.SKIPPED
    assert {kind: dict(rows) for kind, rows in story.imported.rows.items()} == before
    assert story.imported.last_reads[dataset].at == read_before


@pytest.mark.parametrize(
    ("operation", "dataset"), [("changed_accounts", Dataset.ACCOUNTS), ("changed_relations", Dataset.RELATIONS)]
)
async def test_changes_that_a_run_had_to_skip_are_asked_for_by_the_next(operation: str, dataset: Dataset) -> None:
    story = await after_a_first_import()
    last_read = story.imported.last_reads[dataset].at
    story.dossier.fail(operation, SPENT)
    await story.sync()

    story.now += timedelta(days=1)
    await story.sync()
    story.now += timedelta(days=1)
    await story.sync()

    *_, after_skipping, ordinary = story.dossier.asked(operation)
    first, _, third, _ = (run.watermark for run in story.transactions.runs)
    assert after_skipping in (last_read, first)
    assert ordinary == third


async def test_a_chart_that_a_first_import_had_to_skip_is_read_whole_later() -> None:
    story = Story()
    story.dossier.fail("changed_accounts", SPENT)
    await story.sync()
    assert story.check(CheckCode.ACCOUNTS_KNOWN).status is VerificationStatus.FAILED

    await story.sync()

    assert story.dossier.asked("changed_accounts")[-1] is None
    assert story.check(CheckCode.ACCOUNTS_KNOWN).status is VerificationStatus.PASSED


async def test_charts_that_the_changes_leave_out_are_read_as_far_as_the_quota_goes() -> None:
    story = Story()
    story.dossier.charts_by_changes = False
    story.dossier.fail("accounts", SPENT, at=[2])

    await story.sync()

    assert story.dossier.asked("accounts") == [2, 1]
    assert story.status_of(Dataset.ACCOUNTS) is DatasetImportStatus.SKIPPED
    assert {bookyear for bookyear, _ in story.imported.rows[Account]} == {2}


async def test_relations_are_listed_where_the_changes_hold_none() -> None:
    story = Story()
    story.dossier.relations_known = set()

    await story.sync()

    assert story.dossier.count("relations") == 1


# --- totals ---------------------------------------------------------------------------------------------------------


async def test_old_totals_are_never_held_against_a_newer_ledger() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(2), (400000, "80.00"), (700000, "-80.00"), relation=16, at=story.now)
    story.dossier.fail("changed_account_amounts", SPENT)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.NOT_AVAILABLE


async def test_totals_that_were_skipped_are_all_read_by_the_next_run() -> None:
    story = await after_a_first_import()
    story.dossier.fail("changed_account_amounts", SPENT)
    await story.sync()

    await story.sync()

    assert story.dossier.asked("changed_account_amounts")[-1] is None
    assert story.check(CheckCode.ACCOUNT_AMOUNTS).status is VerificationStatus.PASSED


# --- Octopus is away ------------------------------------------------------------------------------------------------


async def test_a_run_waits_where_octopus_does_not_answer_and_says_until_when() -> None:
    story = Story()
    story.octopus.fails = OctopusUnavailable("connect was answered 503")

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.WAITING, "OCTOPUS_UNAVAILABLE")
    assert run.resume_at is not None
    assert run.resume_at == story.now + OUTAGE_WAITS[0]
    assert run.error is not None
    assert "connect was answered 503" in run.error.message
    assert f"{run.resume_at.astimezone(BRUSSELS):%H:%M}" in run.error.message


async def test_a_run_that_waited_for_octopus_goes_on_by_itself() -> None:
    story = Story()
    story.octopus.fails = UNAVAILABLE
    story.wait_for(await story.sync())
    story.octopus.fails = None

    run = await story.work()

    assert (run.status, run.error) == (ImportStatus.SUCCEEDED, None)
    assert story.agrees


async def test_a_run_for_which_octopus_is_away_for_hours_fails_in_the_end() -> None:
    story = Story()
    story.octopus.fails = UNAVAILABLE
    run = await story.sync()
    for _ in OUTAGE_WAITS:
        assert run.status is ImportStatus.WAITING
        story.wait_for(run)
        run = await story.work()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, "OCTOPUS_UNAVAILABLE")
    assert timedelta(hours=3) < story.now - run.queued_at < timedelta(hours=12)


@pytest.mark.parametrize("broken", [BROKE_OFF, INVALID], ids=["broke off", "invalid"])
async def test_a_chunk_that_does_not_arrive_whole_is_asked_for_again(broken: OctopusError) -> None:
    story = Story()
    story.dossier.fail("ledger", broken, at=[1, 2, 5])

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    assert sum(story.pauses) == sum(PAUSES) + PAUSES[0]
    assert max(story.pauses) <= REST


async def test_a_chunk_that_never_arrives_lets_the_run_wait_and_keeps_what_is_in() -> None:
    story = Story()
    story.dossier.fail("ledger", BROKE_OFF, at=range(2, 99))

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.WAITING, "OCTOPUS_UNAVAILABLE")
    assert story.imported.ledger != {}
    assert story.dossier.asked("ledger") == [ALL_CHUNKS[0], *[ALL_CHUNKS[1]] * (1 + len(PAUSES))]


async def test_what_octopus_did_not_answer_for_minutes_is_not_asked_for_again_by_the_import() -> None:
    """The adapter has asked for all that time."""
    story = Story()
    story.dossier.fail("ledger", UNAVAILABLE)

    run = await story.sync()

    assert run.status is ImportStatus.WAITING
    assert story.dossier.asked("ledger") == ALL_CHUNKS[:1]
    assert story.pauses == []


@pytest.mark.parametrize(("asked", "waits"), [(14, 14), (2, 5)])
async def test_a_run_that_octopus_asks_to_wait_goes_on_no_sooner(asked: int, waits: int) -> None:
    story = Story()
    story.octopus.fails = OctopusAsksToWait("connect was answered 503", timedelta(minutes=asked))

    run = await story.sync()

    assert run.status is ImportStatus.WAITING
    assert run.resume_at is not None
    assert run.resume_at == story.now + timedelta(minutes=waits)
    assert run.error is not None
    assert run.error.message.startswith("Octopus asks us to wait.")
    assert f"{run.resume_at.astimezone(BRUSSELS):%H:%M}" in run.error.message


@pytest.mark.parametrize("pause", [1, 2, 5])
async def test_a_run_that_is_cancelled_while_it_rests_ends_at_once(pause: int) -> None:
    story = Story()
    story.dossier.fail("ledger", BROKE_OFF, at=[1, 2])

    def cancel() -> None:
        if len(story.pauses) == pause:
            story.ask_for_cancellation()

    story.meanwhile = cancel
    run = await story.sync()

    assert run.status is ImportStatus.CANCELLED
    assert len(story.pauses) == pause


async def test_a_run_is_cancelled_too_while_the_adapter_rests_between_its_attempts() -> None:
    story = Story()
    story.octopus.rests = 60.0
    story.meanwhile = story.ask_for_cancellation

    run = await story.sync()

    assert run.status is ImportStatus.CANCELLED
    assert story.pauses == [REST]


async def test_an_answer_that_breaks_off_publishes_nothing_of_its_chunk() -> None:
    story = Story()
    story.dossier.book(purchase(2), (600000, "1.00"), (440000, "-1.00"), relation=13)
    story.dossier.fail_midway(BROKE_OFF)

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.pauses
    assert story.agrees


async def test_a_run_that_is_cancelled_while_it_begins_to_wait_is_cancelled() -> None:
    story = Story()
    story.dossier.fail("ledger", SPENT)

    def cancel(operation: str) -> None:
        if operation == "ledger":
            story.ask_for_cancellation()

    story.dossier.before_call = cancel
    run = await story.sync()

    assert run.status is ImportStatus.CANCELLED


# --- a worker dies --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("commits", range(8))
async def test_a_run_whose_worker_died_goes_on_behind_its_last_chunk(commits: int) -> None:
    story = Story()
    story.database.crash_before_commit = commits
    with pytest.raises(ConnectionError):
        await story.sync()
    story.database.crash_before_commit = None

    run = await story.work()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    asked, left = story.dossier.asked("ledger"), ALL_CHUNKS[commits:]
    under_way = len(asked) - len(left) - commits
    assert 0 < under_way <= CHUNKS_WAITING + 2
    assert asked == ALL_CHUNKS[: commits + under_way] + left


async def test_a_run_that_kills_every_worker_ends() -> None:
    story = Story()
    story.database.crash_before_commit = 0
    with pytest.raises(ConnectionError):
        await story.sync()
    for _ in range(MOST_ATTEMPTS - 1):
        with pytest.raises(ConnectionError):
            await story.work()

    run = await story.work()

    assert (run.status, run.error and run.error.code) == (ImportStatus.FAILED, "IMPORT_BROKE_OFF")


async def test_changes_whose_worker_died_are_read_again_from_the_old_watermark() -> None:
    story = await after_a_first_import()
    watermark = story.administration.watermark
    story.dossier.book(sale(2), (400000, "80.00"), (700000, "-80.00"), relation=16, at=story.now)
    story.database.crash_before_commit = 0
    with pytest.raises(ConnectionError):
        await story.sync()
    story.database.crash_before_commit = None
    assert story.administration.watermark == watermark

    await story.work()

    assert story.agrees


async def test_a_run_that_is_taken_up_again_keeps_the_mode_that_it_began_with() -> None:
    story = await after_a_first_import()
    story.dossier.fail("ledger", SPENT, at=[1])
    waiting = await story.sync()
    story.now += timedelta(days=90)

    run = await story.work()

    assert (waiting.status, run.status) == (ImportStatus.WAITING, ImportStatus.SUCCEEDED)
    assert (waiting.mode, run.mode) == (ImportMode.INCREMENTAL, ImportMode.INCREMENTAL)


async def test_a_cut_booking_whose_chunk_the_quota_does_not_allow_today_is_read_tomorrow() -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(1), (400000, "7.00"), (700000, "-7.00"), relation=16, at=story.now)
    story.dossier.spoil(lambda lines: lines[:-1])
    story.dossier.fail("ledger", SPENT, at=[2])

    waiting = await story.sync()
    assert (waiting.status, story.administration.watermark) == (
        ImportStatus.WAITING,
        story.transactions.runs[0].watermark,
    )

    story.wait_for(waiting)
    await story.work()
    assert story.agrees


# --- another run is more urgent -------------------------------------------------------------------------------------


async def test_a_run_that_makes_way_keeps_what_it_has_published_and_goes_on_behind_it() -> None:
    story = Story()

    async def after_two_chunks(claim: object) -> bool:
        return len(story.imported.chunks) >= 2

    story.queue()
    await replace(story.importer(), make_way=after_two_chunks)(story.claim())

    assert story.run.status is ImportStatus.RUNNING
    published = len(story.imported.chunks)
    assert published < len(ALL_CHUNKS)

    run = await story.work()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees
    assert story.dossier.asked("ledger")[-len(ALL_CHUNKS) + published :] == ALL_CHUNKS[published:]
