"""Entries in ``errors``: what the caller did wrong says so with a code; a fault of ours says nothing but its number."""

import re
from collections.abc import Sequence
from functools import cached_property

import structlog
from graphql import GraphQLError, GraphQLSyntaxError, Visitor, visit
from graphql.language import ast

from monitr.application.reading.asking import NotPermitted
from monitr.application.reading.ledger import TooManyLines
from monitr.application.reading.reports import TooManySums
from monitr.application.reading.session import TookTooLong
from monitr.domain.codes import ProblemCode
from monitr.domain.language import Language
from monitr.domain.words.sentence import Sentence
from monitr.domain.words.voice import Voice
from monitr.entrypoints.error_codes import ErrorCode, error_extensions, parameters_of
from monitr.entrypoints.voices import in_words, voice_of

log = structlog.get_logger()

MOST_ERRORS = 50
"""In one answer: more say nothing new, and each takes its time."""

_ARGUMENT_IN_MESSAGE = re.compile(r"[Aa]rgument '(?:[\w.]+\()?(\w+)")


class Said(GraphQLError):
    """What the caller is told, in English until it is rendered."""

    def __init__(
        self, code: ErrorCode | ProblemCode, sentence: Sentence, node: ast.Node | None = None, **more: object
    ) -> None:
        self.sentence = sentence
        super().__init__(str(sentence), nodes=node, extensions={"code": code, **more})


class BadUserInput(Said):
    """An argument that cannot be used. ``argument`` is its name, dotted inside of inputs (``filter.accounts``)."""

    def __init__(self, argument: str, why: Sentence) -> None:
        sentence = Sentence.of("error.BAD_USER_INPUT", argument=argument, why=why)
        super().__init__(ErrorCode.BAD_USER_INPUT, sentence, argument=argument)
        self.argument = argument


class BadRequest(Said):
    """What is no request of the API."""

    def __init__(self, why: Sentence, node: ast.Node | None = None) -> None:
        super().__init__(ErrorCode.BAD_REQUEST, Sentence.of("error.BAD_REQUEST", why=why), node)


class DeadlineExceeded(Said):
    def __init__(self) -> None:
        super().__init__(ErrorCode.DEADLINE_EXCEEDED, Sentence.of("error.DEADLINE_EXCEEDED"))


class AnswerTooLarge(Said):
    def __init__(self, limit: int) -> None:
        super().__init__(ErrorCode.ANSWER_TOO_LARGE, Sentence.of("error.ANSWER_TOO_LARGE", limit=limit), limit=limit)


class SearchTooWide(Said):
    def __init__(self) -> None:
        super().__init__(ErrorCode.QUERY_TOO_COSTLY, Sentence.of("error.SEARCH_TOO_WIDE"))


def rendered(
    errors: Sequence[GraphQLError], document: ast.DocumentNode | None, request_id: str, language: Language | None
) -> list[GraphQLError]:
    """The entries as the caller may see them, the first ones; ``document`` is what was asked, where it could be parsed.
    Faults are logged, and told by ``request_id`` alone."""
    places, voice = _Places(document), voice_of(language)
    shown = (_rendered(error, places, request_id) for error in errors[:MOST_ERRORS])
    return [_formed(_in_words(error, voice), places) for error in shown]


def fault(error: Exception, request_id: str, language: Language | None) -> GraphQLError:
    """The entry for an exception that nothing has caught."""
    log.error("graphql.fault", exc_info=error)
    return _formed(_in_words(_internal(request_id), voice_of(language)), _Places(None))


def _formed(error: GraphQLError, places: "_Places") -> GraphQLError:
    """With ``extensions`` of the one form; ``path`` is told there of a document that was not run too."""
    given = error.extensions or {}
    path = given.get("path") or error.path or places.field(error)
    error.extensions = given | error_extensions(given["code"], given.get("argument"), path)
    return error


def _in_words(error: GraphQLError, voice: Voice) -> GraphQLError:
    """With the parameters of its sentence, where it has some."""
    if not isinstance(error, Said):
        return error
    extensions = {**(error.extensions or {}), **parameters_of(error.sentence)}
    return _placed(error, in_words(error.sentence, voice), extensions)


def _rendered(error: GraphQLError, places: "_Places", request_id: str) -> GraphQLError:
    if isinstance(error, Said):
        return error
    if isinstance(said := error.original_error, Said):
        return _told(error, said)
    if error.extensions and "code" in error.extensions:
        return _without_cause(error, error.extensions)
    if isinstance(error.original_error, NotPermitted):
        forbidden = error.original_error.forbidden
        return _told(error, Said(forbidden.code, forbidden.sentence))
    if isinstance(error, GraphQLSyntaxError):
        return _without_cause(error, {"code": ErrorCode.GRAPHQL_PARSE_FAILED})
    if error.original_error is None or isinstance(error.original_error, GraphQLError):
        argument = places.argument(error)
        if argument is None:
            return _without_cause(error, {"code": ErrorCode.GRAPHQL_VALIDATION_FAILED})
        return _without_cause(error, {"code": ErrorCode.BAD_USER_INPUT, "argument": argument})
    if isinstance(error.original_error, TookTooLong):
        return _told(error, DeadlineExceeded())
    if isinstance(error.original_error, TooManyLines):
        return _told(error, SearchTooWide())
    if isinstance(error.original_error, TooManySums):
        return _told(error, AnswerTooLarge(error.original_error.most))
    log.error("graphql.fault", path=error.path, exc_info=error.original_error)
    return _internal(request_id, error)


def _internal(request_id: str, error: GraphQLError | None = None) -> GraphQLError:
    sentence = Sentence.of("error.INTERNAL", request_id=request_id)
    internal = Said(ErrorCode.INTERNAL, sentence, requestId=request_id)
    return internal if error is None else _told(error, internal)


def _told(error: GraphQLError, said: Said) -> GraphQLError:
    """What is said, at the place of the error."""
    said.nodes, said.path, said.positions, said.source = error.nodes, error.path, error.positions, error.source
    return said


def _without_cause(error: GraphQLError, extensions: dict[str, object]) -> GraphQLError:
    return _placed(error, error.message, extensions)


def _placed(error: GraphQLError, message: str, extensions: dict[str, object]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )


class _Places:
    """What a document says where, looked through once for all of its errors, and only where there is one."""

    def __init__(self, document: ast.DocumentNode | None) -> None:
        self._document = document

    def argument(self, error: GraphQLError) -> str | None:
        """The name of the argument that the error is about; None where it is about something else."""
        node = error.nodes[0] if error.nodes else None
        if variable := _variable(error):
            return self._found.of_variables.get(variable, variable)
        if named := _ARGUMENT_IN_MESSAGE.search(error.message):
            return named.group(1)
        if node is None or node.loc is None or isinstance(node, ast.FieldNode):
            return None
        return self._found.at.get(node.loc.start)

    def field(self, error: GraphQLError) -> Sequence[str] | None:
        """The path of the field that the error is about. None of what lies in a fragment: it may be in many."""
        if variable := _variable(error):
            return self._found.fields_of_variables.get(variable)
        node = error.nodes[0] if error.nodes else None
        return self._found.fields.get(node.loc.start) if node is not None and node.loc is not None else None

    @cached_property
    def _found(self) -> "_PlaceFinder":
        finder = _PlaceFinder()
        if self._document is not None:
            visit(self._document, finder)
        return finder


def _variable(error: GraphQLError) -> str | None:
    """The name of the one that the error is about."""
    node = error.nodes[0] if error.nodes else None
    if isinstance(node, ast.VariableDefinitionNode) and error.message.startswith("Variable"):
        return node.variable.name.value
    return None


class _PlaceFinder(Visitor):
    """The argument, with the input fields below it, and the field that hold what begins ``at`` a place, or the first
    use of a variable."""

    def __init__(self) -> None:
        super().__init__()
        self.at: dict[int, str] = {}
        self.fields: dict[int, Sequence[str]] = {}
        self.of_variables: dict[str, str] = {}
        self.fields_of_variables: dict[str, Sequence[str]] = {}
        self._names: list[str] = []
        self._path: tuple[str, ...] = ()
        self._is_in_fragment = False

    def enter(self, node: ast.Node, *_: object) -> None:
        match node:
            case ast.ArgumentNode() | ast.ObjectFieldNode():
                self._names.append(node.name.value)
            case ast.FieldNode():
                self._path = (*self._path, (node.alias or node.name).value)
            case ast.FragmentDefinitionNode():
                self._is_in_fragment = True
            case _:
                pass
        if node.loc is None:
            return
        if self._path and not self._is_in_fragment:
            self.fields.setdefault(node.loc.start, self._path)
            if isinstance(node, ast.VariableNode):
                self.fields_of_variables.setdefault(node.name.value, self._path)
        if self._names:
            self.at.setdefault(node.loc.start, ".".join(self._names))
            if isinstance(node, ast.VariableNode):
                self.of_variables.setdefault(node.name.value, ".".join(self._names))

    def leave(self, node: ast.Node, *_: object) -> None:
        match node:
            case ast.ArgumentNode() | ast.ObjectFieldNode():
                self._names.pop()
            case ast.FieldNode():
                self._path = self._path[:-1]
            case ast.FragmentDefinitionNode():
                self._is_in_fragment = False
            case _:
                pass
