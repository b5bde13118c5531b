"""gql, for programs in Python: operations checked against the schema, errors with their codes, subscriptions.

``monitr schema | python with_gql.py``, with MONITR_URL, MONITR_TOKEN and MONITR_ADMINISTRATION as in world.ts.
"""

import asyncio
import os
import sys
from collections.abc import Awaitable

from gql import Client, GraphQLRequest
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

TRANSACTIONS = """
  query Transactions($administration: ID!, $first: Int) {
    administration(id: $administration) {
      transactions(first: $first) { edges { node { id date amount account { number name } } } }
    }
  }
"""
PROGRESS = """
  subscription Progress($administration: ID!) { importProgress(administrationId: $administration) { status } }
"""


async def main(url: str, token: str, administration: str, schema: str) -> None:
    authorization = {"authorization": f"Bearer {token}"}

    def asked(text: str, **variables: object) -> GraphQLRequest:
        return GraphQLRequest(text, variable_values={"administration": administration, **variables})

    async with Client(transport=HTTPXAsyncTransport(f"{url}/graphql", headers=authorization), schema=schema) as session:
        found = await session.execute(asked(TRANSACTIONS, first=2))
        assert len(found["administration"]["transactions"]["edges"]) == 2, found
        assert await refusal(session.execute(asked(TRANSACTIONS, first=0))) == "BAD_USER_INPUT"

    address = f"{url}/graphql".replace("http", "ws", 1)
    async with Client(transport=WebsocketsTransport(address, init_payload=authorization), schema=schema) as session:
        statuses = [event["importProgress"]["status"] async for event in session.subscribe(asked(PROGRESS))]
        assert statuses == ["SUCCEEDED"], statuses


async def refusal(answer: Awaitable[object]) -> object:
    """The code of the first error; None where there is none."""
    try:
        await answer
    except TransportQueryError as refused:
        return (refused.errors or [{}])[0].get("extensions", {}).get("code")
    return None


if __name__ == "__main__":
    url, token, administration = (os.environ[f"MONITR_{name}"] for name in ("URL", "TOKEN", "ADMINISTRATION"))
    asyncio.run(main(url, token, administration, sys.stdin.read()))
