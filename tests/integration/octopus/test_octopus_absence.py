"""What says "nothing", what is an error in disguise, and what is lost of a list that can be read in part."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime

import pytest

from monitr.application.octopus import (
    DossierNotFound,
    DossierRefused,
    InvalidAnswer,
    OctopusUnavailable,
    OpenDossier,
    QuotaSpent,
    ReadRefused,
)
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from tests.integration.octopus.scripted_octopus import (
    DOSSIER,
    INTEGRATION,
    LEDGER,
    Reply,
    a_bookyear,
    a_ledger,
    a_line,
    a_world,
    answer,
)

BASE = "/dossiers/49555"
SINCE = datetime(2026, 7, 1, 12, tzinfo=UTC)
PAGE = b"<!DOCTYPE html><html><title>404 Not Found</title></html>"


async def ledger_is_silent(dossier: OpenDossier) -> bool:
    batches = [batch async for batch in dossier.ledger([a_bookyear()], 1, 1, None)]
    return [batch.is_silent for batch in batches] == [True]


async def changes_are_silent(dossier: OpenDossier) -> bool:
    batches = [batch async for batch in dossier.ledger([a_bookyear()], -1, -1, SINCE)]
    return [batch.is_silent for batch in batches] == [True]


async def items_are_silent(dossier: OpenDossier) -> bool:
    parts = [listed async for listed in dossier.open_items(OutstandingItemType.PAYABLE, [a_bookyear()])]
    return [listed.is_silent for listed in parts] == [True]


async def matchings_are_silent(dossier: OpenDossier) -> bool:
    return [changed.is_silent async for changed in dossier.changed_matchings(SINCE)] == [True]


async def list_is_silent(dossier: OpenDossier) -> bool:
    listed = await dossier.bookyears()
    assert (listed.rows, listed.odd, listed.unreadable) == ([], [], set())
    return listed.is_silent


async def accounts_are_silent(dossier: OpenDossier) -> bool:
    return (await dossier.changed_accounts(SINCE)).is_silent


async def totals_are_silent(dossier: OpenDossier) -> bool:
    return (await dossier.changed_account_amounts(None)).is_silent


Question = tuple[str, Callable[[OpenDossier], Awaitable[bool]], object]
"""Where it is asked, how, and what its answer is where it holds explicitly nothing."""

QUESTIONS: list[Question] = [
    (LEDGER, ledger_is_silent, {"modifiedBookings": [], "deletedBookings": []}),
    (f"{BASE}/bookyears/-1/bookings/modified", changes_are_silent, {"modifiedBookings": [], "deletedBookings": None}),
    (f"{BASE}/reports/suppliers/open", items_are_silent, []),
    (f"{BASE}/balancings/modified", matchings_are_silent, {"modifiedBalancings": [], "deletedBalancings": []}),
    (f"{BASE}/bookyears", list_is_silent, []),
    (f"{BASE}/accounts/modified", accounts_are_silent, {"modified": [], "deleted": []}),
    (f"{BASE}/accounts/amounts/modified", totals_are_silent, {"modified": []}),
]
every_question = pytest.mark.parametrize(("path", "ask", "explicit"), QUESTIONS, ids=lambda it: str(it)[:24])


@every_question
@pytest.mark.parametrize(
    "nothing",
    [
        answer(404),
        answer(404, {"technicalInfo": "No rows found"}),
        answer(404, {"errorCode": -51}),
        answer(404, b"No rows found", "text/plain"),
        answer(404, PAGE, "text/html; charset=utf-8"),
        answer(204),
        answer(204, b"", "text/html"),
        answer(200),
        answer(200, b"", "text/html"),
        answer(200, b" \r\n"),
        answer(200, b"{}"),
        answer(200, b'{"modified":null,"modifiedBookings":null}'),
        answer(200, b"null"),
        answer(200, b'""'),
    ],
    ids=str,
)
async def test_nothing_has_many_forms_and_all_are_silent(
    path: str, ask: Callable[[OpenDossier], Awaitable[bool]], explicit: object, nothing: Reply
) -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(path, nothing)

        assert await ask(dossier)


@every_question
async def test_an_explicit_nothing_is_not_silent(
    path: str, ask: Callable[[OpenDossier], Awaitable[bool]], explicit: object
) -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(path, answer(200, explicit))

        assert not await ask(dossier)


@every_question
@pytest.mark.parametrize(
    "wrong",
    [
        answer(200, {"errorCode": -9, "errorMessage": "secret"}),
        answer(200, {"technicalInfo": "secret"}),
        answer(201, {"message": "secret"}),
        answer(200, {"errorCode": -44, "modified": [], "modifiedBookings": []}),
        answer(200, {"error": [{"a": "x" * 100_000}]}),
        answer(200, b"false"),
        answer(200, b'" "'),
    ],
    ids=str,
)
async def test_an_error_under_200_is_never_nothing(
    path: str, ask: Callable[[OpenDossier], Awaitable[bool]], explicit: object, wrong: Reply
) -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(path, wrong)

        with pytest.raises(InvalidAnswer) as raised:
            await ask(dossier)

    assert "secret" not in str(raised.value)


@every_question
@pytest.mark.parametrize(
    ("error", "means"),
    [
        ({"errorCode": -51, "technicalInfo": "too many connections"}, OctopusUnavailable),
        ({"errorMessage": "Het dagelijkse maximum is bereikt"}, QuotaSpent),
        ({"errorCode": -3}, ReadRefused),
    ],
    ids=lambda it: str(it)[:30],
)
async def test_an_error_under_200_means_what_it_says(
    path: str,
    ask: Callable[[OpenDossier], Awaitable[bool]],
    explicit: object,
    error: object,
    means: type[Exception],
) -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(path, answer(200, error))

        with pytest.raises(means):
            await ask(dossier)


async def test_an_error_under_200_that_passes_is_asked_for_again() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(LEDGER, answer(200, {"errorCode": -51}), answer(200, a_ledger(a_line())))

        batches = [batch async for batch in dossier.ledger([a_bookyear()], 1, 1, None)]

    assert sum(len(batch.lines) for batch in batches) == 1


@pytest.mark.parametrize("status", [200, 403, 500])
async def test_a_page_of_any_other_status_passes(status: int) -> None:
    async with a_world(attempts=2) as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(f"{BASE}/bookyears", answer(status, PAGE, "text/html"))

        with pytest.raises(OctopusUnavailable):
            await dossier.bookyears()


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        (answer(404, PAGE, "text/html"), OctopusUnavailable),
        (answer(404, {"technicalInfo": "unknown"}), DossierNotFound),
        (answer(200, {"errorCode": -5}), DossierRefused),
        (answer(200, {"errorCode": -51}), OctopusUnavailable),
        (answer(200, {"technicalInfo": "daily limit reached"}), QuotaSpent),
        (answer(200, {"token": "wrong name"}), InvalidAnswer),
    ],
    ids=lambda it: str(it)[:60],
)
async def test_connecting_is_not_fooled_either(reply: Reply, means: type[Exception]) -> None:
    async with a_world(attempts=2) as world:
        world.server.answers("POST /dossiers", reply)

        with pytest.raises(means):
            async with world.octopus.open(INTEGRATION, DOSSIER):
                pass


@pytest.mark.parametrize(
    ("reply", "means"),
    [
        (answer(404, PAGE, "text/html"), OctopusUnavailable),
        (answer(200, {"errorCode": -51}), OctopusUnavailable),
        (answer(200, {"errorCode": -1, "errorMessage": "secret"}), ReadRefused),
        (answer(200, {"message": "rate limit exceeded"}), InvalidAnswer),
    ],
    ids=lambda it: str(it)[:60],
)
async def test_a_list_of_dossiers_that_is_an_error_is_not_empty(reply: Reply, means: type[Exception]) -> None:
    async with a_world(attempts=2) as world:
        world.server.answers("GET /dossiers", reply)

        with pytest.raises(means):
            await world.octopus.dossiers(INTEGRATION)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (answer(403), "Octopus does not let this user read the bookings of bookyear 1 (403)."),
        (
            answer(400, {"errorCode": -3, "technicalInfo": "secret"}),
            "Octopus does not let this user read the bookings of bookyear 1 (400 (error -3)).",
        ),
        (answer(400, {"errorCode": -9}), "Octopus refuses to give the bookings of bookyear 1 (400 (error -9))."),
        (answer(405), "Octopus refuses to give the bookings of bookyear 1 (405)."),
    ],
    ids=str,
)
async def test_a_refusal_is_worded_as_a_refusal(reply: Reply, said: str) -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(LEDGER, reply)

        with pytest.raises(ReadRefused) as raised:
            await ledger_is_silent(dossier)

    assert str(raised.value) == said
    assert raised.value.subject == "the bookings of bookyear 1"


async def test_a_bookyear_loses_the_part_that_cannot_be_read_and_not_the_year() -> None:
    sound = {"bookyearKey": {"id": 1}, "startDate": "2000-01-01", "endDate": "2000-12-31", "closed": True}
    periods = [
        {"bookyearPeriod": 200001, "startDate": "2000-01-01", "endDate": "2000-01-31"},
        {"bookyearPeriod": "februari", "startDate": "2000-02-01", "endDate": "2000-02-29"},
        {"bookyearPeriod": 200003, "startDate": "2000-03-31", "endDate": "2000-03-01"},
        {"bookyearPeriod": -4, "startDate": "2000-04-01", "endDate": "2000-04-30"},
        None,
        {"bookyearPeriod": 200005, "startDate": "2000-05-01", "endDate": "2000-05-31"},
    ]
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(
            f"{BASE}/bookyears",
            answer(body=[sound | {"periods": periods}, sound | {"closed": "ja", "bookyearDescription": 2000}]),
        )

        listed = await dossier.bookyears()

    first, second = listed.rows
    assert [period.number for period in first.periods] == [200001, 200005]
    assert (second.start, second.closed, second.description) == (date(2000, 1, 1), False, "1")
    assert (listed.unreadable, listed.nameless) == (set(), [])
    assert [(note.position, note.problem.count("left out")) for note in listed.odd] == [(0, 4), (1, 2)]


async def test_a_bookyear_that_cannot_be_read_is_known_by_its_number() -> None:
    sound = {"bookyearKey": {"id": 1}, "startDate": "2000-01-01", "endDate": "2000-12-31"}
    wrong: list[object] = [
        sound | {"bookyearKey": {"id": 2}, "startDate": "yesterday"},
        sound | {"bookyearKey": {"id": 3}, "endDate": "1999-12-31"},
        sound | {"bookyearKey": {"id": "4"}},
        sound | {"bookyearKey": 5},
        sound | {"bookyearKey": {"id": -6}},
        None,
    ]
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(f"{BASE}/bookyears", answer(body=[sound, *wrong]))

        listed = await dossier.bookyears()

    assert [year.number for year in listed.rows] == [1]
    assert listed.unreadable == {2, 3, 4, 5}
    assert [note.position for note in listed.nameless] == [5, 6]
    assert [note.position for note in listed.odd] == [1, 2, 3, 4, 5, 6]


async def test_the_clock_of_octopus_is_that_of_the_first_answer_about_the_open_dossier() -> None:
    first, second = (answer(404, Date=f"Sun, 22 Nov 2026 11:{minute}:30 GMT") for minute in (58, 59))
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(f"{BASE}/bookyears", answer(404), answer(404, Date="yesterday"), first, second)

        clocks: list[datetime | None] = []
        for _ in range(4):
            await dossier.bookyears()
            clocks.append(dossier.octopus_time)

    told = datetime(2026, 11, 22, 11, 58, 30, tzinfo=UTC)
    assert clocks == [None, None, told, told]
