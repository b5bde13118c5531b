"""Every operation's answers, against the vendor's document."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from octopus_sandbox.switches import AmountBalance, Duplicates, ElementOrder, LineNumbers, OpeningMark, RelationKeys
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.sandbox_caller import ALL_RELATIONS, EVER, Caller
from tests.integration.sandbox.sandbox_contract import check, operations


def every_call(caller: Caller) -> Iterator[tuple[str, httpx.Response]]:
    """Each operation at least once, so that it has rows."""
    newest = max(caller.server.books(caller.dossier).bookyears)
    client = next(iter(caller.server.books(caller.dossier).matchings.open.values()))
    assert client
    whole = caller.whole_range()
    body = {"user": "demo", "password": "demo"}
    headers = {"softwareHouseUuid": "any"}
    yield "authenticateUser", caller.http.post("/authentication", json=body, headers=headers)
    yield "getDossiers", caller.dossiers()
    yield "connectDossier", caller.connect(caller.dossier)
    yield "getBookyears", caller.get("/bookyears")
    yield "getBookyear", caller.get(f"/bookyears/{newest}")
    yield "getJournals", caller.get(f"/bookyears/{newest}/journals")
    yield "getModifiedJournals", caller.get("/journals/modified", modifiedTimeStamp=EVER)
    yield "getFinancialJournal", caller.get(f"/bookyears/{newest}/journals/F/3")
    yield "getAccounts", caller.get("/accounts", bookyearId=newest)
    yield "getModifiedAccounts", caller.get("/accounts/modified", modifiedTimeStamp=EVER)
    yield "getModifiedAccountAmounts", caller.get("/accounts/amounts/modified")
    yield "getCostCentres", caller.get("/costcentres")
    yield "getActiveCostCentres", caller.get("/costcentres/active")
    yield "getRelations", caller.get("/relations")
    yield "getRelations", caller.get("/relations", relationId=17)
    yield "getModifiedRelations", caller.get("/relations/modified", modifiedTimeStamp=EVER)
    for journal_type in (1, 2, 3, 4):
        yield "getReportModifiedBooking", caller.bookings(newest, journal_type)
    yield "getReportModifiedBooking", caller.bookings()
    yield (
        "getModifiedBuySellBookings",
        caller.get("/buysellbookings/modified", bookyearId=newest, journalKey="A1", modifiedTimeStamp=EVER),
    )
    yield "getModifiedBuySellBookings", caller.get("/buysellbookings/modified", bookyearId=-1, modifiedTimeStamp=EVER)
    yield (
        "getModifiedFinancialDiversBookings",
        caller.get("/financialdiversbookings/modified", bookyearId=-1, modifiedTimeStamp=EVER),
    )
    yield "getModifiedBalancingRelations", caller.get("/balancings/modified", modifiedTimeStamp=EVER)
    yield "getVatCodes", caller.get("/vatcodes")
    yield "getReportOpenClient", caller.post("/reports/clients/open", {**whole, **ALL_RELATIONS})
    yield "getReportOpenSupplier", caller.post("/reports/suppliers/open", {**whole, **ALL_RELATIONS})
    yield "getReportOpenAccount", caller.post("/reports/accounts/open", {**whole, "accountNr": 400000})
    one = {**whole, "externalRelationId": -1}
    yield "getReportHistoryClient", caller.post("/reports/clients/history", {**one, "relationId": 1})
    supplier = next(r.id for r in caller.server.books(caller.dossier).relations.values() if not r.client)
    yield "getReportHistorySupplier", caller.post("/reports/suppliers/history", {**one, "relationId": supplier})
    yield "getReportHistoryAccount", caller.post("/reports/accounts/history", {**whole, "accountNr": 700000})
    centres = {"fromAccountNr": 0, "toAccountNr": 999999, "showActiveCostCentres": True}
    yield "getReportHistoryCostCentre", caller.post("/reports/costcentres/history", {**whole, **centres})


@pytest.mark.parametrize("dossier", [49001, 49002, 49003])
def test_every_answer_validates_against_the_document(generated: SandboxServer, dossier: int):
    with Caller(generated, dossier) as caller:
        seen = set()
        for operation, answer in every_call(caller):
            assert answer.status_code == 200, (operation, answer.text)
            check(operation, 200, answer.content)
            seen.add(operation)
        assert seen == set(operations())


def test_every_answer_validates_with_all_defects_that_the_document_allows(server: SandboxServer):
    server.switch(
        daily_limits=False,
        element_order=ElementOrder.LINES_SHUFFLED,
        duplicates=Duplicates.LINES,
        binary_noise=True,
        exponents=True,
        line_numbers=LineNumbers.REPEATED,
        relation_keys=RelationKeys.ALL_LINES,
        amount_balance=AmountBalance.CUMULATIVE,
        opening_mark=OpeningMark.NO_PERIOD,
        signed_open_amounts=True,
        openings_in_open_reports=True,
    )
    with Caller(server) as caller:
        for operation, answer in every_call(caller):
            assert answer.status_code == 200, (operation, answer.text)
            check(operation, 200, answer.content)


def empty_calls(caller: Caller) -> Iterator[tuple[str, str, httpx.Response]]:
    """Calls that find nothing, with the text of their 404."""
    never = "2100-01-01 00:00:00.000"
    whole = {**caller.whole_range(), "externalRelationId": -1}
    nobody = {**whole, "relationId": 987654}
    yield "getModifiedAccounts", "No modified accounts found", caller.get("/accounts/modified", modifiedTimeStamp=never)
    amounts = caller.get("/accounts/amounts/modified", modifiedTimeStamp=never)
    yield "getModifiedAccountAmounts", "No modified account amounts found", amounts
    yield "getRelations", "No relations found", caller.get("/relations", name="Klan")
    relations = caller.get("/relations/modified", modifiedTimeStamp=never)
    yield "getModifiedRelations", "No modified relations found", relations
    yield "getReportModifiedBooking", "No modified bookings found", caller.bookings(since=never)
    query: dict[str, Any] = {"bookyearId": -1, "modifiedTimeStamp": never}
    yield "getModifiedBuySellBookings", "No bookings found", caller.get("/buysellbookings/modified", **query)
    yield (
        "getModifiedFinancialDiversBookings",
        "No bookings found",
        caller.get("/financialdiversbookings/modified", **query),
    )
    yield (
        "getModifiedBalancingRelations",
        "No modified balancings found",
        caller.get("/balancings/modified", modifiedTimeStamp=never),
    )
    yield "getCostCentres", "No CostCentres found", caller.get("/costcentres")
    yield "getActiveCostCentres", "No active CostCentres found", caller.get("/costcentres/active")
    yield "getReportOpenClient", "No open client data found", caller.post("/reports/clients/open", nobody)
    yield "getReportOpenSupplier", "No open supplier data found", caller.post("/reports/suppliers/open", nobody)
    account = {**whole, "accountNr": 999999}
    yield "getReportOpenAccount", "No open account data found", caller.post("/reports/accounts/open", account)
    yield "getReportHistoryClient", "No history client data found", caller.post("/reports/clients/history", nobody)
    yield (
        "getReportHistorySupplier",
        "No history supplier data found",
        caller.post("/reports/suppliers/history", nobody),
    )
    yield "getReportHistoryAccount", "No history data found", caller.post("/reports/accounts/history", account)
    centres = {**whole, "fromAccountNr": 0, "toAccountNr": 999999, "showActiveCostCentres": True}
    yield (
        "getReportHistoryCostCentre",
        "No history costcentre data found",
        caller.post("/reports/costcentres/history", centres),
    )


def test_nothing_found_is_a_404_with_the_vendors_text(server: SandboxServer):
    with Caller(server, 49777) as caller:
        for operation, text, answer in empty_calls(caller):
            assert answer.status_code == 404, (operation, answer.text)
            assert check(operation, 404, answer.content) == {"technicalInfo": text}


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/accounts", {}),
        ("/accounts", {"bookyearId": "one"}),
        ("/accounts/modified", {}),
        ("/bookyears/-1/bookings/modified", {"journalTypeId": -1}),
        ("/bookyears/-1/bookings/modified", {"modifiedTimeStamp": EVER}),
        ("/bookyears/-1/bookings/modified", {"journalTypeId": 5, "modifiedTimeStamp": EVER}),
        ("/bookyears/-1/bookings/modified", {"journalTypeId": -1, "modifiedTimeStamp": "1980-01-01"}),
        ("/buysellbookings/modified", {"modifiedTimeStamp": EVER}),
        ("/journals/modified", {}),
    ],
)
def test_a_missing_or_wrong_parameter_is_a_400(generated: SandboxServer, path: str, query: dict[str, Any]):
    with Caller(generated) as caller:
        answer = caller.get(path, **query)
    assert answer.status_code == 400
    assert answer.json() == {"technicalInfo": "Invalid or missing parameters passed"}


def test_a_report_with_an_unreadable_body_is_a_500_without_one(generated: SandboxServer):
    with Caller(generated) as caller:
        answer = caller.http.post("/dossiers/49001/reports/clients/open", content=b"{", headers=caller.headers)
    assert (answer.status_code, answer.content) == (500, b"")


def test_headers_are_as_recorded(generated: SandboxServer):
    with Caller(generated) as caller:
        small, big = caller.get("/bookyears"), caller.bookings()
        for answer in (small, big):
            assert answer.headers["content-type"] == "application/json"
            assert "set-cookie" not in answer.headers
        assert "content-length" in small.headers
        assert big.headers["transfer-encoding"] == "chunked"


def test_the_dossier_list_keeps_its_own_key_order(generated: SandboxServer):
    with Caller(generated) as caller:
        text = caller.dossiers().text
    assert text.startswith('[{"dossierDescription":"Demo Bouw BV","dossierKey":{"id":49001},"vatNr":"BE0')
    assert ',"city":"Brugge","country":"BE","email":"","languageCode":"nl","postalCode":"8000"' in text


def test_names_follow_the_language_of_the_session(generated: SandboxServer):
    names = []
    for locale in (1, 2):
        with Caller(generated, locale=locale) as caller:
            journals = {
                journal["journalKey"]: journal["name"] for journal in caller.get("/bookyears/1/journals").json()
            }
            names.append(journals["V1"])
    assert names == ["Verkopen", "Ventes"]


@pytest.mark.parametrize(
    ("user", "dossier", "status", "code"),
    [
        ("demo", 12345, 404, -4),
        ("demo", 49501, 403, -3),
        ("demo", 49900, 403, -5),
        ("accountant", 49001, 403, -3),
        ("other", 49501, 200, None),
    ],
)
def test_connecting_says_why_a_dossier_cannot_be_opened(
    generated: SandboxServer, user: str, dossier: int, status: int, code: int | None
):
    with Caller(generated, 0, user=user) as caller:
        answer = caller.connect(dossier)
    assert answer.status_code == status
    assert check("connectDossier", status, answer.content).get("errorCode") == code
    if user == "accountant":
        assert "webservice" in answer.json()["technicalInfo"]


def test_a_call_without_dossier_token_is_a_401_with_code_79(generated: SandboxServer):
    with Caller(generated) as caller:
        answer = caller.http.get("/dossiers/49001/bookyears", headers={"Token": caller.access_token})
    assert answer.status_code == 401
    assert answer.json()["errorCode"] == -79
    assert answer.json()["technicalInfo"] == "Empty access token"


def test_a_token_of_another_dossier_is_a_401(generated: SandboxServer):
    with Caller(generated) as caller:
        assert caller.http.get("/dossiers/49002/bookyears", headers=caller.headers).status_code == 401


def test_a_wrong_password_is_answered_with_technical_info_alone(generated: SandboxServer):
    with Caller(generated) as caller:
        answer = caller.http.post(
            "/authentication", json={"user": "demo", "password": "no"}, headers={"softwareHouseUuid": "any"}
        )
    assert answer.status_code == 401
    assert list(answer.json()) == ["technicalInfo"]


def test_a_write_is_refused_and_logged_as_unknown(generated: SandboxServer):
    with Caller(generated) as caller:
        generated.calls.clear()
        answer = caller.post("/accounts", {})
    assert answer.status_code == 405
    assert [call.operation for call in generated.calls.calls] == ["UNKNOWN"]


def test_unknown_properties_are_the_only_thing_that_the_switch_adds(server: SandboxServer):
    with Caller(server) as caller:
        before = caller.lines()
        server.switches = replace(server.switches, unknown_properties=True)
        after = caller.lines()
    assert all(line.pop("zNewProperty") for line in after)
    assert after == before
