"""A client of the SDK in one process with the server, over fakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

from mcp import Client
from mcp_types import CallToolResult, TextContent

from monitr.domain.accounting.verification import VerificationStatus
from monitr.domain.organisation import OrganisationId
from monitr.entrypoints.graphql.execution.context import Connection
from monitr.entrypoints.graphql.schema import create_schema
from monitr.entrypoints.mcp.server import Connect, Context, ReadTools, create_server
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import JANUARY, FakeBooks
from tests.unit.fakes import NOON, FakeTransactions, an_administration

TOOLS = ReadTools(create_schema())
THEIRS = OrganisationId(uuid4())
BOOKS = an_administration()
ID = str(BOOKS.id)
SPAN: dict[str, Any] = {"administrationId": ID, "from": "2026-01-01", "to": "2026-12-31"}


def proven(**changes: Any) -> FakeBooks:
    """Imported and PASSED, but for the changes of its freshness."""
    books = FakeBooks()
    passed: dict[str, Any] = {
        "imported_at": NOON,
        "import_running": False,
        "verification": VerificationStatus.PASSED,
        "complete_from": JANUARY,
    }
    books.freshness = replace(books.freshness, **(passed | changes))
    return books


def the_api(books: FakeBooks | None = None, **named: Any) -> Api:
    return an_api(FakeTransactions((), (), [BOOKS]), *named.pop("roles", ()), books=books or proven(), **named)


def as_that_user(api: Api) -> Connect:
    async def connect(_: Context) -> Connection:
        return api.connection

    return connect


@asynccontextmanager
async def an_agent(api: Api | None = None, mode: str = "auto") -> AsyncIterator[Client]:
    async with Client(create_server(TOOLS, as_that_user(api or the_api())), mode=mode) as client:
        yield client


async def answer(tool: str, api: Api | None = None, **arguments: Any) -> dict[str, Any]:
    """What the tool answers, where that is no error."""
    async with an_agent(api) as agent:
        result = await agent.call_tool(tool, arguments)
    assert not result.is_error, said(result)
    content: dict[str, Any] = result.structured_content
    return content


async def complaint(tool: str, api: Api | None = None, **arguments: Any) -> tuple[str, dict[str, Any]]:
    """The words of an error, and the ``extensions`` of the first."""
    async with an_agent(api) as agent:
        result = await agent.call_tool(tool, arguments)
    assert result.is_error
    return said(result), result.structured_content["errors"][0]["extensions"]


def said(result: CallToolResult) -> str:
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text
