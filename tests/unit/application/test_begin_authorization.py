"""From "Add" or "Reconnect" to Octopus's login page."""

from datetime import timedelta
from uuid import uuid4

import pytest
from returns.result import Failure

from monitr.application.problems import InvalidReturnTo, NotConfigured, UnknownIntegration
from monitr.application.start_authorization import RoundRefused
from monitr.domain.authorization import CallbackError, Purpose, digest
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.organisation import OrganisationId
from tests.unit.application.oauth_world import HOME, PAGE, OAuthWorld, state_of
from tests.unit.fakes import MINE, NOON, a_principal, an_integration, an_integration_awaiting_consent

IN_TEN_MINUTES = NOON + timedelta(minutes=10)


async def test_adding_octopus_makes_an_integration_that_awaits_the_users_consent() -> None:
    world = OAuthWorld()

    asked = (await world.connect(a_principal(), PAGE)).unwrap()

    assert world.transactions.integrations == [asked.integration]
    assert asked.integration.status is IntegrationStatus.AWAITING_AUTHORIZATION
    assert asked.expires_at == IN_TEN_MINUTES


async def test_a_round_is_bound_to_who_asked_and_where_to_return() -> None:
    world = OAuthWorld()

    asked = (await world.connect(a_principal(subject="bert"), PAGE)).unwrap()

    begun = world.round_of(asked.integration.id)
    assert (begun.organisation_id, begun.subject, begun.return_to) == (MINE, "bert", PAGE)
    assert (begun.purpose, begun.expires_at) == (Purpose.CONNECT, IN_TEN_MINUTES)
    assert begun.ticket == digest(asked.ticket)


async def test_without_an_address_the_browser_comes_home() -> None:
    world = OAuthWorld()

    asked = (await world.connect(a_principal(), None)).unwrap()

    assert world.round_of(asked.integration.id).return_to == HOME


async def test_each_add_is_an_integration_of_its_own() -> None:
    world = OAuthWorld()

    first = (await world.connect(a_principal(), PAGE)).unwrap()
    second = (await world.connect(a_principal(), PAGE)).unwrap()

    assert first.integration.id != second.integration.id
    assert first.ticket != second.ticket


async def test_where_octopus_is_not_set_up_nothing_begins() -> None:
    world = OAuthWorld(an_integration())
    world.login.is_configured = False

    assert await world.connect(a_principal(), PAGE) == Failure(NotConfigured())
    assert await world.reconnect(a_principal(), world.transactions.integrations[0].id, PAGE) == Failure(NotConfigured())
    assert world.transactions.authorizations == []


@pytest.mark.parametrize("address", ["https://evil.example/", ""])
async def test_an_address_of_another_origin_is_refused_before_anything_is_made(address: str) -> None:
    world = OAuthWorld(existing := an_integration())

    assert await world.connect(a_principal(), address) == Failure(InvalidReturnTo(address))
    assert await world.reconnect(a_principal(), existing.id, address) == Failure(InvalidReturnTo(address))
    assert world.transactions.integrations == [existing]
    assert world.transactions.authorizations == []


# --- reconnect ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("integration", [an_integration(), an_integration().rejected()])
async def test_reconnecting_leaves_the_integration_as_it_is_until_octopus_has_answered(
    integration: Integration,
) -> None:
    world = OAuthWorld(integration)

    asked = (await world.reconnect(a_principal(), integration.id, PAGE)).unwrap()

    assert asked.integration == world.transactions.integration(integration.id) == integration
    assert world.round_of(integration.id).purpose is Purpose.RECONNECT
    assert asked.expires_at == IN_TEN_MINUTES


async def test_what_is_unknown_deleted_or_of_others_cannot_be_reconnected() -> None:
    deleted, theirs = an_integration().delete(), an_integration(organisation_id=OrganisationId(uuid4()))
    world = OAuthWorld(deleted, theirs)

    for id in (deleted.id, theirs.id, IntegrationId(uuid4())):
        assert await world.reconnect(a_principal(), id, PAGE) == Failure(UnknownIntegration(id))
    assert world.transactions.authorizations == []


# --- our start page -------------------------------------------------------------------------------------------------


async def test_the_start_page_binds_the_browser_and_sends_it_to_octopus() -> None:
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()

    begun = (await world.start(asked.ticket, None)).unwrap()

    kept = world.round_of(asked.integration.id)
    assert kept.belongs_to(begun.browser)
    assert kept.state == digest(state_of(begun))
    assert kept.verifier == "verifier"


async def test_a_browser_that_has_its_cookie_keeps_it() -> None:
    """Two rounds in two tabs of one browser do not disturb each other."""
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()

    begun = (await world.start(asked.ticket, "the browser's cookie")).unwrap()

    assert begun.browser == "the browser's cookie"


async def test_the_same_browser_may_open_the_start_page_again_and_begins_anew() -> None:
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()
    first = (await world.start(asked.ticket, None)).unwrap()

    second = (await world.start(asked.ticket, first.browser)).unwrap()

    assert state_of(second) != state_of(first)
    assert world.round_of(asked.integration.id).state == digest(state_of(second))


@pytest.mark.parametrize("browser", [None, "another browser"])
async def test_another_browser_cannot_take_over_a_round(browser: str | None) -> None:
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()
    await world.start(asked.ticket, "the first browser")
    before = world.round_of(asked.integration.id)

    refused = await world.start(asked.ticket, browser)

    assert refused == Failure(RoundRefused(CallbackError.INVALID_STATE, PAGE))
    assert world.round_of(asked.integration.id) == before


@pytest.mark.parametrize("ticket", ["", "guessed"])
async def test_an_unknown_ticket_opens_nothing(ticket: str) -> None:
    world = OAuthWorld(an_integration_awaiting_consent())

    assert await world.start(ticket, None) == Failure(RoundRefused(CallbackError.INVALID_STATE, None))


async def test_a_ticket_opens_nothing_after_ten_minutes() -> None:
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()
    world.now = IN_TEN_MINUTES

    assert await world.start(asked.ticket, None) == Failure(RoundRefused(CallbackError.EXPIRED, PAGE))


async def test_a_ticket_opens_nothing_once_its_round_is_over() -> None:
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()
    begun = (await world.start(asked.ticket, None)).unwrap()
    await world.complete(state_of(begun), None, begun.browser)

    assert await world.start(asked.ticket, begun.browser) == Failure(RoundRefused(CallbackError.EXPIRED, PAGE))
