"""Webhook events and targets, and their rows."""

from typing import Any

from sqlalchemy import RowMapping, Select, select

from monitr.adapters.sql.database.tables import webhook_event
from monitr.adapters.sql.repositories.rows import entity_of, values_of
from monitr.adapters.sql.repositories.sentences import explanation_of, known_code
from monitr.domain.accounting.verification import VerificationStatus, worst_of
from monitr.domain.organisation import OrganisationId
from monitr.domain.webhooks import (
    AdministrationChanged,
    Change,
    DatasetChanged,
    ImportChanged,
    IntegrationChanged,
    WebhookEvent,
    WebhookEventId,
    WebhookTarget,
)

_CHANGES: dict[str, type[Change]] = {
    "INTEGRATION": IntegrationChanged,
    "ADMINISTRATION": AdministrationChanged,
    "IMPORT": ImportChanged,
    "DATASET": DatasetChanged,
}
"""By ``subject``, as the triggers of the migration write it."""


def event_of(row: RowMapping) -> WebhookEvent:
    """From a row with all columns of ``webhook_event``, and a position."""
    statuses = [VerificationStatus(status) for status in row["checks"].split(",")] if row["checks"] else []
    told = {
        "before": row["state_before"],
        "after": row["state_after"],
        "reason": known_code(row["reason"]) if row["reason"] else None,
        "verification": worst_of(statuses) if statuses else None,
    }
    change = entity_of({**row, **told}, _CHANGES[row["subject"]])
    id, organisation = WebhookEventId(row["id"]), OrganisationId(row["organisation_id"])
    return WebhookEvent(id, organisation, row["position"], row["occurred_at"], change)


def events_behind(organisation: OrganisationId, position: int, limit: int) -> Select[*tuple[Any, ...]]:
    """Plan: one descent of ix_webhook_event_organisation_id_position."""
    event = webhook_event.c
    behind = (event.organisation_id == organisation, event.position > position)
    return select(webhook_event).where(*behind).order_by(event.position).limit(limit)


def target_of(row: RowMapping) -> WebhookTarget:
    """From a row with all columns of ``webhook_target``; secrets and lease are not part of it."""
    return entity_of({**row, "last_failure": explanation_of(row["last_failure"])}, WebhookTarget)


_OF_ATTEMPTS = (
    *("position", "failures", "next_attempt_at", "last_attempt_at"),
    *("last_success_at", "last_failure", "disabled_at"),
)


def delivery_values(target: WebhookTarget) -> dict[str, object]:
    """The columns that attempts and replays change."""
    values = values_of(target)
    return {name: values[name] for name in _OF_ATTEMPTS}
