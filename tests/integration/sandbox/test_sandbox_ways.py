"""Octopus's own ways: openings, transfers, numbers, journals, sessions that synchronise late, matchings."""

from datetime import date, timedelta
from typing import Any

import pytest

from octopus_sandbox import SandboxSettings, Switches
from octopus_sandbox.answers.timestamps import spelled
from octopus_sandbox.books import Books
from octopus_sandbox.books.desktop_session import DesktopSession
from octopus_sandbox.books.entries import Document, LineKey, credit, debit
from octopus_sandbox.books.second_transfer import SecondTransfer, transfer_again
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import OpeningMark, TakeOver, TimestampZone
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.conftest import NOW
from tests.integration.sandbox.sandbox_caller import ALL_RELATIONS, EVER, Caller, cents
from tests.integration.sandbox.sandbox_contract import check

DOSSIER = 49777
DAY = date(2026, 3, 10)


@pytest.fixture
def caller(server: SandboxServer) -> Caller:
    server.switch(daily_limits=False)
    return Caller(server, DOSSIER)


@pytest.fixture
def books(caller: Caller) -> Books:
    return caller.server.books(DOSSIER)


def invoice(books: Books, amount: str = "121.00", day: date = DAY) -> Document:
    lines = [debit(400000, amount, relation=1), credit(700000, amount)]
    return books.book(journal="V1", date=day, lines=lines, due=day + timedelta(days=30), comment="Levering")


def now(caller: Caller) -> str:
    return spelled(caller.server.clock.milliseconds(), TimestampZone.BRUSSELS)


def sound_lines(caller: Caller, bookyear: int = -1, since: str = EVER) -> list[dict[str, Any]]:
    """The lines of an answer that is as the vendor's document has it."""
    answer = caller.bookings(bookyear, since=since)
    if answer.status_code == 404:
        return []
    return list(check("getReportModifiedBooking", 200, answer.content)["modifiedBookings"])


def balances(lines: list[dict[str, Any]]) -> dict[int, int]:
    held: dict[int, int] = {}
    for line in lines:
        held[line["accountKey"]] = held.get(line["accountKey"], 0) + cents(line["bookingAmount"])
    return {account: net for account, net in held.items() if net}


def open_clients(caller: Caller) -> dict[tuple[str, int], float]:
    answer = caller.post("/reports/clients/open", {**caller.whole_range(), **ALL_RELATIONS})
    if answer.status_code == 404:
        return {}
    rows = check("getReportOpenClient", 200, answer.content)
    return {(row["journalKey"], row["documentSequenceNr"]): row["openBookingAmount"] for row in rows}


# --- openings and bookyears ----------------------------------------------------------------------------


def test_the_first_opening_can_stand_in_any_journal_by_way_of_any_account(server: SandboxServer):
    switches = Switches(opening_journal=5, opening_name="Hernemingen", opening_account=580000)
    server.reset(SandboxSettings(lines=400, bookyears=2, switches=switches), Clock(NOW))
    caller = Caller(server)
    journals = {j["journalKey"]: j["name"] for j in caller.get("/bookyears/1/journals").json()}
    assert journals["D5"] == "Hernemingen"
    first = [line for line in sound_lines(caller, 1) if (line["journalType"], line["journalNr"]) == (4, 5)]
    bank = [line for line in sound_lines(caller, 1) if line["comment"] == "Beginsaldo"]
    assert sum(cents(line["bookingAmount"]) for line in [*first, *bank] if line["accountKey"] == 580000) == 0
    assert not any(line["accountKey"] == 588888 for line in first)


def test_later_bookyears_can_be_opened_by_hand(server: SandboxServer):
    plain = SandboxSettings(lines=400, bookyears=2)
    switches = Switches(opening_journal=5, opening_account=580000, opened_by_hand=True)
    server.reset(plain, Clock(NOW))
    opened = server.truth(49001).trial_balance(date(2026, 1, 1), date(2026, 1, 1))
    server.reset(SandboxSettings(lines=400, bookyears=2, switches=switches), Clock(NOW))
    by_hand = server.truth(49001).trial_balance(date(2026, 1, 1), date(2026, 1, 1))
    assert {row.account: row.closing for row in by_hand.rows if row.closing} == {
        row.account: row.closing for row in opened.rows if row.closing
    }
    opening = server.books(49001).openings[2]
    assert opening.key.journal_key == "D5"
    assert not any(line.account == 550000 for line in opening.lines)


@pytest.mark.parametrize(("take_over", "day"), [(TakeOver.FIRST_DAY, "2024-01-01"), (TakeOver.LAST_DAY, "2024-12-31")])
def test_a_take_over_year_holds_a_whole_years_result_on_one_day(server: SandboxServer, take_over: TakeOver, day: str):
    server.reset(SandboxSettings(lines=400, bookyears=3, switches=Switches(take_over=take_over)), Clock(NOW))
    lines = sound_lines(Caller(server), 1)
    assert {line["documentDate"] for line in lines} == {day}
    assert len({line["documentSequenceNr"] for line in lines}) == 1
    assert any(line["accountKey"] >= 600000 for line in lines)
    assert server.books(49001).openings[2].lines


def test_opening_by_hand_balances_as_a_transfer_does(caller: Caller, books: Books):
    books.pay(LineKey(invoice(books, day=date(2025, 5, 5)).key, 0), date=date(2025, 6, 6))
    books.add_journal("D7", "Zomaar")
    books.carry_forward(2)
    transferred = balances(sound_lines(caller, 2))
    opening = books.carry_forward(2, journal="D7", by_way_of=580000)
    assert opening is not None
    assert opening.key.journal_key == "D7"
    assert balances(sound_lines(caller, 2)) == transferred
    assert {li["accountKey"] for li in sound_lines(caller, 2) if li["journalType"] == 4} == {140000, 580000}
    books.carry_forward(2, journal="D7", by_way_of=580000)
    assert balances(sound_lines(caller, 2)) == transferred


def test_a_year_after_one_that_was_opened_by_way_of_an_account_for_two_banks_balances(books: Books):
    books.add_account(551000, "Bank 2")
    books.add_journal("F2", "Bank 2", account=551000)
    lines = [debit(550000, "70.00"), debit(551000, "30.00"), credit(700000, "100.00")]
    books.book(journal="D1", date=date(2025, 5, 5), lines=lines)
    opening = books.carry_forward(2, journal="D7", by_way_of=580000)
    assert opening is not None
    assert [line.account for line in opening.lines].count(580000) == 2
    books.add_bookyear(date(2027, 1, 1))
    after = books.carry_forward(3)
    assert after is not None
    assert {line.account: line.cents for line in after.lines} == {140000: -10_000, 550000: 7_000, 551000: 3_000}


def test_an_opening_is_made_again_though_what_fetched_the_bank_balance_was_deleted(books: Books):
    books.book(journal="D1", date=date(2025, 5, 5), lines=[debit(550000, "70.00"), credit(700000, "70.00")])
    books.carry_forward(2, journal="D7", by_way_of=580000)
    (fetched,) = [document.key for document in books.movements() if document.comment == "Beginsaldo"]
    books.delete(fetched, frees_number=True)
    other = books.book(journal="F1", date=DAY, lines=[debit(550000, "5.00"), credit(451000, "5.00")])
    assert other.key == fetched
    books.carry_forward(2, journal="D7", by_way_of=580000)
    assert books.find(other.key) == other


@pytest.mark.parametrize(
    ("how", "receivable", "documents"),
    [
        (SecondTransfer.REPLACES, 20_000, 1),
        (SecondTransfer.ANEW, 20_000, 1),
        (SecondTransfer.DIFFERENCE, 20_000, 2),
        (SecondTransfer.DOUBLES, 32_100, 2),
    ],
)
def test_balances_are_transferred_twice_and_before_the_closing(
    caller: Caller, books: Books, how: SecondTransfer, receivable: int, documents: int
):
    """The first transfer is made while the year is open, and a late booking in it follows."""
    invoice(books, day=date(2025, 12, 1))
    books.carry_forward(2)
    invoice(books, "79.00", date(2025, 12, 31))
    assert balances(sound_lines(caller, 2))[400000] == 12_100
    since = now(caller)
    transfer_again(books, 2, how)
    books.close_bookyear(1)
    assert balances(sound_lines(caller, 2))[400000] == receivable
    assert len({line["documentSequenceNr"] for line in sound_lines(caller, 2)}) == documents
    told = caller.bookings(2, since=since).json()["deletedBookings"]
    assert len(told) == (how is SecondTransfer.ANEW)


def test_a_journal_called_after_openings_can_hold_an_ordinary_booking(caller: Caller, books: Books):
    invoice(books, day=date(2025, 12, 1))
    books.add_journal("D3", "Opening balance")
    lines = [debit(550000, "133.45"), credit(451000, "133.45")]
    books.book(journal="D3", date=date(2026, 1, 10), lines=lines, comment="Correctie")
    assert balances(sound_lines(caller, 2)) == {550000: 13_345, 451000: -13_345}
    names = {journal["name"] for journal in caller.get("/bookyears/2/journals").json()}
    assert "Opening balance" in names


def test_a_bookyear_that_is_listed_no_more_answers_400_and_leaves_every_list(caller: Caller, books: Books):
    invoice(books, day=date(2025, 12, 1))
    invoice(books)
    books.unlist_bookyear(1)
    assert [year["bookyearKey"]["id"] for year in caller.get("/bookyears").json()] == [2]
    for address in ("/bookyears/1", "/bookyears/1/journals", "/accounts?bookyearId=1"):
        assert caller.get(address).status_code == 400
    assert caller.bookings(1, 2).status_code == 400
    assert {line["bookyearKey"]["id"] for line in sound_lines(caller)} == {2}
    amounts = caller.get("/accounts/amounts/modified").json()["modified"]
    assert {amount["accountAmountKey"]["accountKey"]["bookyearKey"]["id"] for amount in amounts} == {2}
    answer = caller.post(
        "/reports/clients/open",
        {
            "fromBookyearKey": {"id": 2},
            "toBookyearKey": {"id": 2},
            "fromBookyearPeriodNr": 0,
            "toBookyearPeriodNr": 999999,
            **ALL_RELATIONS,
        },
    )
    assert len(answer.json()) == 1
    assert caller.server.truth(DOSSIER).snapshot().unlisted == {1}
    books.list_bookyear(1)
    assert caller.bookings(1, 2).status_code == 200


# --- numbers and journals ------------------------------------------------------------------------------


def test_the_last_document_is_deleted_and_its_number_used_again(caller: Caller, books: Books):
    invoice(books)
    last = invoice(books, "50.00")
    since = now(caller)
    books.delete(last.key, frees_number=True)
    assert caller.get("/bookyears/2/journals").json()[1]["lastBookedDocumentNr"] == 1
    again = invoice(books, "75.00")
    assert again.key == last.key
    body = check("getReportModifiedBooking", 200, caller.bookings(since=since).content)
    assert [key["documentSequenceNr"] for key in body["deletedBookings"]] == [2]
    assert balances(body["modifiedBookings"])[400000] == 7_500 + 12_100


def test_a_number_is_freed_by_the_last_document_only(books: Books):
    first, last = invoice(books), invoice(books)
    books.delete(first.key, frees_number=True)
    assert invoice(books).key.number == last.key.number + 1


def test_a_journal_can_be_missing_in_one_bookyear_untold(caller: Caller, books: Books):
    since = now(caller)
    books.remove_journal("V1", 2, told=False)
    invoice(books)
    assert "V1" not in {journal["journalKey"] for journal in caller.get("/bookyears/2/journals").json()}
    assert "V1" in {journal["journalKey"] for journal in caller.get("/bookyears/1/journals").json()}
    assert caller.get("/journals/modified", modifiedTimeStamp=since).json()["deletedJournalList"] == []
    assert len(sound_lines(caller, 2)) == 2


def test_lines_can_be_of_a_journal_that_the_list_does_not_have_yet(caller: Caller, books: Books):
    books.book(journal="D9", date=DAY, lines=[debit(550000, "5.00"), credit(451000, "5.00")])
    assert {line["journalNr"] for line in sound_lines(caller, 2)} == {9}
    assert "D9" not in {journal["journalKey"] for journal in caller.get("/bookyears/2/journals").json()}
    books.add_journal("D9", "Nieuw", bookyear=2)
    assert "D9" in {journal["journalKey"] for journal in caller.get("/bookyears/2/journals").json()}


# --- what comes late, and what tells nothing -----------------------------------------------------------


def test_a_booking_can_appear_with_a_stamp_of_days_ago(caller: Caller, books: Books):
    yesterday = spelled(books.stamp() - 86_400_000, TimestampZone.BRUSSELS)
    with books.stamped(books.clock.milliseconds() - 3 * 86_400_000):
        invoice(books)
    assert sound_lines(caller, since=yesterday) == []
    assert len(sound_lines(caller)) == 2
    amounts = caller.get("/accounts/amounts/modified", modifiedTimeStamp=yesterday)
    assert amounts.status_code == 404


def test_a_desktop_session_sends_what_it_holds_with_the_stamps_of_then(caller: Caller, books: Books):
    gone = invoice(books)
    caller.server.clock.advance(timedelta(seconds=1))
    session = DesktopSession(books)
    session.do(lambda held: invoice(held, "50.00"))
    session.do(lambda held: held.delete(gone.key))
    session.do(lambda held: held.delete(gone.key))
    then = books.stamp()
    caller.server.clock.advance(timedelta(hours=50))
    caller = Caller(caller.server, DOSSIER)
    later = spelled(books.stamp() - 3_600_000, TimestampZone.BRUSSELS)
    assert balances(sound_lines(caller))[400000] == 12_100
    session.synchronise()
    assert balances(sound_lines(caller))[400000] == 5_000
    assert sound_lines(caller, since=later) == []
    assert [deletion.at for deletion in books.deletions] == [then]


@pytest.mark.parametrize("change", ["cost_centre", "comment", "relation"])
def test_an_edit_can_leave_every_stamp(caller: Caller, books: Books, change: str):
    document = invoice(books)
    books.put_cost_centre(3, "Project")
    books.add_relation(5, "Andere NV", client=True)
    caller.server.clock.advance(timedelta(seconds=5))
    since, before = now(caller), sound_lines(caller)
    head, revenue = document.lines
    lines = {
        "cost_centre": (head, revenue._replace(cost_centre=3)),
        "comment": (head, revenue._replace(comment="Anders")),
        "relation": (head._replace(relation=5), revenue),
    }[change]
    books.change(document.key, keeps_stamp=True, lines=lines)
    assert sound_lines(caller, since=since) == []
    assert caller.get("/accounts/amounts/modified", modifiedTimeStamp=since).status_code == 404
    assert sound_lines(caller) != before
    assert balances(sound_lines(caller)) == balances(before)


def test_a_change_of_a_cost_centre_leaves_the_matchings(books: Books):
    document = invoice(books)
    books.pay(LineKey(document.key, 0), date=DAY)
    head, revenue = document.lines
    books.change(document.key, lines=(head, revenue._replace(cost_centre=3)))
    assert books.matchings.open == {}


# --- matchings -----------------------------------------------------------------------------------------


def test_a_matching_is_removed_and_made_again(caller: Caller, books: Books):
    document = invoice(books)
    payment = books.pay(LineKey(document.key, 0), date=DAY)
    pair = LineKey(document.key, 0), LineKey(payment.key, 0)
    caller.server.clock.advance(timedelta(seconds=1))
    since = now(caller)
    assert books.unmatch(*pair) == 12_100
    assert open_clients(caller) == {("V1", 1): 121.0, ("F1", 1): 121.0}
    told = caller.get("/balancings/modified", modifiedTimeStamp=since)
    body = check("getModifiedBalancingRelations", 200, told.content)
    assert (len(body["deletedBalancings"]), body["modifiedBalancings"]) == (1, [])
    assert books.match(*pair) == 12_100
    assert open_clients(caller) == {}
    told = caller.get("/balancings/modified", modifiedTimeStamp=since)
    body = check("getModifiedBalancingRelations", 200, told.content)
    assert (len(body["deletedBalancings"]), len(body["modifiedBalancings"])) == (1, 1)


def test_the_name_of_the_opening_journal_yields_to_the_mark_where_none_is_given(server: SandboxServer):
    switches = Switches(opening_mark=OpeningMark.ORDINARY_JOURNAL, opening_journal=4)
    server.reset(SandboxSettings(lines=400, bookyears=1, switches=switches), Clock(NOW))
    journals = {
        journal["journalKey"]: journal["name"] for journal in Caller(server).get("/bookyears/1/journals").json()
    }
    assert (journals["D1"], journals["D4"]) == ("Diversen 1", "Diversen 4")
