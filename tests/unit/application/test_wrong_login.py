"""A wrong login is told at once: what counts is what the new login opens (issue 11, point 9)."""

import asyncio
from dataclasses import dataclass, field

import pytest
from returns.pipeline import is_successful
from returns.result import Failure, Success

from monitr.application import dossier_access
from monitr.application.complete_authorization import Connected
from monitr.application.dossier_access import MOST_TRIED
from monitr.application.octopus import (
    AuthorizationRejected,
    ListedDossiers,
    OctopusError,
    OctopusUnavailable,
    QuotaSpent,
)
from monitr.application.start_authorization import RoundRefused
from monitr.domain.administration import Administration, AdministrationStatus, Dossier, DossierNumber
from monitr.domain.authorization import CallbackError
from monitr.domain.import_run import ImportMode, ImportRun, ImportStatus, ImportTrigger
from monitr.domain.integration import IntegrationId, IntegrationStatus
from tests.unit.application.oauth_world import CODE, PAGE, OAuthWorld, state_of
from tests.unit.fakes import (
    NOON,
    FakeOctopus,
    a_principal,
    a_run,
    an_administration,
    an_integration,
    some_tokens,
)

ACTIVE, LOST, GONE = AdministrationStatus.ACTIVE, AdministrationStatus.ACCESS_LOST, AdministrationStatus.NOT_FOUND
DISABLED = "The dossier is disabled in Octopus."
ONE, TWO, THREE = DossierNumber(1), DossierNumber(2), DossierNumber(3)


@dataclass
class LoginOctopus(FakeOctopus):
    """``answers`` are for dossiers whose connect call fails otherwise than by a refusal; ``hangs`` never come."""

    answers: dict[DossierNumber, OctopusError] = field(default_factory=dict)
    hangs: frozenset[DossierNumber] = frozenset()
    tried: list[DossierNumber] = field(default_factory=list)

    async def reach_with(self, access_token: str, integration: IntegrationId, dossier: DossierNumber) -> None:
        assert access_token == some_tokens().access_token
        self.tried.append(dossier)
        if dossier in self.hangs:
            await asyncio.Event().wait()
        if dossier in self.answers:
            raise self.answers[dossier]
        await self.reach(integration, dossier)


class Reconnecting:
    """An integration whose authorisation was refused, and a user who logs in at Octopus again."""

    def __init__(self, *dossiers: DossierNumber, statuses: dict[DossierNumber, AdministrationStatus] | None = None):
        self.integration = an_integration().rejected()
        self.world = OAuthWorld(self.integration)
        self.octopus = LoginOctopus()
        self.world.complete = type(self.world.complete)(
            self.world.transactions, self.world.login, self.octopus, lambda: NOON
        )
        self.administrations = [
            an_administration(
                integration_id=self.integration.id,
                dossier=number,
                name=f"Firm {number}",
                status=(statuses or {}).get(number, ACTIVE),
                watermark=NOON,
            )
            for number in dossiers
        ]
        self.transactions = self.world.transactions
        self.transactions.committed.administrations |= {it.id: it for it in self.administrations}

    def lists(self, *numbers: int) -> None:
        self.octopus.listed = tuple(Dossier(DossierNumber(number), f"Firm {number}", None) for number in numbers)

    async def back(self, *, accept_different_account: bool = False) -> object:
        self.world.login.grants[CODE] = some_tokens()
        asked = (
            await self.world.reconnect(
                a_principal(), self.integration.id, PAGE, accept_different_account=accept_different_account
            )
        ).unwrap()
        begun = (await self.world.start(asked.ticket, None)).unwrap()
        return await self.world.complete(state_of(begun), CODE, begun.browser)

    def connected(self, *lost: Administration) -> object:
        return Success(Connected(self.integration.id, PAGE, tuple(it.id for it in lost)))

    @property
    def states(self) -> list[AdministrationStatus]:
        return [self.transactions.administration(it.id).status for it in self.administrations]

    def runs_of(self, administration: Administration) -> list[ImportRun]:
        return [run for run in self.transactions.runs if run.administration_id == administration.id]

    @property
    def imported(self) -> list[DossierNumber]:
        return [it.dossier for it in self.administrations if self.runs_of(it)]


def refused(error: CallbackError, *lost: Administration) -> object:
    return Failure(RoundRefused(error, PAGE, tuple(it.id for it in lost)))


# --- whose login it is ------------------------------------------------------------------------------------------------


async def test_a_login_that_shares_only_a_disabled_dossier_is_another() -> None:
    it = Reconnecting(ONE, TWO)
    it.lists(TWO)
    it.octopus.refusals = {TWO: DISABLED}
    before = it.transactions.administrations
    mine, disabled = it.administrations

    assert await it.back() == refused(CallbackError.DIFFERENT_ACCOUNT, disabled, mine)
    assert it.transactions.administrations == before
    assert it.transactions.integration(it.integration.id) == it.integration
    assert it.transactions.tokens(it.integration.id) is None
    assert it.transactions.runs == []


async def test_a_login_that_opens_a_dossier_that_it_does_not_list_is_the_right_one() -> None:
    """A record of the list may come without its key (octopus.md 2.1)."""
    it = Reconnecting(ONE)
    it.octopus.opened = {ONE: object()}  # type: ignore[dict-item]  # nobody reads it
    it.octopus.unreadable = 1

    assert await it.back() == it.connected()


async def test_one_that_opens_a_dossier_is_taken_and_what_it_does_not_open_is_named() -> None:
    it = Reconnecting(ONE, TWO, THREE)
    it.lists(ONE, TWO)
    it.octopus.refusals = {TWO: DISABLED}

    outcome = await it.back()

    _, disabled, gone = it.administrations
    assert outcome == it.connected(disabled, gone)
    assert it.states == [ACTIVE, LOST, GONE]
    told = it.transactions.timeline(it.integration.id)[-1].cause
    assert str(told.why).endswith("This login does not open: Firm 2 (2), Firm 3 (3).")
    assert str(it.transactions.timeline(disabled.id)[-1].cause.why) == DISABLED


async def test_whoever_means_the_other_login_is_let_through() -> None:
    it = Reconnecting(ONE)
    it.lists(TWO)

    assert await it.back(accept_different_account=True) == it.connected(*it.administrations)
    assert it.states == [GONE]
    assert it.imported == []


async def test_nothing_selected_has_nothing_to_lose() -> None:
    it = Reconnecting()

    assert await it.back() == it.connected()


@pytest.mark.parametrize("accept", [False, True])
async def test_a_list_that_came_with_nothing_makes_nothing_not_found(accept: bool) -> None:
    """Everything is answered 404: by Octopus, or by whatever stands before it (decision 17)."""
    it = Reconnecting(ONE, TWO)
    gone = it.administrations
    expected = it.connected(*gone) if accept else refused(CallbackError.DIFFERENT_ACCOUNT, *gone)

    assert await it.back(accept_different_account=accept) == expected
    assert it.states == [ACTIVE, ACTIVE]
    assert it.imported == []


async def test_a_403_is_believed_whatever_the_list_says() -> None:
    it = Reconnecting(ONE)
    it.octopus.refusals = {ONE: DISABLED}

    await it.back(accept_different_account=True)

    assert it.states == [LOST]


# --- bounds: a person waits -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("listed", [range(1, 301), range(400, 500), range(1, 2), range(1, 301, 7)])
async def test_of_three_hundred_administrations_a_few_are_tried_and_those_in_doubt_among_them(listed: range) -> None:
    it = Reconnecting(*map(DossierNumber, range(1, 301)))
    it.lists(*listed)

    outcome = await it.back()

    assert len(it.octopus.tried) == len(set(it.octopus.tried)) == MOST_TRIED
    opened = [number for number in it.octopus.tried if number in listed]
    assert isinstance(outcome, Success) == (opened != [])
    if set(range(1, 301)) - set(listed) and opened:
        assert len(opened) < MOST_TRIED
        assert GONE in it.states


async def test_what_was_not_tried_is_imported_and_finds_out_by_itself() -> None:
    it = Reconnecting(*map(DossierNumber, range(1, 301)))
    it.lists(*range(1, 301))

    await it.back()

    assert len(it.imported) == 300


@pytest.mark.parametrize("trouble", [OctopusUnavailable("no answer"), QuotaSpent("connect", NOON)])
async def test_where_octopus_does_not_say_nothing_is_changed_and_nobody_called_a_stranger(
    trouble: OctopusError,
) -> None:
    it = Reconnecting(ONE, TWO)
    it.lists(ONE)
    it.octopus.answers = {ONE: trouble}

    assert await it.back() == refused(CallbackError.OCTOPUS_UNAVAILABLE)
    assert it.states == [ACTIVE, ACTIVE]


async def test_one_that_opens_is_enough_and_the_one_without_an_answer_is_imported() -> None:
    it = Reconnecting(ONE, TWO)
    it.lists(ONE, TWO)
    it.octopus.answers = {ONE: OctopusUnavailable("no answer")}

    assert await it.back() == it.connected()
    assert it.imported == [ONE, TWO]


async def test_a_token_that_is_refused_at_once_opens_nothing() -> None:
    it = Reconnecting(ONE)
    it.lists(ONE)
    it.octopus.answers = {ONE: AuthorizationRejected("401")}

    assert await it.back() == refused(CallbackError.OCTOPUS_UNAVAILABLE)


@pytest.mark.parametrize(("hangs", "error"), [(TWO, None), (ONE, CallbackError.OCTOPUS_UNAVAILABLE)])
async def test_a_connect_call_that_hangs_ends_with_the_time_of_all(
    hangs: DossierNumber, error: CallbackError | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dossier_access, "LONGEST", dossier_access.LONGEST / 100)
    it = Reconnecting(ONE, TWO)
    it.lists(ONE, TWO)
    it.octopus.hangs = frozenset({hangs})

    assert await it.back() == (refused(error) if error else it.connected())


# --- the imports ------------------------------------------------------------------------------------------------------


async def test_every_administration_that_the_login_opens_is_imported_at_once() -> None:
    it = Reconnecting(ONE, TWO, THREE, statuses={TWO: LOST})
    it.lists(ONE, TWO)
    one, two, three = it.administrations

    await it.back()

    assert it.states == [ACTIVE, ACTIVE, GONE]
    runs = [run for administration in (one, two) for run in it.runs_of(administration)]
    assert {(run.trigger, run.mode, run.status) for run in runs} == {
        (ImportTrigger.RECONNECT, ImportMode.INCREMENTAL, ImportStatus.QUEUED)
    }
    assert it.transactions.wake_ups == [run.id for run in runs]
    assert it.runs_of(three) == []


async def test_one_that_was_never_read_is_read_whole() -> None:
    it = Reconnecting(ONE)
    it.lists(ONE)
    (mine,) = it.administrations
    it.transactions.committed.administrations[mine.id] = an_administration(
        id=mine.id, integration_id=it.integration.id, dossier=ONE
    )

    await it.back()

    assert [(run.mode, run.trigger) for run in it.runs_of(mine)] == [(ImportMode.FULL, ImportTrigger.RECONNECT)]


@pytest.mark.parametrize("status", [status for status in ImportStatus if not status.is_final])
async def test_a_run_that_is_under_way_or_waits_is_joined(status: ImportStatus) -> None:
    it = Reconnecting(ONE)
    it.lists(ONE)
    (mine,) = it.administrations
    active = a_run(mine, status=status)
    it.transactions.committed.runs[active.id] = active

    await it.back()

    assert it.runs_of(mine) == [active]


async def test_a_run_that_was_told_to_stop_goes_on() -> None:
    it = Reconnecting(ONE)
    it.lists(ONE)
    (mine,) = it.administrations
    stopping = a_run(mine).begin(NOON).request_cancellation(NOON)
    it.transactions.committed.runs[stopping.id] = stopping

    await it.back()

    assert [run.cancel_requested for run in it.runs_of(mine)] == [False]


async def test_two_people_who_reconnect_at_once_start_one_import_each_administration() -> None:
    it = Reconnecting(ONE, TWO)
    it.lists(ONE, TWO)
    world = it.world
    rounds = [await world.at_octopus(reconnecting=it.integration.id) for _ in range(2)]
    world.login.grants = {f"{CODE} {number}": some_tokens() for number in range(2)}

    outcomes = await asyncio.gather(
        *(world.complete(begun.state, f"{CODE} {number}", begun.browser) for number, begun in enumerate(rounds))
    )

    assert all(map(is_successful, outcomes))
    assert [len(it.runs_of(administration)) for administration in it.administrations] == [1, 1]


async def test_nothing_is_queued_where_the_tokens_cannot_be_stored() -> None:
    it = Reconnecting(ONE)
    it.lists(ONE)
    begun = await it.world.at_octopus(reconnecting=it.integration.id)
    listing = it.octopus.dossiers_with

    async def then_fail(access_token: str) -> ListedDossiers:
        it.transactions.commit_fails = True
        return await listing(access_token)

    it.octopus.dossiers_with = then_fail  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        await it.world.complete(begun.state, CODE, begun.browser)

    assert (it.transactions.runs, it.transactions.wake_ups) == ([], [])
    assert it.transactions.integration(it.integration.id).status is IntegrationStatus.RECONNECT_REQUIRED
