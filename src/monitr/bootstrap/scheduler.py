"""The scheduler process: what goes on by itself, again and again."""

from datetime import timedelta

from monitr.adapters.jobs.chores import Chore
from monitr.adapters.jobs.schedule import ImportSchedule
from monitr.adapters.octopus.operations import INDISPENSABLE
from monitr.adapters.sql.work.audit_retention import forget_audit
from monitr.adapters.sql.work.life_watch import SqlLifeWatch
from monitr.adapters.sql.work.outbox import Outbox
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.adapters.sql.work.scheduled_administrations import SqlScheduledAdministrations
from monitr.adapters.sql.work.text_index import SqlTextIndex
from monitr.application.chores.abandoned_integrations import DismissAbandonedIntegrations
from monitr.application.chores.index_texts import IndexTexts
from monitr.application.chores.keep_authorizations_alive import KeepAuthorizationsAlive
from monitr.application.chores.purge_administrations import PurgeAdministrations
from monitr.application.chores.reach_administrations import ReachAdministrations, ReachAgain
from monitr.application.chores.scheduled_imports import ScheduledImports
from monitr.application.chores.sweep_authorizations import SweepAuthorizations
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.use_cases import start_imports_at_once
from monitr.bootstrap.webhooks import webhook_deliveries
from monitr.domain.import_run import ImportTrigger
from monitr.domain.webhooks import EVENTS_KEPT
from monitr.settings import Settings

OUTBOX_KEPT = timedelta(days=7)
CALLS_KEPT = timedelta(days=30)


def purge_chore(of: Ports) -> Chore:
    purge = PurgeAdministrations(SqlPurgeableAdministrations(of.engine), of.clock)
    return Chore("purge removed administrations", timedelta(minutes=10), purge)


def scheduler_chores(of: Ports) -> list[Chore]:
    """The first two where their schedules are not off; the others always."""
    settings, every_ten_seconds = of.settings, timedelta(seconds=10)
    imports = scheduled_imports(of, settings.schedule, ImportTrigger.SCHEDULE)
    deep_reads = scheduled_imports(of, settings.deep_read, ImportTrigger.DEEP_READ)
    return [
        *([Chore("queue scheduled imports", every_ten_seconds, imports)] if imports else []),
        *([Chore("queue deep readings", every_ten_seconds, deep_reads)] if deep_reads else []),
        Chore("close abandoned OAuth rounds", timedelta(seconds=30), SweepAuthorizations(of.transactions, of.clock)),
        purge_chore(of),
        Chore("index texts", every_ten_seconds, IndexTexts(SqlTextIndex(of.engine))),
        *_life_watch(of),
        Chore("forget published messages", timedelta(hours=1), lambda: Outbox(of.engine).prune(OUTBOX_KEPT)),
        Chore("forget old call counts", timedelta(hours=1), lambda: of.calls.prune(CALLS_KEPT)),
        Chore(
            "forget old audit entries", timedelta(hours=1), lambda: forget_audit(of.engine, settings.audit_kept_days)
        ),
        Chore("forget old webhook events", timedelta(hours=1), lambda: webhook_deliveries(of).prune(EVENTS_KEPT)),
    ]


def _life_watch(of: Ports) -> list[Chore]:
    watch, transactions = SqlLifeWatch(of.engine), of.transactions
    keep_alive = KeepAuthorizationsAlive(watch.idle, of.credentials, of.clock)
    dismiss = DismissAbandonedIntegrations(watch.abandoned, transactions)
    reach_again = ReachAgain(watch.unreachable, transactions, ReachAdministrations(transactions, of.octopus))
    return [
        Chore("keep idle integrations alive", timedelta(hours=1), keep_alive),
        Chore("dismiss abandoned integrations", timedelta(minutes=5), dismiss),
        Chore("try dossiers that were out of reach", timedelta(hours=1), reach_again),
    ]


def scheduled_imports(of: Ports, cron: str | None, trigger: ImportTrigger) -> ScheduledImports | None:
    """None where the schedule is off."""
    if cron is None:
        return None
    maxima = {operation.label: operation.daily_maximum for operation in INDISPENSABLE}
    administrations = SqlScheduledAdministrations(of.engine, of.clock, maxima)
    return ScheduledImports(administrations, start_imports_at_once(of), ImportSchedule(cron), of.clock, trigger)


def import_schedule(settings: Settings) -> ImportSchedule | None:
    return ImportSchedule(settings.schedule) if settings.schedule else None
