"""All use cases that the entrypoints offer, put together by the composition root."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

from monitr.application.asset_settings import SetAssetRole, SetDepreciation
from monitr.application.cancel_import import CancelImport
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.decline_authorization import DeclineAuthorization
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.exports.export_report import ExportReport
from monitr.application.list_dossiers import ListDossiers
from monitr.application.own_reports import DeleteReport, SaveReport
from monitr.application.reconnect import Reconnect
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.show_authorization import ShowAuthorization
from monitr.application.start_authorization import StartAuthorization
from monitr.application.start_imports import StartImports
from monitr.application.webhooks.use_cases import WebhookUseCases
from monitr.domain.roles import Forbidden, Permission, Principal


class UseCase(Protocol):
    requires: ClassVar[Permission]


def refusal(use_case: type[UseCase], principal: Principal) -> Forbidden | None:
    """What the use case would say first of all; for an entrypoint, which reads the arguments before it asks."""
    return None if principal.may(use_case.requires) else Forbidden(use_case.requires)


@dataclass(frozen=True, slots=True)
class UseCases:
    connect_integration: ConnectIntegration
    show_authorization: ShowAuthorization
    start_authorization: StartAuthorization
    decline_authorization: DeclineAuthorization
    complete_authorization: CompleteAuthorization
    list_dossiers: ListDossiers
    select_administrations: SelectAdministrations
    remove_administration: RemoveAdministration
    delete_integration: DeleteIntegration
    reconnect: Reconnect
    start_imports: StartImports
    cancel_import: CancelImport
    export_report: ExportReport
    set_asset_role: SetAssetRole
    set_depreciation: SetDepreciation
    save_report: SaveReport
    delete_report: DeleteReport
    webhooks: WebhookUseCases
