"""The use cases that the entrypoints offer."""

import secrets
from datetime import timedelta
from uuid import uuid4

from monitr.application.asset_settings import SetAssetRole, SetDepreciation
from monitr.application.cancel_import import CancelImport
from monitr.application.complete_authorization import CompleteAuthorization
from monitr.application.connect_integration import ConnectIntegration
from monitr.application.decline_authorization import DeclineAuthorization
from monitr.application.delete_integration import DeleteIntegration
from monitr.application.exports.export_report import ExportReport
from monitr.application.list_dossiers import ListDossiers
from monitr.application.own_reports import DeleteReport, SaveReport
from monitr.application.reading.reading import opening
from monitr.application.reconnect import Reconnect
from monitr.application.remove_administration import RemoveAdministration
from monitr.application.return_addresses import ReturnAddresses
from monitr.application.select_administrations import SelectAdministrations
from monitr.application.show_authorization import ShowAuthorization
from monitr.application.start_authorization import StartAuthorization
from monitr.application.start_imports import StartImports
from monitr.application.use_cases import UseCases
from monitr.bootstrap.exports import export_readers
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.webhooks import webhook_use_cases


def use_cases(of: Ports) -> UseCases:
    settings, transactions, octopus, clock = of.settings, of.transactions, of.octopus, of.clock
    addresses = ReturnAddresses(settings.public_url, settings.frontend_origins)
    retention = timedelta(days=settings.retention_days)
    return UseCases(
        connect_integration=ConnectIntegration(transactions, of.login, addresses, clock, uuid4, _new_secret),
        show_authorization=ShowAuthorization(transactions, of.login, clock),
        start_authorization=StartAuthorization(transactions, of.login, clock, _new_secret),
        decline_authorization=DeclineAuthorization(transactions, clock),
        complete_authorization=CompleteAuthorization(
            transactions, of.login, octopus, clock, uuid4, of.changes_remembered
        ),
        list_dossiers=ListDossiers(transactions, octopus),
        select_administrations=SelectAdministrations(transactions, octopus, clock, uuid4, of.changes_remembered),
        remove_administration=RemoveAdministration(transactions, clock, retention),
        delete_integration=DeleteIntegration(transactions, clock, retention),
        reconnect=Reconnect(transactions, of.login, addresses, clock, uuid4, _new_secret),
        start_imports=StartImports(
            transactions, clock, uuid4, timedelta(seconds=settings.sync_cooldown), of.changes_remembered
        ),
        cancel_import=CancelImport(transactions, clock),
        export_report=ExportReport(transactions, opening(export_readers(of), of_one=True)),
        set_asset_role=SetAssetRole(transactions),
        set_depreciation=SetDepreciation(transactions),
        save_report=SaveReport(transactions, clock, uuid4),
        delete_report=DeleteReport(transactions),
        webhooks=webhook_use_cases(of),
    )


def _new_secret() -> str:
    return secrets.token_urlsafe(32)


def start_imports_at_once(of: Ports) -> StartImports:
    """For operators and the schedule, whom no cool-down holds up."""
    return StartImports(of.transactions, of.clock, uuid4, timedelta(), of.changes_remembered)
