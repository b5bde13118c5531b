"""The Integrations page: providers, integrations and the dossiers that can be selected."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Self, assert_never

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application.list_dossiers import ListedDossier
from monitr.application.problems import DailyMaximumReached, NotAuthorized, OctopusDown, UnknownIntegration
from monitr.application.reading.cards import Provider, label_seen_by
from monitr.application.reading.reading import Reading
from monitr.domain import administration, integration
from monitr.domain.import_run import Dataset
from monitr.domain.integration import IntegrationStatus
from monitr.domain.roles import Forbidden
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import Said
from monitr.entrypoints.graphql.execution.paging import After, Connection, First
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.enums import AuthenticationKind
from monitr.entrypoints.graphql.types.imports import Failure
from monitr.entrypoints.graphql.types.node import Node
from monitr.entrypoints.graphql.types.sentences import Parameter
from monitr.entrypoints.graphql.types.timeline import Notice, TimelineEvent


@strawberry.type
class Dossier:
    """A dossier that the Octopus login sees."""

    number: int
    """Octopus's number of it; for `selectAdministrations`."""
    name: str
    """What Octopus calls it."""
    vat_number: str | None
    """Without dots and spaces: `BE0352633701`; null: none."""
    selectable: bool
    """Whether it can become an administration."""
    why_not: strawberry.Private[Sentence | None]
    reason_code: str | None
    """Of the reason; null where it can be selected."""
    administration: Administration | None
    """What it has become here; null: it is not selected, or the caller may not see it."""

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


@strawberry.type
class Integration(Node):
    """One authorised link to an Octopus login."""

    row: strawberry.Private[integration.Integration]
    provider: Provider
    """Which program it links to."""
    status: IntegrationStatus
    """Whether Octopus accepts its authorisation."""
    authorized_at: datetime | None
    """When Octopus gave its authorisation last (UTC); null: not yet, or the caller may only see names."""
    authorization_expires_at: datetime | None
    """When somebody has to reconnect at the latest (UTC); null: not authorised yet, or the caller may only see
    names."""
    last_error: Failure | None
    """Why it needs attention; null: it does not."""

    @classmethod
    def of(cls, row: integration.Integration) -> Self:
        return shown(cls, row, row=row, provider=Provider.OCTOPUS)

    @strawberry.field
    async def label(self, info: Info) -> str:
        """How the login is told from others: how many of its dossiers are selected here, and the names of the first, as
        in `2 dossiers: Demo Bouw BV, Demo Handel NV`. Empty for who sees names only."""
        rows = await info.context.loaders.administrations_of.load(self.row.id)
        return label_seen_by(info.context.principal, rows)

    @strawberry.field
    def notices(self, info: Info) -> list[Notice]:
        """Warnings ahead: 14, 7 and 1 day before the authorisation ends."""
        notice = self.row.notice(info.context.services.clock())
        return [Notice.of(notice)] if notice else []

    @strawberry.field
    async def timeline(
        self, info: Info, first: First = 50, after: After = strawberry.UNSET
    ) -> Connection[TimelineEvent]:
        """What has happened to it, newest first: what, when, who or what caused it, why."""
        info.context.reading.expect(Reading.timeline_of_integration)
        question = partial(info.context.reading.timeline_of_integration, self.row.id)
        return await Connection[TimelineEvent].ask(question, TimelineEvent.of, first, after, 50)

    @strawberry.field
    async def administrations(self, info: Info) -> list[Administration]:
        """Those that the caller may see, by dossier number."""
        rows = await info.context.loaders.administrations_of.load(self.row.id)
        return [Administration.of(row) for row in rows]

    @strawberry.field
    async def dossiers(self, info: Info) -> list[Dossier]:
        """Asked of Octopus at this moment; where reconnecting is required, the selected ones alone."""
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


@strawberry.type
class ProviderDataset:
    """What a dataset of the provider is used for in Monitr."""

    dataset: Dataset
    """Which dataset."""
    used_for_code: str
    """That of the dataset."""

    @strawberry.field
    def used_for(self, info: Info) -> str:
        """Where its rows show up, in the reader's language."""
        return info.context.say(Sentence.of(f"used_for.{self.used_for_code}"))


@strawberry.type
class IntegrationProvider:
    """A card on the Integrations page: what can be connected, and what is."""

    key: Provider
    """For `connectIntegration`."""
    name: str
    """What people call it: `Octopus`."""
    region: str
    """Where it is used: `Belgium`."""
    authentication: AuthenticationKind
    """How somebody connects it."""

    @strawberry.field
    def datasets(self) -> list[ProviderDataset]:
        """What is read of it, and what for."""
        return [ProviderDataset(dataset=dataset, used_for_code=dataset.value) for dataset in Dataset]

    @strawberry.field
    def retention_days(self, info: Info) -> int:
        """For how many days what was removed can be restored; then it is erased."""
        return info.context.use_cases.remove_administration.retention.days

    @strawberry.field
    async def integrations(self, info: Info) -> list[Integration]:
        """Those of the caller's organisation, oldest first."""
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
