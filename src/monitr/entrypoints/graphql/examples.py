"""The operations of the contract, each ready to be sent: GraphiQL's tabs, and the pages of docs/api."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import Node, NonNullTypeNode, OperationDefinitionNode, TokenKind, parse, print_ast
from graphql.utilities import separate_operations

from monitr.entrypoints.graphql.trusted_documents import contract

FIRST_FILE = "frontend.graphql"

INTEGRATION, ADMINISTRATION, IMPORT = "INTEGRATION_ID", "ADMINISTRATION_ID", "IMPORT_ID"
REPORT, BOOKING = "REPORT_ID", "BOOKING_CODE"
"""What stands for an id or code that is known only where the program runs."""

VARIABLES: Mapping[str, Any] = {
    "administrationId": ADMINISTRATION,
    "administrationIds": [ADMINISTRATION],
    "bookingCode": BOOKING,
    "bookyear": 4,
    "dates": ["2026-09-30", "2026-10-31"],
    "dossierNumbers": [49001],
    "from": "2026-01-01",
    "importId": IMPORT,
    "integrationId": INTEGRATION,
    "kind": "BALANCE_SHEET",
    "provider": "OCTOPUS",
    "report": REPORT,
    "to": "2026-12-31",
    "type": "RECEIVABLE",
    "DeleteReport.id": REPORT,
    "NodeById.id": ADMINISTRATION,
    "SaveReport.input": {
        "name": "Costs by kind",
        "lines": [
            {"key": "costs", "name": "Operating costs", "side": "DEBIT"},
            {"key": "goods", "name": "Goods", "parentKey": "costs", "side": "DEBIT"},
            {"key": "services", "name": "Services", "parentKey": "costs", "side": "DEBIT"},
        ],
        "rules": [
            {"lineKey": "goods", "accountFrom": "600000", "accountTo": "609999"},
            {"lineKey": "services", "accountFrom": "610000", "accountTo": "619999"},
        ],
    },
    "SetAssetRole.input": {"administrationId": ADMINISTRATION, "account": "220000", "role": "ACQUISITION"},
    "SetDepreciation.input": {
        "administrationId": ADMINISTRATION,
        "category": "230",
        "method": "LINEAR",
        "usefulLifeMonths": 120,
    },
}
"""Of the variables that operations require, by their name, or by the operation's and theirs. Days and numbers are those
of the demo's first dossier."""


@dataclass(frozen=True, slots=True)
class Example:
    """``about``: the comment above the operation. ``text``: the operation with the fragments that it needs, as they
    stand in the contract. ``variables``: those that it requires."""

    name: str
    about: str
    text: str
    variables: Mapping[str, Any]


def examples() -> Sequence[Example]:
    """Those of the front end first. Raises KeyError for a variable that has no value above."""
    files = sorted(contract().items(), key=lambda file: (file[0] != FIRST_FILE, file[0]))
    return [example for _, text in files for example in _of_file(text)]


def _of_file(text: str) -> Iterable[Example]:
    for name, document in separate_operations(parse(text)).items():
        operation = next(node for node in document.definitions if isinstance(node, OperationDefinitionNode))
        parts = sorted(document.definitions, key=lambda node: node is not operation)
        yield Example(
            name, comment_above(operation), "\n\n".join(_written(part) for part in parts), _variables(operation)
        )


def _written(node: Node) -> str:
    return node.loc.source.body[node.loc.start : node.loc.end] if node.loc else print_ast(node)


def comment_above(node: Node) -> str:
    """Its lines, right above; empty where there is none."""
    lines: list[str] = []
    token = node.loc.start_token if node.loc else None
    while token and (above := token.prev) and above.kind is TokenKind.COMMENT and above.line == token.line - 1:
        lines.append((above.value or "").strip())
        token = above
    return "\n".join(reversed(lines))


def _variables(operation: OperationDefinitionNode) -> Mapping[str, Any]:
    name = operation.name.value if operation.name else ""
    required = [
        it.variable.name.value
        for it in operation.variable_definitions or ()
        if isinstance(it.type, NonNullTypeNode) and it.default_value is None
    ]
    return {it: VARIABLES.get(f"{name}.{it}") or VARIABLES[it] for it in required}
