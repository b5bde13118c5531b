"""Octopus sends the browser back."""

import asyncio
from datetime import timedelta

import pytest
from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from monitr.application.complete_authorization import Connected
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.octopus import InvalidAnswer, OctopusError, OctopusUnavailable, QuotaSpent
from monitr.application.start_authorization import RoundRefused
from monitr.domain.administration import Dossier, DossierNumber
from monitr.domain.authorization import CallbackError
from monitr.domain.integration import Integration, IntegrationStatus
from monitr.domain.organisation import AdministrationId
from tests.unit.application.oauth_world import CODE, PAGE, OAuthWorld, OpenRound
from tests.unit.fakes import NOON, a_principal, an_administration, an_integration, some_tokens

IN_TEN_MINUTES = NOON + timedelta(minutes=10)
IN_SIXTY_DAYS = NOON + timedelta(days=60)


def refused(error: str, return_to: str | None = PAGE, *lost: AdministrationId) -> Result[Connected, RoundRefused]:
    return Failure(RoundRefused(CallbackError(error), return_to, lost))


def status(world: OAuthWorld, begun: OpenRound) -> IntegrationStatus:
    return world.transactions.integration(begun.integration).status


# --- connecting -----------------------------------------------------------------------------------------------------


async def test_a_code_of_octopus_connects_the_integration() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    outcome = await world.complete(begun.state, CODE, begun.browser)

    assert outcome == Success(Connected(begun.integration, PAGE))
    connected = world.transactions.integration(begun.integration)
    assert connected.is_authorized
    assert (connected.authorized_at, connected.authorization_expires_at) == (NOON, IN_SIXTY_DAYS)
    assert world.transactions.tokens(begun.integration) == some_tokens()


async def test_the_code_is_exchanged_with_the_verifier_of_its_round() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    await world.complete(begun.state, CODE, begun.browser)

    assert world.login.exchanged == [(CODE, "verifier")]


async def test_a_user_who_denies_leaves_nothing_behind() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    assert await world.complete(begun.state, None, begun.browser) == refused("access_denied")
    assert status(world, begun) is IntegrationStatus.DELETED
    assert world.login.exchanged == []


@pytest.mark.parametrize("state", [None, "", "guessed"])
async def test_an_unknown_state_is_refused_and_says_nothing_of_where_to_go(state: str | None) -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    assert await world.complete(state, CODE, begun.browser) == refused("invalid_state", None)
    assert status(world, begun) is IntegrationStatus.AWAITING_AUTHORIZATION


@pytest.mark.parametrize("browser", [None, "", "mallory's browser"])
async def test_a_callback_in_another_browser_is_refused_and_does_not_use_the_state_up(browser: str | None) -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    assert await world.complete(begun.state, CODE, browser) == refused("invalid_state")
    assert is_successful(await world.complete(begun.state, CODE, begun.browser))


async def test_a_state_works_once() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    await world.complete(begun.state, CODE, begun.browser)
    world.login.grants[CODE] = some_tokens(access_token="mallory's")

    assert await world.complete(begun.state, CODE, begun.browser) == refused("invalid_state")
    assert world.transactions.tokens(begun.integration) == some_tokens()
    assert status(world, begun) is IntegrationStatus.CONFIGURED


async def test_of_two_callbacks_at_the_same_time_one_connects() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    async def let_the_other_go_on() -> None:
        await asyncio.sleep(0)

    world.login.meanwhile = let_the_other_go_on
    outcomes = await asyncio.gather(*(world.complete(begun.state, CODE, begun.browser) for _ in range(2)))

    assert sorted(map(is_successful, outcomes)) == [False, True]
    assert len(world.login.exchanged) == 1
    assert status(world, begun) is IntegrationStatus.CONFIGURED


async def test_a_state_that_an_anew_opened_start_page_replaced_is_refused() -> None:
    world = OAuthWorld()
    asked = (await world.connect(a_principal(), PAGE)).unwrap()
    first = (await world.start(asked.ticket, None)).unwrap()
    await world.start(asked.ticket, first.browser)

    stale = first.authorize_url.rpartition("state=")[2].replace("+", " ")

    assert await world.complete(stale, CODE, first.browser) == refused("invalid_state", None)


async def test_a_callback_after_ten_minutes_is_expired_and_leaves_nothing_behind() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.now = IN_TEN_MINUTES

    assert await world.complete(begun.state, CODE, begun.browser) == refused("expired")
    assert status(world, begun) is IntegrationStatus.DELETED
    assert world.login.exchanged == []


async def test_a_code_that_octopus_refuses_has_expired() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    assert await world.complete(begun.state, "a wrong code", begun.browser) == refused("expired")
    assert status(world, begun) is IntegrationStatus.DELETED


@pytest.mark.parametrize("trouble", [OctopusUnavailable("no answer"), InvalidAnswer("HTML")])
async def test_while_octopus_is_down_nothing_is_connected(trouble: OctopusError) -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.login.fails = trouble

    assert await world.complete(begun.state, CODE, begun.browser) == refused("octopus_unavailable")
    assert status(world, begun) is IntegrationStatus.DELETED
    assert world.transactions.tokens(begun.integration) is None


async def test_an_answer_without_refresh_token_connects_nothing() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.login.grants[CODE] = some_tokens(refresh_token=None)

    assert await world.complete(begun.state, CODE, begun.browser) == refused("octopus_unavailable")
    assert status(world, begun) is IntegrationStatus.DELETED
    assert world.transactions.tokens(begun.integration) is None


async def test_an_integration_that_was_deleted_meanwhile_stays_deleted() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    delete = DeleteIntegration(world.transactions, lambda: NOON, timedelta(days=30))
    world.login.meanwhile = lambda: delete(a_principal(), begun.integration)

    assert await world.complete(begun.state, CODE, begun.browser) == refused("expired")
    assert status(world, begun) is IntegrationStatus.DELETED
    assert world.transactions.tokens(begun.integration) is None


async def test_a_round_whose_integration_is_gone_altogether_connects_nothing() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    del world.transactions.committed.integrations[begun.integration]

    assert await world.complete(begun.state, CODE, begun.browser) == refused("expired")
    assert await world.complete(begun.state, None, begun.browser) == refused("invalid_state")
    assert world.transactions.integrations == []


async def test_nothing_is_connected_when_the_commit_fails() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.transactions.commit_fails = True

    with pytest.raises(ConnectionError):
        await world.complete(begun.state, CODE, begun.browser)

    assert status(world, begun) is IntegrationStatus.AWAITING_AUTHORIZATION
    assert world.login.exchanged == []


# --- reconnecting ---------------------------------------------------------------------------------------------------

SELECTED = Dossier(DossierNumber(49555), "Demo BV", "BE0000000097")
ANOTHER = Dossier(DossierNumber(60001), "Andere NV", None)


def a_world_to_reconnect(integration: Integration, *, sees: Dossier) -> OAuthWorld:
    """One dossier is selected; the login that the user reconnects with sees ``sees``."""
    world = OAuthWorld(integration)
    selected = an_administration(integration_id=integration.id, dossier=SELECTED.number)
    world.transactions.committed.administrations[selected.id] = selected
    world.transactions.committed.tokens[integration.id] = (some_tokens(access_token="old"), NOON)
    world.octopus.listed = (sees,)
    return world


@pytest.mark.parametrize("integration", [an_integration(), an_integration().rejected()])
async def test_reconnecting_gives_the_same_integration_new_tokens(integration: Integration) -> None:
    world = a_world_to_reconnect(integration, sees=SELECTED)
    administrations = world.transactions.administrations
    begun = await world.at_octopus(reconnecting=integration.id)

    outcome = await world.complete(begun.state, CODE, begun.browser)

    assert outcome == Success(Connected(integration.id, PAGE))
    reconnected = world.transactions.integration(integration.id)
    assert (reconnected.is_authorized, reconnected.authorized_at, reconnected.last_error) == (True, NOON, None)
    assert world.transactions.tokens(integration.id) == some_tokens()
    assert world.transactions.administrations == administrations


async def test_whose_account_it_is_is_asked_with_the_new_token() -> None:
    world = a_world_to_reconnect(integration := an_integration(), sees=SELECTED)
    begun = await world.at_octopus(reconnecting=integration.id)

    await world.complete(begun.state, CODE, begun.browser)

    assert world.octopus.listed_with == [some_tokens().access_token]


async def test_an_integration_without_administrations_can_be_reconnected_with_any_account() -> None:
    world = OAuthWorld(integration := an_integration().rejected())
    begun = await world.at_octopus(reconnecting=integration.id)

    assert is_successful(await world.complete(begun.state, CODE, begun.browser))


@pytest.mark.parametrize("integration", [an_integration(), an_integration().rejected()])
@pytest.mark.parametrize(
    ("error", "code", "trouble"),
    [
        ("different_account", CODE, None),
        ("access_denied", None, None),
        ("expired", "a wrong code", None),
        ("octopus_unavailable", CODE, OctopusUnavailable("no answer")),
        ("octopus_unavailable", CODE, QuotaSpent("GET /dossiers", IN_SIXTY_DAYS)),
    ],
)
async def test_a_reconnection_that_fails_leaves_everything_as_it_was(
    integration: Integration, error: str, code: str | None, trouble: OctopusError | None
) -> None:
    world = a_world_to_reconnect(integration, sees=ANOTHER)
    world.octopus.fails = trouble
    begun = await world.at_octopus(reconnecting=integration.id)
    administrations = world.transactions.administrations

    lost = [it.id for it in administrations if error == "different_account"]
    assert await world.complete(begun.state, code, begun.browser) == refused(error, PAGE, *lost)

    assert world.transactions.integration(integration.id) == integration
    assert world.transactions.tokens(integration.id) == some_tokens(access_token="old")
    assert world.transactions.administrations == administrations


async def test_an_integration_that_is_deleted_while_its_dossiers_are_listed_is_not_reconnected() -> None:
    world = a_world_to_reconnect(integration := an_integration(), sees=SELECTED)
    begun = await world.at_octopus(reconnecting=integration.id)
    delete = DeleteIntegration(world.transactions, lambda: NOON, timedelta(days=30))
    world.octopus.meanwhile = lambda: delete(a_principal(), integration.id)

    assert await world.complete(begun.state, CODE, begun.browser) == refused("expired")
    assert world.transactions.tokens(integration.id) is None


# --- rounds that nobody came back from ------------------------------------------------------------------------------


async def test_an_integration_that_was_never_authorised_goes_after_ten_minutes() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.now = IN_TEN_MINUTES

    assert await world.sweep() == 1
    assert status(world, begun) is IntegrationStatus.DELETED
    assert await world.sweep() == 0


async def test_a_round_that_is_under_way_is_left_alone() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.now = IN_TEN_MINUTES - timedelta(seconds=1)

    assert await world.sweep() == 0
    assert is_successful(await world.complete(begun.state, CODE, begun.browser))


async def test_an_integration_that_works_survives_a_reconnection_that_nobody_finished() -> None:
    world = OAuthWorld(integration := an_integration())
    await world.at_octopus(reconnecting=integration.id)
    world.now = IN_TEN_MINUTES

    assert await world.sweep() == 1
    assert world.transactions.integration(integration.id) == integration


async def test_a_callback_after_the_sweep_is_refused() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    world.now = IN_TEN_MINUTES
    await world.sweep()

    assert await world.complete(begun.state, CODE, begun.browser) == refused("invalid_state")


async def test_a_round_whose_integration_is_gone_is_swept_all_the_same() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()
    del world.transactions.committed.integrations[begun.integration]
    world.now = IN_TEN_MINUTES

    assert await world.sweep() == 1
    assert world.round_of(begun.integration).consumed_at == IN_TEN_MINUTES


# --- who answers (RFC 9207) -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("issuer", ["https://evil.example", "http://octopus.test.evil.example", ""])
@pytest.mark.parametrize("error", [None, "access_denied"])
async def test_an_answer_of_another_server_ends_the_round_and_its_code_is_shown_to_nobody(
    issuer: str, error: str | None
) -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    outcome = await world.complete(begun.state, None if error else CODE, begun.browser, error, issuer)

    assert outcome == refused("invalid_state")
    assert world.login.exchanged == []
    assert status(world, begun) is IntegrationStatus.DELETED


async def test_an_answer_that_names_octopus_is_octopuss() -> None:
    world = OAuthWorld()
    begun = await world.at_octopus()

    outcome = await world.complete(begun.state, CODE, begun.browser, None, world.login.origin)

    assert is_successful(outcome)
