"""The Integrations page: providers, integrations and the dossiers that can be selected."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Self, assert_never

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application.list_dossiers import ListedDossier
from monitr.application.problems import DailyMaximumReached, NotAuthorized, OctopusDown, UnknownIntegration
from monitr.application.reading.cards import Provider
from monitr.application.reading.reading import Reading
from monitr.domain import administration, integration
from monitr.domain.import_run import Dataset
from monitr.domain.integration import IntegrationStatus
from monitr.domain.roles import Forbidden
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.graphql.execution.paging import Connection
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.enums import AuthenticationKind
from monitr.entrypoints.graphql.types.imports import Failure
from monitr.entrypoints.graphql.types.sentences import Parameter
from monitr.entrypoints.graphql.types.timeline import Notice, TimelineEvent


@strawberry.type(description="A dossier that the Octopus login sees. reason says why it cannot be selected.")
class Dossier:
    number: int
    name: str
    vat_number: str | None
    selectable: bool
    why_not: strawberry.Private[Sentence | None]
    reason_code: str | None
    """Of the reason; null where it can be selected."""
    administration: Administration | None

    @strawberry.field
    def reason(self, info: Info) -> str | None:
        """In the reader's language; null where it can be selected."""
        return None if self.why_not is None else info.context.say(self.why_not)

    @strawberry.field
    def parameters(self) -> list[Parameter]:
        """What the reason is said with."""
        return Parameter.all_of(self.why_not)

    @classmethod
    def of(cls, listed: ListedDossier) -> Self:
        return shown(
            cls,
            listed.dossier,
            selectable=listed.reason is None,
            why_not=listed.reason,
            reason_code=listed.reason.code if listed.reason else None,
            administration=Administration.of(listed.administration) if listed.administration else None,
        )


@strawberry.type(description="One authorised link to an Octopus login.")
class Integration:
    row: strawberry.Private[integration.Integration]
    id: strawberry.ID
    provider: Provider
    status: IntegrationStatus
    authorized_at: datetime | None
    authorization_expires_at: datetime | None
    last_error: Failure | None

    @classmethod
    def of(cls, row: integration.Integration) -> Self:
        return shown(cls, row, row=row, provider=Provider.OCTOPUS)

    @described("Warnings ahead: 14, 7 and 1 day before the authorisation ends.")
    def notices(self, info: Info) -> list[Notice]:
        notice = self.row.notice(info.context.services.clock())
        return [Notice.of(notice)] if notice else []

    @described("What has happened to it, newest first: what, when, who or what caused it, why.")
    async def timeline(
        self, info: Info, first: int | None = 50, after: str | None = strawberry.UNSET
    ) -> Connection[TimelineEvent]:
        info.context.reading.expect(Reading.timeline_of_integration)
        question = partial(info.context.reading.timeline_of_integration, self.row.id)
        return await Connection[TimelineEvent].ask(question, TimelineEvent.of, first, after, 50)

    @described("Those that the caller may see, by dossier number.")
    async def administrations(self, info: Info) -> list[Administration]:
        rows = await info.context.loaders.administrations_of.load(self.row.id)
        return [Administration.of(row) for row in rows]

    @described("Asked of Octopus at this moment; where reconnecting is required, the selected ones alone.")
    async def dossiers(self, info: Info) -> list[Dossier]:
        list_dossiers = info.context.use_cases.list_dossiers
        outcome = await info.context.act(list_dossiers(info.context.principal, self.row.id))
        match unwrap_or_failure(outcome):
            case list() as listed:
                return [Dossier.of(dossier) for dossier in listed]
            case NotAuthorized() as problem:  # the card itself says RECONNECT_REQUIRED
                selected = await info.context.loaders.administrations_of.load(self.row.id)
                return [Dossier.of(_unreachable(row, problem.sentence)) for row in selected]
            case UnknownIntegration() | OctopusDown() | DailyMaximumReached() | Forbidden() as problem:
                raise Said(problem.code, problem.sentence) from None
            case other:
                assert_never(other)


def _unreachable(row: administration.Administration, reason: Sentence) -> ListedDossier:
    return ListedDossier(administration.Dossier(row.dossier, row.name, row.vat_number), reason, row)


@strawberry.type(description="What a dataset of the provider is used for in Monitr.")
class ProviderDataset:
    dataset: Dataset
    used_for_code: str
    """That of the dataset."""

    @strawberry.field
    def used_for(self, info: Info) -> str:
        """In the reader's language."""
        return info.context.say(Sentence.of(f"used_for.{self.used_for_code}"))


@strawberry.type
class IntegrationProvider:
    key: Provider
    name: str
    region: str
    authentication: AuthenticationKind

    @strawberry.field
    def datasets(self) -> list[ProviderDataset]:
        return [ProviderDataset(dataset=dataset, used_for_code=dataset.value) for dataset in Dataset]

    @described("Those of the caller's organisation, oldest first.")
    async def integrations(self, info: Info) -> list[Integration]:
        rows = await info.context.reading.integrations()
        return [Integration.of(row) for row in _remembered(info, rows)]


PROVIDERS = {
    Provider.OCTOPUS: IntegrationProvider(
        key=Provider.OCTOPUS, name="Octopus", region="Belgium", authentication=AuthenticationKind.OAUTH2
    )
}


def _remembered(info: Info, rows: Sequence[integration.Integration]) -> Sequence[integration.Integration]:
    """What was just read need not be read again for a field below it."""
    info.context.loaders.integrations.know({row.id: row for row in rows})
    return rows
