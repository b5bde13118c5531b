import asyncio

from sqlalchemy import NullPool
from sqlalchemy.ext.asyncio import create_async_engine
from structlog.testing import capture_logs

from monitr.installation import database_check
from tests.integration.http.a_server import a_server


async def ready() -> None:
    return None


async def not_migrated() -> str:
    return "The database needs `monitr migrate`."


async def broken() -> None:
    raise ConnectionError("password=hunter2")


async def test_liveness_touches_nothing() -> None:
    async with a_server(readiness={"database": broken}) as server:
        answer = await server.client.get("/livez")
        assert answer.status_code == 200
        assert server.readers.opened == 0


async def test_ready_says_so_part_by_part() -> None:
    async with a_server(readiness={"database": ready, "broker": ready}) as server:
        answer = await server.client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "parts": {"database": {"ready": True, "problem": None}, "broker": {"ready": True, "problem": None}},
    }


async def test_not_ready_is_503_and_says_why_without_secrets() -> None:
    async with a_server(readiness={"database": not_migrated, "broker": broken}) as server:
        answer = await server.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"]["problem"] == "The database needs `monitr migrate`."
    assert answer.json()["parts"]["broker"]["problem"]
    assert "hunter2" not in answer.text


async def test_a_part_that_never_answers_is_not_ready(monkeypatch) -> None:
    monkeypatch.setattr("monitr.entrypoints.http.health.READINESS_TIMEOUT", 0.05)

    async def hangs() -> None:
        await asyncio.sleep(60)

    async with a_server(readiness={"database": hangs}) as server:
        assert (await server.client.get("/readyz")).status_code == 503


async def test_metrics_count_requests_by_route_and_not_by_what_clients_make_up() -> None:
    async with a_server() as server:
        await server.post()
        await server.client.get("/made-up-by-a-scanner")
        text = (await server.client.get("/metrics")).text
    assert 'monitr_http_requests_total{method="POST",route="/graphql",status="200"} 1.0' in text
    assert 'route="other",status="404"' in text
    assert "scanner" not in text
    assert 'monitr_graphql_operations_total{outcome="data"} 1.0' in text


async def test_metrics_may_have_a_token() -> None:
    async with a_server(metrics_token="a token of the operator") as server:
        for given in (b"", b"Bearer another", "Bearer ü".encode("latin-1")):
            answer = await server.client.get("/metrics", headers={b"authorization": given})
            assert answer.status_code == 401
            assert "monitr_" not in answer.text
        answer = await server.client.get("/metrics", headers={"authorization": "Bearer a token of the operator"})
        assert answer.status_code == 200
        assert (await server.client.get("/livez")).status_code == 200


async def test_a_database_that_does_not_answer_is_told_without_its_host_and_user() -> None:
    engine = create_async_engine("postgresql+psycopg://someone:secret@127.0.0.1:9/books", poolclass=NullPool)
    with capture_logs() as log:
        async with a_server(readiness={"database": database_check(engine)}) as server:
            answer = await server.client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["parts"]["database"]["problem"] == "The database does not answer."
    assert "127.0.0.1" in str(log)  # for the operator
    assert "secret" not in str(log)
