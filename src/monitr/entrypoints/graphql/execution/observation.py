"""GraphQL operations, timed and traced by name."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import Literal, Protocol

from graphql import GraphQLError
from prometheus_client import Histogram
from strawberry.extensions import SchemaExtension

MOST_NAMES = 100
OTHER, ANONYMOUS = "other", "anonymous"

_USABLE_NAME = re.compile(r"\w{1,60}", re.ASCII)


class OpenSpan(Protocol):
    """A span of a trace for as long as the context is open; the dictionary takes its attributes.

    ``parent`` is the W3C traceparent of a caller; without one it belongs to the span that is open.
    """

    def __call__(
        self, name: str, *, kind: Literal["internal", "server"] = "internal", parent: str | None = None
    ) -> AbstractContextManager[dict[str, str | int | float | bool]]: ...


def untraced(
    name: str, *, kind: Literal["internal", "server"] = "internal", parent: str | None = None
) -> AbstractContextManager[dict[str, str | int | float | bool]]:
    return nullcontext({})


class OperationNames:
    """Clients choose the names of their operations: the first hundred are told apart, all others are ``other``."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._most = most
        self._known: set[str] = set()

    def label(self, name: str | None) -> str:
        if not name:
            return ANONYMOUS
        if name in self._known:
            return name
        if len(self._known) >= self._most or not _USABLE_NAME.fullmatch(name):
            return OTHER
        self._known.add(name)
        return name


def observed_operations(seconds: Histogram, open_span: OpenSpan) -> Callable[[], SchemaExtension]:
    """Makes the extension of each operation."""
    return partial(_Observed, seconds, open_span, OperationNames())


class _Observed(SchemaExtension):
    """A span, and the time from an operation's validation to its answer; of a subscription, until it stands."""

    def __init__(self, seconds: Histogram, open_span: OpenSpan, names: OperationNames) -> None:
        self._seconds = seconds
        self._open_span = open_span
        self._names = names

    def on_execute(self) -> Iterator[None]:
        context = self.execution_context
        try:
            type = context.operation_type.value.lower()
        except (GraphQLError, RuntimeError):  # the request names an operation that its document does not hold
            type = "unknown"
        name = self._names.label(context.operation_name if type != "unknown" else None)
        begun = time.perf_counter()
        try:
            with self._open_span(f"{type} {name}") as attributes:
                yield
                attributes["graphql.errors"] = bool(context.pre_execution_errors)
        finally:
            self._seconds.labels(name, type).observe(time.perf_counter() - begun)
