"""What the simulation's observer says of people who were told something that was not so."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.calls import Call
from octopus_sandbox.clock import Clock
from octopus_sandbox.sandbox import FIRST_DOSSIER, Sandbox
from tests.simulation.in_memory import InMemory
from tests.simulation.tables import AdministrationRow, IntegrationRow, RunRow
from tests.simulation.told import Told

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=9)
RUN = RunRow(
    uuid4(), uuid4(), FIRST_DOSSIER, "WAITING", "SCHEDULE", "INCREMENTAL", NOON, NOON + timedelta(minutes=5), None, (),
    "OCTOPUS_UNAVAILABLE (Octopus did not answer. We try again at 13:05.)", frozenset(),
)  # fmt: skip
REFUSED = Call("getBookyears", "GET", "/bookyears", {}, FIRST_DOSSIER, 403, NOON)
TROUBLED = replace(REFUSED, status=502, fault="status")


class Rows(InMemory):
    """One integration, with one administration."""

    def __init__(self, status: str, token: str, timeline: list[str]) -> None:
        super().__init__()
        self.integration = IntegrationRow(uuid4(), status)
        self.token, self.states = token, timeline

    def integrations(self) -> list[IntegrationRow]:
        return [self.integration]

    def administrations(self) -> list[AdministrationRow]:
        return [AdministrationRow(uuid4(), FIRST_DOSSIER, "Demo", "ACTIVE", self.integration.id, None, None)]

    def refresh_token(self, integration: UUID) -> str:
        return self.token

    def timeline(self, id: UUID) -> list[str]:
        return self.states if id == self.integration.id else []


@dataclass
class Case:
    """At noon; ``status`` is the integration's, whose refresh token is alive."""

    status: str = "CONFIGURED"
    timeline: list[str] = field(default_factory=list)
    now: datetime = NOON

    def __post_init__(self) -> None:
        self.sandbox = Sandbox(SandboxSettings(lines=60, bookyears=1), Clock(source=lambda: self.now))
        self.token = self.sandbox.tokens.refresh("demo")
        self.complaints: list[str] = []
        rows = Rows(self.status, self.token, self.timeline)
        self.told = Told(rows, self.sandbox, lambda: self.now, self.complaints.append, Counter())


def test_to_reconnect_is_asked_for_only_where_octopus_has_refused_the_token():
    case = Case("RECONNECT_REQUIRED")

    case.told.end_of_day(LONG_AGO)

    assert "has not refused the token that we hold" in case.complaints.pop()
    case.sandbox.revoke("demo")
    case.told.token_was_asked(f"grant_type=refresh_token&refresh_token={case.token}".encode(), 400)
    case.told.end_of_day(LONG_AGO)
    assert not case.complaints


def test_a_token_that_is_alive_is_not_refused():
    case = Case()

    case.told.token_was_asked(f"refresh_token={case.token}".encode(), 400)

    assert case.complaints == ["Octopus has refused a refresh token that is alive"]


def test_of_a_dead_token_people_hear_within_a_day():
    case = Case()
    case.sandbox.revoke("demo")

    for hours in (0, 24):
        case.now = NOON + timedelta(hours=hours)
        case.told.end_of_day(LONG_AGO)
    assert not case.complaints
    case.now = NOON + timedelta(hours=48)
    case.told.end_of_day(LONG_AGO)

    assert "nobody is told to reconnect" in case.complaints.pop()


def test_the_timeline_ends_with_the_state_that_is():
    case = Case(timeline=["AWAITING_AUTHORIZATION", "RECONNECT_REQUIRED"])

    case.told.end_of_day(LONG_AGO)

    assert case.complaints == ["something is CONFIGURED, and its timeline ends with RECONNECT_REQUIRED"]


@pytest.mark.parametrize(("minutes", "is_kept"), [(3, False), (5, True), (10, True), (21, False)])
def test_a_run_that_waits_goes_on_at_the_moment_that_it_told(minutes: int, is_kept: bool):
    case = Case()
    case.told.waits(RUN, [TROUBLED], LONG_AGO)
    case.now = NOON + timedelta(minutes=minutes)

    case.told.goes_on(RUN, LONG_AGO)

    assert (not case.complaints) is is_kept


def test_a_promise_that_a_wrong_clock_made_counts_for_nothing():
    case = Case()
    case.told.waits(RUN, [TROUBLED], None)
    case.now = NOON + timedelta(hours=3)

    case.told.goes_on(RUN, NOON + timedelta(hours=1))

    assert not case.complaints


def test_the_words_tell_the_moment_at_which_a_run_goes_on():
    case = Case()

    case.told.waits(replace(RUN, error="OCTOPUS_UNAVAILABLE (We try again at 14:05.)"), [TROUBLED], LONG_AGO)

    assert "people read" in case.complaints.pop()


@pytest.mark.parametrize(
    ("code", "call"),
    [
        ("OCTOPUS_UNAVAILABLE", TROUBLED),
        ("OCTOPUS_INVALID_ANSWER", TROUBLED),
        ("READ_REFUSED", REFUSED),
        ("QUOTA_SPENT", replace(REFUSED, status=429)),
        ("ACCESS_LOST", replace(REFUSED, operation="connectDossier")),
        ("DOSSIER_NOT_FOUND", replace(REFUSED, operation="connectDossier", status=404)),
    ],
)
def test_a_reason_is_one_that_octopus_has_given(code: str, call: Call):
    case, run = Case(), replace(RUN, status="FAILED", error=f"{code} (words)")

    case.told.failed(run, [call])
    assert not case.complaints
    case.told.failed(run, [replace(call, operation="getAccounts", status=200, fault="")])

    assert case.complaints == [f"a run of {FIRST_DOSSIER} is FAILED by {code} (words), and nothing was so"]


@pytest.mark.parametrize("code", ["INTERNAL", "IMPORT_BROKE_OFF", "OCTOPUS_NOT_CONFIGURED", "RECONNECT_REQUIRED"])
def test_a_fault_of_ours_is_no_reason(code: str):
    case = Case()

    case.told.failed(replace(RUN, status="FAILED", error=f"{code} (words)"), [TROUBLED])

    assert case.complaints
