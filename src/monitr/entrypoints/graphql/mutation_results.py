"""What goes into the mutations, and what comes out of them: payloads, and the unions with their problems."""

from datetime import datetime
from typing import Annotated

import strawberry

from monitr.application import connect_integration, start_imports
from monitr.application.return_addresses import with_query
from monitr.domain.import_run import ImportMode
from monitr.entrypoints.graphql.administrations import Administration
from monitr.entrypoints.graphql.cards import Integration
from monitr.entrypoints.graphql.context import Info
from monitr.entrypoints.graphql.enums import ProviderKey
from monitr.entrypoints.graphql.imports import ImportRun
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


@strawberry.input
class ConnectIntegrationInput:
    provider: ProviderKey
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


@strawberry.input
class StartImportsInput:
    administration_ids: list[strawberry.ID]
    mode: ImportMode | None = ImportMode.INCREMENTAL


@strawberry.input
class CancelImportInput:
    import_id: strawberry.ID


@strawberry.type(description="Open authorizationUrl in the user's browser before expiresAt.")
class AuthorizationRequired:
    integration: Integration
    authorization_url: str
    expires_at: datetime

    @classmethod
    def of(cls, info: Info, required: connect_integration.AuthorizationRequired) -> "AuthorizationRequired":
        start = f"{info.context.services.public_url}/oauth/octopus/start"
        return cls(
            integration=Integration.of(required.integration),
            authorization_url=with_query(start, ticket=required.ticket),
            expires_at=required.expires_at,
        )


@strawberry.type
class AdministrationsSelected:
    administrations: list[Administration]


@strawberry.type
class AdministrationRemoved:
    administration_id: strawberry.ID
    purge_after: datetime


@strawberry.type(description="notice: what is left to the user, since Octopus offers no revocation.")
class IntegrationDeleted:
    integration_id: strawberry.ID
    purge_after: datetime
    notice: str


@strawberry.type(description="Why one administration was not imported: COOL_DOWN or RECONNECT_REQUIRED.")
class ImportRefusal:
    administration_id: strawberry.ID
    code: str
    message: str


@strawberry.type
class ImportsStarted:
    imports: list[ImportRun]
    refused: list[ImportRefusal]
    joined: list[strawberry.ID] = strawberry.field(description="Those of the imports that were under way already.")

    @classmethod
    def of(cls, started: start_imports.ImportsStarted) -> "ImportsStarted":
        return cls(
            imports=[ImportRun.of(run) for run in started.imports],
            refused=[
                ImportRefusal(
                    administration_id=strawberry.ID(str(refusal.administration_id)),
                    code=refusal.code,
                    message=refusal.message,
                )
                for refusal in started.refused
            ],
            joined=[strawberry.ID(str(run.id)) for run in started.imports if run.id in started.joined],
        )


@strawberry.type
class ImportCancelled:
    import_: ImportRun = strawberry.field(name="import")


ConnectIntegrationResult = Annotated[
    AuthorizationRequired | NotConfigured | InvalidReturnTo | Forbidden,
    strawberry.union("ConnectIntegrationResult"),
]
ReconnectIntegrationResult = Annotated[
    AuthorizationRequired | NotConfigured | UnknownIntegration | InvalidReturnTo | Forbidden,
    strawberry.union("ReconnectIntegrationResult"),
]
SelectAdministrationsResult = Annotated[
    AdministrationsSelected
    | UnknownIntegration
    | NotAuthorized
    | OctopusDown
    | DailyMaximumReached
    | DossierNotSelectable
    | Forbidden,
    strawberry.union("SelectAdministrationsResult"),
]
RemoveAdministrationResult = Annotated[
    AdministrationRemoved | UnknownAdministration | Forbidden, strawberry.union("RemoveAdministrationResult")
]
DeleteIntegrationResult = Annotated[
    IntegrationDeleted | UnknownIntegration | Forbidden, strawberry.union("DeleteIntegrationResult")
]
StartImportsResult = Annotated[
    ImportsStarted | UnknownAdministration | Forbidden, strawberry.union("StartImportsResult")
]
CancelImportResult = Annotated[ImportCancelled | UnknownImport | Forbidden, strawberry.union("CancelImportResult")]
