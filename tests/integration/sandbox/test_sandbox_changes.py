"""What a change in the books does to the answers."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from octopus_sandbox.answers.ledger_store import LedgerStore
from octopus_sandbox.answers.timestamps import EVER, Span
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import Document, DocumentKey, LineKey, credit, debit
from octopus_sandbox.clock import BRUSSELS, Clock
from octopus_sandbox.switches import Switches
from octopus_sandbox.testing import SandboxServer
from octopus_sandbox.truth import PAYABLE, RECEIVABLE, Truth
from tests.integration.importing.soak import examples
from tests.integration.sandbox.conftest import NOW, small_books
from tests.integration.sandbox.sandbox_caller import ALL_RELATIONS, Caller

DAY = date(2026, 3, 10)


@pytest.fixture
def caller(server: SandboxServer) -> Caller:
    return Caller(server, 49777)


def invoice(books: Books, amount: str = "121.00", day: date = DAY) -> Document:
    lines = [debit(400000, amount, relation=1), credit(700000, amount)]
    return books.book(journal="V1", date=day, lines=lines, due=day + timedelta(days=30), comment="Levering")


def moment(server: SandboxServer) -> str:
    """A timestamp for what comes from now on, and a second passes."""
    server.clock.advance(timedelta(seconds=1))
    return f"{server.clock.now().astimezone(BRUSSELS):%Y-%m-%d %H:%M:%S}.000"


def changed(caller: Caller, since: str) -> tuple[list[tuple[int, float]], list[dict[str, Any]]]:
    """(account, amount) of the modified lines, and the deleted keys."""
    answer = caller.bookings(since=since)
    if answer.status_code == 404:
        return [], []
    body = answer.json()
    return [(line["accountKey"], line["bookingAmount"]) for line in body["modifiedBookings"]], body["deletedBookings"]


def test_a_new_booking_is_told_with_all_its_lines(caller: Caller):
    invoice(caller.server.books(49777))
    since = moment(caller.server)
    assert changed(caller, since) == ([], [])
    invoice(caller.server.books(49777), "50.00")
    assert changed(caller, since) == ([(400000, 50.0), (700000, -50.0)], [])


def test_a_changed_booking_is_told_whole(caller: Caller):
    document = invoice(caller.server.books(49777))
    since = moment(caller.server)
    caller.server.books(49777).change(document.key, comment="Anders")
    assert changed(caller, since) == ([(400000, 121.0), (700000, -121.0)], [])


def test_a_deleted_booking_is_told_by_its_key(caller: Caller):
    document = invoice(caller.server.books(49777))
    since = moment(caller.server)
    caller.server.books(49777).delete(document.key)
    key = {"bookyearKey": {"id": 2}, "documentSequenceNr": 1, "journalSequenceNr": 1, "journalType": 2}
    assert changed(caller, since) == ([], [key])


def test_a_reused_number_is_told_as_deleted_and_as_modified(caller: Caller):
    books = caller.server.books(49777)
    document = invoice(books)
    since = moment(caller.server)
    lines = [debit(400000, "10.00", relation=1), credit(700000, "10.00")]
    books.replace_number(document.key, date=DAY, lines=lines)
    modified, deleted = changed(caller, since)
    assert modified == [(400000, 10.0), (700000, -10.0)]
    assert [key["documentSequenceNr"] for key in deleted] == [1]


def test_the_upper_bound_cuts_later_changes_off(caller: Caller):
    invoice(caller.server.books(49777))
    until = moment(caller.server)
    caller.server.clock.advance(timedelta(seconds=1))
    invoice(caller.server.books(49777), "50.00")
    assert len(caller.bookings(until=until).json()["modifiedBookings"]) == 2
    assert len(caller.bookings().json()["modifiedBookings"]) == 4


def test_a_payment_settles_the_invoice_and_is_told_as_matching(caller: Caller):
    books = caller.server.books(49777)
    document = invoice(books)
    since = moment(caller.server)
    books.pay(LineKey(document.key, 0), date=DAY, cents=10_000)
    body = {**caller.whole_range(), **ALL_RELATIONS}
    (row,) = caller.post("/reports/clients/open", body).json()
    assert (row["openBookingAmount"], row["debetBookingAmount"], row["lineSequenceNr"]) == (21.0, 121.0, -1)
    (matching,) = caller.get("/balancings/modified", modifiedTimeStamp=since).json()["modifiedBalancings"]
    assert matching["debetBalancedBookingAmount"] == 100.0
    assert matching["creditDocument"]["balancingKey"]["journalKey"] == "F1"
    books.pay(LineKey(document.key, 0), date=DAY)
    assert caller.post("/reports/clients/open", body).status_code == 404


def test_deleting_a_payment_opens_the_invoice_again(caller: Caller):
    books = caller.server.books(49777)
    document = invoice(books)
    payment = books.pay(LineKey(document.key, 0), date=DAY)
    since = moment(caller.server)
    books.delete(payment.key)
    assert books.matchings.open == {LineKey(document.key, 0): 12_100}
    body = caller.get("/balancings/modified", modifiedTimeStamp=since).json()
    assert (len(body["deletedBalancings"]), body["modifiedBalancings"]) == (1, [])


def test_open_items_as_of_a_past_day_count_only_what_was_matched_by_then(caller: Caller):
    books = caller.server.books(49777)
    document = invoice(books)
    books.pay(LineKey(document.key, 0), date=DAY + timedelta(days=20), cents=10_000)
    truth = caller.server.truth(49777)
    assert [str(i.outstanding) for i in truth.open_items(RECEIVABLE, DAY + timedelta(days=19))] == ["121.00"]
    assert [str(i.outstanding) for i in truth.open_items(RECEIVABLE, DAY + timedelta(days=20))] == ["21.00"]
    assert truth.open_items(RECEIVABLE, DAY - timedelta(days=1)) == []


def test_amounts_accounts_relations_and_journals_tell_their_changes(caller: Caller):
    books = caller.server.books(49777)
    document = invoice(books)
    since = moment(caller.server)
    books.delete(document.key)
    books.rename_account(700000, "Omzet", "Chiffre d'affaires", bookyear=2)
    books.remove_account(604000, 2)
    books.put_relation(books.relations[1])
    books.remove_relation(2)
    books.remove_journal("A1", 2)
    amounts = caller.get("/accounts/amounts/modified", modifiedTimeStamp=since).json()
    assert {amount["accountAmountKey"]["accountKey"]["id"] for amount in amounts["deleted"]} == {400000, 700000}
    accounts = caller.get("/accounts/modified", modifiedTimeStamp=since).json()
    assert [account["description"]["description_NL"] for account in accounts["modified"]] == ["Omzet"]
    assert [account["accountKey"]["id"] for account in accounts["deleted"]] == [604000]
    relations = caller.get("/relations/modified", modifiedTimeStamp=since).json()
    assert [len(relations["modified"]), len(relations["deleted"])] == [1, 1]
    journals = caller.get("/journals/modified", modifiedTimeStamp=since).json()
    assert journals["deletedJournalList"] == [{"bookyearKey": {"id": 2}, "journalTypeCode": "A", "sequenceNumber": 1}]


def test_a_new_bookyear_brings_its_accounts_and_journals(caller: Caller):
    books = caller.server.books(49777)
    invoice(books)
    year = books.add_bookyear(date(2027, 1, 1))
    opening = books.carry_forward(year.id)
    assert opening is not None
    assert [(line.account, line.cents) for line in opening.lines] == [(140000, -12_100), (400000, 12_100)]
    assert len(caller.get("/bookyears").json()) == 3
    assert len(caller.get("/accounts", bookyearId=3).json()) == len(books.accounts_of(1))
    assert [line["accountKey"] for line in caller.lines(3)] == [140000, 400000]


def test_an_opening_that_was_not_run_again_leaves_an_adjustment(caller: Caller):
    books = caller.server.books(49777)
    invoice(books)
    books.add_bookyear(date(2027, 1, 1))
    books.carry_forward(3)
    invoice(books, "79.00")
    before = caller.server.truth(49777).trial_balance(DAY, date(2027, 1, 1))
    assert {row.account: str(row.closing) for row in before.rows}[400000] == "121.00"
    books.carry_forward(3)
    after = caller.server.truth(49777).trial_balance(DAY, date(2027, 1, 1))
    assert {row.account: str(row.closing) for row in after.rows}[400000] == "200.00"
    assert str(after.result_transferred) == "-200.00"


def test_a_dossier_can_be_disabled_and_removed(caller: Caller):
    caller.server.sandbox.disable(49777)
    assert caller.get("/bookyears").status_code == 401
    assert caller.connect(49777).status_code == 403
    caller.server.sandbox.remove(49777)
    assert caller.connect(49777).status_code == 404
    assert 49777 not in {record["dossierKey"]["id"] for record in caller.dossiers().json()}


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["invoice", "purchase", "pay", "change", "delete", "reuse"]),
        st.integers(0, 30),
        st.integers(1, 90_000),
    ),
    max_size=14,
)


def take(books: Books, step: tuple[str, int, int]) -> None:
    """One change a bookkeeper could make."""
    kind, which, amount = step
    euro = f"{amount / 100:.2f}"
    documents = list(books.movements())
    chosen = documents[which % len(documents)] if documents else None
    items = list(books.matchings.open)
    if kind == "invoice" or (chosen is None and kind != "purchase"):
        invoice(books, euro, date(2025 + which % 2, 1 + which % 12, 5))
    elif kind == "purchase" or chosen is None:
        books.book(journal="A1", date=DAY, lines=[credit(440000, euro, relation=2), debit(604000, euro)])
    elif kind == "pay" and items:
        books.pay(items[which % len(items)], date=DAY, cents=amount)
    elif kind == "change":
        books.change(chosen.key, date=DAY, comment=euro)
    elif kind == "delete":
        books.delete(chosen.key)
    elif kind == "reuse":
        books.replace_number(chosen.key, date=chosen.date, lines=chosen.lines)


def replayed(books: Books, steps: list[tuple[str, int, int]], clock: Clock) -> Iterator[tuple[DocumentKey, int]]:
    """What a faithful importer has after reading the changes of each step: documents with their number of lines."""
    store, known = LedgerStore(books), dict[DocumentKey, int]()
    for step in steps:
        clock.advance(timedelta(seconds=1))
        since = clock.milliseconds()
        take(books, step)
        span = Span(since, EVER.until)
        for deletion in books.deletions:
            if deletion.at in span:
                known.pop(deletion.key, None)
        for document in books.movements():
            if document.modified in span:
                known[document.key] = len(document.lines)
        assert len(store.deletions([1, 2], -1, span, Switches())) == sum(d.at in span for d in books.deletions)
    yield from known.items()


@settings(
    max_examples=examples(ordinarily=20, in_a_soak=200), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(STEPS)
def test_after_any_changes_the_books_hold_together(steps: list[tuple[str, int, int]]):
    clock = Clock(NOW)
    books = small_books(clock)
    known = dict(replayed(books, steps, clock))
    assert known == {document.key: len(document.lines) for document in books.movements()}
    truth = Truth(books, Switches())
    assert truth.trial_balance(date(2025, 1, 1), date(2026, 12, 31)).totals.closing == 0
    signed = {RECEIVABLE: 1, PAYABLE: -1}
    items = sum(sign * item.outstanding for type, sign in signed.items() for item in truth.open_items(type))
    assert round(items * 100) == sum(books.matchings.open.values())
    sums: dict[tuple[int, int, int], int] = {}
    for document in books.movements():
        for line in document.lines:
            key = (document.key.bookyear, line.account, document.period or 0)
            sums[key] = sums.get(key, 0) + line.cents
    assert {tuple(key): amount.cents for key, amount in books.amounts.amounts.items()} == sums
