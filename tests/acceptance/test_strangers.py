"""Who may see what: other organisations, tokens, roles."""

import json
from typing import Any
from uuid import uuid4

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from tests.acceptance.conftest import Selected
from tests.acceptance.front_end import EVERY_READING, OPERATIONS, PROTOCOL, FrontEnd
from tests.acceptance.program import SECRET, Program, token

YEAR = {"from": "2026-01-01", "to": "2026-12-31"}
MALFORMED = ["", "x", "0", "../../etc", "\u0000", "a" * 5000, "00000000-0000-0000-0000-000000000000", "é😀"]


@pytest.fixture
def one(companies: dict[str, Selected]) -> Selected:
    return companies["results appropriated by 69 and 14"]


@pytest.fixture
def stranger(program: Program) -> FrontEnd:
    return FrontEnd(program.url, token(str(uuid4()), "ORGANISATION_ADMIN"))


@pytest.mark.parametrize("operation", EVERY_READING)
def test_another_organisation_sees_nothing_and_learns_nothing(stranger: FrontEnd, one: Selected, operation: str):
    answer = stranger.answer(operation, administrationId=one.id, **EVERY_READING[operation])
    assert answer == {"data": {"administration": None}}


def test_another_organisation_can_change_nothing(stranger: FrontEnd, an: FrontEnd, one: Selected):
    assert stranger.ask("AvailableDossiers", integrationId=one.integration) == {"integration": None}
    assert stranger.cards() == []
    run = one.first_import["id"]
    for operation, field, variables, code in (
        ("RemoveAdministration", "removeAdministration", {"administrationId": one.id}, "UNKNOWN_ADMINISTRATION"),
        ("StartImports", "startImports", {"administrationIds": [one.id]}, "UNKNOWN_ADMINISTRATION"),
        ("CancelImport", "cancelImport", {"importId": run}, "UNKNOWN_IMPORT"),
        ("DeleteIntegration", "deleteIntegration", {"integrationId": one.integration}, "UNKNOWN_INTEGRATION"),
        ("ReconnectIntegration", "reconnectIntegration", {"integrationId": one.integration}, "UNKNOWN_INTEGRATION"),
        (
            "SelectAdministrations",
            "selectAdministrations",
            {"integrationId": one.integration, "dossierNumbers": [one.books.number]},
            "UNKNOWN_INTEGRATION",
        ),
    ):
        assert stranger.ask(operation, **variables)[field]["code"] == code
    assert stranger.progress(one.id) == []
    assert an.administration("ImportHistory", one.id)["status"] == "ACTIVE"


@pytest.mark.parametrize("id", MALFORMED)
def test_an_id_that_cannot_be_is_unknown_and_no_error(an: FrontEnd, id: str):
    for operation, more in EVERY_READING.items():
        assert an.answer(operation, administrationId=id, **more) == {"data": {"administration": None}}, operation
    assert an.answer("AvailableDossiers", integrationId=id) == {"data": {"integration": None}}
    removed = an.ask("RemoveAdministration", administrationId=id)["removeAdministration"]
    assert removed["code"] == "UNKNOWN_ADMINISTRATION"
    assert an.ask("CancelImport", importId=id)["cancelImport"]["code"] == "UNKNOWN_IMPORT"
    assert an.ask("StartImports", administrationIds=[id])["startImports"]["code"] == "UNKNOWN_ADMINISTRATION"
    assert an.ask("DeleteIntegration", integrationId=id)["deleteIntegration"]["code"] == "UNKNOWN_INTEGRATION"


# --- tokens ----------------------------------------------------------------------------------------------------------


def signed(secret: str = SECRET, algorithm: str = "HS256", **changes: object) -> str:
    claims: dict[str, object] = {
        "sub": "an",
        "org": str(uuid4()),
        "roles": ["ORGANISATION_ADMIN"],
        "exp": 4_000_000_000,
    }
    claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
    return jwt.encode({"alg": algorithm}, claims, OctKey.import_key(secret), algorithms=[algorithm])


REFUSED = {
    "nothing": lambda: "",
    "not a token": lambda: "Bearer abc",
    "another scheme": lambda: "Basic YTpi",
    "another secret": lambda: f"Bearer {signed('another-secret-0123456789-0123456789')}",
    "another algorithm": lambda: f"Bearer {signed(algorithm='HS512')}",
    "no signature": lambda: "Bearer eyJhbGciOiJub25lIn0." + signed().split(".")[1] + ".",
    "run out": lambda: f"Bearer {signed(exp=1_600_000_000)}",
    "no expiry": lambda: f"Bearer {signed(exp=None)}",
    "no organisation": lambda: f"Bearer {signed(org=None)}",
    "an organisation that is no UUID": lambda: f"Bearer {signed(org='acme')}",
    "no subject": lambda: f"Bearer {signed(sub=None)}",
    "roles that are no list": lambda: f"Bearer {signed(roles='ORGANISATION_ADMIN')}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_missing_wrong_or_expired_token_is_401(program: Program, case: str):
    headers = {"authorization": REFUSED[case]()} if case != "nothing" else {}
    body = {"query": OPERATIONS["IntegrationCards"], "operationName": "IntegrationCards"}
    response = httpx.post(f"{program.url}/graphql", json=body, headers=headers)
    assert response.status_code == 401, response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("payload", [None, {}, {"authorization": "Bearer abc"}, {"authorization": 7}])
def test_a_websocket_without_a_valid_token_is_closed_with_4403(program: Program, payload: object):
    address = program.url.replace("http", "ws") + "/graphql"
    with connect(address, subprotocols=[PROTOCOL]) as socket:
        socket.send(json.dumps({"type": "connection_init"} | ({"payload": payload} if payload is not None else {})))
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(10)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


def test_a_websocket_is_closed_when_its_token_runs_out(program: Program, organisation: str, one: Selected):
    address = program.url.replace("http", "ws") + "/graphql"
    brief = token(organisation, "ORGANISATION_ADMIN", expires_in=2)
    with connect(address, subprotocols=[PROTOCOL]) as socket:
        socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {brief}"}}))
        assert json.loads(socket.recv(5))["type"] == "connection_ack"
        with pytest.raises(ConnectionClosed) as closed:
            for _ in iter(lambda: socket.recv(15), None):
                pass
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 4403


# --- roles -----------------------------------------------------------------------------------------------------------

ROLES = ["ORGANISATION_ADMIN", "ENTITY_ADMIN", "REPORTS_WITH_TRANSACTIONS", "REPORTS", "RECEIVABLES_ONLY"]
READING = {
    "transactions": ("Transactions", {}, "11100"),
    "bookings": ("Booking", {"bookingCode": "x"}, "11100"),
    "trial balance": ("TrialBalance", YEAR, "11110"),
    "monthly balances": ("MonthlyBalances", YEAR, "11110"),
    "fixed assets": ("FixedAssets", {}, "11110"),
    "payables": ("OutstandingItems", {"type": "PAYABLE"}, "11110"),
    "receivables": ("OutstandingItems", {"type": "RECEIVABLE"}, "11111"),
    "import history": ("ImportHistory", {}, "11110"),
}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("what", READING)
def test_each_role_reads_what_the_table_grants_it(program, organisation, one: Selected, role: str, what: str):
    operation, arguments, granted = READING[what]
    answer = FrontEnd(program.url, token(organisation, role)).answer(operation, administrationId=one.id, **arguments)
    allowed = granted[ROLES.index(role)] == "1"
    if what == "import history" and not allowed:
        return
    if allowed:
        assert "errors" not in answer, answer["errors"]
        assert answer["data"]["administration"] is not None
    else:
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN", answer


def test_who_sees_receivables_only_sees_names_and_no_history(program, organisation, one: Selected):
    someone = FrontEnd(program.url, token(organisation, "RECEIVABLES_ONLY"))
    document = "query Names($id: ID!) { administration(id: $id) { id name dossierNumber } }"
    answer = someone.answer("Names", document, id=one.id)
    assert "errors" not in answer, answer
    assert answer["data"]["administration"]["name"] == one.books.name
    document = "query History($id: ID!) { administration(id: $id) { imports { edges { node { id } } } } }"
    assert someone.answer("History", document, id=one.id)["errors"][0]["extensions"]["code"] == "FORBIDDEN"


def refusal(answer: dict[str, Any]) -> str | None:
    """The code of a refusal, as an error or as a Problem."""
    if "errors" in answer:
        code: str = answer["errors"][0]["extensions"]["code"]
        return code
    (payload,) = answer["data"].values()
    problem: str | None = payload.get("code")
    return problem


@pytest.mark.parametrize("role", ROLES[1:])
def test_only_the_administrator_of_the_organisation_changes_integrations(program, organisation, one, role: str):
    someone = FrontEnd(program.url, token(organisation, role))
    for operation, variables in {
        "ConnectIntegration": {"provider": "OCTOPUS"},
        "SelectAdministrations": {"integrationId": one.integration, "dossierNumbers": [one.books.number]},
        "RemoveAdministration": {"administrationId": one.id},
        "DeleteIntegration": {"integrationId": one.integration},
        "ReconnectIntegration": {"integrationId": one.integration},
    }.items():
        answer = someone.answer(operation, **variables)
        assert refusal(answer) == "FORBIDDEN", (operation, answer)


@pytest.mark.parametrize("role", ROLES[2:])
def test_who_only_reads_starts_and_cancels_no_imports(program, organisation, one: Selected, role: str):
    someone = FrontEnd(program.url, token(organisation, role))
    for operation, variables in {
        "StartImports": {"administrationIds": [one.id]},
        "CancelImport": {"importId": one.first_import["id"]},
    }.items():
        answer = someone.answer(operation, **variables)
        assert refusal(answer) == "FORBIDDEN", (operation, answer)


def test_a_token_for_some_administrations_shows_no_others(program, organisation, companies: dict[str, Selected]):
    mine, other = list(companies.values())[:2]
    someone = FrontEnd(program.url, token(organisation, "ENTITY_ADMIN", administrations=[mine.id]))
    assert someone.administration("LedgerBasics", mine.id)["id"] == mine.id
    assert someone.answer("LedgerBasics", administrationId=other.id) == {"data": {"administration": None}}
    shown = [each["id"] for card in someone.cards() for each in card["administrations"]]
    assert shown == [mine.id]
    started = someone.ask("StartImports", administrationIds=[other.id])["startImports"]
    assert started["code"] == "UNKNOWN_ADMINISTRATION"
    admin = FrontEnd(program.url, token(organisation, "ORGANISATION_ADMIN", administrations=[mine.id]))
    assert admin.administration("LedgerBasics", other.id)["id"] == other.id
