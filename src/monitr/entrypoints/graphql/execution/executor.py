"""How an operation is executed: by plans, in slices, within its deadline, up to a largest answer."""

# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false, reportUnknownParameterType=false
# graphql-core leaves the parameters of its generic types open.

from collections.abc import Awaitable, Coroutine, Iterable, Sequence
from contextlib import suppress
from typing import Any, cast

from graphql import GraphQLNonNull, GraphQLObjectType, OperationType
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import AwaitableOrValue, Path
from graphql.type import GraphQLOutputType, GraphQLResolveInfo
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from monitr.entrypoints.graphql.execution.errors import AnswerTooLarge
from monitr.entrypoints.graphql.execution.plans import Plan, Planner
from monitr.entrypoints.graphql.execution.slices import Slices
from monitr.entrypoints.graphql.execution.turns import SLICE

LARGEST_ANSWER = 50_000
"""Entries of all lists together: some 60 MB while it is made. Twenty years of monthly balances of 200 accounts."""


class Executor(StrawberryGraphQLCoreExecutionContext):
    """``context_value`` is the ``Operation``."""

    entries = 0
    """Of the lists that were begun."""
    plans_are_on = True
    """Off: graphql-core answers everything."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.middleware_manager is not None and not self.middleware_manager.middlewares:
            self.middleware_manager = None  # strawberry always brings one
        self._is_planned = self.plans_are_on and self.middleware_manager is None
        self._planner = Planner(self.collect_subfields)
        self._plans: dict[tuple[GraphQLObjectType, int], tuple[FieldDetailsList, Plan | None]] = {}

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

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        plan = self._plan(return_type, field_details_list)
        answer = self._by_plan(plan, result) if plan and position_context is None else None
        if plan is None or answer is None:
            return super().complete_object_value(return_type, field_details_list, info, path, result, position_context)
        if not plan.rest:
            return answer
        fields = self.collect_subfields(return_type, field_details_list).grouped_field_set
        rest = {name: details for name, details in fields.items() if name in plan.rest}
        resolved = self.execute_fields(return_type, result, path, rest, None)
        if self.is_awaitable(resolved):
            return _joined(answer, resolved)
        return answer | cast("dict[str, Any]", resolved)

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
        type = item_type.of_type if isinstance(item_type, GraphQLNonNull) else item_type  # pyright: ignore[reportUnknownVariableType]
        plan = self._plan(type, field_details_list) if isinstance(type, GraphQLObjectType) else None
        planned = plan if plan and not plan.rest and position_context is None else None
        if planned is None and len(entries) <= SLICE:
            return super().complete_iterable_value(item_type, field_details_list, info, path, entries, position_context)

        def complete(index: int, entry: Any) -> AwaitableOrValue[Any]:
            if planned is not None and (answer := self._by_plan(planned, entry)) is not None:
                return answer
            done: list[Any] = []
            self.complete_list_item_value(
                entry, done, item_type, field_details_list, info, path.add_key(index, None), position_context
            )
            return done[0]

        slices = Slices(self.context_value.turns)
        if planned is not None and planned.wanted:
            return self._with_what_is_wanted(planned, entries, slices.completed(entries, complete, self.is_awaitable))
        if len(entries) > SLICE:
            return slices.completed(entries, complete, self.is_awaitable)
        counted = self.entries
        answers = [self._by_plan(planned, entry) for entry in entries] if planned else [None]
        if None in answers:
            self.entries = counted  # they are completed again, and would count twice
            return super().complete_iterable_value(item_type, field_details_list, info, path, entries, position_context)
        return answers

    async def _with_what_is_wanted(
        self, plan: Plan, entries: Sequence[Any], completed: Coroutine[Any, Any, list[Any]]
    ) -> list[Any]:
        """Once for all entries. What fails is told to each field that needs it."""
        try:
            with suppress(Exception):  # an entry that is none of the type is told when it is completed
                for of, lookup in plan.wanted:
                    named = (of(entry) for entry in entries if entry is not None)
                    await lookup.expect([it for it in named if it is not None], self.context_value)
        except BaseException:
            completed.close()
            raise
        return await completed

    def _plan(self, type: GraphQLObjectType, selected: FieldDetailsList) -> Plan | None:
        """None where graphql-core answers."""
        document = self.context_value.document
        if not self._is_planned or document is None:
            return None
        known = self._plans.get((type, id(selected)))
        if known is None:
            plan = document.plans.plan(type, selected, self.variable_values.coerced, self._planner)
            known = self._plans[type, id(selected)] = (selected, plan)
        return known[1]

    def _by_plan(self, plan: Plan, value: Any) -> dict[str, Any] | None:
        """None where graphql-core has to answer."""
        entries = self.entries
        try:
            answer: dict[str, Any] = plan.complete(value, self)
        except Exception:
            self.entries = entries
            return None
        if self.entries > LARGEST_ANSWER:
            self.entries = entries
            return None
        return answer


async def _joined(answer: dict[str, Any], rest: Awaitable[dict[str, Any]]) -> dict[str, Any]:
    return answer | await rest
