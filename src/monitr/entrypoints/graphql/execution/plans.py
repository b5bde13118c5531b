"""Plans: how the rows of a document's types become parts of the answer, found out once a document.

graphql-core resolves a field of a row through seven calls, whatever the field is. Most fields are attributes: of these
a plan is made, which reads them and writes them as the scalars say, and nothing else. A plan never answers by half:
where anything is not as expected (a null where there may be none, a value of another class, a row to be waited for) it
raises, and graphql-core answers the same object as if there were no plan, with its errors and their paths. What a plan
calls has no effect, so that it may be called again.
"""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# pyright: reportUnknownVariableType=false
# graphql-core leaves the parameters of its generic types open.

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, cast

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLID,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    Undefined,
    Visitor,
    is_leaf_type,
    is_specified_scalar_type,
    visit,
)
from graphql.execution.collect_fields import CollectedFields, FieldDetailsList
from graphql.language import DirectiveNode, DocumentNode, VariableNode
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import get_strawberry_type_cast
from strawberry.types.field import StrawberryField

from monitr.entrypoints.graphql.execution.lookups import Lookup, lookup_of
from monitr.entrypoints.graphql.execution.turns import SLICE

if TYPE_CHECKING:
    from monitr.entrypoints.graphql.execution.context import Operation


MOST_COMBINATIONS = 8
"""Of the variables that leave fields in or out, whose plans are kept for a document. A caller makes up as many as he
likes, and a plan takes some 140 bytes for each token of its document."""


class Unplanned(Exception):
    """graphql-core has to answer."""


class Run(Protocol):
    """The execution that a plan is part of. ``entries``: of all lists so far."""

    entries: int
    context_value: "Operation"


Read = Callable[[Any], Any]
"""What a field says of its object, as the answer has it."""
Complete = Callable[[Any, Run], Any]
"""A value as the answer has it. Raises whatever it likes where it is not as expected."""


class Wanted(NamedTuple):
    """Something to look up for each row: ``of`` leads from the row to the object that has the field."""

    of: Read
    lookup: Lookup[Any, Any, Any, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """``rest``: the names in the answer that graphql-core resolves. ``wanted``: what has to be at hand."""

    complete: Complete
    rest: frozenset[str]
    wanted: Sequence[Wanted]


class KeptPlans:
    """Those of one document, by what they select. They are the same for all requests that leave out the same fields."""

    def __init__(self, document: DocumentNode) -> None:
        self._conditions = _conditions(document)
        self._plans: defaultdict[object, dict[object, Plan | None]] = defaultdict(dict)

    def plan(
        self, type: GraphQLObjectType, selected: FieldDetailsList, variables: Mapping[str, object], planner: "Planner"
    ) -> Plan | None:
        """``variables``: as graphql-core has coerced them."""
        combination = tuple(variables.get(name) for name in self._conditions)
        if combination not in self._plans and len(self._plans) >= MOST_COMBINATIONS:
            self._plans.clear()
        plans = self._plans[combination]
        key = type.name, tuple(id(details.node) for details in selected)  # which the document keeps
        try:
            return plans[key]
        except KeyError:
            plan = plans[key] = planner.plan(type, selected)
            return plan


def _conditions(document: DocumentNode) -> Sequence[str]:
    """The variables that leave fields in or out."""
    finder = _ConditionFinder()
    visit(document, finder)
    return sorted(finder.variables)


class _ConditionFinder(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.variables = set[str]()

    def enter_directive(self, node: DirectiveNode, *_: object) -> None:
        values = (argument.value for argument in node.arguments or ())
        self.variables |= {value.name.value for value in values if isinstance(value, VariableNode)}


class Planner:
    """Makes the plans of one execution's selections; ``collect`` is graphql-core's. They hold nothing of it."""

    def __init__(self, collect: Callable[[GraphQLObjectType, FieldDetailsList], CollectedFields]) -> None:
        self._collect = collect

    def plan(self, type: GraphQLObjectType, selected: FieldDetailsList) -> Plan | None:
        """None where no field is plain."""
        definition = type.extensions.get("strawberry-definition")
        if not isinstance(definition, StrawberryObjectDefinition) or any(_is_special(it) for it in selected):
            return None
        grouped, deferred, _ = self._collect(type, selected)
        if deferred:
            return None
        return self._of_fields(type, definition, grouped)

    def _of_fields(
        self, type: GraphQLObjectType, definition: StrawberryObjectDefinition, grouped: Mapping[str, FieldDetailsList]
    ) -> Plan | None:
        attributes: dict[str, tuple[str, Read]] = {}
        others: list[tuple[str, Complete]] = []
        constants: dict[str, object] = {}
        wanted: list[Wanted] = []
        for name, details in grouped.items():
            field = details[0].node.name.value
            if field == "__typename":
                constants[name] = type.name
            elif (known := type.fields.get(field)) is None or any(_is_special(it) for it in details):
                continue
            elif (leaf := _attribute(known)) is not None:
                attributes[name] = leaf
            elif (step := self._step(known, details)) is not None:
                others.append((name, step[0]))
                wanted += step[1]
        planned = {*attributes, *constants, *(name for name, _ in others)}
        if not planned:
            return None
        template = {name: constants.get(name) for name in grouped}
        complete = _object(_expected(type, definition), template, attributes, others)
        return Plan(complete, frozenset(grouped) - planned, wanted)

    def _step(self, field: GraphQLField, details: FieldDetailsList) -> tuple[Complete, Sequence[Wanted]] | None:
        """Of a field that is an object, a list, something to look up, or computed from its object alone."""
        source = _source(field)
        if source is None:
            return None
        found = self._completed(field.type, details)
        if found is None:
            return None
        complete, below = found
        if isinstance(source, Lookup):
            if below:
                return None
            return _looked_up(source, complete), [Wanted(_itself, source)]
        wanted = [Wanted(_through(source, it.of), it.lookup) for it in below]
        return (lambda value, run: complete(source(value), run)), wanted

    def _completed(
        self, type: GraphQLOutputType, details: FieldDetailsList
    ) -> tuple[Complete, Sequence[Wanted]] | None:
        """How a value of the type is completed, and what that wants looked up; None where graphql-core has to."""
        match type:
            case GraphQLNonNull():
                inner = self._completed(type.of_type, details)
                return None if inner is None else (_not_null(inner[0]), inner[1])
            case GraphQLList():
                inner = self._completed(cast("GraphQLOutputType", type.of_type), details)
                return None if inner is None or inner[1] else (_list(inner[0]), ())
            case GraphQLObjectType():
                plan = self.plan(type, details)
                return None if plan is None or plan.rest else (_or_null(plan.complete), plan.wanted)
            case _ if is_leaf_type(type):
                leaf = _leaf(type)
                return _or_null(lambda value, _: leaf(value)), ()
            case _:
                return None


def _is_special(details: Any) -> bool:
    """What the experiments of graphql-core add to a field; we have none of them."""
    return details.defer_usage is not None or details.fragment_variable_values is not None


def _attribute(field: GraphQLField) -> tuple[str, Read] | None:
    """The attribute and how it is written, of a field that is a scalar or an enum and is read from its object."""
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or not definition.is_basic_field:
        return None
    if isinstance(field.type, GraphQLNonNull):
        if not is_leaf_type(field.type.of_type):
            return None
        leaf = _leaf(field.type.of_type)
        return definition.python_name, leaf.__getitem__ if isinstance(leaf, _Members) else leaf
    return (definition.python_name, _nullable(field.type)) if is_leaf_type(field.type) else None


def _source(field: GraphQLField) -> Read | Lookup[Any, Any, Any, Any] | None:
    """Where the value of a field comes from; None where only its resolver knows."""
    definition = field.extensions.get("strawberry-definition")
    if not isinstance(definition, StrawberryField) or field.args or definition.extensions:
        return None
    if definition.base_resolver is None:
        return attrgetter(definition.python_name)
    resolver = definition.base_resolver
    function = cast("Callable[..., Any]", resolver.wrapped_func)
    if (lookup := lookup_of(function)) is not None:
        return lookup
    takes_its_object_alone = resolver.self_parameter is not None and len(resolver.signature.parameters) == 1
    return function if takes_its_object_alone and not resolver.is_async else None


def _expected(type: GraphQLObjectType, definition: StrawberryObjectDefinition) -> Callable[[Any], bool] | None:
    """Whether an object is of the type, where graphql-core asks that; None where it takes any."""
    if type.is_type_of is None:
        return None
    origin = definition.origin
    return lambda value: value.__class__ is origin and get_strawberry_type_cast(value) is None


def _object(
    is_expected: Callable[[Any], bool] | None,
    template: Mapping[str, object],
    attributes: Mapping[str, tuple[str, Read]],
    others: Sequence[tuple[str, Complete]],
) -> Complete:
    names, leaves = tuple(attributes), tuple(leaf for _, leaf in attributes.values())
    read = _reader([attribute for attribute, _ in attributes.values()])

    def complete(value: Any, run: Run) -> dict[str, Any]:
        if is_expected is not None and not is_expected(value):
            raise Unplanned
        answer: dict[str, Any] = {**template}
        answer.update(zip(names, [leaf(it) for leaf, it in zip(leaves, read(value), strict=True)], strict=True))
        for name, step in others:
            answer[name] = step(value, run)
        return answer

    return complete


def _looked_up(lookup: Lookup[Any, Any, Any, Any], complete: Complete) -> Complete:
    """Of a page's rows many name the same: it is completed once."""

    def completed(value: Any, run: Run) -> Any:
        operation = run.context_value
        known, mark = operation.loaders.completed[complete], mark_of(value)
        if (found := known.get(mark)) is None:
            before = run.entries
            answer = complete(lookup.at_hand(value, operation), run)
            known[mark] = answer, run.entries - before
            return answer
        answer, entries = found
        run.entries += entries
        return answer

    mark_of = lookup.mark
    return completed


def _reader(attributes: Sequence[str]) -> Callable[[Any], Iterable[Any]]:
    """Reads all of them at once."""
    if len(attributes) > 1:
        return attrgetter(*attributes)
    one = [attrgetter(attribute) for attribute in attributes]
    return lambda value: [read(value) for read in one]


def _itself(value: Any) -> Any:
    return value


def _through(first: Read, second: Read) -> Read:
    def read(value: Any) -> Any:
        between = first(value)
        return None if between is None else second(between)

    return read


def _not_null(complete: Complete) -> Complete:
    def completed(value: Any, run: Run) -> Any:
        answer = complete(value, run)
        if answer is None:
            raise Unplanned
        return answer

    return completed


def _or_null(complete: Complete) -> Complete:
    return lambda value, run: None if value is None else complete(value, run)


def _list(complete: Complete) -> Complete:
    def completed(value: Any, run: Run) -> list[Any] | None:
        if value is None:
            return None
        if not isinstance(value, list | tuple) or len(value) > SLICE:
            raise Unplanned
        run.entries += len(value)
        return [complete(entry, run) for entry in value]

    return completed


def _nullable(type: GraphQLLeafType) -> Read:
    leaf = _leaf(type)
    if type in (GraphQLString, GraphQLID):
        return lambda value: value if value.__class__ is str or value is None else leaf(value)
    if isinstance(leaf, _Members):
        leaf[None] = None
        return leaf.__getitem__
    return lambda value: None if value is None else leaf(value)


def _leaf(type: GraphQLLeafType) -> Read:
    """As graphql-core completes it, where there is a shorter way for what is the rule."""
    coerce = type.coerce_output_value

    def coerced(value: Any) -> Any:
        if isinstance(value, Exception):
            raise value
        answer = coerce(value)
        if answer is None or answer is Undefined:
            raise Unplanned
        return answer

    if type in (GraphQLString, GraphQLID):
        return lambda value: value if value.__class__ is str else coerced(value)
    if type is GraphQLBoolean:
        return lambda value: value if value is True or value is False else coerced(value)
    if type is GraphQLInt:
        return lambda value: value if value.__class__ is int and -(2**31) <= value < 2**31 else coerced(value)
    if isinstance(type, GraphQLEnumType):
        return _Members(coerced)
    return coerced if is_specified_scalar_type(type) else coerce  # ours answer a text, or raise


class _Members(dict[Any, Any]):
    """The names of an enum's members, as they have been asked for."""

    def __init__(self, name: Read) -> None:
        super().__init__()
        self._name = name

    def __call__(self, member: Any) -> Any:
        return self[member]

    def __missing__(self, member: Any) -> Any:
        name = self[member] = self._name(member)
        return name
