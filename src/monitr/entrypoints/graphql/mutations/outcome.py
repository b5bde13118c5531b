"""How every mutation is declared, and how it ends: with its payload, or with one of the problems of its use case."""

from collections.abc import Awaitable, Callable, Coroutine
from typing import Annotated, Any, TypeVar, get_args, get_type_hints

import strawberry
from returns.pipeline import is_successful
from returns.result import Result
from strawberry.extensions import FieldExtension
from strawberry.types.field import StrawberryField

from monitr.application import problems
from monitr.application.use_cases import UseCase, refusal
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.mutations.problems import RENDERED, Problem, rendered

S = TypeVar("S")
T = TypeVar("T")

UNION = "What was done, or the `Problem` for which nothing was done."


def mutation(
    use_case: type[UseCase], *, result: str | None = None
) -> Callable[[Callable[..., Awaitable[Any]]], StrawberryField]:
    """A field whose result union follows from what is declared: the payload that the resolver returns, then a type for
    each problem that the use case returns. The program does not start where a problem has no type. ``result``: the name
    of a union that several mutations share; their payload and their problems are the same."""

    def declare(resolver: Callable[..., Awaitable[Any]]) -> StrawberryField:
        members: Any = get_args(get_type_hints(resolver)["return"])[0]
        for problem in problems_of(use_case):
            members |= RENDERED[problem]
        name = result or "".join(word.capitalize() for word in resolver.__name__.split("_")) + "Result"
        union: Any = Annotated[members, strawberry.union(name, description=UNION)]
        first: list[FieldExtension] = [PermissionFirst(use_case)]
        return strawberry.field(resolver, graphql_type=union, extensions=first)

    return declare


class PermissionFirst(FieldExtension):
    """Whoever may not do it learns nothing about the arguments: they are looked at after the permission."""

    def __init__(self, use_case: type[UseCase]) -> None:
        self._use_case = use_case

    async def resolve_async(self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **named: Any) -> Any:
        if forbidden := refusal(self._use_case, info.context.principal):
            return rendered(forbidden, {})
        return await next_(source, info, **named)


def problems_of(use_case: type) -> tuple[type, ...]:
    """Those in the return type of its ``__call__``, in their order."""
    _, failures = get_args(get_type_hints(use_case.__call__)["return"])
    return get_args(failures) or (failures,)


async def answer(
    info: Info, doing: Coroutine[Any, Any, Result[S, problems.Problem]], payload: Callable[[S], T]
) -> T | Problem:
    outcome = await info.context.change(doing)
    if is_successful(outcome):
        return payload(outcome.unwrap())
    return rendered(outcome.failure(), info.context.as_given)
