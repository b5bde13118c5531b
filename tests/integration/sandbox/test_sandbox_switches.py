"""Each switch, seen from outside."""

import itertools
from collections import Counter
from typing import Any

import pytest

from octopus_sandbox.switch_values import current, parsed
from octopus_sandbox.switches import (
    AmountBalance,
    CarriedForward,
    Duplicates,
    ElementOrder,
    LineNumbers,
    Nothing,
    OpeningMark,
    OpeningVariant,
    RelationKeys,
    Switches,
    TimestampZone,
)
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.sandbox_caller import ALL_RELATIONS, EVER, Caller, cents

OPENED = 2


def openings(caller: Caller, journal_type: int = -1) -> list[dict[str, Any]]:
    return [line for line in caller.lines(OPENED, journal_type) if line["comment"] == "Overboeking boekjaar"]


@pytest.fixture
def caller(server: SandboxServer) -> Caller:
    server.switch(daily_limits=False)
    return Caller(server)


def test_openings_as_divers_are_d1_on_the_first_day_of_the_first_period(caller: Caller):
    year = caller.server.books(49001).bookyears[OPENED]
    lines = openings(caller, 4)
    assert len(lines) > 10
    assert sum(cents(line["bookingAmount"]) for line in lines) == 0
    facts = {(li["journalType"], li["journalNr"], li["bookyearPeriodeNr"], li["documentDate"]) for li in lines}
    assert facts == {(4, 1, year.periods[0].number, str(year.start))}


def test_openings_of_a_special_type_are_seen_with_all_types_only(caller: Caller):
    caller.server.switch(opening=OpeningVariant.SPECIAL_TYPE)
    assert not any(openings(caller, journal_type) for journal_type in (1, 2, 3, 4))
    assert {line["journalType"] for line in openings(caller)} == {5}
    caller.server.switch(special_opening_type=6)
    assert {line["journalType"] for line in openings(caller)} == {6}


def test_openings_can_be_nowhere(caller: Caller):
    caller.server.switch(opening=OpeningVariant.NONE)
    assert not openings(caller)


def test_openings_can_differ_by_dossier(caller: Caller):
    caller.server.switch(opening=OpeningVariant.NONE, opening_by_dossier={49001: OpeningVariant.AS_DIVERS})
    assert openings(caller)
    assert not openings(Caller(caller.server, 49002))


@pytest.mark.parametrize(("mark", "period"), [(OpeningMark.PERIOD_00, 202600), (OpeningMark.NO_PERIOD, None)])
def test_openings_can_stand_in_period_00_or_in_none(caller: Caller, mark: OpeningMark, period: int | None):
    caller.server.switch(opening_mark=mark)
    assert {line.get("bookyearPeriodeNr") for line in openings(caller)} == {period}


def test_the_newest_bookyear_can_be_not_yet_opened(caller: Caller):
    caller.server.switch(carried_forward=CarriedForward.NEWEST_NOT_YET)
    assert not openings(caller)


def test_all_types_of_one_bookyear_can_be_refused(caller: Caller):
    caller.server.switch(all_types_of_one_bookyear=False)
    assert caller.bookings(OPENED).status_code == 400
    assert caller.bookings().status_code == 200


@pytest.mark.parametrize("variant", list(OpeningVariant))
@pytest.mark.parametrize("balance", list(AmountBalance))
@pytest.mark.parametrize("mark", [OpeningMark.NAMED_JOURNAL, OpeningMark.PERIOD_00])
def test_the_amounts_agree_with_the_lines(
    caller: Caller, variant: OpeningVariant, balance: AmountBalance, mark: OpeningMark
):
    caller.server.switch(opening=variant, amount_balance=balance, opening_mark=mark)
    sums: Counter[tuple[int, int, int]] = Counter()
    for line in caller.lines():
        sums[line["bookyearKey"]["id"], line["accountKey"], line["bookyearPeriodeNr"]] += cents(line["bookingAmount"])
    if balance is AmountBalance.CUMULATIVE:
        keys = sorted(sums)
        for before, key in itertools.pairwise(keys):
            if before[:2] == key[:2]:
                sums[key] += sums[before]
    told = {
        (
            amount["accountAmountKey"]["bookyearPeriodKey"]["bookyearKey"]["id"],
            amount["accountAmountKey"]["accountKey"]["id"],
            amount["accountAmountKey"]["bookyearPeriodKey"]["bookyearPeriodNr"],
        ): cents(amount["balance"])
        for amount in caller.get("/accounts/amounts/modified").json()["modified"]
    }
    assert told == dict(sums)


def test_the_amounts_can_leave_the_openings_out_or_need_a_timestamp(caller: Caller):
    with_openings = caller.get("/accounts/amounts/modified").content
    caller.server.switch(openings_in_amounts=False, amounts_without_timestamp=False)
    assert caller.get("/accounts/amounts/modified").status_code == 400
    assert caller.get("/accounts/amounts/modified", modifiedTimeStamp=EVER).content != with_openings


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (LineNumbers.UNIQUE, [1, 2, 3]),
        (LineNumbers.HEAD_MINUS_ONE, [-1, 1, 2]),
        (LineNumbers.ALL_MINUS_ONE, [-1, -1, -1]),
        (LineNumbers.REPEATED, [1, 1, 2]),
    ],
)
def test_line_numbers_are_as_switched(caller: Caller, numbers: LineNumbers, expected: list[int]):
    caller.server.switch(line_numbers=numbers)
    lines = caller.lines(1, 2)
    first = [line["lineSequenceNr"] for line in lines if line["documentSequenceNr"] == lines[0]["documentSequenceNr"]]
    assert (first * 3 if len(first) < 3 else first)[:2] == expected[:2]


@pytest.mark.parametrize(("keys", "everywhere"), [(RelationKeys.CONTROL_LINES, False), (RelationKeys.ALL_LINES, True)])
def test_relation_keys_stand_on_the_lines_that_are_switched(caller: Caller, keys: RelationKeys, everywhere: bool):
    caller.server.switch(relation_keys=keys)
    lines = caller.lines(1, 2)
    assert all("relationKey" in line for line in lines if line["accountKey"] == 400000)
    assert all("relationKey" in line for line in lines) is everywhere


def test_shuffling_changes_the_order_and_nothing_else(caller: Caller):
    plain = caller.bookings(1, 2).json()["modifiedBookings"]
    for order in (ElementOrder.SHUFFLED, ElementOrder.LINES_SHUFFLED):
        caller.server.switch(element_order=order)
        shuffled = caller.bookings(1, 2).json()["modifiedBookings"]
        assert shuffled != plain
        assert Counter(map(str, shuffled)) == Counter(map(str, plain))


def test_duplicates_of_lines_unbalance_and_of_documents_do_not(caller: Caller):
    plain = caller.lines(1, 2)
    caller.server.switch(duplicates=Duplicates.LINES)
    assert len(caller.lines(1, 2)) > len(plain)
    assert sum(cents(line["bookingAmount"]) for line in caller.lines(1, 2)) != 0
    caller.server.switch(duplicates=Duplicates.DOCUMENTS)
    assert sum(cents(line["bookingAmount"]) for line in caller.lines(1, 2)) == 0


def test_binary_noise_is_less_than_a_tenth_of_a_cent(caller: Caller):
    plain = [line["bookingAmount"] for line in caller.lines(1, 2)]
    caller.server.switch(binary_noise=True)
    noisy = [line["bookingAmount"] for line in caller.lines(1, 2)]
    assert noisy != plain
    assert max(abs(one - other) for one, other in zip(noisy, plain, strict=True)) < 0.001
    assert any(len(repr(amount)) > 12 for amount in noisy)


def test_large_amounts_can_be_spelled_with_an_exponent(caller: Caller):
    books = caller.server.books(49001)
    key = next(iter(books.documents[1, 2]))
    line = books.documents[1, 2][key].lines[0]
    large = (line._replace(cents=1_234_567_890), line._replace(cents=-1_234_567_890))
    books.change(key, lines=large)
    caller.server.switch(exponents=True)
    assert '"bookingAmount":1.23456789E7,' in caller.bookings(1, 2).text
    assert '"bookingAmount":-1.23456789E7,' in caller.bookings(1, 2).text


@pytest.mark.parametrize("signed", [True, False])
def test_open_amounts_are_signed_as_switched(caller: Caller, signed: bool):
    caller.server.switch(signed_open_amounts=signed)
    body = {**caller.whole_range(), **ALL_RELATIONS}
    rows = caller.post("/reports/suppliers/open", body).json()
    assert any(row["openBookingAmount"] < 0 for row in rows) is signed


def test_openings_can_be_rows_of_an_accounts_open_report(caller: Caller):
    body = {**caller.whole_range(), "accountNr": 400000}
    without = caller.post("/reports/accounts/open", body).json()
    caller.server.switch(openings_in_open_reports=True)
    rows = caller.post("/reports/accounts/open", body).json()
    assert len(rows) == len(without) + 1
    assert [row["journalKey"] for row in rows if "relationKey" not in row] == ["D1"]


def test_a_history_of_relation_minus_one_is_empty_in_either_way(caller: Caller):
    body = {**caller.whole_range(), **ALL_RELATIONS}
    assert caller.post("/reports/clients/history", body).status_code == 404
    caller.server.switch(empty_history_is_404=False)
    assert caller.post("/reports/clients/history", body).json() == []


@pytest.mark.parametrize(
    ("body", "content"),
    [
        (Nothing.TEXT, b"No relations found"),
        (Nothing.BARE, b""),
        (
            Nothing.CODE_AND_TEXTS,
            b'{"errorCode":0,"errorMessage":"No relations found","technicalInfo":"No relations found"}',
        ),
    ],
)
def test_the_body_of_a_404_is_as_switched(caller: Caller, body: Nothing, content: bytes):
    caller.server.switch(nothing=body)
    answer = caller.get("/relations", name="nobody")
    assert (answer.status_code, answer.content) == (404, content)


@pytest.mark.parametrize(
    ("zone", "inclusive", "timestamp", "since", "until"),
    [
        (TimestampZone.BRUSSELS, True, "2026-11-18 10:30:00.000", True, True),
        (TimestampZone.BRUSSELS, False, "2026-11-18 10:30:00.000", False, False),
        (TimestampZone.BRUSSELS, False, "2026-11-18 10:29:59.999", True, False),
        (TimestampZone.UTC, True, "2026-11-18 09:30:00.000", True, True),
        (TimestampZone.UTC, True, "2026-11-18 09:30:00.001", False, True),
    ],
)
def test_timestamps_are_read_in_the_zone_and_with_the_bounds_that_are_switched(
    caller: Caller, zone: TimestampZone, inclusive: bool, timestamp: str, since: bool, until: bool
):
    caller.server.switch(timestamp_zone=zone, inclusive_bounds=inclusive)
    books = caller.server.books(49001)
    books.change(next(iter(books.documents[1, 2])), comment="now")
    assert bool(caller.lines(since=timestamp)) is since
    assert ('"comment":"now"' in caller.bookings(since=EVER, until=timestamp).text) is until


def test_a_record_of_the_dossier_list_can_lack_its_key(caller: Caller):
    caller.server.switch(record_without_dossier_key=True)
    assert ["dossierKey" in record for record in caller.dossiers().json()].count(False) == 1


def test_relations_are_untidy_as_recorded(caller: Caller):
    relations = caller.get("/relations/modified").json()["modified"]
    assert any(relation["country"] == "  " and "city" not in relation for relation in relations)
    active = caller.get("/relations").json()
    assert 0 < len(active) < len(relations)


def test_every_switch_has_a_spelling_and_comes_back_from_it():
    spelled = current(Switches())
    assert Switches(**parsed(spelled)) == Switches()
    with pytest.raises(ValueError, match="unknown switch"):
        parsed({"nonsense": 1})
