"""What is asked of Octopus for each question of the import, and how its answers are put together."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from structlog.testing import capture_logs

from monitr.adapters.octopus.operations import Operation
from monitr.application.octopus import InvalidAnswer, OctopusUnavailable, OpenDossier
from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from tests.integration.octopus.scripted_octopus import DOSSIER, INTEGRATION, a_world, answer

SINCE = datetime(2026, 7, 1, 12, tzinfo=UTC)
BASE = "/dossiers/49555"
AMOUNTS = f"{BASE}/accounts/amounts/modified"


def an_account(number: int) -> dict[str, object]:
    return {"accountKey": {"bookyearKey": {"id": 1}, "id": number}, "description": {"description_NL": "x"}}


async def test_changes_since_a_moment_and_deletions_are_told_apart() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        body = {"deleted": [an_account(1)], "modified": [an_account(2), an_account(3), {"accountKey": 7}]}
        world.server.answers(f"{BASE}/accounts/modified", answer(body=body))

        changed = await dossier.changed_accounts(SINCE)

    assert [account.number for account in changed.rows] == [2, 3]
    assert [account.number for account in changed.deleted] == [1]
    assert [(odd.operation, odd.position) for odd in changed.odd] == [("accounts/modified", 2)]
    [asked] = world.server.asked_for(f"{BASE}/accounts/modified")
    assert asked.query == {"modifiedTimeStamp": "2026-07-01 11:00:00.000"}


async def test_without_a_moment_all_changes_since_1980_are_asked_for() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        assert (await dossier.changed_relations(None)).rows == []

    [asked] = world.server.asked_for(f"{BASE}/relations/modified")
    assert asked.query == {"modifiedTimeStamp": "1980-01-01 00:00:00.000"}


async def test_the_chart_of_one_bookyear_names_it() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(f"{BASE}/accounts", answer(body=[an_account(2)]))

        assert len((await dossier.accounts(6)).rows) == 1

    assert world.server.asked_for(f"{BASE}/accounts")[0].query == {"bookyearId": "6"}


async def test_the_whole_ledger_may_be_asked_for() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        [batch] = [batch async for batch in dossier.ledger([], -1, -1, SINCE)]

    assert batch.is_silent

    [asked] = world.server.asked_for(f"{BASE}/bookyears/-1/bookings/modified")
    assert asked.query == {"journalTypeId": "-1", "modifiedTimeStamp": "2026-07-01 11:00:00.000"}


AN_AMOUNT = {
    "accountAmountKey": {
        "accountKey": {"bookyearKey": {"id": 1}, "id": 230000},
        "bookyearPeriodKey": {"bookyearKey": {"id": 1}, "bookyearPeriodNr": 200001},
    },
    "balance": 5276.96,
}


async def test_account_amounts_are_asked_for_without_a_moment_first() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(AMOUNTS, answer(body={"modified": [AN_AMOUNT], "deleted": []}))

        [amount] = (await dossier.changed_account_amounts(None)).rows

    assert (amount.period, amount.balance) == (200001, Decimal("5276.96"))
    assert [asked.raw_query for asked in world.server.asked_for(AMOUNTS)] == [""]


@pytest.mark.parametrize("unwilling", [answer(400), answer(404), answer(200, {}), answer(200)], ids=str)
async def test_where_that_gives_nothing_account_amounts_since_1980_are_asked_for(unwilling) -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(AMOUNTS, unwilling, answer(body={"modified": [AN_AMOUNT]}))

        assert len((await dossier.changed_account_amounts(None)).rows) == 1

    assert [asked.query.get("modifiedTimeStamp") for asked in world.server.asked_for(AMOUNTS)] == [
        None,
        "1980-01-01 00:00:00.000",
    ]


async def test_account_amounts_since_a_moment_are_asked_for_once_and_deletions_need_no_figure() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        gone = {"accountAmountKey": AN_AMOUNT["accountAmountKey"]}
        world.server.answers(AMOUNTS, answer(body={"modified": [], "deleted": [gone]}))

        changed = await dossier.changed_account_amounts(SINCE)

    assert [amount.account for amount in changed.deleted] == [230000]
    assert (changed.rows, changed.odd) == ([], [])
    [asked] = world.server.asked_for(AMOUNTS)
    assert asked.query == {"modifiedTimeStamp": "2026-07-01 11:00:00.000"}


async def test_account_amounts_that_are_refused_twice_are_an_invalid_answer() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(AMOUNTS, answer(400))

        with pytest.raises(InvalidAnswer):
            await dossier.changed_account_amounts(None)


def a_year(number: int, year: int, *periods: int) -> Bookyear:
    start, end = date(year, 1, 1), date(year, 12, 31)
    return Bookyear(number, str(year), start, end, False, tuple(Period(period, start, end) for period in periods))


async def items_of(dossier: OpenDossier, type: OutstandingItemType, bookyears: list[Bookyear]) -> list[OutstandingItem]:
    return [item async for listed in dossier.open_items(type, bookyears) for item in listed.rows]


@pytest.mark.parametrize(("type", "who"), [("RECEIVABLE", "clients"), ("PAYABLE", "suppliers")])
async def test_open_items_are_asked_for_over_all_bookyears_and_all_relations(type: str, who: str) -> None:
    years = [a_year(3, 2026, 202601, 202612), a_year(9, 2024, 202401, 202412), a_year(2, 2025, 202501, 202504)]
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        assert await items_of(dossier, OutstandingItemType(type), years) == []

    [asked] = world.server.asked_for(f"{BASE}/reports/{who}/open")
    assert asked.method == "POST"
    assert json.loads(asked.body) == {
        "fromBookyearKey": {"id": 9},
        "toBookyearKey": {"id": 3},
        "fromBookyearPeriodNr": 202401,
        "toBookyearPeriodNr": 202612,
        "externalRelationId": -1,
        "relationId": -1,
    }


async def test_a_500_without_body_means_that_the_question_is_not_accepted() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        report = f"{BASE}/reports/clients/open"
        world.server.answers(report, answer(500))
        with pytest.raises(InvalidAnswer):
            await items_of(dossier, OutstandingItemType.RECEIVABLE, [a_year(1, 2026, 202601)])

        world.server.answers(report, answer(500, {"technicalInfo": "database"}))
        with pytest.raises(OctopusUnavailable):
            await items_of(dossier, OutstandingItemType.RECEIVABLE, [a_year(1, 2026, 202601)])


async def test_a_property_that_nobody_knows_is_logged_once_by_name_and_never_by_value() -> None:
    year = {"bookyearKey": {"id": 1}, "startDate": "2000-01-01", "endDate": "2000-12-31", "brandNew": "a value"}
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        world.server.answers(f"{BASE}/bookyears", answer(body=[year, year]))

        with capture_logs() as logs:
            await dossier.bookyears()
            await dossier.bookyears()

    warnings = [entry for entry in logs if entry["log_level"] == "warning"]
    assert [(entry["operation"], entry["names"]) for entry in warnings] == [("bookyears", ["brandNew"])]
    assert "a value" not in str(logs)


async def test_no_log_line_holds_a_token_a_query_or_an_address() -> None:
    async with a_world() as world, world.octopus.open(INTEGRATION, DOSSIER) as dossier:
        with capture_logs() as logs:
            await dossier.changed_accounts(SINCE)

    assert [(entry["operation"], entry["status"]) for entry in logs] == [("accounts/modified", 404)]
    assert not any(word in str(logs) for word in ("token", "modifiedTimeStamp", "127.0.0.1"))


def test_every_operation_is_one_of_the_documented_reads() -> None:
    with open("tests/contract/openapi-read.json") as file:
        paths = json.load(file)["paths"]
    names = {"{dossier}": "{dossierId}", "{bookyear}": "{bookyearId}", "{number}": "{sequenceNumber}"}

    for operation in Operation:
        path = operation.path
        for ours, theirs in names.items():
            path = path.replace(ours, theirs)
        assert operation.method.lower() in paths[path]
