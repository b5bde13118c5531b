"""Every error has ``extensions`` of one form, whichever part of the program it comes from."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from monitr.application.bearer_tokens import Bearer, KeysUnavailable
from monitr.application.reading.reports import TooManySums
from monitr.application.reading.session import TookTooLong
from monitr.domain.roles import Role
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.http import graphql_endpoint
from monitr.entrypoints.http.app import create_app
from monitr.entrypoints.http.dependencies import HttpDependencies, HttpSettings
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import FakeReaders
from tests.integration.http.a_server import CARDS, PROTOCOL, a_token, over_fakes
from tests.unit.fakes import FakeTransactions, an_administration

BOOKS = an_administration()
SPAN = 'from: "2026-01-01", to: "2026-12-31"'
BEARER = {"authorization": f"Bearer {a_token()}"}
JSON = {"content-type": "application/json"}
MORE = {"cost", "fieldCost", "limit", "parameters", "requestId"}
"""What an error of some codes has besides."""
NO_ANSWER = {"why": "request.OTHER_ANSWER", "why.mediaTypes": "application/graphql-response+json, application/json"}
TOO_LONG = {"most": "4000", "of": "limit.TOKENS"}
Error = Mapping[str, Any]


def of_books(field: str) -> str:
    return f'{{ administration(id: "{BOOKS.id}") {{ {field} }} }}'


def asked(
    query: str | None, fails: Exception | None = None, schema: Any = None, **named: Any
) -> Callable[[], Awaitable[Error]]:
    async def ask() -> Error:
        api: Api = an_api(FakeTransactions((), (), [BOOKS]), *named.pop("roles", ()))
        api.readers.fails_in = {"trial_balance": fails} if fails else {}
        result = await (schema or api.schema).execute(query, {}, api.connection, **named)
        error: Error = result.errors[0].formatted
        return error

    return ask


def sent(method: str = "POST", path: str = "/graphql", **changes: Any) -> Callable[[], Awaitable[Error]]:
    """The error of an HTTP request; ``of`` are the dependencies that are others than usual."""

    async def send() -> Error:
        of: HttpDependencies = replace(over_fakes(FakeReaders(FakeTransactions())), **changes.pop("of", {}))
        times = changes.pop("times", 1)
        request: dict[str, Any] = {"json": {"query": CARDS}, "headers": BEARER} | changes
        with TestClient(create_app(of), raise_server_exceptions=False) as client:
            answer = [client.request(method, path, **request) for _ in range(times)][-1]
        error: Error = answer.json()["errors"][0]
        return error

    return send


async def one_too_many() -> Error:
    with (
        pytest.MonkeyPatch.context() as patched,
        TestClient(create_app(over_fakes(FakeReaders(FakeTransactions())))) as client,
        client.websocket_connect("/graphql", subprotocols=[PROTOCOL]) as socket,
    ):
        patched.setattr(graphql_endpoint, "MOST_OPERATIONS", 0)
        socket.send_json({"type": "connection_init", "payload": BEARER})
        socket.receive_json()
        socket.send_json({"type": "subscribe", "id": "1", "payload": {"query": CARDS}})
        error: Error = socket.receive_json()["payload"][0]
        return error


async def no_keys(_: str) -> Bearer:
    raise KeysUnavailable


def persisted(hash: str) -> dict[str, Any]:
    return {"operation_extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash}}}


TRIAL_BALANCE = of_books(f"trialBalance({SPAN}) {{ completeFrom }}")
BALANCES = 'monthlyBalances(from: "1977-01-01", to: "2026-12-31", byDimension: "COST_CENTRE") { month }'
PROVOKED: Mapping[str, Callable[[], Awaitable[Error]]] = {
    "UNAUTHENTICATED": sent(headers={}),
    "UNAVAILABLE": sent(of={"verify_token": no_keys}),
    "RATE_LIMITED": sent(of={"settings": HttpSettings("http://testserver", rate_limit=1)}, times=2),
    "BODY_TOO_LARGE": sent(content=b" " * 1_100_000, json=None, headers=BEARER | JSON),
    "METHOD_NOT_ALLOWED": sent("DELETE", json=None),
    "NOT_FOUND": sent(path="/nowhere"),
    "BAD_REQUEST": sent(content=b"nonsense", json=None, headers=BEARER | JSON),
    "GRAPHQL_PARSE_FAILED": asked("{"),
    "GRAPHQL_VALIDATION_FAILED": asked(of_books("nonsense")),
    "QUERY_TOO_COSTLY": asked(of_books(BALANCES)),
    "DEADLINE_EXCEEDED": asked(TRIAL_BALANCE, TookTooLong()),
    "ANSWER_TOO_LARGE": asked(TRIAL_BALANCE, TooManySums()),
    "TOO_MANY_OPERATIONS": one_too_many,
    "BAD_USER_INPUT": asked(of_books("transactions(first: 0) { totalCount }")),
    "DOCUMENT_NOT_TRUSTED": asked(CARDS, schema=create_schema(trusted={})),
    "PERSISTED_QUERY_NOT_FOUND": asked(None, **persisted("0" * 64)),
    "PERSISTED_QUERY_HASH_MISMATCH": asked(CARDS, **persisted("0" * 64)),
    "INTERNAL": asked(TRIAL_BALANCE, ConnectionError("a fault")),
    "FORBIDDEN": asked(TRIAL_BALANCE, roles=[Role.RECEIVABLES_ONLY]),
}
NOT_HERE = {"REQUEST_TIMEOUT": "takes a socket on which nothing is sent", "HEADER_TOO_LARGE": "as above"}


def test_every_code_is_provoked_or_says_why_not() -> None:
    assert PROVOKED.keys() | NOT_HERE.keys() == {*ErrorCode, "FORBIDDEN"}


@pytest.mark.parametrize("code", PROVOKED)
async def test_every_error_tells_its_code_and_argument_and_path(code: str) -> None:
    with capture_logs():
        extensions = (await PROVOKED[code]())["extensions"]
    assert extensions.keys() - MORE == {"code", "argument", "path"}
    assert extensions["code"] == code
    assert isinstance(extensions["argument"], str | None)
    assert isinstance(extensions["path"], list | None)


@pytest.mark.parametrize(
    ("query", "path"),
    [
        (of_books("transactions(first: 0) { totalCount }"), ["administration", "transactions"]),
        (of_books("lines: transactions(colour: 1) { totalCount }"), ["administration", "lines"]),
        (of_books("journals { nonsense }"), ["administration", "journals", "nonsense"]),
        ("query ($id: ID!) { administration(id: $id) { name } }", ["administration"]),
        ("{ ...F } fragment F on Query { nonsense }", None),
        ("{", None),
    ],
    ids=["while it runs", "an argument", "a field", "a variable", "in a fragment", "no document"],
)
async def test_an_error_tells_the_path_of_its_field_whether_it_was_run_or_not(
    query: str, path: list[str] | None
) -> None:
    assert (await asked(query)())["extensions"]["path"] == path


async def test_a_token_is_told_to_be_missing_expired_or_wrong_and_no_more() -> None:
    tokens = {"": "MISSING", a_token(life=timedelta(seconds=-1)): "EXPIRED", "nonsense": "WRONG"}
    for token, why in tokens.items():
        error = await sent(headers={"authorization": f"Bearer {token}"} if token else {})()
        assert error["message"] == str(Sentence.of(f"token.{why}"))
        form = {"code": "UNAUTHENTICATED", "argument": None, "path": None}
        assert error["extensions"] == form | {"parameters": {"why": f"token.{why}"}}


@pytest.mark.parametrize(
    ("changes", "words", "parameters"),
    [
        ({"headers": {}}, "l'en-tête Authorization", {"why": "token.MISSING"}),
        ({"path": "/nowhere", "headers": {}}, "Il n'y a rien à cette adresse.", None),
        ({"method": "DELETE"}, "n'accepte que POST, OPTIONS", {"methods": "POST, OPTIONS"}),
        ({"headers": BEARER | {"accept": "text/csv"}}, "Accept doit en nommer une", NO_ANSWER),
        ({"json": {"query": 1}}, "n'est pas une requête GraphQL", {"why": "request.NOT_GRAPHQL"}),
        ({"json": {"query": CARDS, "variables": []}}, "n'est pas une requête GraphQL", {"why": "request.NOT_GRAPHQL"}),
        ({"json": {}}, "Il n'y a pas de requête GraphQL", {"why": "request.NOTHING_ASKED"}),
        ({"json": {"query": "{ " + "a " * 4_000 + "}"}}, "plus de 4.000 unités lexicales", TOO_LONG),
    ],
    ids=["no token", "no address", "method", "accept", "body", "variables", "nothing", "document"],
)
async def test_a_refusal_is_in_the_language_of_its_reader_with_its_parameters_beside_it(
    changes: dict[str, Any], words: str, parameters: Mapping[str, str] | None
) -> None:
    headers = changes.get("headers", BEARER) | {"accept-language": "fr-BE"}
    error = await sent(**(changes | {"headers": headers}))()
    assert words in error["message"].replace("\u202f", ".")
    assert error["extensions"].get("parameters") == parameters
