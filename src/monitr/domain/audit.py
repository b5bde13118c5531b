"""The audit trail: who did what (decision 23).

An entry outlives what it speaks of, so it holds the name of that time. Its words are plain, and no secret is among
them: of a webhook's address only the host, since paths and queries hold the receiver's secrets.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from unicodedata import normalize
from urllib.parse import urlsplit
from uuid import UUID

from monitr.domain.accounting.statements.own_reports import Report
from monitr.domain.administration import Administration
from monitr.domain.authorization import Authorization, CallbackError, Purpose
from monitr.domain.import_run import ImportMode, ImportRun, ImportTrigger
from monitr.domain.integration import Integration
from monitr.domain.names import readable
from monitr.domain.timeline import Cause, TimelineEvent, What
from monitr.domain.webhooks import WebhookTarget

MONITR = "monitr"
"""The actor of what the program did by itself."""
OCTOPUS = "octopus"
"""The actor of what an answer of Octopus caused; and the name of an integration, which has none of its own."""
OPERATOR = "operator"
"""The actor of what somebody did on the command line."""

SHORTEST_KEPT_DAYS = 365
"""Nothing younger is ever forgotten, whatever the setting says: the database refuses it (migration 0005)."""


class AuditAction(StrEnum):
    """What was done. Each is written in the transaction of the deed."""

    CONNECT_ASKED = "CONNECT_ASKED"
    """Somebody asked to connect a login of Octopus."""
    CONNECTED = "CONNECTED"
    """Octopus gave its authorisation."""
    CONNECT_DENIED = "CONNECT_DENIED"
    """A round to connect or reconnect came to nothing: refused, or nobody came back in time."""
    RECONNECT_ASKED = "RECONNECT_ASKED"
    """Somebody asked to authorise an integration again."""
    RECONNECTED = "RECONNECTED"
    """Octopus gave its authorisation again."""
    INTEGRATION_DELETED = "INTEGRATION_DELETED"
    """Its tokens were erased, its administrations removed."""
    ADMINISTRATION_SELECTED = "ADMINISTRATION_SELECTED"
    """A dossier became an administration."""
    ADMINISTRATION_MOVED = "ADMINISTRATION_MOVED"
    """Selected through another integration: it belongs to that one now."""
    ADMINISTRATION_REMOVED = "ADMINISTRATION_REMOVED"
    """It was taken out of every answer."""
    ADMINISTRATION_RESTORED = "ADMINISTRATION_RESTORED"
    """Selected again within the retention time."""
    ADMINISTRATION_PURGED = "ADMINISTRATION_PURGED"
    """All its data was erased."""
    IMPORT_STARTED = "IMPORT_STARTED"
    """A run was queued, by a user or by Monitr."""
    IMPORT_CANCELLED = "IMPORT_CANCELLED"
    """Somebody cancelled a run, or removed its administration meanwhile."""
    WEBHOOK_CREATED = "WEBHOOK_CREATED"
    """An address receives the organisation's events."""
    WEBHOOK_DELETED = "WEBHOOK_DELETED"
    """It receives them no more."""
    WEBHOOK_SECRET_ROTATED = "WEBHOOK_SECRET_ROTATED"  # noqa: S105  # no secret, the name of a deed
    """Its messages are signed with another secret."""
    WEBHOOK_REPLAYED = "WEBHOOK_REPLAYED"
    """Events are sent to it once more."""
    SETTINGS_CHANGED = "SETTINGS_CHANGED"
    """The role of an account, a depreciation method, or a report of one's own was changed."""
    EXPORTED = "EXPORTED"
    """Rows left as a file."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """``actor``: the subject of the bearer token, or ``MONITR``, ``OCTOPUS`` or ``OPERATOR``, which no token says.
    ``subject``: the id of the integration, administration, import run, webhook target or report; ``subject_name``: what
    it was called then."""

    actor: str
    action: AuditAction
    subject: UUID | None = None
    subject_name: str | None = None
    detail: str | None = None


def is_nobodys(subject: str) -> bool:
    """Whether a trail that named this subject could be read as if no person had acted."""
    return "".join(readable(normalize("NFKC", subject)).split()).casefold() in (MONITR, OCTOPUS, OPERATOR)


# --- integrations ---------------------------------------------------------------------------------------------------

_INTEGRATION_NAME = "Octopus"
_OF_INTEGRATIONS = {
    What.AUTHORIZED: AuditAction.CONNECTED,
    What.RECONNECTED: AuditAction.RECONNECTED,
    What.DELETED: AuditAction.INTEGRATION_DELETED,
}


def asked(authorization: Authorization) -> AuditEntry:
    """Somebody wants to connect Octopus, or to connect it again."""
    is_first = authorization.purpose is Purpose.CONNECT
    return AuditEntry(
        authorization.subject,
        AuditAction.CONNECT_ASKED if is_first else AuditAction.RECONNECT_ASKED,
        authorization.integration_id,
        _INTEGRATION_NAME,
        "Another Octopus account is accepted." if authorization.accept_different_account else None,
    )


def denied(authorization: Authorization, error: CallbackError, actor: str) -> AuditEntry:
    """The round came to nothing."""
    wanted = "Connecting" if authorization.purpose is Purpose.CONNECT else "Reconnecting"
    detail = f"{wanted}, asked for by {authorization.subject}, came to nothing: {error}."
    return AuditEntry(actor, AuditAction.CONNECT_DENIED, authorization.integration_id, _INTEGRATION_NAME, detail)


def deeds_on_integration(integration: Integration) -> Sequence[AuditEntry]:
    """What has happened to it since it was read, as far as the trail tells of it."""
    return [
        AuditEntry(actor_of(event.cause), action, integration.id, _INTEGRATION_NAME, event.cause.why)
        for event in integration.events
        if (action := _OF_INTEGRATIONS.get(event.what)) is not None
    ]


def settings_changed(administration: Administration, actor: str, detail: str) -> AuditEntry:
    """Somebody has set what its reports go by."""
    return AuditEntry(actor, AuditAction.SETTINGS_CHANGED, administration.id, administration.name, detail)


def actor_of(cause: Cause) -> str:
    """The subject of a user's token, else ``MONITR`` or ``OCTOPUS``."""
    return cause.user or cause.agent.lower()


# --- administrations ------------------------------------------------------------------------------------------------

_OF_ADMINISTRATIONS = {
    What.SELECTED: AuditAction.ADMINISTRATION_SELECTED,
    What.MOVED: AuditAction.ADMINISTRATION_MOVED,
    What.REMOVED: AuditAction.ADMINISTRATION_REMOVED,
    What.PURGE_ADVANCED: AuditAction.ADMINISTRATION_REMOVED,
    What.RESTORED: AuditAction.ADMINISTRATION_RESTORED,
}


def deeds_on_administration(administration: Administration, now: datetime) -> Sequence[AuditEntry]:
    """What has happened to it since it was read, as far as the trail tells of it."""
    return [
        AuditEntry(
            actor_of(event.cause), action, administration.id, administration.name, _detail(administration, event, now)
        )
        for event in administration.events
        if (action := _OF_ADMINISTRATIONS.get(event.what)) is not None
    ]


def _detail(administration: Administration, event: TimelineEvent, now: datetime) -> str:
    dossier = f"Dossier {administration.dossier}"
    if administration.purge_after is None:
        return f"{dossier}, through the integration {administration.integration_id}."
    at_once = administration.purge_after <= now
    erased = "at once" if at_once else f"after {administration.purge_after:%Y-%m-%d %H:%M} UTC"
    return f"{dossier}. {event.cause.why} What was imported for it is erased {erased}."


def purged(administration: Administration, removed_by: str | None) -> AuditEntry:
    """Everything that was imported for it is gone."""
    told = f", as {removed_by} had asked for by removing it" if removed_by else ""
    detail = f"Dossier {administration.dossier}. What was imported for it is erased{told}."
    return AuditEntry(MONITR, AuditAction.ADMINISTRATION_PURGED, administration.id, administration.name, detail)


# --- imports --------------------------------------------------------------------------------------------------------

_OCCASIONS = {
    ImportTrigger.FIRST: "The first import",
    ImportTrigger.SYNC_NOW: "Sync now",
    ImportTrigger.SCHEDULE: "The schedule",
    ImportTrigger.RECONNECT: "Connected or selected again",
    ImportTrigger.DEEP_READ: "The deep reading",
}


def import_started(run: ImportRun, administration: Administration, actor: str) -> AuditEntry:
    read = "everything is read" if run.mode is ImportMode.FULL else "what has changed is read"
    detail = f"{_OCCASIONS[run.trigger]}: {read}, of dossier {administration.dossier}."
    return AuditEntry(actor, AuditAction.IMPORT_STARTED, run.id, administration.name, detail)


def import_goes_on(run: ImportRun, administration: Administration, actor: str) -> AuditEntry:
    """It had been told to stop, and is wanted again."""
    detail = f"It was to stop, and goes on, of dossier {administration.dossier}."
    return AuditEntry(actor, AuditAction.IMPORT_STARTED, run.id, administration.name, detail)


def import_cancelled(run: ImportRun, administration: Administration, actor: str) -> AuditEntry:
    removed = "" if administration.is_alive else ", which was removed"
    detail = f"Of dossier {administration.dossier}{removed}."
    return AuditEntry(actor, AuditAction.IMPORT_CANCELLED, run.id, administration.name, detail)


# --- exports --------------------------------------------------------------------------------------------------------


def exported(administration: Administration, what: str, format: str, actor: str) -> AuditEntry:
    detail = f"{what}, as {format.upper()}, of dossier {administration.dossier}."
    return AuditEntry(actor, AuditAction.EXPORTED, administration.id, administration.name, detail)


# --- reports of one's own -------------------------------------------------------------------------------------------


def report_saved(report: Report, before: Report | None) -> AuditEntry:
    was = f"The report, called “{before.name}” before, was changed" if before else "The report is new"
    detail = f"{was}: version {report.version}, {len(report.lines)} lines and {len(report.rules)} rules."
    return AuditEntry(report.changed_by, AuditAction.SETTINGS_CHANGED, report.id, report.name, detail)


def report_deleted(report: Report, actor: str) -> AuditEntry:
    detail = f"The report was deleted: version {report.version}, last changed by {report.changed_by}."
    return AuditEntry(actor, AuditAction.SETTINGS_CHANGED, report.id, report.name, detail)


# --- webhooks -------------------------------------------------------------------------------------------------------


def webhook_created(target: WebhookTarget, actor: str) -> AuditEntry:
    return _of_target(AuditAction.WEBHOOK_CREATED, target, actor, target.description)


def webhook_deleted(target: WebhookTarget, actor: str) -> AuditEntry:
    return _of_target(AuditAction.WEBHOOK_DELETED, target, actor, target.description)


def webhook_secret_rotated(target: WebhookTarget, actor: str) -> AuditEntry:
    until = target.previous_secret_until
    detail = f"The one before signs until {until:%Y-%m-%d %H:%M} UTC." if until else "At once."
    return _of_target(AuditAction.WEBHOOK_SECRET_ROTATED, target, actor, detail)


def webhook_replayed(target: WebhookTarget, actor: str) -> AuditEntry:
    again = f"what came behind position {target.position}" if target.position else "all that is kept"
    return _of_target(AuditAction.WEBHOOK_REPLAYED, target, actor, f"Sent again: {again}.")


def _of_target(action: AuditAction, target: WebhookTarget, actor: str, detail: str | None) -> AuditEntry:
    return AuditEntry(actor, action, target.id, _host_of(target.url), detail)


def _host_of(url: str) -> str:
    """``https://host:port``: no name or password, no path, no query."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
