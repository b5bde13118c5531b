import asyncio

from tests.integration.http.a_server import a_server, a_token
from tests.node import run_clients


async def test_every_audit_of_graphql_over_http_passes_but_those_that_are_declined() -> None:
    async with a_server(graphiql=True) as server:
        told = await asyncio.to_thread(run_clients, "audits", url=server.url, token=a_token())
    assert told == {"audits": None}
