"""Webhook events and targets, and their rows."""

from collections.abc import Callable

from sqlalchemy import RowMapping

from monitr.adapters.sql.repositories.failure_json import failure_from_json, failure_to_json
from monitr.domain.accounting.verification import VerificationStatus, worst_of
from monitr.domain.administration import AdministrationStatus
from monitr.domain.import_run import Dataset, ImportRunId, ImportStatus
from monitr.domain.integration import IntegrationId, IntegrationStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.webhooks import (
    AdministrationChanged,
    Change,
    DatasetChanged,
    ImportChanged,
    IntegrationChanged,
    WebhookEvent,
    WebhookEventId,
    WebhookTarget,
    WebhookTargetId,
)


def event_of(row: RowMapping) -> WebhookEvent:
    """From a row with all columns of ``webhook_event``, and a position."""
    return WebhookEvent(
        WebhookEventId(row["id"]),
        OrganisationId(row["organisation_id"]),
        row["position"],
        row["occurred_at"],
        _CHANGES[row["subject"]](row),
    )


def _integration(row: RowMapping) -> Change:
    before, after = IntegrationStatus(row["state_before"]), IntegrationStatus(row["state_after"])
    return IntegrationChanged(IntegrationId(row["integration_id"]), before, after, row["reason"])


def _administration(row: RowMapping) -> Change:
    before, after = row["state_before"], row["state_after"]
    return AdministrationChanged(
        AdministrationId(row["administration_id"]),
        IntegrationId(row["integration_id"]),
        AdministrationStatus(before) if before else None,
        AdministrationStatus(after) if after else None,
    )


def _import(row: RowMapping) -> Change:
    return ImportChanged(
        ImportRunId(row["import_id"]),
        AdministrationId(row["administration_id"]),
        ImportStatus(row["state_before"]) if row["state_before"] else None,
        ImportStatus(row["state_after"]),
        row["reason"],
        worst_of(VerificationStatus(status) for status in row["checks"].split(",")) if row["checks"] else None,
    )


def _dataset(row: RowMapping) -> Change:
    administration, run = AdministrationId(row["administration_id"]), ImportRunId(row["import_id"])
    return DatasetChanged(administration, run, Dataset(row["dataset"]))


_CHANGES: dict[str, Callable[[RowMapping], Change]] = {
    "INTEGRATION": _integration,
    "ADMINISTRATION": _administration,
    "IMPORT": _import,
    "DATASET": _dataset,
}
"""By ``subject``, as the triggers of the migration write it."""


def target_of(row: RowMapping) -> WebhookTarget:
    """From a row with all columns of ``webhook_target``; secrets and lease are not part of it."""
    return WebhookTarget(
        id=WebhookTargetId(row["id"]),
        organisation_id=OrganisationId(row["organisation_id"]),
        url=row["url"],
        description=row["description"],
        created_at=row["created_at"],
        position=row["position"],
        failures=row["failures"],
        next_attempt_at=row["next_attempt_at"],
        last_attempt_at=row["last_attempt_at"],
        last_success_at=row["last_success_at"],
        last_failure=failure_from_json(row["last_failure"]),
        disabled_at=row["disabled_at"],
        previous_secret_until=row["previous_secret_until"],
    )


def delivery_values(target: WebhookTarget) -> dict[str, object]:
    """The columns that attempts and replays change."""
    return {
        "position": target.position,
        "failures": target.failures,
        "next_attempt_at": target.next_attempt_at,
        "last_attempt_at": target.last_attempt_at,
        "last_success_at": target.last_success_at,
        "last_failure": failure_to_json(target.last_failure),
        "disabled_at": target.disabled_at,
    }


def secret_place(target: WebhookTargetId) -> str:
    """What the ciphertexts of a target's secrets are bound to (``adapters/security/cipher.py``): its row, not a column,
    since a rotation moves a secret from one column to the other."""
    return f"webhook_target|secret|{target}"
