from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.verification import Verification
from monitr.domain.brussels import BRUSSELS
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import (
    CHANGES_REMEMBERED,
    LONGEST_WAIT,
    OUTAGE_WAITS,
    SLACK,
    TRANSITIONS,
    UNKNOWN_CLOCK,
    Counts,
    Dataset,
    DatasetImportStatus,
    ImportMode,
    ImportRun,
    ImportStatus,
    RunEvent,
    mode_of,
)
from monitr.domain.lifecycle import IllegalTransition, following
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import NOON, a_run, an_administration

MODERATE = settings(max_examples=30, deadline=None)
LATER = NOON + timedelta(minutes=5)
SILENCE = Sentence.verbatim("It was busy.")
TROUBLE = Explanation.of(ExplanationCode.OCTOPUS_UNAVAILABLE, said=Sentence.of("NO_ANSWER"), cause=SILENCE)
VERIFIED = Verification(())
ENDED = [
    a_run().begin(NOON).succeed(LATER, VERIFIED),
    a_run().begin(NOON).fail(LATER, TROUBLE),
    a_run().cancelled(LATER),
]


def statuses(run: ImportRun) -> set[DatasetImportStatus]:
    return {progress.status for progress in run.datasets.values()}


def test_a_queued_run_has_every_dataset_before_it() -> None:
    queued = a_run()

    assert queued.status is ImportStatus.QUEUED
    assert set(queued.datasets) == set(Dataset)
    assert statuses(queued) == {DatasetImportStatus.PENDING}


def test_a_run_reads_changes_up_to_when_it_first_began() -> None:
    resumed = a_run().begin(NOON).reading_up_to(NOON, NOON).wait(LATER, TROUBLE).begin(LATER)

    assert resumed.started_at == NOON
    assert resumed.reading_up_to(LATER, LATER).watermark == NOON


@pytest.mark.parametrize(
    ("octopus_time", "watermark"),
    [
        (NOON - timedelta(hours=5), NOON - timedelta(hours=5)),  # its clock is behind, or ours is ahead
        (NOON + timedelta(hours=5), NOON),  # it is ahead, or we are behind
        (None, NOON - UNKNOWN_CLOCK),
    ],
)
def test_a_watermark_follows_octopus_s_clock_and_is_never_in_the_future(
    octopus_time: datetime | None, watermark: datetime
) -> None:
    assert a_run().begin(NOON).reading_up_to(octopus_time, NOON).watermark == watermark


@pytest.mark.parametrize(
    ("ahead", "mode"),
    [(-SLACK, ImportMode.INCREMENTAL), (SLACK, ImportMode.INCREMENTAL), (SLACK * 2, ImportMode.FULL)],
)
def test_a_watermark_that_has_not_come_is_not_used(ahead: timedelta, mode: ImportMode) -> None:
    administration = replace(an_administration(), watermark=NOON + ahead)

    assert mode_of(administration, ImportMode.INCREMENTAL, NOON, CHANGES_REMEMBERED) is mode


def test_a_run_that_goes_on_no_longer_says_what_it_waited_for() -> None:
    resumed = a_run().begin(NOON).wait(LATER, TROUBLE).begin(LATER)

    assert resumed.status is ImportStatus.RUNNING
    assert (resumed.resume_at, resumed.error) == (None, None)


def test_a_waiting_run_says_until_when_and_why_and_is_not_over() -> None:
    waiting = a_run().begin(NOON).wait(LATER, TROUBLE)

    assert (waiting.status, waiting.resume_at, waiting.error) == (ImportStatus.WAITING, LATER, TROUBLE)
    assert not waiting.status.is_final
    assert waiting.finished_at is None


@MODERATE
@given(st.lists(st.floats(-1, 2), min_size=1, max_size=10))
def test_progress_never_falls_and_stays_between_0_and_1(steps: list[float]) -> None:
    run, seen = a_run().begin(NOON), [0.0]
    for step in steps:
        run = run.advanced(step)
        seen.append(run.progress)

    assert seen == sorted(seen)
    assert seen[-1] == min(1.0, max(0.0, *steps))


COUNTS = st.builds(Counts, *[st.integers(0, 1000)] * 5)


@MODERATE
@given(st.lists(COUNTS, max_size=5))
def test_the_counts_of_a_dataset_add_up(counts: list[Counts]) -> None:
    run = a_run()
    for some in counts:
        run = run.dataset(Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, some)

    total = run.datasets[Dataset.GENERAL_LEDGER].counts
    assert total.fetched == sum(some.fetched for some in counts)
    assert total.unchanged == sum(some.unchanged for some in counts)
    assert total.written == sum(some.inserted + some.updated + some.deleted for some in counts)


def test_a_dataset_changes_its_status_and_keeps_its_counts() -> None:
    some = Counts(fetched=3, inserted=3)
    run = a_run().dataset(Dataset.ACCOUNTS, DatasetImportStatus.RUNNING, some)

    done = run.dataset(Dataset.ACCOUNTS, DatasetImportStatus.SUCCEEDED).datasets

    assert (done[Dataset.ACCOUNTS].status, done[Dataset.ACCOUNTS].counts) == (DatasetImportStatus.SUCCEEDED, some)
    assert done[Dataset.JOURNALS].status is DatasetImportStatus.PENDING


def test_a_dataset_that_the_run_did_not_know_is_taken_in() -> None:
    run = a_run(datasets={}).dataset(Dataset.ACCOUNTS, DatasetImportStatus.SKIPPED)

    assert run.datasets[Dataset.ACCOUNTS].counts == Counts()


def test_a_successful_run_is_complete_and_holds_its_verification() -> None:
    succeeded = a_run().begin(NOON).advanced(0.4).succeed(LATER, VERIFIED)

    assert (succeeded.status, succeeded.progress) == (ImportStatus.SUCCEEDED, 1.0)
    assert (succeeded.finished_at, succeeded.verification, succeeded.error) == (LATER, VERIFIED, None)


def a_run_amid_its_datasets() -> ImportRun:
    run = a_run().begin(NOON).advanced(0.4)
    return run.dataset(Dataset.BOOKYEARS, DatasetImportStatus.SUCCEEDED).dataset(
        Dataset.GENERAL_LEDGER, DatasetImportStatus.RUNNING, Counts(fetched=7)
    )


def test_a_failed_run_says_why_and_which_dataset_it_failed_in() -> None:
    failed = a_run_amid_its_datasets().fail(LATER, TROUBLE)

    assert (failed.status, failed.finished_at, failed.error) == (ImportStatus.FAILED, LATER, TROUBLE)
    assert failed.datasets[Dataset.BOOKYEARS].status is DatasetImportStatus.SUCCEEDED
    assert failed.datasets[Dataset.GENERAL_LEDGER].status is DatasetImportStatus.FAILED
    assert failed.datasets[Dataset.GENERAL_LEDGER].counts == Counts(fetched=7)
    assert failed.datasets[Dataset.RELATIONS].status is DatasetImportStatus.SKIPPED
    assert failed.progress == 0.4


def test_in_a_cancelled_run_no_dataset_has_failed() -> None:
    cancelled = a_run_amid_its_datasets().cancelled(LATER)

    assert (cancelled.status, cancelled.error) == (ImportStatus.CANCELLED, None)
    assert statuses(cancelled) == {DatasetImportStatus.SUCCEEDED, DatasetImportStatus.SKIPPED}


@pytest.mark.parametrize("run", [a_run(), a_run().begin(NOON).wait(LATER, TROUBLE)])
def test_a_run_that_nobody_works_on_is_cancelled_at_once(run: ImportRun) -> None:
    cancelled = run.request_cancellation(LATER)

    assert (cancelled.status, cancelled.finished_at, cancelled.resume_at) == (ImportStatus.CANCELLED, LATER, None)


def test_a_run_that_is_cancelled_while_it_waits_has_failed_in_nothing() -> None:
    cancelled = a_run_amid_its_datasets().wait(LATER, TROUBLE).request_cancellation(LATER)

    assert cancelled.error is None
    assert statuses(cancelled) == {DatasetImportStatus.SUCCEEDED, DatasetImportStatus.SKIPPED}


def test_a_run_that_is_worked_on_goes_on_to_its_next_checkpoint() -> None:
    asked = a_run().begin(NOON).request_cancellation(LATER)

    assert (asked.status, asked.cancel_requested, asked.finished_at) == (ImportStatus.RUNNING, True, None)


@pytest.mark.parametrize("run", ENDED)
def test_a_run_that_has_ended_stays_as_it_ended(run: ImportRun) -> None:
    assert run.status.is_final
    assert run.request_cancellation(LATER + timedelta(hours=1)) == run


# --- its life -------------------------------------------------------------------------------------------------------

HAPPENS: dict[RunEvent, Callable[[ImportRun], ImportRun]] = {
    RunEvent.TAKEN_UP: lambda run: run.begin(LATER),
    RunEvent.WAITED: lambda run: run.wait(LATER, TROUBLE),
    # the database does it, by the same table (tests/integration/ports/test_leases_contract.py)
    RunEvent.HANDED_OVER: lambda run: replace(run, status=following(TRANSITIONS, RunEvent.HANDED_OVER, run.status)),
    RunEvent.CANCELLATION_REQUESTED: lambda run: run.request_cancellation(LATER),
    RunEvent.WANTED_AGAIN: lambda run: run.wanted_again(),
    RunEvent.CANCELLED: lambda run: run.cancelled(LATER),
    RunEvent.SUCCEEDED: lambda run: run.succeed(LATER, VERIFIED),
    RunEvent.FAILED: lambda run: run.fail(LATER, TROUBLE),
}
"""What can happen to a run that is there."""


@pytest.mark.parametrize(
    ("run", "what"),
    [
        (run, what)
        for run in ENDED
        for what in HAPPENS
        if what is not RunEvent.CANCELLATION_REQUESTED  # answered with the run as it ended
    ],
)
def test_nothing_happens_to_a_run_that_has_ended(run: ImportRun, what: RunEvent) -> None:
    with pytest.raises(IllegalTransition):
        HAPPENS[what](run)


@pytest.mark.parametrize("what", [RunEvent.SUCCEEDED, RunEvent.WAITED, RunEvent.HANDED_OVER])
@pytest.mark.parametrize("run", [a_run(), a_run().begin(NOON).wait(LATER, TROUBLE)], ids=["queued", "waiting"])
def test_a_run_that_nobody_works_on_cannot_come_to_an_end_of_the_work(run: ImportRun, what: RunEvent) -> None:
    with pytest.raises(IllegalTransition):
        HAPPENS[what](run)


@MODERATE
@given(st.lists(st.sampled_from(sorted(HAPPENS)), max_size=12))
def test_whatever_happens_to_a_run_it_is_in_a_state_that_the_table_allows_and_says_what_belongs_to_it(
    events: list[RunEvent],
) -> None:
    run = a_run()
    for what in events:
        before = run
        try:
            run = HAPPENS[what](run)
        except IllegalTransition:
            assert before.status not in TRANSITIONS[what]
            continue
        assert run.status is TRANSITIONS[what].get(before.status, before.status)
        assert run == before or not before.status.is_final
        assert (run.finished_at is not None) is run.status.is_final
        assert (run.resume_at is not None) is (run.status is ImportStatus.WAITING)
        assert (run.verification is not None) is (run.status is ImportStatus.SUCCEEDED)
        assert run.started_at is not None or run.status in NEVER_BEGUN


NEVER_BEGUN = (ImportStatus.QUEUED, ImportStatus.CANCELLED, ImportStatus.FAILED)


# --- incremental or full --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("remembered", [timedelta(days=1), CHANGES_REMEMBERED, timedelta(days=90)])
@pytest.mark.parametrize(
    ("short_of_it", "mode"),
    [
        (timedelta(microseconds=1), ImportMode.INCREMENTAL),
        (timedelta(), ImportMode.FULL),
        (timedelta(days=-60), ImportMode.FULL),
    ],
)
def test_what_changed_is_enough_for_as_long_as_octopus_remembers_what_was_deleted(
    remembered: timedelta, short_of_it: timedelta, mode: ImportMode
) -> None:
    imported = an_administration(watermark=NOON - remembered + short_of_it)

    assert mode_of(imported, ImportMode.INCREMENTAL, NOON, remembered) is mode


def test_what_was_never_imported_is_imported_as_a_whole() -> None:
    assert mode_of(an_administration(), ImportMode.INCREMENTAL, NOON, CHANGES_REMEMBERED) is ImportMode.FULL


def test_a_full_import_is_never_made_less() -> None:
    imported = an_administration(watermark=NOON)

    assert mode_of(imported, ImportMode.FULL, NOON, CHANGES_REMEMBERED) is ImportMode.FULL


def test_a_run_that_waits_for_octopus_says_until_when_and_that_nothing_is_to_be_done() -> None:
    waiting = a_run().begin(NOON).wait_for_octopus(NOON, TROUBLE)

    assert waiting.waits == 1
    assert waiting.resume_at == NOON + OUTAGE_WAITS[0]
    again = f"We try again at {NOON.astimezone(BRUSSELS) + OUTAGE_WAITS[0]:%H:%M}."
    assert waiting.error is not None
    assert waiting.error.message == f"{TROUBLE.message} {again}"
    assert waiting.error.action == "Nothing to do: the import goes on by itself."


def test_a_run_that_has_waited_often_enough_fails_with_the_words_of_the_trouble() -> None:
    tired = replace(a_run().begin(NOON), waits=len(OUTAGE_WAITS))

    assert tired.wait_for_octopus(LATER, TROUBLE) == tired.fail(LATER, TROUBLE)


@pytest.mark.parametrize(
    ("waits_for", "goes_on_after"),
    [(LONGEST_WAIT, LONGEST_WAIT), (LONGEST_WAIT + timedelta(seconds=1), timedelta()), (timedelta(0), timedelta(0))],
)
def test_a_run_that_was_told_to_wait_for_too_long_goes_on_now(waits_for: timedelta, goes_on_after: timedelta) -> None:
    waiting = a_run().begin(NOON).wait(NOON + waits_for, TROUBLE)

    assert waiting.goes_on_at(NOON) == NOON + goes_on_after


def test_a_run_that_does_not_wait_goes_on_at_no_moment() -> None:
    assert a_run().goes_on_at(NOON) is None
