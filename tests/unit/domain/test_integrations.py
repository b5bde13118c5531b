from datetime import timedelta

import pytest

from monitr.domain.integration import RECONNECT, Integration, IntegrationStatus
from tests.unit.fakes import NOON, an_integration, an_integration_awaiting_consent

DEADLINE = NOON + timedelta(days=60)


def an_integration_to_reconnect() -> Integration:
    return an_integration().rejected()


@pytest.mark.parametrize(
    "integration", [an_integration_awaiting_consent(), an_integration(), an_integration_to_reconnect()]
)
def test_tokens_make_an_integration_work_whatever_it_was(integration: Integration) -> None:
    authorized = integration.authorized(NOON, DEADLINE)

    assert authorized.is_authorized
    assert (authorized.authorized_at, authorized.authorization_expires_at) == (NOON, DEADLINE)
    assert authorized.last_error is None
    assert (authorized.id, authorized.created_at) == (integration.id, integration.created_at)


def test_a_refused_refresh_token_asks_for_a_reconnection_and_says_what_to_do() -> None:
    rejected = an_integration().rejected()

    assert rejected.status is IntegrationStatus.RECONNECT_REQUIRED
    assert rejected.last_error == RECONNECT
    assert rejected.is_alive
    assert not rejected.is_authorized


@pytest.mark.parametrize(
    "integration",
    [an_integration_awaiting_consent(), an_integration_to_reconnect(), an_integration().delete()],
)
def test_only_an_integration_that_works_can_be_rejected(integration: Integration) -> None:
    assert integration.rejected() == integration


@pytest.mark.parametrize(
    "integration", [an_integration_awaiting_consent(), an_integration(), an_integration_to_reconnect()]
)
def test_a_deleted_integration_is_gone_and_holds_no_authorisation(integration: Integration) -> None:
    deleted = integration.delete()

    assert not deleted.is_alive
    assert not deleted.is_authorized
    assert (deleted.authorized_at, deleted.authorization_expires_at, deleted.last_error) == (None, None, None)


def test_an_integration_that_awaits_consent_exists_and_does_nothing_yet() -> None:
    awaiting = an_integration_awaiting_consent()

    assert awaiting.is_alive
    assert not awaiting.is_authorized
