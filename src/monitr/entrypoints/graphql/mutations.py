"""The mutations: each translates its input, lets one use case decide, and renders every outcome of it."""

from typing import assert_never

import strawberry
from returns.methods import unwrap_or_failure

from monitr.application import (
    cancel_import,
    connect_integration,
    delete_integration,
    problems,
    remove_administration,
    select_administrations,
    start_imports,
)
from monitr.domain.import_run import ImportMode, ImportRunId
from monitr.domain.integration import IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Permission
from monitr.entrypoints.graphql.administrations import Administration
from monitr.entrypoints.graphql.context import Info, parse_id
from monitr.entrypoints.graphql.described import described
from monitr.entrypoints.graphql.errors import BadUserInput
from monitr.entrypoints.graphql.imports import ImportRun
from monitr.entrypoints.graphql.mutation_results import (
    AdministrationRemoved,
    AdministrationsSelected,
    AuthorizationRequired,
    CancelImportInput,
    CancelImportResult,
    ConnectIntegrationInput,
    ConnectIntegrationResult,
    DeleteIntegrationInput,
    DeleteIntegrationResult,
    ImportCancelled,
    ImportsStarted,
    IntegrationDeleted,
    ReconnectIntegrationInput,
    ReconnectIntegrationResult,
    RemoveAdministrationInput,
    RemoveAdministrationResult,
    SelectAdministrationsInput,
    SelectAdministrationsResult,
    StartImportsInput,
    StartImportsResult,
)
from monitr.entrypoints.graphql.paging import plain_text
from monitr.entrypoints.graphql.problems import (
    DailyMaximumReached,
    DossierNotSelectable,
    Forbidden,
    InvalidReturnTo,
    NotAuthorized,
    NotConfigured,
    OctopusDown,
    UnknownAdministration,
    UnknownImport,
    UnknownIntegration,
)
from monitr.entrypoints.graphql.webhook_mutations import WebhookMutations

MOST_AT_ONCE = 500


@strawberry.type
class Mutation(WebhookMutations):
    @described('"Add", then "Authenticate with Octopus".')
    async def connect_integration(self, info: Info, input: ConnectIntegrationInput) -> ConnectIntegrationResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        return_to = plain_text(input.return_to, "input.returnTo")
        connect = operation.services.use_cases.connect_integration
        match unwrap_or_failure(await operation.act(connect(operation.principal, return_to))):
            case connect_integration.AuthorizationRequired() as required:
                return AuthorizationRequired.of(info, required)
            case problems.NotConfigured() as problem:
                return NotConfigured.of(problem)
            case problems.InvalidReturnTo() as problem:
                return InvalidReturnTo.of(problem)
            case other:
                assert_never(other)

    @described("A new OAuth round for the same integration. Nothing is deleted, ids stay.")
    async def reconnect_integration(self, info: Info, input: ReconnectIntegrationInput) -> ReconnectIntegrationResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        return_to = plain_text(input.return_to, "input.returnTo")
        id = parse_id(input.integration_id)
        if id is None:
            return UnknownIntegration.of(problems.UnknownIntegration(input.integration_id))
        reconnect = operation.services.use_cases.reconnect
        outcome = await operation.act(
            reconnect(
                operation.principal,
                IntegrationId(id),
                return_to,
                accept_different_account=bool(input.accept_different_account),
            )
        )
        match unwrap_or_failure(outcome):
            case connect_integration.AuthorizationRequired() as required:
                return AuthorizationRequired.of(info, required)
            case problems.NotConfigured() as problem:
                return NotConfigured.of(problem)
            case problems.InvalidReturnTo() as problem:
                return InvalidReturnTo.of(problem)
            case problems.UnknownIntegration() as problem:
                return UnknownIntegration.of(problem)
            case other:
                assert_never(other)

    @described("Each dossier becomes an administration, its first import is queued; all or none.")
    async def select_administrations(
        self, info: Info, input: SelectAdministrationsInput
    ) -> SelectAdministrationsResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        _check_length(len(input.dossier_numbers), "input.dossierNumbers")
        id = parse_id(input.integration_id)
        if id is None:
            return UnknownIntegration.of(problems.UnknownIntegration(input.integration_id))
        select = operation.services.use_cases.select_administrations
        outcome = await operation.act(select(operation.principal, IntegrationId(id), input.dossier_numbers))
        match unwrap_or_failure(outcome):
            case select_administrations.AdministrationsSelected() as selected:
                return AdministrationsSelected(
                    administrations=[Administration.of(it) for it in selected.administrations]
                )
            case problems.UnknownIntegration() as problem:
                return UnknownIntegration.of(problem)
            case problems.NotAuthorized() as problem:
                return NotAuthorized.of(problem)
            case problems.OctopusDown() as problem:
                return OctopusDown.of(problem)
            case problems.DailyMaximumReached() as problem:
                return DailyMaximumReached.of(problem)
            case problems.DossierNotSelectable() as problem:
                return DossierNotSelectable.of(problem)
            case other:
                assert_never(other)

    @described("Gone from every answer at once; restorable until purgeAfter.")
    async def remove_administration(self, info: Info, input: RemoveAdministrationInput) -> RemoveAdministrationResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        id = parse_id(input.administration_id)
        if id is None:
            return UnknownAdministration.of(problems.UnknownAdministration(input.administration_id))
        remove = operation.services.use_cases.remove_administration
        outcome = await operation.act(remove(operation.principal, AdministrationId(id), purge=bool(input.purge)))
        match unwrap_or_failure(outcome):
            case remove_administration.AdministrationRemoved() as removed:
                return AdministrationRemoved(
                    administration_id=strawberry.ID(str(removed.administration_id)), purge_after=removed.purge_after
                )
            case problems.UnknownAdministration() as problem:
                return UnknownAdministration.of(problem)
            case other:
                assert_never(other)

    @described("Its tokens are erased at once, its administrations are removed.")
    async def delete_integration(self, info: Info, input: DeleteIntegrationInput) -> DeleteIntegrationResult:
        operation = info.context
        if not operation.principal.may(Permission.MANAGE_INTEGRATIONS):
            return Forbidden.of(problems.Forbidden())
        id = parse_id(input.integration_id)
        if id is None:
            return UnknownIntegration.of(problems.UnknownIntegration(input.integration_id))
        delete = operation.services.use_cases.delete_integration
        outcome = await operation.act(delete(operation.principal, IntegrationId(id), purge=bool(input.purge)))
        match unwrap_or_failure(outcome):
            case delete_integration.IntegrationDeleted() as deleted:
                return IntegrationDeleted(
                    integration_id=strawberry.ID(str(deleted.integration_id)),
                    purge_after=deleted.purge_after,
                    notice=deleted.notice,
                )
            case problems.UnknownIntegration() as problem:
                return UnknownIntegration.of(problem)
            case other:
                assert_never(other)

    @described('"Sync now". One run for each administration that is not refused.')
    async def start_imports(self, info: Info, input: StartImportsInput) -> StartImportsResult:
        operation = info.context
        if not operation.principal.may(Permission.RUN_IMPORTS):
            return Forbidden.of(problems.Forbidden())
        _check_length(len(input.administration_ids), "input.administrationIds")
        ids: list[AdministrationId] = []
        for text in input.administration_ids:
            id = parse_id(text)
            if id is None or not operation.principal.may(Permission.RUN_IMPORTS, AdministrationId(id)):
                return UnknownAdministration.of(problems.UnknownAdministration(text))
            ids.append(AdministrationId(id))
        start = operation.services.use_cases.start_imports
        outcome = await operation.act(start(operation.principal, ids, input.mode or ImportMode.INCREMENTAL))
        match unwrap_or_failure(outcome):
            case start_imports.ImportsStarted() as started:
                return ImportsStarted.of(started)
            case problems.UnknownAdministration() as problem:
                return UnknownAdministration.of(problem)
            case other:
                assert_never(other)

    @described("Stops at the next checkpoint; what was published stays.")
    async def cancel_import(self, info: Info, input: CancelImportInput) -> CancelImportResult:
        operation = info.context
        if not operation.principal.may(Permission.RUN_IMPORTS):
            return Forbidden.of(problems.Forbidden())
        id = parse_id(input.import_id)
        if id is None:
            return UnknownImport.of(problems.UnknownImport(input.import_id))
        cancel = operation.services.use_cases.cancel_import
        match unwrap_or_failure(await operation.act(cancel(operation.principal, ImportRunId(id)))):
            case cancel_import.ImportCancelled() as cancelled:
                return ImportCancelled(import_=ImportRun.of(cancelled.run))
            case problems.UnknownImport() as problem:
                return UnknownImport.of(problem)
            case other:
                assert_never(other)


def _check_length(length: int, argument: str) -> None:
    if length > MOST_AT_ONCE:
        raise BadUserInput(argument, f"it may hold {MOST_AT_ONCE} entries at most.")
