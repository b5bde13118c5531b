"""The schema over fakes, for one principal: ``await api.run("query …", variables)``."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

from graphql import OperationDefinitionNode, parse, print_ast
from strawberry.types.execution import ExecutionResult

from monitr.application.asset_settings import SetAssetRole, SetDepreciation
from monitr.application.bearer_tokens import Bearer
from monitr.application.cancel_import import CancelImport
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.decline_authorization import DeclineAuthorization
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.exports.export_report import ExportReport
from monitr.application.follow_import import FollowImport, FollowImports
from monitr.application.list_dossiers import ListDossiers
from monitr.application.own_reports import DeleteReport, SaveReport
from monitr.application.reading.quota import DailyMaximum
from monitr.application.reading.reader import Readers
from monitr.application.reading.reading import opening
from monitr.application.reconnect import Reconnect
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.return_addresses import ReturnAddresses
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.show_authorization import ShowAuthorization
from monitr.application.start_authorization import StartAuthorization
from monitr.application.start_imports import StartImports
from monitr.application.use_cases import UseCases
from monitr.domain.administration import Administration
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.roles import Principal, Role
from monitr.entrypoints.graphql.execution.context import Connection, Services
from monitr.entrypoints.graphql.execution.progress_hub import ProgressHub
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.graphql.fake_reader import FakeBooks, FakeProgress, FakeReaders
from tests.unit.fake_webhooks import FakeWebhookTargets, the_webhooks
from tests.unit.fakes import MINE, NOON, FakeOctopus, FakeOctopusLogin, FakeTransactions

DAILY_MAXIMA = (DailyMaximum("connect", "POST dossiers", 150), DailyMaximum("journals", "journals", 24))
PUBLIC_URL = "http://monitr.test"
CONTRACT = Path(__file__).parents[2] / "contract"
ADDITIONS = ("reports", "api")
FRONTEND = (CONTRACT / "frontend.graphql").read_text(encoding="utf-8")


def the_use_cases(
    world: FakeTransactions,
    octopus: FakeOctopus,
    login: FakeOctopusLogin,
    webhooks: FakeWebhookTargets | None = None,
    readers: Readers | None = None,
) -> UseCases:
    def clock() -> datetime:
        return NOON

    def new_secret() -> str:
        return uuid4().hex

    addresses = ReturnAddresses(PUBLIC_URL, frozenset({"https://app.monitr.test"}))
    retention = timedelta(days=30)
    return UseCases(
        ConnectIntegration(world, login, addresses, clock, uuid4, new_secret),
        ShowAuthorization(world, login, clock),
        StartAuthorization(world, login, clock, new_secret),
        DeclineAuthorization(world, clock),
        CompleteAuthorization(world, login, octopus, clock),
        ListDossiers(world, octopus),
        SelectAdministrations(world, octopus, clock, uuid4),
        RemoveAdministration(world, clock, retention),
        DeleteIntegration(world, clock, retention),
        Reconnect(world, login, addresses, clock, uuid4, new_secret),
        StartImports(world, clock, uuid4, timedelta(hours=1)),
        CancelImport(world, clock),
        ExportReport(world, opening(readers or FakeReaders(world), of_one=True)),
        SetAssetRole(world),
        SetDepreciation(world),
        SaveReport(world, clock, uuid4),
        DeleteReport(world),
        the_webhooks(webhooks),
    )


@cache
def the_schema(*, introspection: bool = False, plans: bool = True) -> Any:
    """Made once: it takes longer than most of what is asked of it."""
    return create_schema(introspection=introspection, plans=plans)


@dataclass
class Api:
    world: FakeTransactions
    readers: FakeReaders
    progress: FakeProgress
    connection: Connection
    schema: Any = field(default_factory=the_schema)
    extensions: dict[str, Any] = field(default_factory=dict)
    """Of the last answer."""

    async def run(self, query: str, variables: dict[str, Any] | None = None, **names: str) -> dict[str, Any]:
        """The whole answer: ``data`` and ``errors``."""
        result = await self.schema.execute(query, variables, self.connection, operation_name=names.get("operation"))
        return self._told(result)

    def _told(self, result: ExecutionResult) -> dict[str, Any]:
        self.extensions = result.extensions or {}
        return {"data": result.data, "errors": [error.formatted for error in result.errors or ()]}

    async def operation(self, name: str, **variables: Any) -> dict[str, Any]:
        """One operation of the front end, as it stands in the contract."""
        text = FRONTEND if re.search(rf"^\w+ {name}\b", FRONTEND, re.MULTILINE) else added(name)
        return await self.run(text, variables, operation=name)

    async def events(self, query: str, variables: dict[str, Any] | None = None) -> AsyncIterator[dict[str, Any]]:
        stream = await self.schema.stream(query, variables, self.connection)
        async for result in stream:
            yield self._told(result)


def added(name: str) -> str:
    """An operation that the additions to the contract bring, alone: others of its file are not built yet."""
    documents = (parse(path.read_text(encoding="utf-8")) for path in CONTRACT.glob("*.operations.graphql"))
    nodes = (node for document in documents for node in document.definitions)
    named = (node for node in nodes if isinstance(node, OperationDefinitionNode) and node.name)
    return next(print_ast(node) for node in named if node.name and node.name.value == name)


def an_api(
    world: FakeTransactions,
    *roles: Role,
    books: FakeBooks | None = None,
    octopus: FakeOctopus | None = None,
    login: FakeOctopusLogin | None = None,
    organisation: OrganisationId = MINE,
    narrowed_to: frozenset[AdministrationId] | None = None,
    next_import: datetime | None = None,
    stale_after: timedelta | None = timedelta(hours=48),
    introspection: bool = False,
    webhooks: FakeWebhookTargets | None = None,
) -> Api:
    """For an ORGANISATION_ADMIN unless roles are given."""
    readers, progress = FakeReaders(world, books), FakeProgress(world)
    open_reading = opening(readers)
    hub = ProgressHub(progress, timedelta(milliseconds=10))

    def next_scheduled_import(administration: Administration) -> datetime | None:
        return next_import

    services = Services(
        the_use_cases(world, octopus or FakeOctopus(), login or FakeOctopusLogin(), webhooks),
        open_reading,
        FollowImport(open_reading, hub),
        FollowImports(hub),
        lambda: NOON,
        PUBLIC_URL,
        next_scheduled_import,
        stale_after,
        DAILY_MAXIMA,
    )
    granted = frozenset(roles or {Role.ORGANISATION_ADMIN})
    bearer = Bearer(Principal(organisation, "anna", granted, narrowed_to), NOON + timedelta(hours=1))
    connection = Connection(services, bearer, "request-1")
    return Api(world, readers, progress, connection, the_schema(introspection=introspection))
