"""How an operation is executed: in slices, within its deadline, up to a largest answer."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# graphql-core leaves the parameters of its generic types open.

from collections.abc import Iterable
from typing import Any

from graphql import OperationType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path
from graphql.type import GraphQLOutputType, GraphQLResolveInfo
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from monitr.entrypoints.graphql.execution.errors import AnswerTooLarge
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.execution.turns import SLICE

LARGEST_ANSWER = 50_000
"""Entries of all lists together: some 60 MB while it is made. Twenty years of monthly balances of 200 accounts."""


class Executor(StrawberryGraphQLCoreExecutionContext):
    """``context_value`` is the ``Operation``."""

    entries = 0
    """Of the lists that were begun."""

    def execute_operation(self, serially: bool | None = None) -> AwaitableOrValue[Any]:
        if self.operation.operation is OperationType.SUBSCRIPTION:
            return self._event()
        answer = super().execute_operation(serially)
        return self.context_value.in_time(answer) if self.is_awaitable(answer) else answer

    async def _event(self) -> Any:
        """An event of a subscription is an operation of its own: nothing stays open, or is remembered, until the next
        one comes."""
        async with self.context_value.anew() as operation:
            self.context_value = operation
            answer = super().execute_operation(False)
            return await operation.in_time(answer) if self.is_awaitable(answer) else answer

    def complete_iterable_value(
        self,
        item_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        items: Iterable[Any],
        position_context: Any,
    ) -> AwaitableOrValue[list[Any]]:
        entries = items if isinstance(items, list | tuple) else list(items)
        self.entries += len(entries)
        if self.entries > LARGEST_ANSWER:
            raise AnswerTooLarge(LARGEST_ANSWER)
        if len(entries) <= SLICE:
            return super().complete_iterable_value(item_type, field_details_list, info, path, entries, position_context)
        slices = Slices(self.context_value.turns)

        def complete(index: int, entry: Any) -> AwaitableOrValue[Any]:
            done: list[Any] = []
            self.complete_list_item_value(
                entry, done, item_type, field_details_list, info, path.add_key(index, None), position_context
            )
            return done[0]

        return slices.completed(entries, complete, self.is_awaitable)
