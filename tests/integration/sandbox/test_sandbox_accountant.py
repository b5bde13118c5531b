"""The random bookkeeper: equal for an equal seed, and its books hold together whatever it does."""

from datetime import UTC, date, datetime, timedelta

import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.books import Books
from octopus_sandbox.clock import Clock
from octopus_sandbox.office.accountant import WEIGHTS, Accountant, Deed
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.testing import SandboxServer
from octopus_sandbox.truth import PAYABLE, RECEIVABLE
from tests.integration.sandbox.conftest import NOW
from tests.integration.sandbox.sandbox_caller import Caller
from tests.integration.sandbox.sandbox_contract import check
from tests.integration.sandbox.test_sandbox_answers import every_call

DOSSIER = 49001


def a_sandbox() -> Sandbox:
    return Sandbox(SandboxSettings(lines=400, bookyears=2, dossiers=1), Clock(NOW))


def story(sandbox: Sandbox, deeds: int, *, seed: int = 0) -> list[Deed]:
    """Some deeds, hours apart."""
    accountant = Accountant(sandbox, DOSSIER)
    done: list[Deed] = []
    for draw in range(deeds):
        sandbox.clock.advance(timedelta(hours=7))
        deed = accountant.act(seed * 1_000_000 + draw)
        if deed is not None:
            done.append(deed)
    return done


def sums(books: Books) -> dict[tuple[int, int, int], int]:
    held: dict[tuple[int, int, int], int] = {}
    for document in books.movements():
        for line in document.lines:
            key = (document.key.bookyear, line.account, document.period or 0)
            held[key] = held.get(key, 0) + line.cents
    return held


def test_every_deed_has_a_weight():
    assert set(Accountant(a_sandbox(), DOSSIER).deeds) == set(WEIGHTS)


def test_equal_draws_tell_the_same_story():
    one, other = a_sandbox(), a_sandbox()
    assert story(one, 150) == story(other, 150)
    assert one.truth(DOSSIER).snapshot() == other.truth(DOSSIER).snapshot()


def test_every_deed_is_done_some_day():
    sandbox = a_sandbox()
    accountant = Accountant(sandbox, DOSSIER)
    done = {deed.name for deed in story(sandbox, 60)}
    for draw, name in enumerate(accountant.deeds * 3):
        sandbox.clock.advance(timedelta(days=3))
        deed = accountant.act(draw, name)
        if deed is not None:
            done.add(deed.name)
    assert set(accountant.deeds) - done == set()


@pytest.mark.parametrize("seed", range(4))
def test_the_books_hold_together_after_two_years_of_deeds(seed: int):
    sandbox = a_sandbox()
    story(sandbox, 2_000, seed=seed)
    books, truth = sandbox.books(DOSSIER), sandbox.truth(DOSSIER)
    documents = [*books.movements(), *books.openings.values()]
    assert [document.key for document in documents if document.net_cents] == []
    assert {tuple(key): amount.cents for key, amount in books.amounts.amounts.items()} == sums(books)
    items = sum(sign * i.outstanding for type, sign in ((RECEIVABLE, 1), (PAYABLE, -1)) for i in truth.open_items(type))
    assert round(items * 100) == sum(books.matchings.open.values())
    balance = truth.trial_balance(date(2025, 1, 1), sandbox.clock.today())
    assert balance.totals.closing == balance.result_transferred
    assert len(books.bookyears) > 2


def test_all_answers_stay_those_of_the_document(server: SandboxServer):
    server.reset(SandboxSettings(lines=400, bookyears=2, dossiers=1), Clock(datetime(2026, 11, 18, tzinfo=UTC)))
    server.switch(daily_limits=False)
    story(server.sandbox, 400)
    with Caller(server) as caller:
        for operation, answer in every_call(caller):
            assert answer.status_code == 200, (operation, answer.text)
            check(operation, 200, answer.content)


def test_a_session_shows_nothing_until_it_synchronises():
    sandbox = a_sandbox()
    accountant = Accountant(sandbox, DOSSIER)
    before = sandbox.truth(DOSSIER).snapshot()
    assert accountant.act(1, "book-in-session")
    booked = sandbox.clock.milliseconds()
    sandbox.clock.advance(timedelta(days=3))
    assert sandbox.truth(DOSSIER).snapshot() == before
    assert (accountant.holds, accountant.act(2, "synchronise") is not None, accountant.holds) == (1, True, 0)
    (new,) = [d for d in sandbox.books(DOSSIER).movements() if d.comment == "Desktop"]
    assert new.modified == booked


def test_unstamped_shifts_leave_every_total_and_every_stamp():
    sandbox = a_sandbox()
    books = sandbox.books(DOSSIER)
    before = {document.key: document for document in books.movements()}
    totals = {key: (amount.cents, amount.modified) for key, amount in books.amounts.amounts.items()}
    sandbox.clock.advance(timedelta(days=1))
    assert Accountant(sandbox, DOSSIER).act(3, "shift-unstamped")
    changed = [document for document in books.movements() if document != before[document.key]]
    assert len(changed) == 2
    assert all(document.modified == before[document.key].modified for document in changed)
    assert {key: (amount.cents, amount.modified) for key, amount in books.amounts.amounts.items()} == totals
