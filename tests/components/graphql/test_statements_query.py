from datetime import date
from typing import Any

import pytest

from monitr.application.reading.ledger import DimensionFilter
from monitr.application.reading.statements import StatementQuestion, TooManyColumns
from monitr.domain.accounting.statements.columns import Comparison, StatementInterval
from monitr.domain.accounting.statements.layout import StatementKind
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel
from monitr.domain.language import Language
from monitr.domain.roles import Role
from tests.components.graphql.an_api import Api, an_api, of_the_reports
from tests.unit.fakes import FakeTransactions, an_administration

BOOKS = an_administration()
ID = str(BOOKS.id)
YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
STATUTORY, MONTHLY = of_the_reports("StatutoryStatement"), of_the_reports("MonthlyResults")
FRESHNESS = "freshness { importRunId importedAt importRunning verification completeFrom closedUntil }"


def the_api(*roles: Role) -> Api:
    return an_api(FakeTransactions((), (), [BOOKS]), *roles)


def of_administration(answer: dict[str, Any]) -> dict[str, Any]:
    assert answer["errors"] == []
    found: dict[str, Any] = answer["data"]["administration"]
    return found


async def a_statement(api: Api, **changes: Any) -> dict[str, Any]:
    asked = {"administrationId": ID, "kind": "BALANCE_SHEET", **YEAR, **changes}
    statement: dict[str, Any] = of_administration(await api.run(STATUTORY, asked))["statement"]
    return statement


def line(statement: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in statement["lines"] if each["key"] == key)
    return found


async def test_a_statement_shows_its_lines_with_their_accounts_and_what_is_unmapped() -> None:
    statement = await a_statement(the_api(), compareWith="PREVIOUS_YEAR")

    assert statement["columns"] == [
        {"label": "2026-01-01/2026-12-31", "from": "2026-01-01", "to": "2026-12-31", "isComparison": False},
        {"label": "2025-01-01/2025-12-31", "from": "2025-01-01", "to": "2025-12-31", "isComparison": True},
    ]
    assert line(statement, "40") == {
        "key": "40",
        "name": "Handelsvorderingen",
        "level": 2,
        "isSum": False,
        "amounts": ["1210.00", "0.00"],
        "accounts": [{"account": {"number": "400000", "name": "400000"}, "amounts": ["1210.00", "0.00"]}],
    }
    assert line(statement, "RESULT")["amounts"] == ["1000.00", "0.00"]
    assert (line(statement, "20/58")["isSum"], line(statement, "20/58")["accounts"]) == (True, [])
    assert [each["account"]["number"] for each in statement["unmapped"]] == ["495000"]
    assert not statement["isBalanced"]
    assert statement["kind"] == "BALANCE_SHEET"
    assert statement["freshness"]["verification"] == "NOT_AVAILABLE"


@pytest.mark.parametrize(
    ("language", "name"),
    [
        (None, "Totaal van de activa"),
        (Language.NL, "Totaal van de activa"),
        (Language.DE, "Totaal van de activa"),
        (Language.FR, "Total de l'actif"),
        (Language.EN, "Total assets"),
    ],
)
async def test_rubrics_are_named_in_the_readers_language(language: Language | None, name: str) -> None:
    api = the_api()
    api.connection.language = language
    assert line(await a_statement(api), "20/58")["name"] == name


async def test_a_question_is_handed_on_as_it_is_meant() -> None:
    api = the_api()
    await a_statement(
        api,
        kind="PROFIT_AND_LOSS",
        model="MICRO",
        legalForm="ASSOCIATION",
        interval="MONTH",
        compareWith="PREVIOUS_YEAR",
        dimension={"dimension": "COST_CENTRE", "without": True},
    )
    assert api.readers.arguments["statement"][1] == StatementQuestion(
        StatementKind.PROFIT_AND_LOSS,
        date(2026, 1, 1),
        date(2026, 12, 31),
        StatementModel.MICRO,
        LegalForm.ASSOCIATION,
        StatementInterval.MONTH,
        Comparison.PREVIOUS_YEAR,
        DimensionFilter("COST_CENTRE", None, without=True),
    )


async def test_explicit_nulls_mean_the_defaults() -> None:
    api = the_api()
    nothing = dict.fromkeys(("model", "legalForm", "interval", "compareWith", "report", "dimension"))
    await a_statement(api, **nothing)
    assert api.readers.arguments["statement"][1] == StatementQuestion(
        StatementKind.BALANCE_SHEET, date(2026, 1, 1), date(2026, 12, 31)
    )


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"report": "1"}, "report"),
        ({"from": "2027-01-01"}, "to"),
        ({"dimension": {"dimension": "COST_CENTRE", "code": "4", "without": True}}, "dimension.without"),
        ({"dimension": {"dimension": "PROJECT"}}, "dimension.dimension"),
    ],
)
async def test_what_cannot_be_meant_is_the_callers_mistake(changes: dict[str, Any], argument: str) -> None:
    asked = {"administrationId": ID, "kind": "BALANCE_SHEET", **YEAR, **changes}
    (error,) = (await the_api().run(STATUTORY, asked))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", argument)


async def test_too_many_columns_are_the_callers_mistake() -> None:
    api = the_api()
    asked = {"administrationId": ID, "kind": "BALANCE_SHEET", **YEAR, "interval": "MONTH"}
    api.readers.fails_in["statement"] = TooManyColumns("it would have 241 columns")
    (error,) = (await api.run(STATUTORY, asked))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["argument"]) == ("BAD_USER_INPUT", "interval")


async def test_the_result_is_told_month_by_month() -> None:
    found = of_administration(await the_api().run(MONTHLY, {"administrationId": ID, **YEAR}))
    assert found["monthlyResults"] == [
        {
            "month": "2026-01",
            "resultOfYear": "-1000.00",
            "broughtForward": "0.00",
            "transferred": "0.00",
            "isBalanced": True,
        }
    ]


async def test_every_report_says_how_fresh_it_is_and_asks_for_it_once() -> None:
    api = the_api()
    fields = f"""
        {FRESHNESS}
        trialBalance(from: "2026-01-01", to: "2026-12-31") {{ {FRESHNESS} }}
        outstandingItems(type: RECEIVABLE) {{ {FRESHNESS} }}
        fixedAssets {{ {FRESHNESS} }}
        statement(kind: BALANCE_SHEET, from: "2026-01-01", to: "2026-12-31") {{ {FRESHNESS} }}"""
    found = of_administration(
        await api.run(f"query ($id: ID!) {{ administration(id: $id) {{ {fields} }} }}", {"id": ID})
    )

    assert all(found[name]["freshness"] == found["freshness"] for name in found if name != "freshness")
    assert found["freshness"] == {
        "importRunId": None,
        "importedAt": None,
        "importRunning": True,
        "verification": "NOT_AVAILABLE",
        "completeFrom": None,
        "closedUntil": None,
    }
    assert api.readers.calls.count("freshness") == 1
    assert api.readers.opened == 1


async def test_receivables_are_as_fresh_for_who_sees_nothing_else() -> None:
    api = the_api(Role.RECEIVABLES_ONLY)
    query = f"query ($id: ID!) {{ administration(id: $id) {{ outstandingItems(type: RECEIVABLE) {{ {FRESHNESS} }} }} }}"
    assert of_administration(await api.run(query, {"id": ID}))["outstandingItems"]["freshness"]["importRunning"]

    refused = await api.run(MONTHLY, {"administrationId": ID, **YEAR})
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["FORBIDDEN"]
    asked = {"administrationId": ID, "kind": "BALANCE_SHEET", **YEAR}
    assert [e["extensions"]["code"] for e in (await api.run(STATUTORY, asked))["errors"]] == ["FORBIDDEN"]


async def test_an_account_knows_its_side_and_its_rubric() -> None:
    query = """query ($id: ID!) { administration(id: $id) { accounts {
        number normalSide rubric micro: rubric(model: MICRO, legalForm: null) firstSeenAt
    } } }"""
    accounts = of_administration(await the_api().run(query, {"id": ID}))["accounts"]
    assert [tuple(account.values()) for account in accounts] == [
        ("012000", "DEBIT", None, None, None),
        ("400000", "DEBIT", "40", "40", None),
        ("700000", "CREDIT", "70", "9900", None),
    ]


async def test_a_row_of_the_trial_balance_names_what_no_transaction_shows() -> None:
    query = """query ($id: ID!) { administration(id: $id) { trialBalance(from: "2025-12-31", to: "2026-12-31") {
        rows { account { number } openingEffects { bookyear date kind amount } }
    } } }"""
    rows = of_administration(await the_api().run(query, {"id": ID}))["trialBalance"]["rows"]
    assert rows[0]["openingEffects"] == [
        {"bookyear": 2, "date": "2026-01-01", "kind": "OPENING_ADJUSTMENT", "amount": "1210.00"}
    ]
    assert rows[1]["openingEffects"] == []
