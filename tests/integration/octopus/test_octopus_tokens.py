"""Access tokens, dossier tokens, refusals and daily maxima."""

from datetime import timedelta

import pytest

from monitr.adapters.octopus.operations import Operation
from monitr.application.octopus import (
    AuthorizationRejected,
    DossierNotFound,
    DossierRefused,
    InvalidAnswer,
    OctopusUnavailable,
    QuotaSpent,
)
from tests.integration.octopus.scripted_octopus import (
    CONNECTED,
    DOSSIER,
    INTEGRATION,
    LEDGER,
    Reply,
    World,
    a_world,
    answer,
)

BOOKYEARS = "/dossiers/49555/bookyears"
NO_YEARS = answer(404)
UNAUTHORIZED = answer(401, {"technicalInfo": "demo from 10.0.0.1"})


async def ask(world: World) -> None:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        await dossier.bookyears()


async def ask_for_a_ledger(world: World) -> None:
    async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        assert [batch async for batch in dossier.ledger([], 1, 1, None)] == []


def connects(world: World) -> list[str]:
    return [asked.headers["token"] for asked in world.server.asked_for("/dossiers")]


async def test_a_dossier_is_connected_to_once_for_the_life_of_its_token() -> None:
    async with a_world() as world:
        for _ in range(3):
            await ask(world)
        world.clock.passes(timedelta(minutes=8, seconds=59))
        await ask(world)
        assert len(connects(world)) == 1

        world.clock.passes(timedelta(seconds=2))
        await ask(world)
        assert len(connects(world)) == 2


async def test_connecting_sends_the_access_token_and_asks_for_the_dossiers_own_language() -> None:
    async with a_world() as world:
        await ask(world)

    [asked] = world.server.asked_for("/dossiers")
    assert (asked.method, asked.query) == ("POST", {"dossierId": "49555", "localeId": "0"})
    assert (asked.headers["token"], asked.body) == ("access-1", b"")


async def test_a_refused_dossier_token_leads_to_one_new_connection() -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, UNAUTHORIZED, NO_YEARS)

        await ask(world)

    assert connects(world) == ["access-1", "access-1"]
    assert world.access.rejected == []


async def test_then_the_access_token_is_refreshed_once() -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, UNAUTHORIZED, UNAUTHORIZED, NO_YEARS)

        await ask(world)

    assert connects(world) == ["access-1", "access-1", "access-2"]


async def test_and_then_it_fails_without_asking_the_user_to_reconnect() -> None:
    async with a_world() as world:
        world.server.answers(BOOKYEARS, UNAUTHORIZED)

        with pytest.raises(OctopusUnavailable):
            await ask(world)

    assert len(world.server.asked_for(BOOKYEARS)) == 3
    assert len(connects(world)) == 3


async def test_an_access_token_that_is_refused_on_connecting_is_refreshed_once() -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", UNAUTHORIZED, CONNECTED)

        await ask(world)

    assert connects(world) == ["access-1", "access-2"]


async def test_a_refresh_that_is_rejected_ends_in_reconnecting() -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", UNAUTHORIZED)
        world.access.is_over = True

        with pytest.raises(AuthorizationRejected):
            await ask(world)


async def test_a_fresh_access_token_that_is_refused_too_is_no_reason_to_reconnect() -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", UNAUTHORIZED)

        with pytest.raises(OctopusUnavailable):
            await ask(world)

    assert len(connects(world)) == 2


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (answer(403, {"errorCode": -5, "errorMessage": "x"}), "disabled in Octopus"),
        (answer(403, {"technicalInfo": "Dossier is disabled"}), "disabled in Octopus"),
        (answer(400, {"errorCode": -5}), "disabled in Octopus"),
        (answer(403, {"technicalInfo": "Webservice module not active for demo"}), "webservice module is not active"),
        (answer(403, {"errorCode": -3, "technicalInfo": "demo from 10.0.0.1"}), "no access"),
        (answer(403), "no access"),
    ],
    ids=str,
)
async def test_a_dossier_that_cannot_be_opened_says_why_in_a_sentence(reply: Reply, reason: str) -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", reply)

        with pytest.raises(DossierRefused, match=reason) as refused:
            await ask(world)
        assert await world.octopus.refusal(INTEGRATION, DOSSIER) == refused.value.reason

    assert "demo" not in str(refused.value.reason)


async def test_an_unknown_dossier_is_not_found() -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", answer(404))

        with pytest.raises(DossierNotFound):
            await ask(world)
        assert await world.octopus.refusal(INTEGRATION, DOSSIER) is not None


async def test_asking_for_a_refusal_always_connects_and_keeps_the_token() -> None:
    async with a_world() as world:
        assert await world.octopus.refusal(INTEGRATION, DOSSIER) is None
        assert await world.octopus.refusal(INTEGRATION, DOSSIER) is None
        await ask(world)

    assert len(connects(world)) == 2


@pytest.mark.parametrize("body", [b"", b"{}", b'{"Dossiertoken":""}', b'{"Dossiertoken":"a\\r\\nb"}', b"<html>"])
async def test_connecting_without_a_usable_token_is_an_invalid_answer(body: bytes) -> None:
    async with a_world() as world:
        world.server.answers("POST /dossiers", answer(200, body))

        with pytest.raises(InvalidAnswer):
            await ask(world)


@pytest.mark.parametrize(
    "refusal",
    [
        answer(429, {"technicalInfo": "No more than 24 calls a day"}),
        answer(429, b"<html>Daily limit reached</html>", "text/html"),
        answer(403, {"technicalInfo": "Maximum number of calls per day exceeded"}),
        answer(400, {"errorMessage": "Dagelijks maximum overschreden"}),
        answer(400, b"Daily limit reached", "text/plain"),
        answer(403, {"errorCode": -51, "technicalInfo": "The maximum number of calls per day has been exceeded"}),
    ],
    ids=str,
)
@pytest.mark.parametrize("daily_limits", [True, False])
async def test_a_refusal_for_quota_stops_the_operation_and_nothing_else(refusal: Reply, daily_limits: bool) -> None:
    async with a_world(daily_limits=daily_limits) as world:
        world.server.answers(BOOKYEARS, refusal)

        with pytest.raises(QuotaSpent, match="bookyears"):
            await ask(world)
        assert world.counter.stopped == ["bookyears"]
        async with world.octopus.open(INTEGRATION, DOSSIER) as dossier:
            assert (await dossier.journals(1)).rows == []

    assert len(world.server.asked_for(BOOKYEARS)) == 1


@pytest.mark.parametrize("path", ["POST /dossiers", LEDGER])
async def test_quota_is_recognised_on_connecting_and_on_the_ledger_too(path: str) -> None:
    async with a_world() as world:
        world.server.answers(path, answer(403, {"technicalInfo": "Daily limit of calls reached"}))

        with pytest.raises(QuotaSpent):
            await ask_for_a_ledger(world)


async def test_calls_are_counted_before_they_are_made_and_not_made_over_the_maximum() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        for _ in range(2):
            await dossier.cost_centres()
        with pytest.raises(QuotaSpent):
            await dossier.cost_centres()

    assert len(world.server.asked_for("/dossiers/49555/costcentres")) == 2


async def test_without_daily_limits_nothing_is_counted() -> None:
    async with a_world(daily_limits=False) as world:
        await ask(world)

    assert world.counter.calls == {}


async def test_dossiers_are_listed_and_records_without_a_key_counted() -> None:
    listed = [
        {"dossierDescription": "Demo BV", "dossierKey": {"id": 49555}, "vatNr": "BE0000.000.097", "city": "Brugge"},
        {"dossierDescription": "Disabled NV"},
        {"dossierKey": {"id": 2}, "dossierDescription": " "},
    ]
    async with a_world() as world:
        world.server.answers("GET /dossiers", answer(body=listed))

        result = await world.octopus.dossiers(INTEGRATION)

    assert [(d.number, d.name, d.vat_number) for d in result.dossiers] == [
        (49555, "Demo BV", "BE0000000097"),
        (2, "2", None),
    ]
    assert result.unreadable == 1
    assert world.counter.calls == {"dossiers": 1}


async def test_a_refused_access_token_is_refreshed_once_for_the_list() -> None:
    async with a_world() as world:
        world.server.answers("GET /dossiers", UNAUTHORIZED, answer(body=[]))

        assert (await world.octopus.dossiers(INTEGRATION)).dossiers == ()

    assert connects(world) == ["access-1", "access-2"]


async def test_a_token_that_is_not_stored_yet_can_list_too() -> None:
    async with a_world() as world:
        world.server.answers("GET /dossiers", answer(body=[{"dossierKey": {"id": 1}, "dossierDescription": "A"}]))

        assert len((await world.octopus.dossiers_with("fresh")).dossiers) == 1

        world.server.answers("GET /dossiers", UNAUTHORIZED)
        with pytest.raises(AuthorizationRejected):
            await world.octopus.dossiers_with("fresh")


def test_nothing_that_writes_can_be_expressed() -> None:
    posts = {operation for operation in Operation if operation.method != "GET"}

    assert posts == {Operation.CONNECT, Operation.OPEN_RECEIVABLES, Operation.OPEN_PAYABLES}
