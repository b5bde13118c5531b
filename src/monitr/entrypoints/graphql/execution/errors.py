"""Entries in ``errors``: what the caller did wrong says so with a code; a fault of ours says nothing but its number."""

import re
from collections.abc import Callable
from functools import cache

import structlog
from graphql import GraphQLError, GraphQLSyntaxError, Source, Visitor, parse, visit
from graphql.language import ast

from monitr.application.reading.asking import NotPermitted
from monitr.application.reading.reports import MOST_SUMS, TooManySums
from monitr.application.reading.session import TookTooLong

log = structlog.get_logger()

Document = Callable[[], ast.DocumentNode | None]
"""What the request holds, parsed once, and only for an error that needs it."""

MOST_ERRORS = 50
"""In one answer: more say nothing new, and each takes its time."""

_ARGUMENT_IN_MESSAGE = re.compile(r"[Aa]rgument '(?:[\w.]+\()?(\w+)")


class BadUserInput(GraphQLError):
    """An argument that cannot be used. ``argument`` is its name, dotted inside of inputs (``filter.accounts``)."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(
            f"Argument '{argument}': {message}", extensions={"code": "BAD_USER_INPUT", "argument": argument}
        )


class DeadlineExceeded(GraphQLError):
    def __init__(self) -> None:
        super().__init__(
            "This took too long and was cancelled: ask for smaller pages or shorter spans. A change that had begun is "
            "still made to its end.",
            extensions={"code": "DEADLINE_EXCEEDED"},
        )


class AnswerTooLarge(GraphQLError):
    def __init__(self, limit: int) -> None:
        super().__init__(
            f"The answer would take more than {limit} rows: ask for smaller pages, shorter spans or fewer accounts.",
            extensions={"code": "ANSWER_TOO_LARGE", "limit": limit},
        )


class UnavailableField(GraphQLError):
    """A use case answered with a problem where the contract has no room for it: a list that cannot be null."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message, extensions={"code": code})


def rendered(errors: list[GraphQLError], query: str | None, request_id: str) -> list[GraphQLError]:
    """The entries as the caller may see them, the first ones. Faults are logged, and told by ``request_id`` alone."""
    document = cache(lambda: _parsed(query))
    return [_rendered(error, document, request_id) for error in errors[:MOST_ERRORS]]


def fault(error: Exception, request_id: str) -> GraphQLError:
    """The entry for an exception that nothing has caught."""
    log.error("graphql.fault", exc_info=error)
    return _internal(request_id)


def _rendered(error: GraphQLError, document: Document, request_id: str) -> GraphQLError:
    if error.extensions and "code" in error.extensions:
        return _without_cause(error, error.extensions)
    if isinstance(error.original_error, NotPermitted):
        return _without_cause(error, {"code": error.original_error.forbidden.code})
    if isinstance(error, GraphQLSyntaxError):
        return _without_cause(error, {"code": "GRAPHQL_PARSE_FAILED"})
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        argument = _argument(error, document)
        if argument is None:
            return _without_cause(error, {"code": "GRAPHQL_VALIDATION_FAILED"})
        return _without_cause(error, {"code": "BAD_USER_INPUT", "argument": argument})
    if isinstance(error.original_error, TookTooLong):
        return _told(error, DeadlineExceeded())
    if isinstance(error.original_error, TooManySums):
        return _told(error, AnswerTooLarge(MOST_SUMS))
    log.error("graphql.fault", path=error.path, exc_info=error.original_error)
    return _internal(request_id, error)


def _internal(request_id: str, error: GraphQLError | None = None) -> GraphQLError:
    return GraphQLError(
        f"Something went wrong on our side. Please quote {request_id} when you report it.",
        nodes=error.nodes if error else None,
        path=error.path if error else None,
        extensions={"code": "INTERNAL", "requestId": request_id},
    )


def _told(error: GraphQLError, words: GraphQLError) -> GraphQLError:
    """The words, at the place of the error."""
    return GraphQLError(words.message, nodes=error.nodes, path=error.path, extensions=words.extensions)


def _without_cause(error: GraphQLError, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        error.message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


def _argument(error: GraphQLError, document: Document) -> str | None:
    """The name of the argument that the error is about; None where it is about something else."""
    node = error.nodes[0] if error.nodes else None
    if isinstance(node, ast.VariableDefinitionNode) and error.message.startswith("Variable"):
        variable = node.variable.name.value
        used = _argument_with(document, lambda it: isinstance(it, ast.VariableNode) and it.name.value == variable)
        return used or variable
    if named := _ARGUMENT_IN_MESSAGE.search(error.message):
        return named.group(1)
    if node is None or node.loc is None or isinstance(node, ast.FieldNode):
        return None
    start = node.loc.start
    return _argument_with(document, lambda it: it.loc is not None and it.loc.start == start)


def _parsed(query: str | None) -> ast.DocumentNode | None:
    try:
        return parse(Source(query)) if query else None
    except GraphQLError:
        return None


class _ArgumentFinder(Visitor):
    """Finds the argument, with the input fields below it, that holds the first node for which ``matches`` is true."""

    def __init__(self, matches: Callable[[ast.Node], bool]) -> None:
        super().__init__()
        self.matches = matches
        self.names: list[str] = []
        self.found: str | None = None

    def enter(self, node: ast.Node, *_: object) -> None:
        if isinstance(node, ast.ArgumentNode | ast.ObjectFieldNode):
            self.names.append(node.name.value)
        if self.found is None and self.names and self.matches(node):
            self.found = ".".join(self.names)

    def leave(self, node: ast.Node, *_: object) -> None:
        if isinstance(node, ast.ArgumentNode | ast.ObjectFieldNode):
            self.names.pop()


def _argument_with(document: Document, matches: Callable[[ast.Node], bool]) -> str | None:
    finder = _ArgumentFinder(matches)
    if parsed := document():
        visit(parsed, finder)
    return finder.found
