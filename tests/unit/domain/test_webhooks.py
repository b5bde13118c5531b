"""Which event a change is, what it tells, and when an attempt is repeated."""

import json
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.administration import AdministrationStatus as A
from monitr.domain.codes import ExplanationCode
from monitr.domain.import_run import Dataset, ImportRunId
from monitr.domain.import_run import ImportStatus as R
from monitr.domain.integration import IntegrationId
from monitr.domain.integration import IntegrationStatus as I  # a table of states reads better so
from monitr.domain.organisation import AdministrationId
from monitr.domain.webhooks import (
    ATTEMPTS,
    AdministrationChanged,
    Change,
    DatasetChanged,
    EventType,
    ImportChanged,
    IntegrationChanged,
    TargetStatus,
    back_off,
)
from tests.unit.fake_webhooks import a_refusal, a_target, an_event
from tests.unit.fakes import NOON

INTEGRATION = IntegrationId(UUID(int=1))
ADMINISTRATION = AdministrationId(UUID(int=2))
RUN = ImportRunId(UUID(int=3))


@pytest.mark.parametrize(
    ("before", "after", "type"),
    [
        (I.AWAITING_AUTHORIZATION, I.CONFIGURED, "integration.configured"),
        (I.RECONNECT_REQUIRED, I.CONFIGURED, "integration.reconnected"),
        (I.CONFIGURED, I.CONFIGURED, "integration.reconnected"),
        (I.CONFIGURED, I.RECONNECT_REQUIRED, "integration.reconnect_required"),
        (I.CONFIGURED, I.DELETED, "integration.deleted"),
        (I.RECONNECT_REQUIRED, I.DELETED, "integration.deleted"),
    ],
)
def test_the_event_of_an_integrations_change(before: I, after: I, type: str) -> None:
    assert IntegrationChanged(INTEGRATION, after, before).type == type


@pytest.mark.parametrize(
    ("before", "after", "type"),
    [
        (None, A.ACTIVE, "administration.selected"),
        (A.ACTIVE, A.ACTIVE, "administration.moved"),
        (A.ACTIVE, A.NOT_FOUND, "administration.not_found"),
        (A.NOT_FOUND, A.ACCESS_LOST, "administration.access_lost"),
        (A.ACCESS_LOST, A.ACTIVE, "administration.recovered"),
        (A.NOT_FOUND, A.ACTIVE, "administration.recovered"),
        (A.ACCESS_LOST, A.DELETED, "administration.removed"),
        (A.DELETED, A.ACTIVE, "administration.restored"),
        (A.DELETED, None, "administration.purged"),
    ],
)
def test_the_event_of_an_administrations_change(before: A | None, after: A | None, type: str) -> None:
    assert AdministrationChanged(ADMINISTRATION, INTEGRATION, after, before).type == type


@pytest.mark.parametrize(
    ("before", "after", "type"),
    [
        (None, R.QUEUED, "import.queued"),
        (R.QUEUED, R.RUNNING, "import.started"),
        (R.RUNNING, R.WAITING, "import.waiting"),
        (R.WAITING, R.RUNNING, "import.resumed"),
        (R.RUNNING, R.SUCCEEDED, "import.succeeded"),
        (R.RUNNING, R.FAILED, "import.failed"),
        (R.QUEUED, R.CANCELLED, "import.cancelled"),
    ],
)
def test_the_event_of_an_imports_change(before: R | None, after: R, type: str) -> None:
    assert ImportChanged(RUN, ADMINISTRATION, after, before).type == type


def test_every_type_of_event_belongs_to_some_change() -> None:
    integrations = {IntegrationChanged(INTEGRATION, after, before).type for before in I for after in I}
    administrations = {
        AdministrationChanged(ADMINISTRATION, INTEGRATION, after, before).type
        for before in (None, *A)
        for after in (None, *A)
    }
    imports = {ImportChanged(RUN, ADMINISTRATION, after, before).type for before in (None, *R) for after in R}
    datasets = {DatasetChanged(ADMINISTRATION, RUN, dataset).type for dataset in Dataset}

    assert integrations | administrations | imports | datasets == set(EventType)


def test_a_body_is_type_timestamp_and_data_after_standard_webhooks() -> None:
    change = ImportChanged(RUN, ADMINISTRATION, R.SUCCEEDED, R.RUNNING, verification=VerificationStatus.WARNING)
    assert json.loads(an_event(change=change).body) == {
        "type": "import.succeeded",
        "timestamp": "2026-11-22T12:00:00.000Z",
        "data": {
            "importId": str(RUN),
            "administrationId": str(ADMINISTRATION),
            "status": "SUCCEEDED",
            "previousStatus": "RUNNING",
            "reason": None,
            "verification": "WARNING",
        },
    }


def test_a_payload_holds_ids_and_states_and_nothing_else() -> None:
    """No figures, names or secrets: a value is an id of ours, or a word in capitals."""
    changes: list[Change] = [
        IntegrationChanged(INTEGRATION, I.RECONNECT_REQUIRED, I.CONFIGURED, ExplanationCode.RECONNECT_REQUIRED),
        AdministrationChanged(ADMINISTRATION, INTEGRATION, A.DELETED, A.ACTIVE),
        ImportChanged(RUN, ADMINISTRATION, R.FAILED, R.RUNNING, ExplanationCode.ACCESS_LOST, VerificationStatus.PASSED),
        DatasetChanged(ADMINISTRATION, RUN, Dataset.GENERAL_LEDGER),
    ]
    ids = {str(INTEGRATION), str(ADMINISTRATION), str(RUN)}
    values = {value for change in changes for value in an_event(change=change).data.values() if value is not None}
    assert all(value.replace("_", "").isupper() for value in values - ids)


def test_an_event_is_the_same_message_whenever_it_is_sent() -> None:
    event = an_event()
    later = replace(event)
    assert (event.message_id, event.body) == (later.message_id, later.body)
    assert event.message_id != an_event().message_id


def test_pauses_grow_threefold_up_to_half_a_day_and_spread_by_a_fifth() -> None:
    middle = [back_off(failures, 0.5) for failures in range(1, ATTEMPTS + 1)]
    assert middle[:3] == [timedelta(seconds=10), timedelta(seconds=30), timedelta(seconds=90)]
    assert max(middle) == timedelta(hours=12)
    assert (back_off(1, 0.0), back_off(1, 1.0)) == (timedelta(seconds=8), timedelta(seconds=12))


def test_an_event_is_tried_for_about_a_day() -> None:
    longest = sum((back_off(failures, 1.0) for failures in range(1, ATTEMPTS)), timedelta())

    assert timedelta(hours=20) < longest < timedelta(hours=28)


def test_a_target_that_refuses_is_tried_again_later_and_disabled_with_the_reason_after_the_last_attempt() -> None:
    target, refusal = a_target(), a_refusal()
    for attempt in range(1, ATTEMPTS):
        target = target.refused(refusal, NOON, 0.5)
        assert (target.status, target.next_attempt_at) == (TargetStatus.FAILING, NOON + back_off(attempt, 0.5))

    target = target.refused(refusal, NOON, 0.5)

    assert (target.status, target.disabled_at, target.last_failure) == (TargetStatus.DISABLED, NOON, refusal.failure)
    assert target.position == 0


def test_a_receiver_that_is_gone_is_disabled_at_once() -> None:
    assert a_target().refused(a_refusal(gone=True), NOON, 0.5).status is TargetStatus.DISABLED


@pytest.mark.parametrize(
    ("asked", "granted"),
    [
        (timedelta(seconds=1), timedelta(seconds=10)),
        (timedelta(minutes=5), timedelta(minutes=5)),
        (timedelta(days=9), timedelta(hours=12)),
    ],
)
def test_a_receiver_can_ask_for_more_time_but_not_for_ever(asked: timedelta, granted: timedelta) -> None:
    refused = a_target().refused(a_refusal(retry_after=asked), NOON, 0.5)
    assert refused.next_attempt_at == NOON + granted


def test_an_event_that_arrives_ends_the_failures() -> None:
    failing = a_target().refused(a_refusal(), NOON, 0.5)
    arrived = failing.delivered(an_event(7), NOON)
    assert (arrived.status, arrived.position, arrived.last_failure) == (TargetStatus.ACTIVE, 7, None)


def test_a_replay_goes_back_and_enables_a_disabled_target() -> None:
    disabled = a_target(position=9).refused(a_refusal(gone=True), NOON, 0.5)
    replayed = disabled.replayed_from(4)
    assert (replayed.status, replayed.position, replayed.failures) == (TargetStatus.ACTIVE, 4, 0)
