"""The schema: everything above, put together, with the limits and with errors that give nothing away."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing
from functools import partial
from typing import Annotated, Any, cast

import strawberry
from graphql import GraphQLError, OperationType
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext, ExecutionResult, PreExecutionError

from monitr.application.reading.cards import AdministrationFilter
from monitr.application.reading.reading import Reading
from monitr.domain.administration import AdministrationStatus
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Connection, Info
from monitr.entrypoints.graphql.execution.descriptions import describe
from monitr.entrypoints.graphql.execution.documents import Admitted, Documents, Refused, cost_of
from monitr.entrypoints.graphql.execution.errors import BadRequest, fault, rendered
from monitr.entrypoints.graphql.execution.executor import Executor
from monitr.entrypoints.graphql.execution.paging import CountedConnection, given, plain_text, selects
from monitr.entrypoints.graphql.mutations.asset_settings import AssetMutations
from monitr.entrypoints.graphql.mutations.imports import ImportMutations
from monitr.entrypoints.graphql.mutations.integrations import IntegrationMutations
from monitr.entrypoints.graphql.mutations.own_reports import OwnReportMutations
from monitr.entrypoints.graphql.mutations.webhooks import WebhookMutations
from monitr.entrypoints.graphql.subscription import Subscription
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.audit import AuditQueries
from monitr.entrypoints.graphql.types.cards import PROVIDERS, Integration, IntegrationProvider
from monitr.entrypoints.graphql.types.enums import ProviderCategory
from monitr.entrypoints.graphql.types.node_by_id import NodeQueries
from monitr.entrypoints.graphql.types.own_reports import OwnReportQueries
from monitr.entrypoints.graphql.types.scalars import SCALARS
from monitr.entrypoints.graphql.types.viewer import ViewerQueries
from monitr.entrypoints.graphql.types.webhooks import WebhookQueries


@strawberry.type
class Query(NodeQueries, ViewerQueries, WebhookQueries, AuditQueries, OwnReportQueries):
    """What can be read. What the caller may not see is as if it were not there."""

    @strawberry.field
    async def integration_providers(
        self,
        info: Info,
        category: Annotated[
            ProviderCategory | None, strawberry.argument(description="Which cards; null: all. There is one category.")
        ] = strawberry.UNSET,
    ) -> list[IntegrationProvider]:
        """The cards on the Integrations page."""
        return [PROVIDERS[provider] for provider in await info.context.reading.providers()]  # all of one category

    @strawberry.field
    async def integration(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of an `Integration`.")]
    ) -> Integration | None:
        """Null for an id that is unknown, malformed, deleted or another organisation's."""
        row = await info.context.loaders.integrations.load(IntegrationId(info.context.id(id)))
        return Integration.of(row) if row else None

    @strawberry.field
    async def administration(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="The `id` of an `Administration`.")],
    ) -> Administration | None:
        """Null for an id that is unknown, malformed, removed or another organisation's."""
        row = await info.context.loaders.administrations.load(AdministrationId(info.context.id(id)))
        return Administration.of(row) if row else None

    @strawberry.field
    async def administrations(
        self,
        info: Info,
        search: Annotated[
            str | None,
            strawberry.argument(
                description="Finds parts of name, VAT number and dossier number, whatever the case. Dots and spaces of "
                "VAT numbers do not count; `%` and `_` are ordinary characters. Empty: all."
            ),
        ] = strawberry.UNSET,
        statuses: Annotated[
            list[AdministrationStatus] | None,
            strawberry.argument(description="Only those. Removed administrations (DELETED) are never found."),
        ] = strawberry.UNSET,
        first: Annotated[int | None, strawberry.argument(description="Rows of the page: 1 to 500.")] = 50,
        after: Annotated[
            str | None, strawberry.argument(description="The `endCursor` of the page before.")
        ] = strawberry.UNSET,
    ) -> CountedConnection[Administration]:
        """Those that the caller may see, by name, whatever the case of its letters."""
        info.context.reading.expect(Reading.found_administrations)
        named, wanted = plain_text(given(search), "search"), given(statuses)
        filter = AdministrationFilter(named, statuses=None if wanted is None else frozenset(wanted))
        question = partial(info.context.reading.found_administrations, filter, count=selects(info, "totalCount"))
        return await CountedConnection[Administration].ask(question, Administration.of, first, after, 50)


@strawberry.type
class Mutation(WebhookMutations, AssetMutations, IntegrationMutations, ImportMutations, OwnReportMutations):
    """What can be changed. Each answers what was done, or a `Problem`: a failure that a person can cause or repair is
    data."""


class Schema(strawberry.Schema):
    """Executes with a ``Connection`` as context: each operation gets its own reader, closed when it ends. What is not
    admitted (``documents``) is answered without one."""

    documents: Documents

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Connection | None = None,
        *others: Any,
        **named: Any,
    ) -> ExecutionResult:
        connection = _connection(context_value)
        try:
            admitted = self._admitted(query, variable_values, named)
            _refuse_subscription(admitted)
        except Refused as refused:
            return _refusal(refused, connection)
        text, document = (admitted.document.text, admitted.document) if admitted else (query, None)
        connection.changes_something = admitted is not None and admitted.operation.operation is OperationType.MUTATION
        async with connection.operation(document) as operation:
            result = await super().execute(text, variable_values, operation, *others, **named)
        return _safe(result, admitted, connection)

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
                admitted = self._admitted(query, variable_values, named)
            except Refused as refused:
                yield _refusal(refused, connection)
                return
            if admitted is None:
                yield _refusal(NOTHING_ASKED, connection)
                return
            try:
                async with connection.operation(admitted.document) as operation:
                    text = admitted.document.text
                    source = await super(Schema, self).stream(text, variable_values, operation, *others, **named)
                    async with aclosing(cast("AsyncGenerator[ExecutionResult, None]", source)) as stream:
                        async for result in stream:
                            yield _safe(result, admitted, connection)
            except Exception as error:  # else the subscription would just end
                yield ExecutionResult(None, [fault(error, connection.request_id, connection.language)])

        return results()

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: ``rendered`` logs the faults, once, with their request."""

    def _admitted(self, query: str | None, variables: dict[str, Any] | None, named: dict[str, Any]) -> Admitted | None:
        """None where nothing was sent. Raises Refused."""
        text = self.documents.text(query, named.get("operation_extensions"))
        return self.documents.admit(text, variables, named.get("operation_name")) if text else None


NOTHING_ASKED = Refused([BadRequest(Sentence.of("request.NOTHING_ASKED"))], None, None)


def _refuse_subscription(admitted: Admitted | None) -> None:
    """One answer is not enough for it. Raises Refused."""
    if admitted is not None and admitted.operation.operation is OperationType.SUBSCRIPTION:
        error = BadRequest(Sentence.of("request.SUBSCRIPTION"), admitted.operation)
        raise Refused([error], admitted.document.parsed, admitted.price)


class AdmittedDocument(SchemaExtension):
    """What was admitted is neither parsed nor validated again."""

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        if (document := context.context.document) is not None:
            context.graphql_document = document.parsed
            context.pre_execution_errors = []
        yield


class _WithoutSuggestions(Executor):
    """Names of the schema are not proposed in complaints about variables either."""

    @classmethod
    def build(cls, *args: Any, **named: Any) -> Any:
        executor: Any = super()
        return executor.build(*args, **{**named, "hide_suggestions": True})


def _connection(context: Connection | None) -> Connection:
    if context is None:
        raise TypeError("the schema is executed in a Connection")
    return context


def _safe(result: ExecutionResult, admitted: Admitted | None, connection: Connection) -> ExecutionResult:
    if result.errors:
        parsed = admitted.document.parsed if admitted else None
        result.errors = rendered(result.errors, parsed, connection.request_id, connection.language)
    result.extensions = {**(result.extensions or {}), **cost_of(admitted.price if admitted else None)}
    return result


def _refusal(refused: Refused, connection: Connection) -> ExecutionResult:
    errors = rendered(refused.errors, refused.document, connection.request_id, connection.language)
    return PreExecutionError(data=None, errors=errors, extensions=cost_of(refused.price))


def create_schema(
    *,
    introspection: bool = False,
    observed: Callable[[], SchemaExtension] | None = None,
    trusted: Mapping[str, str] | None = None,
    plans: bool = True,
) -> Schema:
    """``trusted``: the texts of the only documents that may run, by their hashes; None: all may. Without ``plans``
    graphql-core answers everything."""
    executor = Executor if introspection else _WithoutSuggestions
    schema = Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        extensions=[AdmittedDocument] if observed is None else [observed, AdmittedDocument],
        config=StrawberryConfig(scalar_map=SCALARS),
        execution_context_class=executor if plans else type("_WithoutPlans", (executor,), {"plans_are_on": False}),
    )
    describe(schema._schema)
    schema.documents = Documents(schema._schema, introspection=introspection, trusted=trusted)
    return schema
