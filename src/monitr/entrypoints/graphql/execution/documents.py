"""Documents on their way in: each is parsed once, measured once and validated once, and then known by its hash.

Automatic persisted queries (``extensions.persistedQuery`` of Apollo and urql) need no more than that: a hash without a
text stands for a document that was admitted before. A hash says nothing that its text does not, so that all callers
share what is known; and what is known is bounded, least recently used first out.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import cast

from graphql import (
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    parse,
    print_ast,
    specified_rules,
    validate,
)
from graphql.language import TokenKind, ast
from graphql.utilities import separate_operations
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.graphql.execution.limits import (
    CHARACTERS,
    COMMENTS,
    TOKENS,
    Measured,
    TooMuch,
    Variables,
    measured,
)
from monitr.entrypoints.graphql.execution.plans import KeptPlans
from monitr.entrypoints.graphql.execution.prices import LIMIT

ERRORS = 10
"""Of one document; what is beyond is not looked for."""
LONGEST_NAME = 200
"""Characters: an answer repeats an alias in each of its rows. Ours have 27 at most."""
DOCUMENTS_KEPT, TOKENS_KEPT = 1_000, 50_000
"""A token takes some 500 bytes with its node, so that a process keeps 25 MB of them at most."""


@dataclass(frozen=True, slots=True)
class Document:
    """``trusted``: the names of its operations that may run where only trusted documents do; None: all of them.
    ``plans``: how its rows are answered, as they are found out (``KeptPlans``)."""

    text: str
    parsed: ast.DocumentNode
    operations: Sequence[Measured]
    trusted: frozenset[str | None] | None
    plans: KeptPlans


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that may run, and its price."""

    document: Document
    operation: ast.OperationDefinitionNode
    price: int


class Refused(Exception):
    """A request that may not run, with what is said about it. ``price`` where the document got as far as that."""

    def __init__(self, errors: Iterable[GraphQLError], document: ast.DocumentNode | None, price: int | None) -> None:
        super().__init__("refused")
        self.errors = list(errors)
        self.document = document
        self.price = price


class Documents:
    """``trusted``: the texts of the documents that may run, by their hashes; None: all documents may."""

    def __init__(
        self, schema: GraphQLSchema, *, introspection: bool = False, trusted: Mapping[str, str] | None = None
    ) -> None:
        self._schema = schema
        self._hide_suggestions = not introspection
        own = () if introspection else (NoSchemaIntrospectionCustomRule,)
        self._rules = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule, *own)
        self._trusted = trusted
        self._trusted_forms = frozenset(_form(parse(text)) for text in (trusted or {}).values())
        self._known: OrderedDict[str, Document] = OrderedDict()
        self._tokens = 0

    def text(self, query: str | None, extensions: Mapping[str, object] | None) -> str | None:
        """The text that the request means: its own, or that of its hash. Raises Refused."""
        asked = (extensions or {}).get("persistedQuery")
        if asked is None:
            return query
        try:
            return self._persisted(query, asked)
        except GraphQLError as refused:
            raise Refused([refused], None, None) from None

    def admit(self, text: str, variables: Variables | None, operation_name: str | None) -> Admitted:
        """Raises Refused."""
        parsed: ast.DocumentNode | None = None
        price: int | None = None
        try:
            key = hash_of(text)
            document = self._known.get(key)
            parsed = document.parsed if document else self._parsed(text)
            operations = document.operations if document else measured(parsed, self._schema)
            trusted = document.trusted if document else self._trusted_operations(key, parsed)
            asked_for = _asked_for(operations, operation_name)
            if trusted is not None and _name(asked_for.operation) not in trusted:
                raise Said(ErrorCode.DOCUMENT_NOT_TRUSTED, Sentence.of("error.DOCUMENT_NOT_TRUSTED"))
            price = asked_for.price(variables or {})
            asked_for.affordable(price, variables or {})
            if document is None:
                if errors := validate(self._schema, parsed, self._rules, ERRORS, self._hide_suggestions):
                    raise Refused(errors, parsed, price)
                document = Document(text, parsed, operations, trusted, KeptPlans(parsed))
        except GraphQLError as refused:
            raise Refused([refused], parsed, price) from None
        self._keep(key, document)
        return Admitted(document, asked_for.operation, price)

    def _persisted(self, query: str | None, asked: object) -> str:
        said = cast("dict[str, object]", asked) if isinstance(asked, dict) else {}
        version, hash = said.get("version"), said.get("sha256Hash")
        if version != 1 or not isinstance(hash, str):
            raise _by_protocol(ErrorCode.BAD_REQUEST, "Unsupported persisted query version")
        if query is not None:
            if hash_of(query) != hash:
                raise _by_protocol(ErrorCode.PERSISTED_QUERY_HASH_MISMATCH, "provided sha does not match query")
            return query
        if known := self._known.get(hash):
            return known.text
        if text := (self._trusted or {}).get(hash):
            return text
        raise _by_protocol(ErrorCode.PERSISTED_QUERY_NOT_FOUND, "PersistedQueryNotFound")

    def _parsed(self, text: str) -> ast.DocumentNode:
        if len(text) > CHARACTERS:
            raise TooMuch(CHARACTERS, "limit.CHARACTERS")
        try:
            parsed = parse(text, max_lexical_tokens=TOKENS, max_comments=COMMENTS)
        except GraphQLSyntaxError as broken:
            if f"Document contains more than {TOKENS} tokens" in broken.message:
                raise TooMuch(TOKENS, "limit.TOKENS") from None
            if f"Document contains more than {COMMENTS} comments" in broken.message:
                raise TooMuch(COMMENTS, "limit.COMMENTS") from None
            raise
        if any(len(name) > LONGEST_NAME for name in _names(parsed)):
            raise TooMuch(LONGEST_NAME, "limit.CHARACTERS_OF_A_NAME")
        return parsed

    def _trusted_operations(self, key: str, parsed: ast.DocumentNode) -> frozenset[str | None] | None:
        """Those that, with their fragments, are a trusted document but for layout and order; None: all."""
        if self._trusted is None or key in self._trusted:
            return None
        forms = {name or None: _form(part) for name, part in separate_operations(parsed).items()}
        return frozenset(name for name, form in forms.items() if form in self._trusted_forms)

    def _keep(self, key: str, document: Document) -> None:
        if key not in self._known:
            self._tokens += document.parsed.token_count or 0
        self._known[key] = document
        self._known.move_to_end(key)
        while len(self._known) > DOCUMENTS_KEPT or self._tokens > TOKENS_KEPT:
            _, forgotten = self._known.popitem(last=False)
            self._tokens -= forgotten.parsed.token_count or 0


def hash_of(text: str) -> str:
    """SHA-256, in hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def cost_of(price: int | None) -> dict[str, object]:
    """For ``extensions``."""
    return {"cost": {"price": price, "limit": LIMIT}}


def _form(document: ast.DocumentNode) -> str:
    return "\n".join(sorted(map(print_ast, document.definitions)))


def _name(operation: ast.OperationDefinitionNode) -> str | None:
    return operation.name.value if operation.name else None


def _names(document: ast.DocumentNode) -> Iterator[str]:
    token = document.loc.start_token if document.loc else None
    while token is not None:
        if token.kind is TokenKind.NAME:
            yield token.value or ""
        token = token.next


def _asked_for(operations: Sequence[Measured], name: str | None) -> Measured:
    if not operations:
        raise _not_among_them("error.NO_OPERATION")
    if name is None:
        if len(operations) > 1:
            raise _not_among_them("error.SEVERAL_OPERATIONS")
        return operations[0]
    for one in operations:
        if _name(one.operation) == name:
            return one
    raise _not_among_them("error.NO_SUCH_OPERATION")


def _not_among_them(key: str) -> Said:
    return Said(ErrorCode.GRAPHQL_VALIDATION_FAILED, Sentence.of(key))


def _by_protocol(code: ErrorCode, message: str) -> GraphQLError:
    """In the words of automatic persisted queries, which some clients look for."""
    return GraphQLError(message, extensions={"code": code})
