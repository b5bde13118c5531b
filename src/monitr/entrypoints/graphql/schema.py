"""The schema: everything above, put together, with the limits and with errors that give nothing away."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import Any, cast

import strawberry
from graphql import GraphQLError
from strawberry.extensions import (
    DisableIntrospection,
    MaxTokensLimiter,
    ParserCache,
    SchemaExtension,
    ValidationCache,
)
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext, ExecutionResult

from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.context import Connection, Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import fault, rendered
from monitr.entrypoints.graphql.execution.executor import Executor
from monitr.entrypoints.graphql.execution.limits import TOKENS, CostLimit, depth_and_aliases
from monitr.entrypoints.graphql.mutations.imports import ImportMutations
from monitr.entrypoints.graphql.mutations.integrations import IntegrationMutations
from monitr.entrypoints.graphql.mutations.webhooks import WebhookMutations
from monitr.entrypoints.graphql.subscription import Subscription
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.cards import PROVIDERS, Integration, IntegrationProvider
from monitr.entrypoints.graphql.types.enums import ProviderCategory
from monitr.entrypoints.graphql.types.scalars import SCALARS
from monitr.entrypoints.graphql.types.webhooks import WebhookQueries


@strawberry.type
class Query(WebhookQueries):
    @described("The cards on the Integrations page.")
    async def integration_providers(
        self, info: Info, category: ProviderCategory | None = strawberry.UNSET
    ) -> list[IntegrationProvider]:
        return [PROVIDERS[provider] for provider in await info.context.reading.providers()]  # all of one category

    @strawberry.field
    async def integration(self, info: Info, id: strawberry.ID) -> Integration | None:
        row = await info.context.loaders.integrations.load(IntegrationId(info.context.id(id)))
        return Integration.of(row) if row else None

    @strawberry.field
    async def administration(self, info: Info, id: strawberry.ID) -> Administration | None:
        row = await info.context.loaders.administrations.load(AdministrationId(info.context.id(id)))
        return Administration.of(row) if row else None


@strawberry.type
class Mutation(WebhookMutations, IntegrationMutations, ImportMutations):
    pass


class Schema(strawberry.Schema):
    """Executes with a ``Connection`` as context: each operation gets its own reader, closed when it ends."""

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Connection | None = None,
        *others: Any,
        **named: Any,
    ) -> ExecutionResult:
        connection = _connection(context_value)
        async with connection.operation() as operation:
            result = await super().execute(query, variable_values, operation, *others, **named)
        return _safe(result, query, connection)

    async def stream(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Connection | None = None,
        *others: Any,
        **named: Any,
    ) -> AsyncGenerator[ExecutionResult, None]:
        connection = _connection(context_value)

        async def results() -> AsyncGenerator[ExecutionResult, None]:
            try:
                async with connection.operation() as operation:
                    source = await super(Schema, self).stream(query, variable_values, operation, *others, **named)
                    async with aclosing(cast("AsyncGenerator[ExecutionResult, None]", source)) as stream:
                        async for result in stream:
                            yield _safe(result, query, connection)
            except Exception as error:  # else the subscription would just end
                yield ExecutionResult(None, [fault(error, connection.request_id)])

        return results()

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: ``rendered`` logs the faults, once, with their request."""


def _connection(context: Connection | None) -> Connection:
    if context is None:
        raise TypeError("the schema is executed in a Connection")
    return context


def _safe(result: ExecutionResult, query: str | None, connection: Connection) -> ExecutionResult:
    if result.errors:
        result.errors = rendered(result.errors, query, connection.request_id)
    return result


def create_schema(*, introspection: bool = False, observed: Callable[[], SchemaExtension] | None = None) -> Schema:
    extensions: list[type[SchemaExtension] | Callable[[], SchemaExtension]] = [
        lambda: MaxTokensLimiter(max_token_count=TOKENS),
        depth_and_aliases,
        ParserCache,
        ValidationCache,
        CostLimit,
    ]
    if not introspection:
        extensions.insert(2, DisableIntrospection)
    if observed is not None:
        extensions.insert(0, observed)
    return Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=extensions,
        execution_context_class=Executor,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not introspection),
    )
