"""The mutations of the Integrations page."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Self

import strawberry

from monitr.application import connect_integration, delete_integration, remove_administration, select_administrations
from monitr.application.reading.cards import Provider
from monitr.application.reconnect import Reconnect
from monitr.application.return_addresses import with_query
from monitr.domain import administration
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import plain_text, within_limit
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.cards import Integration


@strawberry.input
class ConnectIntegrationInput:
    provider: Provider
    return_to: str | None


@strawberry.input
class ReconnectIntegrationInput:
    integration_id: strawberry.ID
    return_to: str | None
    accept_different_account: bool | None = strawberry.field(
        default=False,
        description="After a round that ended with different_account: the user means that login. Administrations whose "
        "dossiers it cannot open become ACCESS_LOST or NOT_FOUND; none is deleted.",
    )


@strawberry.input
class SelectAdministrationsInput:
    integration_id: strawberry.ID
    dossier_numbers: list[int]


@strawberry.input
class RemoveAdministrationInput:
    administration_id: strawberry.ID
    purge: bool | None = False


@strawberry.input
class DeleteIntegrationInput:
    integration_id: strawberry.ID
    purge: bool | None = False


@strawberry.type(
    description="Open authorizationUrl before expiresAt, in the browser of whoever has the login at Octopus."
)
class AuthorizationRequired:
    integration: Integration
    authorization_url: str
    expires_at: datetime

    __repr__ = object.__repr__  # which shows nothing of it


@strawberry.type
class AdministrationsSelected:
    administrations: list[Administration]

    @classmethod
    def of(cls, selected: Sequence[administration.Administration]) -> Self:
        return cls(administrations=[Administration.of(row) for row in selected])


@strawberry.type
class AdministrationRemoved:
    administration_id: strawberry.ID
    purge_after: datetime


@strawberry.type(description="notice: what is left to the user, since Octopus offers no revocation.")
class IntegrationDeleted:
    integration_id: strawberry.ID
    purge_after: datetime
    left_to_do: strawberry.Private[Sentence]
    notice_code: str
    """Of the notice."""

    @strawberry.field
    def notice(self, info: Info) -> str:
        """In the reader's language."""
        return info.context.say(self.left_to_do)


@strawberry.type
class IntegrationMutations:
    @mutation(connect_integration.ConnectIntegration, '"Add", then "Authenticate with Octopus".')
    async def connect_integration(self, info: Info, input: ConnectIntegrationInput) -> AuthorizationRequired | Problem:
        operation, return_to = info.context, plain_text(input.return_to, "input.returnTo")
        doing = operation.use_cases.connect_integration(operation.principal, return_to)
        return await answer(info, doing, lambda it: _required(info, it))

    @mutation(
        Reconnect,
        "A new OAuth round for the same integration. Nothing is deleted, ids stay, imports start by themselves.",
    )
    async def reconnect_integration(
        self, info: Info, input: ReconnectIntegrationInput
    ) -> AuthorizationRequired | Problem:
        reconnect, id = info.context.use_cases.reconnect, IntegrationId(info.context.id(input.integration_id))
        doing = reconnect(
            info.context.principal,
            id,
            plain_text(input.return_to, "input.returnTo"),
            accept_different_account=bool(input.accept_different_account),
        )
        return await answer(info, doing, lambda it: _required(info, it))

    @mutation(
        select_administrations.SelectAdministrations,
        "Each dossier becomes an administration, its first import is queued; all or none.",
    )
    async def select_administrations(
        self, info: Info, input: SelectAdministrationsInput
    ) -> AdministrationsSelected | Problem:
        select, id = info.context.use_cases.select_administrations, info.context.id(input.integration_id)
        numbers = within_limit(input.dossier_numbers, "input.dossierNumbers")
        doing = select(info.context.principal, IntegrationId(id), numbers)
        return await answer(info, doing, AdministrationsSelected.of)

    @mutation(
        remove_administration.RemoveAdministration, "Gone from every answer at once; restorable until purgeAfter."
    )
    async def remove_administration(
        self, info: Info, input: RemoveAdministrationInput
    ) -> AdministrationRemoved | Problem:
        remove, id = info.context.use_cases.remove_administration, info.context.id(input.administration_id)
        doing = remove(info.context.principal, AdministrationId(id), purge=bool(input.purge))
        return await answer(info, doing, partial(shown, AdministrationRemoved))

    @mutation(delete_integration.DeleteIntegration, "Its tokens are erased at once, its administrations are removed.")
    async def delete_integration(self, info: Info, input: DeleteIntegrationInput) -> IntegrationDeleted | Problem:
        delete, id = info.context.use_cases.delete_integration, info.context.id(input.integration_id)
        doing = delete(info.context.principal, IntegrationId(id), purge=bool(input.purge))
        return await answer(
            info,
            doing,
            lambda it: shown(IntegrationDeleted, it, left_to_do=it.notice, notice_code=it.notice.code),
        )


def _required(info: Info, required: connect_integration.AuthorizationRequired) -> AuthorizationRequired:
    start = f"{info.context.services.public_url}/oauth/octopus/start"
    return AuthorizationRequired(
        integration=Integration.of(required.integration),
        authorization_url=with_query(start, ticket=required.ticket),
        expires_at=required.expires_at,
    )
