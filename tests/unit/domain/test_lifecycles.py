"""Every event in every state: what follows, what is told of it, and that docs/lifecycle.md draws just that."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest

from monitr.domain import administration, import_run, integration
from monitr.domain.administration import Administration, AdministrationStatus
from monitr.domain.import_run import RunEvent
from monitr.domain.integration import Integration, IntegrationId, IntegrationStatus
from monitr.domain.lifecycle import IllegalTransition, Transitions, following
from monitr.domain.timeline import Agent, Cause, TimelineEvent, What
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import NOON, an_administration, an_integration

DOCUMENT = (Path(__file__).parents[3] / "docs" / "lifecycle.md").read_text(encoding="utf-8")
RETENTION = timedelta(days=30)
ELSEWHERE = IntegrationId(an_integration().id)

Arrow = tuple[str, str, str]


def drawn(heading: str) -> set[Arrow]:
    diagram = DOCUMENT.split(f"## {heading}\n")[1].split("```")[1]
    arrows = re.findall(r"(\S+) --> (\S+): (\S+)", diagram)
    return {("None" if before == "[*]" else before, after, what) for before, after, what in arrows}


def explained(heading: str) -> list[str]:
    table = DOCUMENT.split(f"## {heading}\n")[1].split("| --- | --- |\n")[1].split("\n\n")[0]
    return sorted(event for row in table.splitlines() for event in re.findall(r"`(\w+)`", row.split("|")[1]))


def possible(transitions: Transitions[Any, Any]) -> set[Arrow]:
    return {
        (str(before), str(after), str(what)) for what, steps in transitions.items() for before, after in steps.items()
    }


@pytest.mark.parametrize(
    ("heading", "transitions"),
    [
        ("Integration", integration.TRANSITIONS),
        ("Administration", administration.TRANSITIONS),
        ("Import run", import_run.TRANSITIONS),
    ],
)
def test_the_diagrams_and_the_events_below_them_are_the_code(heading: str, transitions: Transitions[Any, Any]) -> None:
    assert drawn(heading) == possible(transitions)
    assert explained(heading) == sorted(transitions)


@pytest.mark.parametrize(
    ("events", "tables"),
    [
        (What, [integration.TRANSITIONS, administration.TRANSITIONS]),
        (RunEvent, [import_run.TRANSITIONS]),
    ],
)
def test_every_event_can_happen_to_something(events: type[StrEnum], tables: list[Transitions[Any, Any]]) -> None:
    assert {event for table in tables for event in table} == set(events)


INTEGRATION_METHODS: dict[str, Callable[[Integration], Integration]] = {
    "authorized": lambda it: it.authorized(NOON, NOON + RETENTION),
    "rejected": lambda it: it.rejected(),
    "delete": lambda it: it.delete(),
    "prolonged": lambda it: it.prolonged(NOON),
}
ADMINISTRATION_METHODS: dict[str, Callable[[Administration], Administration]] = {
    "moved": lambda it: it.moved_to(ELSEWHERE),
    "reached": lambda it: it.reached(),
    "not found": lambda it: it.unreachable(AdministrationStatus.NOT_FOUND),
    "access lost": lambda it: it.unreachable(AdministrationStatus.ACCESS_LOST),
    "delete": lambda it: it.delete(NOON, RETENTION),
    "purge": lambda it: it.delete(NOON, timedelta()),
    "restore": lambda it: it.restore(NOON - RETENTION).unwrap(),
    "imported": lambda it: it.imported(NOON, NOON),
}


@pytest.mark.parametrize("status", IntegrationStatus)
@pytest.mark.parametrize("method", INTEGRATION_METHODS)
def test_whatever_is_called_on_an_integration_only_legal_transitions_happen_and_each_is_told(
    status: IntegrationStatus, method: str
) -> None:
    before = replace(an_integration(), status=status, events=())
    try:
        after = INTEGRATION_METHODS[method](before)
    except IllegalTransition:
        return
    _is_told(before.status, after.status, after.events, integration.TRANSITIONS)


@pytest.mark.parametrize("status", AdministrationStatus)
@pytest.mark.parametrize("method", ADMINISTRATION_METHODS)
def test_whatever_is_called_on_an_administration_only_legal_transitions_happen_and_each_is_told(
    status: AdministrationStatus, method: str
) -> None:
    removed = status is AdministrationStatus.DELETED
    before = replace(an_administration(), status=status, purge_after=NOON + RETENTION if removed else None, events=())
    try:
        after = ADMINISTRATION_METHODS[method](before)
    except IllegalTransition:
        return
    _is_told(before.status, after.status, after.events, administration.TRANSITIONS)


def _is_told(before: str, after: str, events: tuple[TimelineEvent, ...], transitions: Transitions[Any, Any]) -> None:
    assert len(events) <= 1
    if not events:
        assert before == after
        return
    (event,) = events
    assert (event.before, event.after) == (before, after)
    assert following(transitions, event.what, before) == after


def test_a_deleted_integration_cannot_be_authorised_any_more() -> None:
    with pytest.raises(IllegalTransition):
        an_integration().delete().authorized(NOON, NOON + RETENTION)


def test_an_event_tells_who_and_why() -> None:
    deleted = an_integration().delete(integration.ASKED_TO_DELETE.by("anna"))

    assert deleted.events[-1].cause == Cause(Agent.USER, Sentence.of("cause.INTEGRATION_DELETED"), "anna")
