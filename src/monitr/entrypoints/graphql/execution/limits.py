"""What one document may hold, and what its operations cost: found out in one walk, before anything else runs.

The walk puts fragments in where they are spread and merges fields of one name, as the execution does. It ends at the
first limit that is passed, so that its length, and that of every rule of graphql-core that comes after it, is bounded
whatever the document says: those rules compare fields in pairs, and follow fragments as often as they are spread.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from graphql import (
    GraphQLCompositeType,
    GraphQLError,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    is_composite_type,
    value_from_ast_untyped,
)
from graphql.language import TokenKind, ast

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.error_codes import ErrorCode
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.graphql.execution.prices import LIMIT, PRICES, SEARCH, Asked, Number, Price

CHARACTERS = 50_000
TOKENS = 4_000
COMMENTS = 2_000
"""The whole file of the front end's operations has some 16,000, 1,300 and 120."""
FIELDS = 1_500
"""Of all operations of the document, fragments put in; that file has some 600."""
DEPTH = 12
"""The deepest operation of the front end has 8."""
DEPTH_OF_INTROSPECTION = 20
NESTING = 30
"""Fragments inside of fragments, in one place."""
REPEATED = 25
"""How often one name may be asked for in one place."""
SPREAD = 50
"""How many fragments may be spread in one place."""
ALIASES = 30
DIRECTIVES = 50
VARIABLES = 50
OPERATIONS, FRAGMENTS = 50, 100
VALUES = 10
"""Lists and objects in one another, in arguments."""
DIGITS = 1_000
"""Of one number; Python reads none of more than 4,300."""


class TooMuch(Said):
    """The document holds more than ``most`` of what ``of`` names, a key of the catalogue."""

    def __init__(self, most: int, of: str, node: ast.Node | None = None) -> None:
        sentence = Sentence.of("error.DOCUMENT_TOO_LARGE", most=most, of=Sentence.of(of))
        super().__init__(ErrorCode.QUERY_TOO_COSTLY, sentence, node)


Variables = dict[str, object]


class _Cost(NamedTuple):
    each: int
    once: int = 0
    searches: int = 0


@dataclass(slots=True)
class _Selected:
    """What is selected in one place: how many plain fields, and those that have a price or something below them."""

    plain: int = 0
    priced: "list[_Priced]" = field(default_factory=list)

    def cost(self, variables: Variables, above: Asked | None) -> _Cost:
        costs = [priced.cost(variables, above) for priced in self.priced]
        each = self.plain + sum(cost.each for cost in costs)
        return _Cost(each, sum(cost.once for cost in costs), sum(cost.searches for cost in costs))


class _Field(NamedTuple):
    price: Price
    node: ast.FieldNode
    definition: GraphQLField


@dataclass(frozen=True, slots=True)
class _Priced:
    """A field, as each of the types has it that it is selected on: with one price as a rule. ``name`` is the one that
    it has in the answer; ``takes_arguments``: it can be asked for less."""

    name: str
    takes_arguments: bool
    fields: Sequence[_Field]
    below: _Selected

    def cost(self, variables: Variables, above: Asked | None) -> _Cost:
        own, each, times, known = self._alone(variables, above)
        below = self.below.cost(variables, known)
        return _Cost(
            own.each + times * (each + below.each), own.once + below.once, own.searches + times * below.searches
        )

    def rows(self, variables: Variables, above: Asked | None) -> tuple[int, Asked | None]:
        """How often what lies below is answered, and what that knows."""
        _, _, times, known = self._alone(variables, above)
        return times, known

    def _alone(self, variables: Variables, above: Asked | None) -> tuple[_Cost, int, int, Asked | None]:
        """Without what is selected below: what it costs, what each row does, how many there are, what they know."""
        own, once, rows, each, searches = 0, 0, 0, 1, 0
        known = above
        for price, node, definition in self.fields:
            asked = Asked(_arguments(node, definition, variables), above)
            own += _number(price.own, asked)
            once += price.once
            searches += _number(price.searches, asked)
            rows = max(rows, _number(price.rows, asked))
            each = max(each, price.each)
            known = asked if price.is_known_below else known
        return _Cost(own, once, searches), each, rows if self.fields else 1, known


@dataclass(frozen=True, slots=True)
class Measured:
    """An operation of a document, within its limits."""

    operation: ast.OperationDefinitionNode
    selected: _Selected

    def price(self, variables: Variables) -> int:
        """What it costs with these variables, as they were sent; others than it declares are not looked at."""
        return _sum(self.selected.cost(self._given(variables), None))

    def affordable(self, price: int, variables: Variables) -> None:
        """Raises Said, which names the field that costs most."""
        if price <= LIMIT:
            return
        path, dearest = self._dearest(self._given(variables))
        raise Said(
            ErrorCode.QUERY_TOO_COSTLY,
            Sentence.of("error.QUERY_TOO_COSTLY", cost=price, limit=LIMIT, field_cost=dearest, field=".".join(path)),
            path=path,
            cost=price,
            limit=LIMIT,
            fieldCost=dearest,
        )

    def _given(self, variables: Variables) -> Variables:
        return {
            name: variables[name] if name in variables else _value(definition.default_value, {})
            for definition in self.operation.variable_definitions or ()
            if (name := definition.variable.name.value) in variables or definition.default_value is not None
        }

    def _dearest(self, variables: Variables) -> tuple[Sequence[str], int]:
        """The path and the price, all of its rows together, of the field that costs most: always the dearest one below,
        down to the last that takes arguments, since it is what can be asked for less."""
        path: tuple[str, ...] = ()
        found: tuple[Sequence[str], int] = (path, 0)
        selected, above, times = self.selected, None, 1
        while selected.priced:
            costs = [_times(field.cost(variables, above), times) for field in selected.priced]
            price = max(costs)
            field = selected.priced[costs.index(price)]
            path = (*path, field.name)
            if field.takes_arguments or not found[0]:
                found = path, price
            rows, above = field.rows(variables, above)
            selected, times = field.below, times * rows
        return found


def _sum(cost: _Cost) -> int:
    return cost.each + cost.once + SEARCH * cost.searches**2


def _times(cost: _Cost, times: int) -> int:
    """The price of what is answered so often."""
    return _sum(_Cost(cost.each * times, cost.once, cost.searches * times))


def measured(document: ast.DocumentNode, schema: GraphQLSchema) -> list[Measured]:
    """The operations. Raises TooMuch, and GraphQLError for a fragment inside of itself."""
    return _Walk(document, schema).measured()


class _Place(NamedTuple):
    """A selection set, the type that it is on (None where the schema has none), and the fragments that it is in."""

    type: GraphQLCompositeType | None
    selections: ast.SelectionSetNode
    inside: frozenset[str]


class _Walk:
    def __init__(self, document: ast.DocumentNode, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._operations = [it for it in document.definitions if isinstance(it, ast.OperationDefinitionNode)]
        fragments = [it for it in document.definitions if isinstance(it, ast.FragmentDefinitionNode)]
        self._fragments = {it.name.value: it for it in fragments}
        self._unused = dict(self._fragments)
        self._fields = self._aliases = self._directives = 0
        _look_at_values(document)
        _at_most(OPERATIONS, len(self._operations), "limit.OPERATIONS")
        _at_most(FRAGMENTS, len(fragments), "limit.FRAGMENTS")
        if len(self._fragments) < len(fragments):
            raise _invalid("There can be only one fragment of a name.", None)

    def measured(self) -> list[Measured]:
        operations = [Measured(it, self._operation(it)) for it in self._operations]
        while self._unused:  # invalid, but graphql-core looks at all that is in them before it says so
            _, fragment = self._unused.popitem()
            self._look_at(fragment)
            self._merged([self._inside(fragment, frozenset())], depth=1)
        return operations

    def _operation(self, operation: ast.OperationDefinitionNode) -> _Selected:
        self._look_at(operation)
        variables = operation.variable_definitions or ()
        _at_most(VARIABLES, len(variables), "limit.VARIABLES", operation)
        for variable in variables:
            self._look_at(variable)
        root = self._schema.get_root_type(operation.operation)
        return self._merged([_Place(root, operation.selection_set, frozenset())], depth=1)

    def _merged(self, places: Sequence[_Place], depth: int, most: int = DEPTH) -> _Selected:
        """What is selected by all places together, since they are merged where it is executed."""
        spread = Counter[str]()
        by_name: dict[str, list[tuple[ast.FieldNode, _Place]]] = {}
        for place in places:
            for node, found in self._collected(place, spread, 0):
                _at_most(most, depth, "limit.DEPTH", node)
                name = (node.alias or node.name).value
                by_name.setdefault(name, []).append((node, found))
                _at_most(REPEATED, len(by_name[name]), "limit.REPEATED", node)
        selected = _Selected()
        for fields in by_name.values():
            self._price(fields, selected, depth, most)
        return selected

    def _collected(self, place: _Place, spread: Counter[str], nesting: int) -> Iterator[tuple[ast.FieldNode, _Place]]:
        """The fields, fragments put in, each with the place where it stands."""
        _at_most(NESTING, nesting, "limit.NESTING", place.selections)
        for node in place.selections.selections:
            self._look_at(node)
            self._fields += 1
            _at_most(FIELDS, self._fields, "limit.FIELDS", node)
            match node:
                case ast.FieldNode():
                    self._aliases += node.alias is not None
                    _at_most(ALIASES, self._aliases, "limit.ALIASES", node)
                    yield node, place
                case ast.InlineFragmentNode():
                    type = self._type(node.type_condition) if node.type_condition else place.type
                    inner = _Place(type, node.selection_set, place.inside)
                    yield from self._collected(inner, spread, nesting + 1)
                case ast.FragmentSpreadNode():
                    name = node.name.value
                    spread[name] += 1
                    _at_most(SPREAD, spread.total(), "limit.SPREAD", node)
                    if name in place.inside:
                        raise _invalid(f"Cannot spread fragment '{name}' within itself.", node)
                    if fragment := self._fragments.get(name):  # an unknown one is told by the validation
                        if self._unused.pop(name, None):
                            self._look_at(fragment)
                        yield from self._collected(self._inside(fragment, place.inside), spread, nesting + 1)
                case _:  # there is no other kind of selection
                    pass

    def _inside(self, fragment: ast.FragmentDefinitionNode, inside: frozenset[str]) -> _Place:
        return _Place(self._type(fragment.type_condition), fragment.selection_set, inside | {fragment.name.value})

    def _price(
        self, fields: Sequence[tuple[ast.FieldNode, _Place]], selected: _Selected, depth: int, most: int
    ) -> None:
        """Adds the fields of one name, which are one field where they are executed."""
        priced: dict[str, _Field] = {}
        below: list[_Place] = []
        takes_arguments = False
        for node, place in fields:
            definition = self._schema.get_field(place.type, node.name.value) if place.type else None
            coordinate = f"{place.type}.{node.name.value}"
            takes_arguments = takes_arguments or bool(definition and definition.args)
            if definition and coordinate in PRICES:
                priced.setdefault(coordinate, _Field(PRICES[coordinate], node, definition))
            if node.selection_set:
                type = get_named_type(getattr(definition, "type", None))
                below.append(_Place(type if is_composite_type(type) else None, node.selection_set, place.inside))
            if node.name.value in ("__schema", "__type"):
                most = DEPTH_OF_INTROSPECTION
        if below or priced:
            name = (fields[0][0].alias or fields[0][0].name).value
            merged = self._merged(below, depth + 1, most)
            selected.priced.append(_Priced(name, takes_arguments, tuple(priced.values()), merged))
        else:
            selected.plain += 1

    def _type(self, condition: ast.NamedTypeNode) -> GraphQLCompositeType | None:
        type: GraphQLNamedType | None = self._schema.get_type(condition.name.value)
        return type if is_composite_type(type) else None

    def _look_at(self, node: ast.Node) -> None:
        self._directives += len(getattr(node, "directives", None) or ())
        _at_most(DIRECTIVES, self._directives, "limit.DIRECTIVES", node)


def _look_at_values(document: ast.DocumentNode) -> None:
    """Token by token: how deep lists and objects lie in one another in arguments, and how long numbers are."""
    token = document.loc.start_token if document.loc else None
    in_arguments, depth = 0, 0
    while token is not None:
        match token.kind:
            case TokenKind.PAREN_L:
                in_arguments += 1
            case TokenKind.PAREN_R:
                in_arguments -= 1
            case TokenKind.BRACE_L | TokenKind.BRACKET_L if in_arguments:
                depth += 1
                _at_most(VALUES, depth, "limit.VALUES")
            case TokenKind.BRACE_R | TokenKind.BRACKET_R if in_arguments:
                depth -= 1
            case TokenKind.INT | TokenKind.FLOAT:
                _at_most(DIGITS, len(token.value or ""), "limit.DIGITS")
            case _:
                pass
        token = token.next


def _invalid(message: str, node: ast.Node | None) -> GraphQLError:
    return GraphQLError(message, nodes=node, extensions={"code": ErrorCode.GRAPHQL_VALIDATION_FAILED})


def _at_most(most: int, count: int, of: str, node: ast.Node | None = None) -> None:
    if count > most:
        raise TooMuch(most, of, node)


def _arguments(node: ast.FieldNode, definition: GraphQLField, variables: Variables) -> dict[str, object]:
    """As they are given, with the defaults of those that are not, or are null."""
    given = {argument.name.value: _value(argument.value, variables) for argument in node.arguments or ()}
    defaults = {name: argument.default_value for name, argument in definition.args.items()}
    return {**defaults, **{name: value for name, value in given.items() if value is not None}}


def _number(number: Number, asked: Asked) -> int:
    return number if isinstance(number, int) else number(asked)


def _value(node: ast.ValueNode | None, variables: Variables) -> object:
    value = value_from_ast_untyped(node, variables) if node else None
    return None if value is Undefined else value
