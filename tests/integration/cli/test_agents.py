"""``monitr mcp`` as agents start it."""

import sys
from base64 import urlsafe_b64encode
from uuid import uuid4

from mcp import Client
from mcp.client.session import IncomingMessage
from mcp.client.stdio import StdioServerParameters

from monitr.domain.organisation import OrganisationId
from tests.integration.cli.conftest import Command
from tests.integration.cli.processes import clean
from tests.integration.http.a_server import SECRET, a_token


def settings(database: str, token: str) -> dict[str, str]:
    key = urlsafe_b64encode(bytes(range(32))).decode()
    return {"DATABASE_URL": database, "ENCRYPTION_KEYS": key, "AUTH_SECRET": SECRET, "TOKEN": token}


async def test_over_standard_input_and_output_go_messages_alone(database_url: str) -> None:
    environment = clean(settings(database_url, a_token(organisation=OrganisationId(uuid4()))))
    strays: list[IncomingMessage] = []

    async def stray(message: IncomingMessage) -> None:
        strays.append(message)

    program = StdioServerParameters(command=sys.executable, args=["-m", "monitr", "mcp"], env=environment)
    async with Client(program, message_handler=stray) as agent:
        cards = await agent.call_tool("IntegrationCards", {})
        unknown = await agent.call_tool("LedgerBasics", {"administrationId": str(uuid4())})
    assert cards.structured_content["data"]["integrationProviders"][0]["integrations"] == []
    assert unknown.structured_content["data"] == {"administration": None}
    assert strays == []


def test_a_wrong_token_ends_it_with_one_sentence(database_url: str, in_process: Command) -> None:
    ended = in_process("mcp", **settings(database_url, "nonsense"))
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr == "The token in MONITR_TOKEN is wrong: it is not one that is accepted here.\n"
