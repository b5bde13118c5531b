"""Reports of one's own over the schema: the contract's operations, and how they are refused."""

from typing import Any
from uuid import uuid4

import pytest

from monitr.domain.roles import Role
from tests.components.graphql.an_api import Api, added, an_api
from tests.unit.fakes import FakeTransactions, a_report, an_administration

BOOKS = an_administration()
ID = str(BOOKS.id)
REPORT = a_report()
SAVE, DELETE = added("SaveReport"), added("DeleteReport")
MAPPING, STATEMENT = added("AccountMapping"), added("StatutoryStatement")
LINES = [{"key": "sales", "name": "Sales", "side": "CREDIT"}, {"key": "costs", "name": "Costs", "side": "DEBIT"}]
RULES = [{"lineKey": "sales", "accountFrom": "700000", "accountTo": "709999"}]
YEAR = {"from": "2026-01-01", "to": "2026-12-31"}


def the_api(*roles: Role) -> Api:
    return an_api(FakeTransactions((), (), [BOOKS], reports=[REPORT]), *roles)


async def saved(api: Api, **changes: Any) -> Any:
    answer = await api.run(SAVE, {"input": {"name": "Margin", "lines": LINES, "rules": RULES, **changes}})
    assert answer["errors"] == []
    return answer["data"]["saveReport"]


async def refused(api: Api, query: str, variables: dict[str, Any]) -> tuple[str, str | None]:
    (error,) = (await api.run(query, variables))["errors"]
    return error["extensions"]["code"], error["extensions"].get("argument")


async def test_a_report_is_saved_and_read_with_its_lines_and_rules() -> None:
    api = the_api()
    rule = {"lineKey": "costs", "accountFrom": "12000", "dimension": "COST_CENTRE", "dimensionCode": "3"}
    made = await saved(api, rules=[*RULES, rule], lines=[LINES[0], {**LINES[1], "parentKey": "sales"}])
    assert (made["__typename"], made["report"]["name"], made["report"]["version"]) == ("ReportSaved", "Margin", 1)

    query = """query ($id: ID!) { reports { name } report(id: $id) {
        id version changedAt changedBy lines { key name parentKey side }
        rules { lineKey accountFrom accountTo dimension dimensionCode }
    } }"""
    answer = await api.run(query, {"id": made["report"]["id"]})
    assert answer["data"]["reports"] == [{"name": "Margin"}, {"name": "Margin"}]
    assert answer["data"]["report"] == {
        "id": made["report"]["id"],
        "version": 1,
        "changedAt": "2026-11-22T12:00:00.000Z",
        "changedBy": "anna",
        "lines": [{**LINES[0], "parentKey": None}, {**LINES[1], "parentKey": "sales"}],
        "rules": [
            {**RULES[0], "dimension": None, "dimensionCode": None},
            {**rule, "accountFrom": "012000", "accountTo": "012000"},
        ],
    }


async def test_another_version_in_the_meantime_is_given_back() -> None:
    api = the_api()
    assert (await saved(api, id=str(REPORT.id), version=1))["report"]["version"] == 2
    assert await saved(api, id=str(REPORT.id), version=1, name="Lost") == {
        "__typename": "ReportChanged",
        "current": {"id": str(REPORT.id), "version": 2},
        "code": "REPORT_CHANGED",
        "message": "“Margin” was changed by anna in the meantime. Nothing was saved.",
    }


async def test_what_is_no_report_says_which_line_and_rules() -> None:
    answer = await saved(
        the_api(), rules=[*RULES, {"lineKey": "costs", "accountFrom": "705000", "accountTo": "714999"}]
    )
    assert answer == {
        "__typename": "InvalidReport",
        "lineKey": "sales",
        "rules": [
            {"lineKey": "sales", "accountFrom": "700000", "accountTo": "709999"},
            {"lineKey": "costs", "accountFrom": "705000", "accountTo": "714999"},
        ],
        "code": "INVALID_REPORT",
        "message": "Two rules of equal width want the same accounts: 700000 to 709999 (“Sales”) and 705000 to 714999 "
        "(“Costs”).",
    }


async def test_a_report_is_deleted_once_and_an_unknown_one_is_told_as_it_was_written() -> None:
    api = the_api()
    deleted = [(await api.run(DELETE, {"id": str(REPORT.id)}))["data"]["deleteReport"] for _ in range(2)]
    assert deleted[0] == {"__typename": "ReportDeleted", "reportId": str(REPORT.id)}
    assert (deleted[1]["__typename"], deleted[1]["code"]) == ("UnknownReport", "UNKNOWN_REPORT")
    assert (await saved(api, id="not an id"))["message"] == "There is no report not an id here."


@pytest.mark.parametrize(
    ("changes", "argument"),
    [
        ({"name": " "}, "input.name"),
        ({"name": "x" * 201}, "input.name"),
        ({"lines": [{**LINES[0], "key": ""}]}, "input.lines.key"),
        ({"lines": [{**LINES[0], "name": "a\0b"}]}, "input.lines.name"),
        ({"lines": LINES[:1] * 501}, "input.lines"),
        ({"rules": RULES * 2001}, "input.rules"),
        ({"rules": [{**RULES[0], "accountFrom": "70A"}]}, "input.rules.accountFrom"),
        ({"rules": [{**RULES[0], "accountTo": ""}]}, "input.rules.accountTo"),
        ({"rules": [{**RULES[0], "dimension": "PROJECT"}]}, "input.rules.dimension"),
        ({"rules": [{**RULES[0], "dimensionCode": "3"}]}, "input.rules.dimensionCode"),
        ({"rules": [{**RULES[0], "dimension": "COST_CENTRE", "dimensionCode": "x"}]}, "input.rules.dimensionCode"),
    ],
)
async def test_what_cannot_be_meant_is_the_callers_mistake(changes: dict[str, Any], argument: str) -> None:
    sent = {"input": {"name": "Margin", "lines": LINES, "rules": RULES, **changes}}
    assert await refused(the_api(), SAVE, sent) == ("BAD_USER_INPUT", argument)


async def test_a_report_of_ones_own_is_shown_with_its_own_names() -> None:
    api = the_api()
    asked = {"administrationId": ID, "kind": "PROFIT_AND_LOSS", "report": str(REPORT.id), **YEAR}
    found = (await api.run(STATEMENT, asked))["data"]["administration"]["statement"]
    assert [(line["key"], line["name"], line["amounts"]) for line in found["lines"]] == [
        ("sales", "Sales", ["1000.00"]),
        ("costs", "Costs", ["0.00"]),
    ]
    assert (found["unmapped"], found["isBalanced"]) == ([], True)

    query = """query ($id: ID!, $report: ID) { administration(id: $id) {
        statement(kind: PROFIT_AND_LOSS, from: "2026-01-01", to: "2026-12-31", report: $report) {
            reportId model legalForm
    } } }"""
    own, statutory = [
        (await api.run(query, {"id": ID, "report": report}))["data"]["administration"]["statement"]
        for report in (str(REPORT.id), None)
    ]
    assert own == {"reportId": str(REPORT.id), "model": None, "legalForm": None}
    assert statutory == {"reportId": None, "model": "FULL", "legalForm": "WITH_CAPITAL"}


async def test_what_no_rule_takes_is_listed_beside_the_report() -> None:
    answer = await the_api().run(MAPPING, {"administrationId": ID, "report": str(REPORT.id)})
    assert answer["errors"] == []
    unmapped = answer["data"]["administration"]["unmapped"]
    assert [(each["account"]["number"], each["dimensionValue"], each["amount"]) for each in unmapped] == [
        ("400000", None, "1210.00"),
        ("451000", None, "-210.00"),
    ]
    assert answer["data"]["report"]["name"] == "Margin"

    everything = the_api()
    empty = (await saved(everything, rules=[], lines=[]))["report"]["id"]
    mapping = await everything.run(MAPPING, {"administrationId": ID, "report": empty})
    values = [each["dimensionValue"] for each in mapping["data"]["administration"]["unmapped"]]
    assert values == [None, {"code": "3", "name": "Gent"}, None]


@pytest.mark.parametrize("id", ["1", str(uuid4())], ids=["no id", "one that nothing has"])
async def test_an_unknown_report_is_the_callers_mistake_in_what_is_computed_from_it(id: str) -> None:
    asked = {"administrationId": ID, "kind": "BALANCE_SHEET", "report": id, **YEAR}
    assert await refused(the_api(), STATEMENT, asked) == ("BAD_USER_INPUT", "report")
    answer = await the_api().run(MAPPING, {"administrationId": ID, "report": id})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert (await the_api().run("query ($id: ID!) { report(id: $id) { id } }", {"id": id}))["data"] == {"report": None}


@pytest.mark.parametrize("role", Role)
async def test_who_reads_reports_reads_these_and_admins_change_them(role: Role) -> None:
    api = the_api(role)
    answer = await api.run("{ reports { name } }")
    assert (answer["data"] == {"reports": [{"name": "Margin"}]}) is (role is not Role.RECEIVABLES_ONLY)

    is_admin = role in (Role.ORGANISATION_ADMIN, Role.ENTITY_ADMIN)
    assert (await saved(api))["__typename"] == ("ReportSaved" if is_admin else "Forbidden")
    deleted = (await api.run(DELETE, {"id": str(REPORT.id)}))["data"]["deleteReport"]
    assert deleted["__typename"] == ("ReportDeleted" if is_admin else "Forbidden")
