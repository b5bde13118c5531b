"""What a change leaves behind: every field of the new state, and the event with its cause."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from returns.result import Failure, Success

from monitr.domain.administration import (
    NOT_OPENED,
    OPENED,
    UNKNOWN,
    Administration,
    AdministrationStatus,
    Dossier,
    DossierNumber,
    RetentionOver,
)
from monitr.domain.authorization import Authorization, AuthorizationId, Purpose, digest
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.lifecycle import IllegalTransition
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.timeline import Agent, Cause, TimelineEvent, What
from monitr.domain.webhooks import NotAccepted
from monitr.domain.words.sentence import Sentence
from tests.unit.fake_webhooks import a_refusal, a_target, an_event
from tests.unit.fakes import NOON, an_administration, an_integration

ORGANISATION = OrganisationId(UUID(int=1))
INTEGRATION, ANOTHER = IntegrationId(UUID(int=2)), IntegrationId(UUID(int=3))
ADMINISTRATION = AdministrationId(UUID(int=4))
BY_ANNA = Cause(Agent.USER, Sentence.verbatim("Anna wished it."), "anna")
LATER = NOON + timedelta(days=30)
RETENTION = timedelta(days=30)


def test_a_new_integration_awaits_consent_and_says_who_asked_for_it() -> None:
    begun = Integration.begin(INTEGRATION, ORGANISATION, NOON, BY_ANNA)

    status = IntegrationStatus.AWAITING_AUTHORIZATION
    assert begun == Integration(INTEGRATION, ORGANISATION, status, NOON)
    assert begun.events == (TimelineEvent(What.ADDED, None, status, BY_ANNA),)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda integration: integration.authorized(NOON, LATER, BY_ANNA), What.RECONNECTED),
        (lambda integration: integration.rejected(BY_ANNA), What.AUTHORIZATION_REFUSED),
        (lambda integration: integration.delete(BY_ANNA), What.DELETED),
    ],
)
def test_an_integrations_change_says_its_cause(change: Callable[[Integration], Integration], what: What) -> None:
    before = replace(an_integration(), events=())

    after = change(before)

    assert after.events == (TimelineEvent(what, before.status, after.status, BY_ANNA),)


def test_a_rotated_refresh_token_moves_the_end_of_the_authorisation_and_nothing_else() -> None:
    before = an_integration()

    assert before.prolonged(LATER) == replace(before, authorization_expires_at=LATER)


def test_a_new_administration_is_the_dossier_of_that_integration_and_says_who_selected_it() -> None:
    dossier = Dossier(DossierNumber(7), "Bakker BV", "BE0123456789")

    selected = Administration.select(ADMINISTRATION, ORGANISATION, INTEGRATION, dossier, NOON, BY_ANNA)

    status = AdministrationStatus.ACTIVE
    expected = Administration(
        ADMINISTRATION, ORGANISATION, INTEGRATION, dossier.number, "Bakker BV", "BE0123456789", NOON, status
    )
    assert selected == expected
    assert selected.events == (TimelineEvent(What.SELECTED, None, status, BY_ANNA),)


@pytest.mark.parametrize(
    ("change", "what", "cause"),
    [
        (lambda one: one.moved_to(ANOTHER, BY_ANNA), What.MOVED, BY_ANNA),
        (lambda one: one.unreachable(AdministrationStatus.NOT_FOUND), What.DOSSIER_NOT_FOUND, UNKNOWN),
        (lambda one: one.unreachable(AdministrationStatus.NOT_FOUND, BY_ANNA), What.DOSSIER_NOT_FOUND, BY_ANNA),
        (lambda one: one.unreachable(AdministrationStatus.ACCESS_LOST), What.ACCESS_LOST, NOT_OPENED),
        (lambda one: one.unreachable(AdministrationStatus.ACCESS_LOST, BY_ANNA), What.ACCESS_LOST, BY_ANNA),
        (lambda one: one.unreachable(AdministrationStatus.ACCESS_LOST).reached(), What.REACHED_AGAIN, OPENED),
        (lambda one: one.delete(NOON, RETENTION, BY_ANNA), What.REMOVED, BY_ANNA),
        (
            lambda one: one.delete(NOON, RETENTION).delete(NOON, timedelta(), BY_ANNA),
            What.PURGE_ADVANCED,
            BY_ANNA,
        ),
        (
            lambda one: one.delete(NOON, RETENTION).restore(NOON, cause=BY_ANNA).unwrap(),
            What.RESTORED,
            BY_ANNA,
        ),
    ],
)
def test_an_administrations_change_says_its_cause(
    change: Callable[[Administration], Administration], what: What, cause: Cause
) -> None:
    last = change(an_administration()).events[-1]

    assert (last.what, last.cause) == (what, cause)


def test_octopuss_vat_number_is_taken_over() -> None:
    described = an_administration().described(Dossier(DossierNumber(7), "Bakker BV", "BE0123456789"))

    assert (described.name, described.vat_number) == ("Bakker BV", "BE0123456789")


def test_deleting_again_for_the_same_time_changes_nothing() -> None:
    removed = an_administration().delete(NOON, RETENTION)

    assert removed.delete(NOON, RETENTION) is removed


def test_the_retention_is_over_at_its_end() -> None:
    removed = an_administration().delete(NOON, RETENTION)

    assert removed.restore(NOON + RETENTION) == Failure(RetentionOver(NOON + RETENTION))


def test_a_restored_administration_belongs_to_the_integration_that_restored_it() -> None:
    administration = an_administration()
    removed = administration.delete(NOON, RETENTION)

    restored = removed.restore(NOON, ANOTHER)

    assert restored == Success(replace(administration, integration_id=ANOTHER))
    assert removed.restore(NOON) == Success(administration)


def test_what_cannot_happen_is_named_with_the_state_it_met() -> None:
    with pytest.raises(IllegalTransition, match=r"cannot happen in the state DELETED"):
        an_integration().delete().delete()


def test_a_round_that_is_over_keeps_no_verifier() -> None:
    round = Authorization(
        AuthorizationId(UUID(int=5)),
        INTEGRATION,
        ORGANISATION,
        "anna",
        Purpose.CONNECT,
        "https://app.example",
        LATER,
        digest("ticket"),
    ).started("browser", "state", "verifier")

    assert round.consumed(NOON) == replace(round, consumed_at=NOON, verifier=None)


def test_a_delivered_event_leaves_a_target_that_has_failed_before_without_a_trace_of_it() -> None:
    target = a_target().refused(a_refusal(), NOON, 0.5)
    event = replace(an_event(), position=17)

    assert target.delivered(event, LATER) == replace(
        a_target(), id=target.id, position=17, last_attempt_at=LATER, last_success_at=LATER
    )


def test_a_refusal_keeps_when_it_was_and_when_the_next_attempt_is() -> None:
    refused = a_target().refused(NotAccepted(a_refusal().failure, retry_after=timedelta(minutes=5)), NOON, 0.5)

    assert (refused.last_attempt_at, refused.next_attempt_at) == (NOON, NOON + timedelta(minutes=5))


def test_a_target_that_is_gone_has_no_next_attempt() -> None:
    assert a_target().refused(NotAccepted(a_refusal().failure, gone=True), NOON, 0.5).next_attempt_at is None


def test_a_replay_forgets_the_failure_and_its_pause() -> None:
    target = a_target().refused(a_refusal(), NOON, 0.5)

    replayed = target.replayed_from(3)

    assert (replayed.position, replayed.failures) == (3, 0)
    assert (replayed.next_attempt_at, replayed.last_failure) == (None, None)
