import asyncio
import json
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from monitr.adapters.security.development_tokens import sign
from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal, Role
from tests.integration.http.a_server import CARDS, SECRET, a_server, a_token, now
from tests.unit.fakes import MINE, FakeTransactions, an_administration


async def test_an_operation_of_the_front_end_is_answered() -> None:
    async with a_server() as server:
        answer = await server.post()
    assert (answer.status_code, answer.json()["data"]) == (200, {"integrationProviders": [{"key": "OCTOPUS"}]})
    assert answer.json()["extensions"]["cost"]["price"] > 0


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer nonsense", f"Basic {a_token()}", a_token(), f"Bearer {a_token()}x"],
)
async def test_without_a_valid_token_it_is_401_and_nothing_is_executed(authorization: str | None) -> None:
    async with a_server() as server:
        headers = {} if authorization is None else {"authorization": authorization}
        answer = await server.client.post("/graphql", json={"query": CARDS}, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_an_expired_token_is_401() -> None:
    async with a_server() as server:
        assert (await server.post(token=a_token(life=timedelta(seconds=-1)))).status_code == 401


async def test_a_token_of_another_organisation_sees_nothing_of_ours() -> None:
    mine = an_administration()
    query = {"query": "query ($id: ID!) { administration(id: $id) { name } }", "variables": {"id": str(mine.id)}}
    async with a_server(FakeTransactions((), (), [mine])) as server:
        ours = await server.post(query)
        theirs = await server.post(query, a_token(organisation=OrganisationId(uuid4())))
    assert ours.json()["data"]["administration"] == {"name": "Demo BV"}
    assert theirs.json()["data"] == {"administration": None}
    assert "errors" not in theirs.json()


async def test_a_token_without_known_roles_is_200_and_forbidden() -> None:
    nobody = Principal(MINE, "nobody", frozenset())
    token = sign(SECRET, nobody, now(), timedelta(hours=1), None, None)
    async with a_server() as server:
        answer = await server.post(token=token)
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_only_post_is_understood(method: str) -> None:
    async with a_server() as server:
        answer = await server.client.request(
            method,
            "/graphql",
            params={"query": CARDS},
            headers={"authorization": f"Bearer {a_token()}"},
        )
    assert answer.status_code == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"text"',
        b"null",
        b"[" * 100_000,
        b'{"query": 7}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "{ __typename }", "variables": {"x": NaN}}',
        b'[{"query": "{ __typename }"}]',
        b"\xff\xfe",
        b"{}",
    ],
)
async def test_a_body_that_is_no_graphql_request_is_400_in_json(body: bytes) -> None:
    headers = {"authorization": f"Bearer {a_token()}", "content-type": "application/json"}
    async with a_server() as server:
        answer = await server.client.post("/graphql", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"


async def test_a_body_beyond_the_limit_is_refused_with_and_without_its_length() -> None:
    async def in_pieces():
        for _ in range(40):
            yield b" " * 65_536

    headers = {"authorization": f"Bearer {a_token()}", "content-type": "application/json"}
    async with a_server() as server:
        announced = await server.client.post("/graphql", content=b" " * (1024 * 1024 + 1), headers=headers)
        chunked = await server.client.post("/graphql", content=in_pieces(), headers=headers)
    assert (announced.status_code, chunked.status_code) == (413, 413)


async def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    async with a_server(rate_limit=2) as server:
        statuses = [(await server.post()).status_code for _ in range(2)]
        refused = await server.post()
        other = await server.post(token=a_token(subject="bert"))
    assert statuses == [200, 200]
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    assert other.status_code == 200


async def test_browsers_of_the_front_end_may_ask_and_others_may_not() -> None:
    async with a_server(frontend_origins=frozenset({"https://app.monitr.test"})) as server:
        preflight = {"access-control-request-method": "POST", "access-control-request-headers": "authorization"}
        allowed = await server.client.options("/graphql", headers={"origin": "https://app.monitr.test", **preflight})
        refused = await server.client.options("/graphql", headers={"origin": "https://evil.test", **preflight})
        answer = await server.post(origin="https://app.monitr.test")
    assert allowed.headers["access-control-allow-origin"] == "https://app.monitr.test"
    assert "access-control-allow-origin" not in refused.headers
    assert answer.headers["access-control-allow-origin"] == "https://app.monitr.test"


async def test_a_request_keeps_the_id_that_it_came_with_and_gets_one_else() -> None:
    async with a_server() as server:
        kept = await server.post(x_request_id="trace-17")
        replaced = await server.post(x_request_id="bad id; drop")
    assert kept.headers["x-request-id"] == "trace-17"
    assert len(replaced.headers["x-request-id"]) == 32


async def test_a_fault_in_an_operation_is_told_by_the_id_of_its_request() -> None:
    async with a_server() as server:
        server.readers.fails = ConnectionError("password=hunter2")
        answer = await server.post({"query": "{ integrationProviders { integrations { id } } }"}, x_request_id="t-1")
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["requestId"] == "t-1"
    assert "hunter2" not in answer.text


async def test_the_log_names_the_path_and_never_the_query_string() -> None:
    async with a_server() as server:
        with capture_logs() as logs:
            await server.client.get("/oauth/octopus/callback", params={"code": "c0de", "state": "st4te"})
    (line,) = [entry for entry in logs if entry["event"] == "http.request"]
    assert line["path"] == "/oauth/octopus/callback"
    assert "c0de" not in str(logs)
    assert "st4te" not in str(logs)


async def test_introspection_and_graphiql_are_off_unless_they_are_switched_on() -> None:
    introspection = {"query": "{ __schema { queryType { name } } }"}
    async with a_server() as server:
        assert (await server.post(introspection)).json()["errors"]
        assert (await server.client.get("/graphiql")).status_code == 404
        assert (await server.client.get("/graphql", headers={"accept": "text/html"})).status_code == 401
    async with a_server(graphiql=True) as server:
        assert (await server.post(introspection)).json()["data"]
        assert (await server.client.get("/graphiql")).status_code == 200
        redirect = await server.client.get("/graphql", headers={"accept": "text/html"})
        assert redirect.headers["location"] == "/graphiql"


async def test_every_answer_carries_the_strict_headers() -> None:
    async with a_server(public_url="https://api.monitr.test") as server:
        for path in ("/", "/livez", "/nowhere", "/graphql", "/oauth/octopus/start"):
            headers = (await server.client.get(path)).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"
            assert "default-src 'none'" in headers["content-security-policy"]
            assert headers["strict-transport-security"]


async def test_the_demo_token_is_only_in_pages_of_a_server_that_has_one() -> None:
    token = a_token(Role.ORGANISATION_ADMIN)
    async with a_server(graphiql=True, demo_token=token) as server:
        assert token in (await server.client.get("/")).text
        assert token in (await server.client.get("/graphiql")).text
    async with a_server(graphiql=True) as server:
        assert 'name="monitr-demo-token" content=""' in (await server.client.get("/")).text


async def test_many_requests_at_once_close_every_reader() -> None:
    query = {"query": "{ integrationProviders { integrations { id administrations { id } } } }"}
    async with a_server() as server:
        answers = await asyncio.gather(*(server.post(query) for _ in range(50)))
        assert {answer.status_code for answer in answers} == {200}
        assert (server.readers.opened, server.readers.open) == (50, 0)


async def test_a_hash_stands_for_a_text_over_http_and_by_post_alone() -> None:
    persisted = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(CARDS.encode()).hexdigest()}}}
    async with a_server() as server:
        unknown = await server.post(persisted)
        sent = await server.post({"query": CARDS, **persisted})
        known = await server.post(persisted)
        got = await server.client.get(
            "/graphql",
            params={"extensions": json.dumps(persisted["extensions"])},
            headers={"authorization": f"Bearer {a_token()}"},
        )
    assert (unknown.status_code, unknown.json()["errors"][0]["message"]) == (200, "PersistedQueryNotFound")
    assert known.json() == sent.json()
    assert known.json()["data"] == {"integrationProviders": [{"key": "OCTOPUS"}]}
    assert got.status_code == 405


async def test_only_trusted_documents_run_where_the_setting_says_so() -> None:
    async with a_server(trusted_documents={sha256(CARDS.encode()).hexdigest(): CARDS}) as server:
        trusted = await server.post()
        other = await server.post({"query": "{ integrationProviders { name } }"})
    assert "errors" not in trusted.json()
    assert other.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


async def test_names_are_in_the_language_that_the_header_prefers() -> None:
    mine = an_administration()
    statement = 'statement(kind: BALANCE_SHEET, from: "2026-01-01", to: "2026-12-31") { lines { key name } }'
    query = f"query ($id: ID!) {{ administration(id: $id) {{ {statement} }} }}"
    headers = {"authorization": f"Bearer {a_token()}", "accept-language": "es, fr-BE;q=0.9, nl;q=0.8"}
    async with a_server(FakeTransactions((), (), [mine])) as server:
        answer = await server.client.post(
            "/graphql", json={"query": query, "variables": {"id": str(mine.id)}}, headers=headers
        )
    names = {line["key"]: line["name"] for line in answer.json()["data"]["administration"]["statement"]["lines"]}
    assert names["20/58"] == "Total de l'actif"
