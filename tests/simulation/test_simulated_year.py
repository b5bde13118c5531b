"""Some seeds for a few weeks; ``make soak`` has more, and docs/testing.md tells how to repeat one."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest

from monitr.adapters.jobs.schedule import ImportSchedule
from tests.integration.importing.soak import examples
from tests.simulation.database import a_database, a_template
from tests.simulation.house import Storage
from tests.simulation.in_memory import InMemory
from tests.simulation.in_postgres import InPostgres
from tests.simulation.shortcuts import Answers
from tests.simulation.shrinking import shrunk
from tests.simulation.story import Event, story_of
from tests.simulation.world import Outcome, dossiers_of, simulate

WEEKS = 14
"""Days of a seed: a loud stretch, and a quiet one after which everything has to be equal."""


def simulated(storage: Storage, seed: int, days: int = WEEKS, dossiers: int = 1) -> Outcome:
    return simulate(storage, seed, days, dossiers, story_of(seed, days, dossiers_of(dossiers)))


@contextmanager
def on_postgres(server: str) -> Iterator[Storage]:
    with a_template(server) as template, a_database(server, template) as database:
        yield InPostgres(database)


@pytest.mark.parametrize("seed", range(1, 1 + examples(ordinarily=2, in_a_soak=200)))
def test_what_is_in_equals_the_books_or_the_product_says_what_is_missing(seed: int):
    outcome = simulated(InMemory(), seed)
    assert not outcome.complaints, "\n".join(outcome.story[-100:])


@pytest.mark.parametrize("seed", range(1, 1 + examples(ordinarily=1, in_a_soak=20)))
def test_so_it_does_in_postgresql(server_url: str, seed: int):
    with on_postgres(server_url) as storage:
        outcome = simulated(storage, seed, days=examples(ordinarily=2, in_a_soak=30))
    assert not outcome.complaints, "\n".join(outcome.story[-100:])


def test_a_seed_repeats_exactly():
    assert simulated(InMemory(), 7, days=4, dossiers=2) == simulated(InMemory(), 7, days=4, dossiers=2)


def test_what_is_remembered_changes_no_story(monkeypatch: pytest.MonkeyPatch):
    remembered = simulated(InMemory(), 7, days=3)

    monkeypatch.setattr("tests.simulation.world.addresses_remembered", nullcontext)
    monkeypatch.setattr("tests.simulation.world.remember_routes", lambda app: None)
    monkeypatch.setattr(Answers, "__call__", lambda answers, handler, request: handler(request))
    monkeypatch.setattr("tests.simulation.in_memory.RememberedSchedule", ImportSchedule)
    monkeypatch.setattr("tests.simulation.program.RememberedSchedule", ImportSchedule)
    monkeypatch.setattr(InMemory, "tidy", lambda memory: None)

    assert simulated(InMemory(), 7, days=3) == remembered


def test_another_seed_is_another_story():
    assert simulated(InMemory(), 8, days=2).digest != simulated(InMemory(), 9, days=2).digest


def test_a_story_is_its_own_script():
    events = story_of(3, 30, dossiers_of(2))
    assert [Event.of(str(event)) for event in events] == events


def test_a_failing_story_is_shrunk_to_what_it_takes():
    assert shrunk(range(100), lambda some: {17, 62} <= set(some)) == [17, 62]


def test_the_observer_sees_a_booking_that_is_not_as_in_the_books():
    """An observer that never complains proves nothing."""
    memory = _Forgetful()
    outcome = simulate(memory, 1, 3, 1, [Event.of("0d0:01:00 mend 0")])
    assert any("though totals of 49001 differ" in complaint for complaint in outcome.complaints)


class _Forgetful(InMemory):
    """Shows the last booking of an administration without its lines."""

    def bookings(self, administration):
        bookings = dict(super().bookings(administration))
        if bookings:
            bookings.popitem()
        return bookings
