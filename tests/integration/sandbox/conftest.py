"""A sandbox with three generated dossiers for all tests that only read, and small ones for those that change things."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.books import Books
from octopus_sandbox.clock import Clock
from octopus_sandbox.testing import SandboxServer

NOW = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def generated() -> Iterator[SandboxServer]:
    """Three dossiers of some 2,500 lines. Read only; limits are reset by each test that runs into them."""
    with SandboxServer(SandboxSettings(lines=1_500, bookyears=3), Clock(NOW)) as server:
        server.switch(daily_limits=False)
        yield server


@pytest.fixture(scope="session")
def running() -> Iterator[SandboxServer]:
    with SandboxServer() as started:
        yield started


@pytest.fixture
def server(running: SandboxServer) -> SandboxServer:
    """A sandbox of one's own, with small books made by hand as dossier 49777."""
    running.reset(SandboxSettings(lines=400, bookyears=2), Clock(NOW))
    running.set_books(small_books(running.clock))
    return running


def small_books(clock: Clock) -> Books:
    """Two bookyears, a client, a supplier, and no booking."""
    books = Books.empty(49777, "Klein BV", clock)
    books.add_bookyear(date(2025, 1, 1))
    for number, name in ((140000, "Resultaat"), (400000, "Klanten"), (440000, "Leveranciers"), (451000, "Btw")):
        books.add_account(number, name, f"{name} FR")
    for number, name in ((411000, "Btw"), (550000, "Bank"), (604000, "Aankopen"), (700000, "Verkopen")):
        books.add_account(number, name, f"{name} FR")
    for key in ("A1", "V1", "D1"):
        books.add_journal(key, key)
    books.add_journal("F1", "Bank", account=550000)
    books.add_bookyear(date(2026, 1, 1))
    books.add_relation(1, "Klant NV", client=True)
    books.add_relation(2, "Leverancier NV", supplier=True)
    return books
