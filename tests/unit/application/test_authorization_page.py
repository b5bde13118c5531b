"""Our own page between the link and Octopus: looking, going on, and refusing."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from returns.result import Failure, Success

from monitr.application.complete_authorization import Connected
from monitr.application.decline_authorization import DeclineAuthorization, RoundDeclined
from monitr.application.show_authorization import RoundOffered, ShowAuthorization
from monitr.application.start_authorization import RoundRefused
from monitr.domain.authorization import CallbackError, Purpose
from monitr.domain.integration import IntegrationStatus
from tests.unit.application.oauth_world import CODE, PAGE, OAuthWorld, state_of
from tests.unit.fakes import MINE, NOON, a_principal, an_integration

MINUTE = timedelta(minutes=1)
OVER = Failure(RoundRefused(CallbackError.EXPIRED, PAGE))
TAKEN = Failure(RoundRefused(CallbackError.INVALID_STATE, PAGE))
UNKNOWN = Failure(RoundRefused(CallbackError.INVALID_STATE, None))


class Page(OAuthWorld):
    """With a page to look at, and its other button."""

    @property
    def show(self) -> ShowAuthorization:
        return ShowAuthorization(self.transactions, self.login, lambda: self.now)

    @property
    def decline(self) -> DeclineAuthorization:
        return DeclineAuthorization(self.transactions, lambda: self.now)

    async def ticket(self, **principal: Any) -> str:
        return (await self.connect(replace(a_principal(), **principal), PAGE)).unwrap().ticket


async def test_the_page_shows_the_names_that_the_token_gave() -> None:
    world = Page()
    ticket = await world.ticket(name="Anna Peeters", organisation_name="Bakkerij Peeters")

    shown = await world.show(ticket, None)

    assert shown == Success(
        RoundOffered("Bakkerij Peeters", "Anna Peeters", Purpose.CONNECT, "http://octopus.test", PAGE, 10 * MINUTE)
    )


async def test_without_names_it_shows_the_subject_and_the_id_of_the_organisation() -> None:
    world = Page()

    shown = (await world.show(await world.ticket(subject="anna\u202e"), None)).unwrap()

    assert (shown.organisation, shown.asked_by) == (str(MINE), "anna")


async def test_looking_changes_nothing() -> None:
    world = Page()
    ticket = await world.ticket()
    before = world.transactions.authorizations

    await world.show(ticket, None)
    await world.show(ticket, "some browser")

    assert world.transactions.authorizations == before


async def test_an_unknown_ticket_shows_and_refuses_nothing() -> None:
    world = Page()
    await world.ticket()

    assert await world.show("guessed", None) == UNKNOWN
    assert await world.decline("guessed", None) == UNKNOWN


async def test_after_its_time_there_is_nothing_to_see_or_to_refuse() -> None:
    world = Page()
    ticket = await world.ticket()
    world.now = NOON + 10 * MINUTE

    assert await world.show(ticket, None) == OVER
    assert await world.decline(ticket, None) == OVER
    assert world.transactions.integrations[0].status is IntegrationStatus.AWAITING_AUTHORIZATION


async def test_who_clicks_late_has_ten_minutes_for_the_login() -> None:
    """The link may have been on its way to a bookkeeper for most of its time."""
    world = Page()
    ticket = await world.ticket()
    world.now = NOON + 9 * MINUTE
    begun = (await world.start(ticket, None)).unwrap()
    world.now = NOON + 18 * MINUTE

    assert await world.sweep() == 0
    assert isinstance((await world.complete(state_of(begun), CODE, begun.browser)).unwrap(), Connected)


async def test_clicking_again_does_not_win_more_time() -> None:
    world = Page()
    ticket = await world.ticket()
    begun = (await world.start(ticket, None)).unwrap()
    world.now = NOON + 9 * MINUTE
    await world.start(ticket, begun.browser)
    world.now = NOON + 10 * MINUTE

    assert await world.start(ticket, begun.browser) == OVER


async def test_a_round_that_one_browser_has_begun_is_closed_to_others() -> None:
    world = Page()
    ticket = await world.ticket()
    begun = (await world.start(ticket, None)).unwrap()

    assert await world.show(ticket, None) == await world.decline(ticket, "another") == TAKEN
    assert (await world.show(ticket, begun.browser)).unwrap().asked_by == "anna"


@pytest.mark.parametrize("begun_before", [False, True])
async def test_refusing_ends_the_round_and_takes_the_new_integration_with_it(begun_before: bool) -> None:
    world = Page()
    ticket = await world.ticket()
    begun = (await world.start(ticket, None)).unwrap() if begun_before else None

    refused = await world.decline(ticket, None if begun is None else begun.browser)

    assert refused == Success(RoundDeclined(PAGE))
    (integration,) = world.transactions.integrations
    assert integration.status is IntegrationStatus.DELETED
    assert (
        await world.show(ticket, None) == await world.start(ticket, None) == await world.decline(ticket, None) == OVER
    )
    if begun is not None:
        assert await world.complete(state_of(begun), CODE, begun.browser) == TAKEN
        assert world.login.exchanged == []


async def test_refusing_a_reconnection_leaves_the_integration_as_it_was() -> None:
    integration = an_integration()
    world = Page(integration)
    asked = (await world.reconnect(a_principal(), integration.id, PAGE)).unwrap()

    assert (await world.show(asked.ticket, None)).unwrap().purpose is Purpose.RECONNECT
    assert await world.decline(asked.ticket, None) == Success(RoundDeclined(PAGE))
    assert world.transactions.integrations == [integration]
