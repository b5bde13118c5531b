"""The server, whatever carries it: a call of a tool is an operation of whoever's token comes with it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib.metadata import version

from mcp.server import Server, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Connection
from monitr.entrypoints.graphql.execution.errors import BadUserInput, Said, fault, rendered
from monitr.entrypoints.graphql.schema import Schema
from monitr.entrypoints.graphql.trusted_documents import contract
from monitr.entrypoints.mcp.answers import AnswerTooLong, answered, refused
from monitr.entrypoints.mcp.operations import ReadOperation, read_operations
from monitr.entrypoints.mcp.tools import tool_of

INSTRUCTIONS = """\
Belgian bookkeepings, imported from Octopus: ledgers, reports, open items and fixed assets. Nothing can be changed here.

Ask IntegrationCards first: it names the administrations with their ids. Money is a text with two decimals, in the
bookkeeping currency. Every answer tells, as `freshness` of its administration, when it was imported and whether that
was proven to agree with the books: `verification` is PASSED then, and figures of any other are not proven. Where
`notices` holds a sentence, tell it together with the figures. Where `more` holds one, the answer is a part: do not add
up a part."""

Context = ServerRequestContext[dict[str, object]]
Connect = Callable[[Context], Awaitable[Connection]]
"""For one call. Raises NotAdmitted."""


class NotAdmitted(Said):
    pass


class ReadTools:
    """The read operations of the contract as tools."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._operations = {it.name: it for it in read_operations(contract(), schema._schema)}
        self.listed = [tool_of(it, schema._schema) for it in self._operations.values()]
        self._schemas = {tool.name: tool.input_schema for tool in self.listed}

    def input_schema(self, name: str) -> Mapping[str, object] | None:
        return self._schemas.get(name)

    async def call(self, name: str, arguments: dict[str, object], connection: Connection) -> CallToolResult:
        operation = self._operations[name]
        try:
            result = await self._schema.execute(operation.text, _known(operation, arguments), connection)
            if result.errors or result.data is None:
                return refused(result.errors or [])
            return await answered(operation, result.data, connection)
        except (BadUserInput, AnswerTooLong) as error:
            return refused(rendered([error], None, connection.request_id, connection.language))
        except Exception as error:  # of which the library would tell the words
            return refused([fault(error, connection.request_id, connection.language)])


def create_server(tools: ReadTools, connect: Connect) -> Server[dict[str, object]]:
    async def list_tools(_: Context, __: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=tools.listed)

    async def call_tool(context: Context, asked: CallToolRequestParams) -> CallToolResult:
        if tools.input_schema(asked.name) is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {asked.name!r}.")
        try:
            connection = await connect(context)
        except NotAdmitted as error:
            return refused(rendered([error], None, "", None))
        return await tools.call(asked.name, asked.arguments or {}, connection)

    return Server(
        "monitr",
        title="Monitr",
        version=version("monitr"),
        instructions=INSTRUCTIONS,
        get_tool_input_schema=tools.input_schema,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def _known(operation: ReadOperation, arguments: dict[str, object]) -> dict[str, object]:
    """GraphQL passes over variables that it does not know; an agent that misspells a filter would take all lines for
    those that it has asked for. Raises BadUserInput."""
    names = [it.variable.name.value for it in operation.definition.variable_definitions or ()]
    for name in arguments:
        if name not in names:
            raise BadUserInput(name, _no_such_argument(names))
    return arguments


def _no_such_argument(known: Sequence[str]) -> Sentence:
    if known:
        return Sentence.of("input.NO_TOOL_ARGUMENT", known=", ".join(known))
    return Sentence.of("input.TOOL_WITHOUT_ARGUMENTS")
