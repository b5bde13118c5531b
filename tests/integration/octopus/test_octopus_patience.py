"""Issue 11, point 7 "Patience": how long an Octopus in trouble is asked again, by who waits (decision 20)."""

import tracemalloc
import zlib
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from returns.result import Failure, Result

from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.list_dossiers import ListDossiers
from monitr.application.octopus import (
    InvalidAnswer,
    OctopusAsksToWait,
    OctopusUnavailable,
    OpenDossier,
    QuotaSpent,
)
from monitr.application.patience import OF_A_PERSON
from monitr.application.problems import OctopusDown
from monitr.application.select_administrations import SelectAdministrations
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.authorization import CallbackError, Purpose
from monitr.domain.integration import IntegrationId
from tests.integration.octopus.scripted_octopus import (
    CONNECTED,
    DOSSIER,
    INTEGRATION,
    LEDGER,
    NO_ANSWER,
    RESET,
    Reply,
    World,
    a_bookyear,
    a_ledger,
    a_world,
    answer,
)
from tests.unit.fakes import (
    FakeTransactions,
    a_principal,
    an_administration,
    an_authorization,
    an_integration,
)
from tests.virtual_time import in_virtual_time

BASE = "/dossiers/49555"
BOOKYEARS = f"{BASE}/bookyears"
COST_CENTRES = f"{BASE}/costcentres"
TOKENS = answer(body={"access_token": "a", "refresh_token": "r", "expires_in": 600})
NO_ROWS = answer(body=[])
NO_CHANGES = answer(body={"modified": [], "deleted": []})


async def ledger(dossier: OpenDossier) -> None:
    async for _ in dossier.ledger([a_bookyear()], 1, 1, None):
        pass


async def years_and_ledger(world: World) -> None:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        await dossier.bookyears()
        await ledger(dossier)


def open_items(type: OutstandingItemType) -> Callable[[OpenDossier], Awaitable[None]]:
    async def ask(dossier: OpenDossier) -> None:
        async for _ in dossier.open_items(type, [a_bookyear()]):
            pass

    return ask


async def matchings(dossier: OpenDossier) -> None:
    async for _ in dossier.changed_matchings(None):
        pass


CALLS: list[tuple[str, Callable[[OpenDossier], Awaitable[object]], Reply]] = [
    (BOOKYEARS, lambda dossier: dossier.bookyears(), NO_ROWS),
    (f"{BASE}/bookyears/1/journals", lambda dossier: dossier.journals(1), NO_ROWS),
    (f"{BASE}/accounts", lambda dossier: dossier.accounts(1), NO_ROWS),
    (f"{BASE}/accounts/modified", lambda dossier: dossier.changed_accounts(None), NO_CHANGES),
    (COST_CENTRES, lambda dossier: dossier.cost_centres(), NO_ROWS),
    (f"{BASE}/relations", lambda dossier: dossier.relations(), NO_ROWS),
    (f"{BASE}/relations/modified", lambda dossier: dossier.changed_relations(None), NO_CHANGES),
    (LEDGER, ledger, answer(body=a_ledger())),
    (
        f"{BASE}/accounts/amounts/modified",
        lambda dossier: dossier.changed_account_amounts(None),
        answer(body={"modified": [{"account": 1}], "deleted": []}),
    ),
    (f"{BASE}/balancings/modified", matchings, answer(body={"modifiedBalancings": [], "deletedBalancings": []})),
    (f"{BASE}/reports/clients/open", open_items(OutstandingItemType.RECEIVABLE), NO_ROWS),
    (f"{BASE}/reports/suppliers/open", open_items(OutstandingItemType.PAYABLE), NO_ROWS),
]
every_call = pytest.mark.parametrize(("path", "ask", "good"), CALLS, ids=[path for path, *_ in CALLS])


@dataclass
class Outage:
    """Of one path, for so many seconds of pauses; then it gives the ``good`` answer."""

    world: World
    path: str
    good: Reply
    lasts: float
    rested: float = 0.0

    async def pause(self, seconds: float) -> None:
        self.rested += seconds
        if self.rested >= self.lasts:
            self.world.server.answers(self.path, self.good)


async def an_outage(world: World, path: str, good: Reply, trouble: Reply, lasts: float) -> Outage:
    world.server.answers(path, trouble)
    return Outage(world, path, good, lasts)


# --- a run ------------------------------------------------------------------------------------------------------


@every_call
@pytest.mark.parametrize("trouble", [answer(503), NO_ANSWER, RESET, answer(502, b"<html/>", "text/html")], ids=str)
async def test_three_minutes_of_trouble_end_no_call_of_a_run(
    path: str, ask: Callable[[OpenDossier], Awaitable[object]], good: Reply, trouble: Reply
) -> None:
    for seconds in (10, 60, 180):
        async with a_world(daily_limits=False) as world:
            outage = await an_outage(world, path, good, trouble, seconds)
            async with world.octopus.open(INTEGRATION, DOSSIER, outage.pause) as dossier:
                await ask(dossier)

        assert outage.rested >= seconds


@pytest.mark.parametrize(("seconds", "is_spent"), [(10, False), (180, True)])
async def test_an_operation_of_two_calls_a_day_uses_them_up_slowly_and_keeps_its_last_state_then(
    seconds: int, is_spent: bool
) -> None:
    async with a_world() as world:
        outage = await an_outage(world, COST_CENTRES, NO_ROWS, answer(503, Retry_After="1"), seconds)
        async with world.octopus.open(INTEGRATION, DOSSIER, outage.pause) as dossier:
            with pytest.raises(QuotaSpent) if is_spent else nullcontext():
                await dossier.cost_centres()

    assert world.counter.calls["costcentres"] == 2
    assert 10 <= outage.rested <= 12.5
    assert world.counter.stopped == []


@every_call
async def test_afterwards_the_run_is_told_and_the_calls_of_the_day_are_not_used_up(
    path: str, ask: Callable[[OpenDossier], Awaitable[object]], good: Reply
) -> None:
    async with a_world() as world:
        outage = await an_outage(world, path, good, answer(503), 3600)
        async with world.octopus.open(INTEGRATION, DOSSIER, outage.pause) as dossier:
            with pytest.raises((OctopusUnavailable, QuotaSpent)) as raised:
                await ask(dossier)

    [calls] = [number for operation, number in world.counter.calls.items() if operation != "connect"]
    if raised.type is QuotaSpent:
        assert calls == 2
    else:
        assert calls <= 6
        assert 180 < outage.rested <= 300


@pytest.mark.parametrize("trouble", [answer(503), NO_ANSWER, RESET], ids=str)
async def test_connecting_is_as_patient(trouble: Reply) -> None:
    async with a_world() as world:
        outage = await an_outage(world, "POST /dossiers", CONNECTED, trouble, 180)

        async with world.octopus.open(INTEGRATION, DOSSIER, outage.pause):
            pass

    assert outage.rested >= 180


async def test_what_a_run_raises_while_it_rests_ends_the_attempts() -> None:
    class Cancelled(Exception):
        pass

    async def cancelled(seconds: float) -> None:
        raise Cancelled

    async with a_world() as world:
        world.server.answers(BOOKYEARS, answer(503))
        async with world.octopus.open(INTEGRATION, DOSSIER, cancelled) as dossier:
            with pytest.raises(Cancelled):
                await dossier.bookyears()

    assert len(world.server.asked_for(BOOKYEARS)) == 1


def test_an_answer_that_hangs_is_waited_for_twice() -> None:
    async def story() -> int:
        async with a_world() as world:
            world.server.answers(BOOKYEARS, Reply(NO_ROWS.content, pause=1e6))
            async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
                with pytest.raises(OctopusUnavailable):
                    await dossier.bookyears()
            return len(world.server.asked_for(BOOKYEARS))

    asked, seconds = in_virtual_time(story())

    assert asked == 2
    assert seconds < 15 * 60  # a transaction lives as long


def test_a_list_that_drips_does_not_hold_a_run_for_ever() -> None:
    async def story() -> None:
        async with a_world() as world:
            world.server.answers(BOOKYEARS, Reply(answer(body=b"[" + b" " * 3000 + b"]").content, drips=True))
            async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
                with pytest.raises(OctopusUnavailable, match="drips"):
                    await dossier.bookyears()

    _, seconds = in_virtual_time(story())

    assert seconds < 30 * 60


# --- Retry-After, and the day -------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("asked", "seconds"), [("100", 100), ("Sun, 22 Nov 2026 12:01:40 GMT", 100), ("soon", 1), ("-100", 1), ("0", 1)]
)
async def test_what_octopus_asks_for_is_waited_for(status: int, asked: str, seconds: int) -> None:
    async with a_world() as world:
        at_noon = "Sun, 22 Nov 2026 12:00:00 GMT"
        world.server.answers(LEDGER, answer(status, Retry_After=asked, Date=at_noon), answer(body=a_ledger()))
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            await ledger(dossier)

    [slept] = world.slept
    assert seconds <= slept <= seconds * 1.25
    assert world.counter.stopped == []


@pytest.mark.parametrize(
    "trouble",
    [
        answer(503, Retry_After="840"),
        answer(429, Retry_After="840"),
        answer(503, b"<html/>", "text/html", Retry_After="840"),
        answer(429, b"<html/>", "text/html", Retry_After="840"),
    ],
    ids=str,
)
@pytest.mark.parametrize("path", [LEDGER, "POST /dossiers"])
async def test_a_long_wait_is_left_to_the_run(path: str, trouble: Reply) -> None:
    async with a_world() as world:
        world.server.answers(path, trouble)

        with pytest.raises(OctopusAsksToWait) as raised:
            await years_and_ledger(world)

    assert raised.value.wait == timedelta(minutes=14)
    assert (world.slept, world.counter.stopped) == ([], [])


async def test_one_429_closes_nothing() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(429, Retry_After="2"), answer(body=a_ledger()))
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            await ledger(dossier)

    assert world.counter.stopped == []
    assert world.counter.calls["bookings/modified"] == 2


@pytest.mark.parametrize("trouble", [answer(429), answer(403, {"errorMessage": "rate limit exceeded"})], ids=str)
@pytest.mark.parametrize(
    ("path", "stopped"), [(LEDGER, "bookings/modified"), ("POST /dossiers", "connect"), (BOOKYEARS, "bookyears")]
)
async def test_a_refusal_that_does_not_pass_closes_its_own_operation(trouble: Reply, path: str, stopped: str) -> None:
    async with a_world() as world:
        world.server.answers(path, trouble)

        with pytest.raises(QuotaSpent, match=stopped):
            await years_and_ledger(world)

    assert world.counter.stopped == [stopped]
    assert sum(world.slept) > 180


async def test_a_429_that_comes_back_after_a_long_wait_closes_the_day() -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(429, Retry_After="600"))
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            with pytest.raises(OctopusAsksToWait):
                await ledger(dossier)
            world.clock.passes(timedelta(minutes=10))
            with pytest.raises(QuotaSpent):
                await ledger(dossier)

    assert world.counter.stopped == ["bookings/modified"]


@pytest.mark.parametrize("later", [timedelta(minutes=5), timedelta(hours=5)])
async def test_a_429_at_another_time_does_not(later: timedelta) -> None:
    async with a_world() as world:
        world.server.answers(LEDGER, answer(429, Retry_After="600"))
        for _ in range(2):
            async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
                with pytest.raises(OctopusAsksToWait):
                    await ledger(dossier)
            world.clock.passes(later)

    assert world.counter.stopped == []


# --- the token endpoint --------------------------------------------------------------------------------------------


class Refreshing:
    """The port Credentials: every access token is asked for."""

    def __init__(self, world: World) -> None:
        self.world = world

    async def access_token(self, integration: IntegrationId, rejected: str | None = None) -> str:
        return (await self.world.adapter.login.refresh("r")).access_token


@pytest.mark.parametrize("trouble", [answer(503), answer(500), answer(429), NO_ANSWER, RESET], ids=str)
async def test_three_minutes_without_tokens_end_no_run(trouble: Reply) -> None:
    async with a_world() as world:
        outage = await an_outage(world, "/token", TOKENS, trouble, 180)
        octopus = world.adapter.octopus(Refreshing(world), world.counter)

        async with octopus.open(INTEGRATION, DOSSIER, outage.pause):
            pass

    assert world.counter.calls["connect"] == 1


async def test_a_token_service_that_asks_for_a_long_wait_makes_the_run_wait() -> None:
    async with a_world() as world:
        world.server.answers("/token", answer(503, Retry_After="9999999"))

        with pytest.raises(OctopusAsksToWait) as raised:
            async with world.adapter.octopus(Refreshing(world), world.counter).open(INTEGRATION, DOSSIER):
                pass

    assert raised.value.wait == timedelta(minutes=15)


@pytest.mark.parametrize("trouble", [answer(503), answer(503, Retry_After="3"), answer(429)], ids=str)
async def test_a_code_that_was_turned_away_is_sent_again(trouble: Reply) -> None:
    async with a_world() as world:
        world.server.answers("/token", trouble, TOKENS)

        assert (await world.adapter.login.exchange("code", None)).access_token == "a"

    assert len(world.slept) == 1


async def test_tokens_are_small() -> None:
    async with a_world() as world:
        world.server.answers("/token", answer(body=b'{"access_token":"' + b"a" * 1_000_000 + b'"}'))

        with pytest.raises(InvalidAnswer, match="more than tokens can be"):
            await world.adapter.login.refresh("r")


def packed(body: bytes) -> bytes:
    packing = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    return packing.compress(body) + packing.flush()


async def test_an_answer_of_the_token_service_is_not_unpacked_beyond_what_tokens_can_be() -> None:
    bomb = packed(bytes(32 * 1024 * 1024))
    async with a_world() as world:
        world.server.answers("/token", answer(body=bomb, Content_Encoding="gzip"))
        tracemalloc.start()
        try:
            with pytest.raises(InvalidAnswer, match="more than tokens can be"):
                await world.adapter.login.refresh("r")
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert len(bomb) < 64 * 1024
    assert most < 4 * 1024 * 1024


async def test_tokens_may_come_packed() -> None:
    _, _, body = TOKENS.content.partition(b"\r\n\r\n")
    async with a_world() as world:
        world.server.answers("/token", answer(body=packed(body), Content_Encoding="gzip"))

        assert (await world.adapter.login.refresh("r")).access_token == "a"


@pytest.mark.parametrize(
    ("body", "coding"),
    [(b"no gzip", "gzip"), (packed(b'{"access_token": "a"}')[:-9], "gzip"), (b"{}", "br"), (b"{}", "gzip, gzip")],
    ids=["no gzip", "broken off", "br", "twice"],
)
async def test_tokens_that_cannot_be_unpacked_are_no_answer(body: bytes, coding: str) -> None:
    async with a_world() as world:
        world.server.answers("/token", answer(body=body, Content_Encoding=coding))

        with pytest.raises(InvalidAnswer, match="cannot be unpacked"):
            await world.adapter.login.refresh("r")


@pytest.mark.parametrize(
    "trouble", [Reply(TOKENS.content, pause=1e6), replace(TOKENS, drips=True)], ids=["hangs", "drips"]
)
def test_a_token_service_that_hangs_is_given_up_while_the_lock_of_its_integration_is_held(trouble: Reply) -> None:
    async def story() -> None:
        async with a_world() as world:
            world.server.answers("/token", trouble)
            with pytest.raises(OctopusUnavailable):
                await world.adapter.login.refresh("r")

    _, seconds = in_virtual_time(story())

    assert seconds <= 10


# --- a person -------------------------------------------------------------------------------------------------------

HANGS = Reply(NO_ROWS.content, pause=1e6)
DRIPS = Reply(answer(body=b"[" + b" " * 1000 + b"]").content, drips=True)
TROUBLES = [
    HANGS,
    DRIPS,
    answer(503),
    answer(503, Retry_After="2"),
    answer(503, Retry_After="3600"),
    answer(429),
    answer(429, Retry_After="2"),
    answer(502, b"<html/>", "text/html"),
    RESET,
    NO_ANSWER,
]
NAMES = ["hangs", "drips", "503", "503 2", "503 3600", "429", "429 2", "page", "reset", "no answer"]
every_trouble = pytest.mark.parametrize("trouble", TROUBLES, ids=NAMES)
LISTED = answer(body=[{"dossierKey": {"id": 49555}, "dossierDescription": "Demo BV"}])


def of_a_person(asking: Callable[[World], Coroutine[Any, Any, Result[Any, Any]]]) -> Result[Any, Any]:
    """What came of it, with the sleeps of the event loop's own virtual time; in ten seconds at most."""

    async def story() -> Result[Any, Any]:
        async with a_world(sleeps=True) as world:
            result = await asking(world)
            assert world.counter.stopped == [], "a person's impatience closes nothing"
            return result

    result, seconds = in_virtual_time(story())
    assert seconds <= OF_A_PERSON.total_seconds() + 0.1
    return result


@every_trouble
@pytest.mark.parametrize("path", ["GET /dossiers", "POST /dossiers"])
def test_the_list_of_dossiers_ends_in_words(trouble: Reply, path: str) -> None:
    async def asking(world: World) -> Result[Any, Any]:
        world.server.answers("GET /dossiers", LISTED)
        world.server.answers(path, trouble)
        mine = an_integration()
        return await ListDossiers(FakeTransactions([mine]), world.octopus)(a_principal(), mine.id)

    assert of_a_person(asking) == Failure(OctopusDown())


@every_trouble
@pytest.mark.parametrize("path", ["GET /dossiers", "POST /dossiers"])
def test_a_selection_ends_in_words_and_nothing_is_selected(trouble: Reply, path: str) -> None:
    transactions = FakeTransactions([mine := an_integration()])

    async def asking(world: World) -> Result[Any, Any]:
        world.server.answers("GET /dossiers", LISTED)
        world.server.answers(path, trouble)
        select = SelectAdministrations(transactions, world.octopus, world.clock, lambda: mine.id)
        return await select(a_principal(), mine.id, [49555])

    assert of_a_person(asking) == Failure(OctopusDown())
    assert (transactions.administrations, transactions.runs) == ([], [])


@every_trouble
@pytest.mark.parametrize("path", ["/token", "GET /dossiers"])
def test_the_callback_of_a_reconnection_ends_as_unavailable_and_changes_nothing(trouble: Reply, path: str) -> None:
    mine = an_integration()
    opened = an_authorization(integration_id=mine.id, purpose=Purpose.RECONNECT).started("browser", "state", None)
    selected = an_administration(integration_id=mine.id)
    transactions = FakeTransactions([mine], [opened], [selected])

    async def asking(world: World) -> Result[Any, Any]:
        world.server.answers("/token", TOKENS)
        world.server.answers("GET /dossiers", LISTED)
        world.server.answers(path, trouble)
        complete = CompleteAuthorization(transactions, world.adapter.login, world.octopus, world.clock)
        return await complete("state", "code", "browser")

    refused = of_a_person(asking).failure()

    assert refused.error is CallbackError.OCTOPUS_UNAVAILABLE
    assert transactions.integration(mine.id) == mine
    assert transactions.tokens(mine.id) is None


def test_a_reconnection_changes_nothing_where_octopus_does_not_say_in_time_what_the_login_opens() -> None:
    mine = an_integration().rejected()
    opened = an_authorization(integration_id=mine.id, purpose=Purpose.RECONNECT).started("browser", "state", None)
    here = an_administration(integration_id=mine.id)
    transactions = FakeTransactions([mine], [opened], [here])

    async def asking(world: World) -> Result[Any, Any]:
        world.server.answers("/token", TOKENS)
        world.server.answers("GET /dossiers", LISTED)
        world.server.answers("POST /dossiers", HANGS)
        complete = CompleteAuthorization(transactions, world.adapter.login, world.octopus, world.clock)
        return await complete("state", "code", "browser")

    refused = of_a_person(asking).failure()

    assert refused.error is CallbackError.OCTOPUS_UNAVAILABLE
    assert transactions.integration(mine.id) == mine
    assert transactions.tokens(mine.id) is None


async def test_short_trouble_is_not_even_noticed_by_a_person() -> None:
    async with a_world() as world:
        world.server.answers("GET /dossiers", answer(503), answer(429, Retry_After="2"), RESET, LISTED)

        assert len((await world.octopus.dossiers(INTEGRATION)).dossiers) == 1

    assert sum(world.slept) < OF_A_PERSON.total_seconds()


async def test_a_long_list_goes_on_where_the_last_attempt_ended() -> None:
    """A dossier that was opened some minutes ago is not tried again, so that many can be tried in a few attempts."""
    async with a_world() as world:
        for _ in range(2):
            assert await world.octopus.refusal(INTEGRATION, DOSSIER, lately=True) is None

    assert world.counter.calls["connect"] == 1
