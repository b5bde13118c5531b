"""What the audit trail says, to the word: it is read when nothing else is left."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from monitr.domain import audit
from monitr.domain.administration import ASKED_TO_REMOVE, ASKED_TO_SELECT, Administration
from monitr.domain.audit import AuditAction, AuditEntry
from monitr.domain.authorization import CallbackError, Purpose
from monitr.domain.import_run import ImportMode, ImportTrigger
from monitr.domain.integration import ABANDONED, CONSENTED, Integration, IntegrationId
from monitr.domain.timeline import Agent, Cause
from monitr.domain.words.sentence import Sentence
from tests.unit.fake_webhooks import a_target
from tests.unit.fakes import (
    MINE,
    NOON,
    a_run,
    an_administration,
    an_authorization,
    an_integration,
    an_integration_awaiting_consent,
)

LOGIN = IntegrationId(UUID(int=7))
BOOKS = an_administration(integration_id=LOGIN, events=())


def told(entry: AuditEntry) -> tuple[str, AuditAction, str | None, str | None]:
    return entry.actor, entry.action, entry.subject_name, entry.detail


def only(entries: list[AuditEntry] | tuple[AuditEntry, ...]) -> AuditEntry:
    (entry,) = entries
    return entry


# --- integrations ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("purpose", "accepts", "action", "detail"),
    [
        (Purpose.CONNECT, False, AuditAction.CONNECT_ASKED, None),
        (Purpose.RECONNECT, False, AuditAction.RECONNECT_ASKED, None),
        (Purpose.RECONNECT, True, AuditAction.RECONNECT_ASKED, "Another Octopus account is accepted."),
    ],
)
def test_who_asks_for_a_round_is_named(
    purpose: Purpose, accepts: bool, action: AuditAction, detail: str | None
) -> None:
    round = an_authorization(purpose=purpose, accept_different_account=accepts)
    entry = audit.asked(round)
    assert told(entry) == ("anna", action, "Octopus", detail)
    assert entry.subject == round.integration_id


@pytest.mark.parametrize(("purpose", "wanted"), [(Purpose.CONNECT, "Connecting"), (Purpose.RECONNECT, "Reconnecting")])
def test_a_round_that_came_to_nothing_names_who_had_asked(purpose: Purpose, wanted: str) -> None:
    round = an_authorization(purpose=purpose)
    entry = audit.denied(round, CallbackError.ACCESS_DENIED, "octopus")
    detail = f"{wanted}, asked for by anna, came to nothing: access_denied."
    assert told(entry) == ("octopus", AuditAction.CONNECT_DENIED, "Octopus", detail)
    assert entry.subject == round.integration_id


def connected(first: bool) -> Integration:
    before = an_integration_awaiting_consent(events=()) if first else an_integration(events=())
    return before.authorized(NOON, NOON, CONSENTED.by("anna"))


@pytest.mark.parametrize(
    ("integration", "actor", "action"),
    [
        (connected(first=True), "anna", AuditAction.CONNECTED),
        (connected(first=False), "anna", AuditAction.RECONNECTED),
        (an_integration(events=()).delete(ABANDONED), "monitr", AuditAction.INTEGRATION_DELETED),
    ],
)
def test_what_happened_to_an_integration_is_told_with_its_cause(
    integration: Integration, actor: str, action: AuditAction
) -> None:
    entry = only(list(audit.deeds_on_integration(integration)))
    assert told(entry) == (actor, action, "Octopus", str(integration.events[0].cause.why))
    assert entry.subject == integration.id


def test_what_the_timeline_alone_tells_is_not_in_the_trail() -> None:
    assert audit.deeds_on_integration(an_integration(events=()).rejected()) == []
    assert audit.deeds_on_administration(BOOKS, NOON) == []


@pytest.mark.parametrize(
    ("agent", "actor"), [(Agent.MONITR, audit.MONITR), (Agent.OCTOPUS, audit.OCTOPUS), (Agent.USER, "user")]
)
def test_what_no_user_caused_names_the_program_or_octopus(agent: Agent, actor: str) -> None:
    assert audit.actor_of(Cause(agent, Sentence.verbatim(""))) == actor
    assert (audit.MONITR, audit.OCTOPUS) == ("monitr", "octopus")


# --- administrations ------------------------------------------------------------------------------------------------

REMOVED = BOOKS.delete(NOON, timedelta(days=30), ASKED_TO_REMOVE.by("anna"))
KEPT = replace(REMOVED, events=())
BY_ANNA = ASKED_TO_SELECT.by("anna")


@pytest.mark.parametrize(
    ("administration", "action", "detail"),
    [
        (BOOKS.moved_to(LOGIN, BY_ANNA), None, None),
        (
            replace(BOOKS, integration_id=IntegrationId(UUID(int=8))).moved_to(LOGIN, BY_ANNA),
            AuditAction.ADMINISTRATION_MOVED,
            f"Dossier 49555, through the integration {LOGIN}.",
        ),
        (
            KEPT.restore(NOON, LOGIN, BY_ANNA).unwrap(),
            AuditAction.ADMINISTRATION_RESTORED,
            f"Dossier 49555, through the integration {LOGIN}.",
        ),
        (
            REMOVED,
            AuditAction.ADMINISTRATION_REMOVED,
            "Dossier 49555. The administration was removed. What was imported for it is erased after 2026-12-22 12:00 "
            "UTC.",
        ),
        (
            KEPT.delete(NOON, timedelta(), ASKED_TO_REMOVE.by("anna")),
            AuditAction.ADMINISTRATION_REMOVED,
            "Dossier 49555. The administration was removed. What was imported for it is erased at once.",
        ),
    ],
    ids=["nothing", "moved", "restored", "removed", "purge advanced"],
)
def test_what_somebody_did_to_an_administration_is_told(
    administration: Administration, action: AuditAction | None, detail: str | None
) -> None:
    entries = audit.deeds_on_administration(administration, NOON)
    assert [told(entry) for entry in entries] == ([("anna", action, "Demo BV", detail)] if action else [])
    assert {entry.subject for entry in entries} <= {BOOKS.id}


def test_a_selection_is_told() -> None:
    selected = an_administration()
    entry = only(list(audit.deeds_on_administration(selected, NOON)))
    assert (entry.action, entry.subject) == (AuditAction.ADMINISTRATION_SELECTED, selected.id)


@pytest.mark.parametrize(
    ("by", "why"), [("anna", ", as anna had asked for by removing it"), (None, "")], ids=["somebody", "nobody"]
)
def test_a_purge_names_who_removed_it(by: str | None, why: str) -> None:
    entry = audit.purged(REMOVED, by)
    detail = f"Dossier 49555. What was imported for it is erased{why}."
    assert told(entry) == ("monitr", AuditAction.ADMINISTRATION_PURGED, "Demo BV", detail)
    assert entry.subject == REMOVED.id


# --- imports --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("trigger", "occasion"),
    [
        (ImportTrigger.FIRST, "The first import"),
        (ImportTrigger.SYNC_NOW, "Sync now"),
        (ImportTrigger.SCHEDULE, "The schedule"),
        (ImportTrigger.RECONNECT, "Connected or selected again"),
        (ImportTrigger.DEEP_READ, "The deep reading"),
    ],
)
@pytest.mark.parametrize(
    ("mode", "read"), [(ImportMode.FULL, "everything is read"), (ImportMode.INCREMENTAL, "what has changed is read")]
)
def test_an_import_is_told_with_its_occasion(
    trigger: ImportTrigger, occasion: str, mode: ImportMode, read: str
) -> None:
    run = a_run(BOOKS, trigger=trigger, mode=mode)
    entry = audit.import_started(run, BOOKS, "anna")
    detail = f"{occasion}: {read}, of dossier 49555."
    assert told(entry) == ("anna", AuditAction.IMPORT_STARTED, "Demo BV", detail)
    assert entry.subject == run.id


@pytest.mark.parametrize(
    ("mode", "read"),
    [
        (ImportMode.INCREMENTAL, "what has changed is read, and bookyears 1, 3 whole"),
        (ImportMode.FULL, "everything is read"),
    ],
)
def test_bookyears_that_are_read_again_are_named_where_not_everything_is(mode: ImportMode, read: str) -> None:
    entry = audit.import_started(a_run(BOOKS, mode=mode, bookyears=(1, 3)), BOOKS, "anna")
    assert entry.detail == f"Sync now: {read}, of dossier 49555."


def test_an_import_that_is_wanted_again_is_told() -> None:
    run = a_run(BOOKS)
    entry = audit.import_goes_on(run, BOOKS, "anna")
    detail = "It was to stop, and goes on, of dossier 49555."
    assert told(entry) == ("anna", AuditAction.IMPORT_STARTED, "Demo BV", detail)
    assert entry.subject == run.id


@pytest.mark.parametrize(
    ("administration", "detail"),
    [(BOOKS, "Of dossier 49555."), (REMOVED, "Of dossier 49555, which was removed.")],
    ids=["alive", "removed"],
)
def test_a_cancelled_import_is_told(administration: Administration, detail: str) -> None:
    run = a_run(administration)
    entry = audit.import_cancelled(run, administration, "anna")
    assert told(entry) == ("anna", AuditAction.IMPORT_CANCELLED, "Demo BV", detail)
    assert entry.subject == run.id


# --- webhooks -------------------------------------------------------------------------------------------------------


def test_what_was_done_to_a_webhook_target_is_told() -> None:
    target = a_target(organisation_id=MINE, description="Slack")
    rotated = replace(target, previous_secret_until=NOON)
    entries = [
        audit.webhook_created(target, "anna"),
        audit.webhook_deleted(target, "anna"),
        audit.webhook_secret_rotated(rotated, "anna"),
        audit.webhook_secret_rotated(target, "anna"),
        audit.webhook_replayed(target, "anna"),
        audit.webhook_replayed(replace(target, position=7), "anna"),
    ]
    name = "https://hooks.monitr.example"
    assert [told(entry) for entry in entries] == [
        ("anna", AuditAction.WEBHOOK_CREATED, name, "Slack"),
        ("anna", AuditAction.WEBHOOK_DELETED, name, "Slack"),
        ("anna", AuditAction.WEBHOOK_SECRET_ROTATED, name, "The one before signs until 2026-11-22 12:00 UTC."),
        ("anna", AuditAction.WEBHOOK_SECRET_ROTATED, name, "At once."),
        ("anna", AuditAction.WEBHOOK_REPLAYED, name, "Sent again: all that is kept."),
        ("anna", AuditAction.WEBHOOK_REPLAYED, name, "Sent again: what came behind position 7."),
    ]
    assert {entry.subject for entry in entries} == {target.id}


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example:8443/services/T0/B0/secret",
        "https://user:secret@hooks.example:8443/?key=secret#secret",
        "https://user:se@cret@hooks.example:8443",
    ],
)
def test_of_a_webhooks_address_only_the_host_is_kept(url: str) -> None:
    """Of Slack, Teams and many others the path is the secret."""
    assert audit.webhook_created(a_target(url=url), "anna").subject_name == "https://hooks.example:8443"
