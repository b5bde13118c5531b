"""After the first import, runs read what changed, and the figures are again those of the books."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest

from tests.acceptance.books import (
    BANK,
    CLIENTS,
    DIVERS,
    PURCHASES,
    SALES,
    SUPPLIERS,
    Books,
    CostCentre,
    Document,
    Line,
    Relation,
    Year,
    months,
)
from tests.acceptance.companies import small_books
from tests.acceptance.company import BANK_ACCOUNT, RESULT, Opening, closing_balances
from tests.acceptance.comparing import assert_mirrors, counts, ledger
from tests.acceptance.conftest import Begun, Selected
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.other_octopus import OtherOctopus
from tests.acceptance.soak import SOAK
from tests.acceptance.wire import Amounts, Style


@pytest.fixture(scope="module")
def held(begun: Begun) -> tuple[FrontEnd, Selected]:
    """One dossier for the whole story below: each test changes it further."""
    return begun(small_books(), Style(31, noise=True, deletions_first=True))


def synchronised(held: tuple[FrontEnd, Selected], mode: str = "INCREMENTAL") -> dict:
    someone, selected = held
    run: dict = someone.synchronise(selected.id, mode)
    assert run["status"] == "SUCCEEDED", run["error"]
    assert_mirrors(someone, selected.id, selected.books)
    return run


def test_when_nothing_changed_nothing_is_written(held):
    run = synchronised(held)
    assert run["mode"] == "INCREMENTAL"
    assert run["trigger"] == "SYNC_NOW"
    assert counts(run) == (0, 0, 0)


def test_only_the_changed_lines_are_asked_for(held):
    _, selected = held
    selected.dossier.log.clear()
    synchronised(held)
    asked = [(path, query) for path, query in selected.dossier.log if path.endswith("bookings/modified")]
    assert len(asked) == 1
    assert asked[0][0] == "bookyears/-1/bookings/modified"
    assert "journalTypeId=-1" in asked[0][1]
    assert "1980" not in asked[0][1]


def test_an_edited_booking_is_replaced_whole(held):
    books = held[1].books
    key = next(key for key in books.documents if key[1] == PURCHASES and key[0] == 3)
    first, *rest = books.documents[key].lines
    edited = (replace(first, cents=first.cents - 1), *rest[:-1], replace(rest[-1], cents=rest[-1].cents + 1))
    books.change(key, lines=(*edited, Line(612000, 777, None, 3, "erbij"), Line(600000, -777)))
    synchronised(held)
    books.change(key, lines=edited, due=date(2026, 2, 3), date=date(2026, 2, 1))
    synchronised(held)


def test_a_deleted_booking_disappears_with_its_open_item(held):
    books = held[1].books
    key = next(key for key in books.documents if key[1] == SALES and key[0] == 3)
    lines = len(books.delete(key).lines)
    assert counts(synchronised(held))[2] == lines


def test_a_number_that_was_deleted_and_used_again_holds_the_new_booking_only(held):
    books = held[1].books
    key = next(key for key in books.documents if key[1] == SALES and key[0] == 3)
    gone = books.delete(key)
    lines = (Line(CLIENTS, 12100, 105, None, "opnieuw"), Line(705000, -12100))
    books.put(replace(gone, lines=lines, date=gone.date + timedelta(days=1)), at=datetime.now(UTC))
    synchronised(held)


def test_a_booking_that_moved_to_another_journal_is_there_once(held):
    books = held[1].books
    key = next(key for key in books.documents if key[1] == PURCHASES and key[2] == 1 and key[0] == 3)
    gone = books.delete(key)
    books.put(replace(gone, journal=2, number=books.next_number(3, PURCHASES, 2)), at=datetime.now(UTC))
    synchronised(held)


def test_a_payment_settles_an_open_item(held):
    books, someone = held[1].books, held[0]
    lines = (Line(CLIENTS, 50000, 102, None, "te innen"), Line(700000, -50000))
    invoice = books.put(
        Document(3, SALES, 1, books.next_number(3, SALES, 1), date(2026, 10, 1), 202610, lines, date(2026, 10, 5)),
        at=datetime.now(UTC),
    )
    synchronised(held)
    paid = (Line(BANK_ACCOUNT, 50000), Line(CLIENTS, -50000, 102))
    receipt = Document(3, BANK, 1, books.next_number(3, BANK, 1), date(2026, 10, 9), 202610, paid)
    books.put(receipt, at=datetime.now(UTC))
    books.match((invoice.key, 0), (receipt.key, 1), 50000, at=datetime.now(UTC))
    synchronised(held)
    items = someone.administration("OutstandingItems", held[1].id, type="RECEIVABLE")["outstandingItems"]
    assert "te innen" not in {edge["node"]["description"] for edge in items["items"]["edges"]}


def test_new_accounts_and_relations_are_known_to_the_lines_that_use_them(held):
    books, now = held[1].books, datetime.now(UTC)
    books.relations[301] = Relation(301, "Nieuwe klant", client=True, supplier=False, changed=now)
    books.relations[101].name, books.relations[101].changed = "Klant, hernoemd", now
    for year in (2, 3):
        books.accounts[(year, 701500)] = replace(books.accounts[(year, 700000)], number=701500, changed=now)
        books.accounts[(year, 701500)].names = {"FR": "Ventes nouvelles"}
        books.accounts[(year, 612000)].names, books.accounts[(year, 612000)].changed = {"NL": "Kantoor, nieuw"}, now
    lines = (Line(CLIENTS, 900, 301), Line(701500, -900))
    number = books.next_number(3, SALES, 1)
    books.put(Document(3, SALES, 1, number, date(2026, 9, 1), 202609, lines), at=now)
    synchronised(held)


def test_a_late_booking_in_the_old_year_that_the_opening_does_not_know_shows_as_an_adjustment(held):
    books = held[1].books
    lines = (Line(612000, 4321), Line(BANK_ACCOUNT, -4321))
    number = books.next_number(2, DIVERS, 1)
    books.put(Document(2, DIVERS, 1, number, date(2025, 12, 30), 202512, lines), at=datetime.now(UTC))
    run = synchronised(held)
    checks = {check["code"]: check for check in run["verification"]["checks"]}
    assert "WARNING" in {check["status"] for check in checks.values()}, checks
    assert "FAILED" not in {check["status"] for check in checks.values()}, checks


def test_an_opening_that_is_run_again_after_the_late_booking_agrees_again(held):
    books = held[1].books
    key = next(key for key, document in books.documents.items() if document.opening and key[0] == 3)
    carry_forward(books, books.years[2], books.documents[key])
    run = synchronised(held)
    assert run["verification"]["status"] == "PASSED", run["verification"]


def test_a_bookyear_opened_in_advance_changes_nothing_before_its_first_day(held):
    books = held[1].books
    year = months(8, date(2027, 1, 1))
    books.years[8] = year
    for _, number in [each for each in books.accounts if each[0] == 3]:
        books.accounts[(8, number)] = replace(books.accounts[(3, number)], changed=datetime.now(UTC))
    books.journals |= {(8, key): name for (id, key), name in books.journals.items() if id == 3}
    synchronised(held)
    carry_forward(books, books.years[3], Document(8, DIVERS, 3, 1, year.start, 202701, (), opening=True))
    synchronised(held)


@pytest.fixture(scope="module")
def reread(begun: Begun) -> tuple[FrontEnd, Selected]:
    """A dossier for full imports, whose calls would spend what the story above needs today."""
    return begun(small_books(documents=2), Style(32, amounts=Amounts.CUMULATIVE))


def test_reading_everything_again_writes_nothing(reread):
    held = reread
    run = synchronised(held, "FULL")
    assert run["mode"] == "FULL"
    assert counts(run) == (0, 0, 0)
    assert ledger(run)["unchanged"] == sum(1 for _ in held[1].books.lines())


def test_reading_everything_again_finds_what_vanished_and_what_changed_without_a_word(reread):
    held = reread
    books = held[1].books
    gone = next(key for key in books.documents if key[1] == PURCHASES and key[0] == 3)
    books.matches = [match for match in books.matches if gone not in (match.debit[0], match.credit[0])]
    books._touch(books.documents[gone], datetime.now(UTC))
    del books.documents[gone], books.changed[gone]
    silent = next(key for key in books.documents if key[1] == DIVERS and key[2] == 1 and key[0] == 3)
    first, second = books.documents[silent].lines[:2]
    lines = (replace(first, cents=first.cents + 5), replace(second, cents=second.cents - 5))
    books.put(replace(books.documents[silent], lines=lines), at=books.changed[silent])
    books._touch(books.documents[silent], datetime.now(UTC))
    run = synchronised(held, "FULL")
    assert counts(run)[2] >= 1


def test_the_daily_maxima_of_octopus_are_kept_throughout(held, octopus: OtherOctopus):
    assert octopus.complaints == []


def test_a_line_with_a_new_cost_centre_shows_its_name(begun: Begun):
    """Two calls a day: the first import takes one, the other is kept for this."""
    held = begun(small_books(documents=2))
    books = held[1].books
    books.cost_centres[15] = CostCentre(15, {"NL": "Werf 15", "FR": ""})
    key = next(key for key in books.documents if key[1] == PURCHASES)
    *others, last = books.documents[key].lines
    books.change(key, lines=(*others, replace(last, cost_centre=15)))
    synchronised(held)


def test_an_invoice_that_came_late_leaves_an_unmarked_opening_an_opening(begun: Begun):
    """Two balance sheet accounts and the result now differ from the opening, which is not run again."""
    held = begun(small_books(documents=2))
    held[1].books.put(late_invoice(held[1].books), at=datetime.now(UTC))
    synchronised(held)


def test_an_invoice_that_came_late_before_the_first_import_leaves_an_unmarked_opening_an_opening(begun: Begun):
    books = small_books(documents=2)
    books.put(late_invoice(books))
    someone, selected = begun(books)
    assert_mirrors(someone, selected.id, books)


def late_invoice(books: Books) -> Document:
    lines = (Line(SUPPLIERS, -12100, 201), Line(411000, 2100), Line(612000, 10000))
    number = books.next_number(2, PURCHASES, 1)
    return Document(2, PURCHASES, 1, number, date(2025, 12, 30), 202512, lines)


def carry_forward(books: Books, before: Year, opening: Document) -> None:
    """Run the opening (again): the closing of ``before``, the result added to class 14."""
    closing = closing_balances(books, before)
    closing[RESULT] = closing.get(RESULT, 0) - sum(closing.values())
    lines = tuple(Line(account, cents) for account, cents in sorted(closing.items()) if cents)
    books.put(replace(opening, lines=lines), at=datetime.now(UTC))


@SOAK
@pytest.mark.parametrize("seed", range(6))
def test_any_history_of_edits_ends_in_the_books(begun: Begun, seed: int):
    opening = [Opening.UNMARKED, Opening.TYPE_5, Opening.PERIOD_00, Opening.NONE, Opening.NAMED, Opening.NO_PERIOD]
    amounts = [Amounts.MOVEMENTS, Amounts.CUMULATIVE, Amounts.MISSING][seed % 3]
    if opening[seed] is Opening.TYPE_5:
        amounts = Amounts.MOVEMENTS
    books = small_books(opening[seed], documents=8)
    held = begun(books, Style(seed, noise=bool(seed % 2), amounts=amounts))
    random = Random(seed)
    for _ in range(8):
        for _ in range(random.randint(1, 6)):
            key = random.choice([key for key, each in books.documents.items() if not each.opening and key[1] < 3])
            matched = any(key in (match.debit[0], match.credit[0]) for match in books.matches)
            match random.choice(["edit", "delete", "reuse", "add"]):
                case "delete" if not matched:
                    books.delete(key)
                case "reuse" if not matched:
                    books.put(replace(books.delete(key), date=date(2026, 3, random.randint(1, 28))), datetime.now(UTC))
                case "add":
                    number = books.next_number(*key[:3])
                    books.put(replace(books.documents[key], number=number), datetime.now(UTC))
                case _:
                    lines = books.documents[key].lines
                    delta = random.randint(1, 99)
                    extra = (Line(612000, delta), Line(600000, -delta))
                    books.change(key, lines=(*lines, *extra))
        synchronised(held, random.choice(["INCREMENTAL"] * 4 + ["FULL"]))
