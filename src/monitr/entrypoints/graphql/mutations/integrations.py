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
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.paging import plain_text, within_limit
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.mutations.outcome import answer, mutation
from monitr.entrypoints.graphql.mutations.problems import Problem
from monitr.entrypoints.graphql.types.administrations import Administration
from monitr.entrypoints.graphql.types.cards import Integration


@strawberry.input
class ConnectIntegrationInput:
    """What to connect, and where the browser goes afterwards."""

    provider: Provider
    """The `key` of an `IntegrationProvider`: `OCTOPUS`."""
    return_to: str | None
    """An address of an allowed origin, which gets `integrationId`, or `error`; null: the program's own page."""


@strawberry.input
class ReconnectIntegrationInput:
    """What to authorise again, and where the browser goes afterwards."""

    integration_id: strawberry.ID
    """The `id` of an `Integration`."""
    return_to: str | None
    """An address of an allowed origin, which gets `integrationId`, or `error`; null: the program's own page."""
    accept_different_account: bool | None = False
    """After a round that ended with different_account: the user means that login. Administrations whose dossiers it
    cannot open become ACCESS_LOST or NOT_FOUND; none is deleted."""


@strawberry.input
class SelectAdministrationsInput:
    """Which dossiers become administrations."""

    integration_id: strawberry.ID
    """The `id` of an `Integration`."""
    dossier_numbers: list[int]
    """The `number`s of its `dossiers`, 500 at most. All or none."""


@strawberry.input
class RemoveAdministrationInput:
    """Which administration to remove."""

    administration_id: strawberry.ID
    """The `id` of an `Administration`."""
    purge: bool | None = False
    """Erase its data now, with no way back. Null: false."""


@strawberry.input
class DeleteIntegrationInput:
    """Which integration to delete."""

    integration_id: strawberry.ID
    """The `id` of an `Integration`."""
    purge: bool | None = False
    """Erase the data of its administrations now, with no way back. Null: false."""


@strawberry.type
class AuthorizationRequired:
    """The browser of whoever has the login at Octopus has to go to `authorizationUrl`."""

    integration: Integration
    """AWAITING_AUTHORIZATION until then, or the one that is reconnected."""
    authorization_url: str
    """A page of ours that says for whom and what will be read, and leads on to Octopus. It may be sent to whoever has
    the login."""
    expires_at: datetime
    """Until when the address works (UTC): ten minutes."""

    __repr__ = object.__repr__  # which shows nothing of it


@strawberry.type
class AdministrationsSelected:
    """Each dossier is an administration, and its first import is queued."""

    administrations: list[Administration]
    """In the order of the numbers; one that was selected before is returned as it is."""

    @classmethod
    def of(cls, selected: Sequence[administration.Administration]) -> Self:
        return cls(administrations=[Administration.of(row) for row in selected])


@strawberry.type
class AdministrationRemoved:
    """The administration is in no answer any more."""

    administration_id: strawberry.ID
    """The id as it was given."""
    purge_after: datetime
    """When its data is erased (UTC). Until then selecting the dossier restores it; with `purge` it is now."""


@strawberry.type
class IntegrationDeleted:
    """The integration and its administrations are in no answer any more."""

    integration_id: strawberry.ID
    """The id as it was given."""
    purge_after: datetime
    """When the data of its administrations is erased (UTC). Until then selecting a dossier restores it; with `purge` it
    is now."""
    notice: str
    """What is left to the user, since Octopus offers no revocation: a sentence."""


@strawberry.type
class IntegrationMutations:
    @mutation(connect_integration.ConnectIntegration)
    async def connect_integration(self, info: Info, input: ConnectIntegrationInput) -> AuthorizationRequired | Problem:
        """*Add*, then *Authenticate with Octopus*. Octopus may be added any number of times: it does not tell who
        logged in."""
        operation, return_to = info.context, plain_text(input.return_to, "input.returnTo")
        doing = operation.use_cases.connect_integration(operation.principal, return_to)
        return await answer(info, doing, lambda it: _required(info, it))

    @mutation(Reconnect)
    async def reconnect_integration(
        self, info: Info, input: ReconnectIntegrationInput
    ) -> AuthorizationRequired | Problem:
        """A new OAuth round for the same integration. Nothing is deleted, ids stay, and imports start by themselves."""
        reconnect, id = info.context.use_cases.reconnect, IntegrationId(info.context.id(input.integration_id))
        doing = reconnect(
            info.context.principal,
            id,
            plain_text(input.return_to, "input.returnTo"),
            accept_different_account=bool(input.accept_different_account),
        )
        return await answer(info, doing, lambda it: _required(info, it))

    @mutation(select_administrations.SelectAdministrations)
    async def select_administrations(
        self, info: Info, input: SelectAdministrationsInput
    ) -> AdministrationsSelected | Problem:
        """Each dossier becomes an administration, and its first import is queued; all or none. One of another
        integration of the organisation moves to this one; one that was removed is restored."""
        select, id = info.context.use_cases.select_administrations, info.context.id(input.integration_id)
        numbers = within_limit(input.dossier_numbers, "input.dossierNumbers")
        doing = select(info.context.principal, IntegrationId(id), numbers)
        return await answer(info, doing, AdministrationsSelected.of)

    @mutation(remove_administration.RemoveAdministration)
    async def remove_administration(
        self, info: Info, input: RemoveAdministrationInput
    ) -> AdministrationRemoved | Problem:
        """Out of every answer at once, and its imports stop; restorable until `purgeAfter`."""
        remove, id = info.context.use_cases.remove_administration, info.context.id(input.administration_id)
        doing = remove(info.context.principal, AdministrationId(id), purge=bool(input.purge))
        return await answer(info, doing, partial(shown, AdministrationRemoved))

    @mutation(delete_integration.DeleteIntegration)
    async def delete_integration(self, info: Info, input: DeleteIntegrationInput) -> IntegrationDeleted | Problem:
        """Its tokens are erased at once, its administrations are removed."""
        delete, id = info.context.use_cases.delete_integration, info.context.id(input.integration_id)
        doing = delete(info.context.principal, IntegrationId(id), purge=bool(input.purge))
        return await answer(info, doing, partial(shown, IntegrationDeleted))


def _required(info: Info, required: connect_integration.AuthorizationRequired) -> AuthorizationRequired:
    start = f"{info.context.services.public_url}/oauth/octopus/start"
    return AuthorizationRequired(
        integration=Integration.of(required.integration),
        authorization_url=with_query(start, ticket=required.ticket),
        expires_at=required.expires_at,
    )
