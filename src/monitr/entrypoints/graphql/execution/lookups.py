"""Fields that show something of another table: by which key it is looked up, and how it is shown.

A resolver loads it, which waits. A page that is planned (``plans``) has what all of its rows name looked up at once
before, so that each finds it at hand.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from monitr.entrypoints.graphql.execution.context import Info, Operation
    from monitr.entrypoints.graphql.execution.loaders import Loader, Loaders

S = TypeVar("S")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])

_LOOKUP = "looked_up"


@dataclass(frozen=True, slots=True)
class Lookup(Generic[S, K, V, T]):
    """``key`` None: the object names nothing, and the field is ``without``. ``show`` has no effect. Objects of one
    ``mark`` show the same; it is cheap, for a page has a hundred, of which many name the same."""

    loader: "Callable[[Loaders], Loader[K, V]]"
    key: Callable[[S], K | None]
    show: "Callable[[S, K, V, Operation], T]"
    mark: Callable[[S], Hashable]
    without: Any = None

    async def load(self, source: S, info: "Info") -> T | Any:
        key = self.key(source)
        if key is None:
            return self.without
        found = await self.loader(info.context.loaders).load(key)
        return self.show(source, key, found, info.context)

    def at_hand(self, source: S, operation: "Operation") -> T | Any:
        """Raises KeyError for what is not known yet."""
        key = self.key(source)
        if key is None:
            return self.without
        return self.show(source, key, self.loader(operation.loaders).known(key), operation)

    async def expect(self, sources: Iterable[S], operation: "Operation") -> None:
        """Has at hand what they need, as far as it can be read."""
        keys = map(self.key, {self.mark(source): source for source in sources}.values())
        await self.loader(operation.loaders).expect(key for key in keys if key is not None)


def looks_up(lookup: Lookup[Any, Any, Any, Any]) -> Callable[[F], F]:
    """For a resolver that awaits ``lookup.load`` and does nothing else."""

    def declare(resolver: F) -> F:
        setattr(resolver, _LOOKUP, lookup)
        return resolver

    return declare


def lookup_of(resolver: Callable[..., object]) -> Lookup[Any, Any, Any, Any] | None:
    found: Lookup[Any, Any, Any, Any] | None = getattr(resolver, _LOOKUP, None)
    return found
