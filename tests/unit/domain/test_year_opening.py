from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.year_opening import Candidate, Evidence, YearOpening, recognise

MODERATE = settings(max_examples=30, deadline=None)

FIRST_DAY, SECOND_MONTH = date(2025, 1, 1), date(2025, 2, 1)
FIRST_PERIOD, SECOND_PERIOD = 202501, 202502
BOOKYEAR = Bookyear(
    2,
    "2025",
    FIRST_DAY,
    date(2025, 12, 31),
    False,
    # Octopus's lists are not sorted (octopus.md 2.3)
    (Period(SECOND_PERIOD, SECOND_MONTH, date(2025, 2, 28)), Period(FIRST_PERIOD, FIRST_DAY, date(2025, 1, 31))),
)
FIRST_BOOKYEAR = replace(BOOKYEAR, number=1)
DIVERS, OPENINGS = 1, 2
JOURNALS = {DIVERS: "Diverse verrichtingen", OPENINGS: "Opening"}
CLOSING = {
    230000: Decimal("5000.00"),
    400000: Decimal("121.00"),
    550000: Decimal("-21.00"),
    100000: Decimal("-5000.00"),
}
CARRIED_FORWARD = CLOSING | {140000: Decimal("-100.00")}
"""What the opening after CLOSING books: the result of 100 goes to class 14."""


def sums(**amounts: str) -> dict[int, Decimal]:
    return {int(account.lstrip("_")): Decimal(amount) for account, amount in amounts.items()}


def a_candidate(
    amounts: dict[int, Decimal] | None = None,
    *,
    type: int = 4,
    journal: int = DIVERS,
    document: int = 1,
    day: date = FIRST_DAY,
    periods: Iterable[int | None] = (FIRST_PERIOD,),
) -> Candidate:
    """A divers booking of the first day that repeats nothing."""
    some = sums(_416000="7.77", _489000="-7.77") if amounts is None else amounts
    return Candidate(BookingKey(BOOKYEAR.number, type, journal, document), day, frozenset(periods), some)


def evidence(
    candidate: Candidate, *, bookyear: Bookyear = BOOKYEAR, closing: dict[int, Decimal] | None
) -> Evidence | None:
    found = recognise(bookyear, [candidate], JOURNALS, closing)
    return found[0].evidence if found else None


# --- what is one, and why -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("type", [0, 5, 6, 7, 9, -1])
def test_a_booking_of_a_type_outside_1_to_4_opens_the_year(type: int) -> None:
    special = a_candidate(type=type, day=SECOND_MONTH, periods=[SECOND_PERIOD])

    assert evidence(special, closing=CLOSING) is Evidence.SPECIAL_TYPE


@pytest.mark.parametrize("type", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("period", "expected"), [(None, Evidence.NO_PERIOD), (202500, Evidence.PERIOD_ZERO), (0, Evidence.PERIOD_ZERO)]
)
def test_a_booking_without_period_or_in_period_00_opens_the_year(
    type: int, period: int | None, expected: Evidence
) -> None:
    assert evidence(a_candidate(type=type, periods=[period]), closing=CLOSING) is expected


@pytest.mark.parametrize("periods", [[None, FIRST_PERIOD], [202500, FIRST_PERIOD], [SECOND_PERIOD]])
def test_a_booking_with_a_line_in_an_ordinary_period_is_not_special(periods: list[int | None]) -> None:
    assert evidence(a_candidate(periods=periods), closing=CLOSING) is None


def test_a_divers_booking_of_the_first_day_that_repeats_the_closing_opens_the_year() -> None:
    assert evidence(a_candidate(CARRIED_FORWARD), closing=CLOSING) is Evidence.CONTENT


@pytest.mark.parametrize("type", [1, 2, 3])
def test_a_closing_repeated_in_another_journal_type_is_no_opening(type: int) -> None:
    assert evidence(a_candidate(CARRIED_FORWARD, type=type), closing=CLOSING) is None


def test_a_closing_repeated_on_another_day_is_no_opening() -> None:
    assert evidence(a_candidate(CARRIED_FORWARD, day=FIRST_DAY + timedelta(days=1)), closing=CLOSING) is None


def test_a_regular_booking_of_the_first_day_is_no_opening() -> None:
    assert evidence(a_candidate(), closing=CLOSING) is None


def test_nothing_repeats_a_closing_without_balances() -> None:
    assert evidence(a_candidate(CARRIED_FORWARD), closing={}) is None


MOST_OF_IT = sums(_230000="4000.00", _416000="1000.00", _100000="-5000.00")
"""Not the accounts, nor more than half of them to the cent: a name has to tell that this is an opening."""


@pytest.mark.parametrize(
    "name", ["Opening", "HEROPENING", "Réouverture", "Journal d'ouverture", "Beginbalans", "Eröffnung"]
)
def test_a_divers_booking_in_a_journal_that_is_named_so_opens_the_year_with_most_of_its_money(name: str) -> None:
    found = recognise(BOOKYEAR, [a_candidate(MOST_OF_IT, journal=OPENINGS)], {OPENINGS: name}, CLOSING)

    assert found == [YearOpening(BookingKey(2, 4, OPENINGS, 1), Evidence.JOURNAL_NAME)]


def test_the_same_booking_in_a_journal_of_another_name_does_not() -> None:
    assert evidence(a_candidate(MOST_OF_IT), closing=CLOSING) is None


def test_a_journals_name_alone_makes_no_opening() -> None:
    """The booking of 133.45 that was taken for the opening of a whole year."""
    correction = sums(_550000="133.45", _451000="-133.45")

    assert evidence(a_candidate(correction, journal=OPENINGS), closing=CLOSING) is None
    assert evidence(a_candidate(correction, journal=OPENINGS, day=date(2025, 1, 10)), closing=CLOSING) is None
    assert evidence(a_candidate(correction, journal=OPENINGS), closing={}) is None


@pytest.mark.parametrize("closing", [CLOSING, None])
@pytest.mark.parametrize("day", [date(2025, 1, 2), date(2025, 1, 31), date(2024, 12, 31), SECOND_MONTH])
def test_a_named_journal_counts_only_on_the_first_day(day: date, closing: dict[int, Decimal] | None) -> None:
    assert evidence(a_candidate(MOST_OF_IT, journal=OPENINGS, day=day), closing=closing) is None


@pytest.mark.parametrize("closing", [CLOSING, None])
@pytest.mark.parametrize("type", [1, 2, 3])
def test_only_a_divers_journal_counts_by_its_name(type: int, closing: dict[int, Decimal] | None) -> None:
    assert evidence(a_candidate(MOST_OF_IT, journal=OPENINGS, type=type), closing=closing) is None


# --- the first bookyear ---------------------------------------------------------------------------------------------


def first_openings(*candidates: Candidate, journals: dict[int, str] | None = None) -> dict[BookingKey, Evidence]:
    found = recognise(FIRST_BOOKYEAR, candidates, journals or {}, None)
    return {opening.key: opening.evidence for opening in found}


def test_the_divers_entry_of_the_first_day_opens_a_first_bookyear() -> None:
    entry = a_candidate(CARRIED_FORWARD)

    assert first_openings(entry) == {entry.key: Evidence.FIRST_BOOKYEAR}


def test_of_several_entries_the_one_over_most_accounts_opens_the_first_bookyear() -> None:
    small, large = a_candidate(document=1), a_candidate(CARRIED_FORWARD, document=2)

    assert first_openings(small, large) == {large.key: Evidence.FIRST_BOOKYEAR}


def test_of_two_equal_entries_the_first_document_opens_the_first_bookyear() -> None:
    second, first = a_candidate(document=2), a_candidate(document=1)

    assert first_openings(second, first) == {first.key: Evidence.FIRST_BOOKYEAR}


def test_an_entry_of_a_later_day_does_not_open_a_first_bookyear() -> None:
    assert first_openings(a_candidate(CARRIED_FORWARD, day=FIRST_DAY + timedelta(days=1))) == {}


def test_where_stronger_evidence_is_there_the_entry_of_the_first_day_is_a_movement() -> None:
    named, entry = a_candidate(journal=OPENINGS), a_candidate(CARRIED_FORWARD)

    assert first_openings(entry, named, journals=JOURNALS) == {named.key: Evidence.JOURNAL_NAME}


BANK_OPENING = sums(_550000="250.00", _588888="-250.00")


def test_the_transfer_of_a_banks_opening_balance_opens_a_first_bookyear_beside_its_entry() -> None:
    entry = a_candidate(CARRIED_FORWARD)
    bank = a_candidate(BANK_OPENING, type=3, day=date(2025, 1, 15))

    assert first_openings(bank, entry) == {bank.key: Evidence.FIRST_BOOKYEAR, entry.key: Evidence.FIRST_BOOKYEAR}


@pytest.mark.parametrize(
    ("type", "amounts"),
    [
        (1, BANK_OPENING),
        (3, sums(_550000="250.00", _588888="-100.00", _400000="-150.00")),
        (3, sums(_550000="250.00", _400000="-250.00")),
        (3, sums(_400000="250.00", _588888="-250.00")),
        (3, sums(_588888="0.00")),
    ],
)
def test_a_line_on_588888_among_others_is_a_movement(type: int, amounts: dict[int, Decimal]) -> None:
    assert first_openings(a_candidate(amounts, type=type)) == {}


def test_in_a_later_bookyear_a_transfer_over_588888_is_a_movement() -> None:
    assert evidence(a_candidate(BANK_OPENING, type=3), closing=CLOSING) is None


# --- banks by way of an account of group 58 -------------------------------------------------------------------------

BANKS = sums(_550000="250.00", _551000="-40.00")
WITH_BANKS = CLOSING | BANKS
"""A closing with two banks."""


def by_way_of(way: int, banks: dict[int, Decimal] = BANKS) -> Candidate:
    """The entry that opens the bookyear after WITH_BANKS, without its banks."""
    rest = {account: amount for account, amount in WITH_BANKS.items() if account not in BANKS}
    return a_candidate(rest | {way: sum(banks.values(), Decimal()), 140000: Decimal("-10.00")})


def fetched(
    bank: int,
    amount: str,
    *,
    way: int = 580000,
    document: int = 1,
    day: date = FIRST_DAY,
    type: int = 3,
    period: int = FIRST_PERIOD,
) -> Candidate:
    both = {bank: Decimal(amount), way: -Decimal(amount)}
    return a_candidate(both, type=type, journal=bank - 549999, document=document, day=day, periods=[period])


def found_beside(entry: Candidate, *others: Candidate, closing: dict[int, Decimal] | None = WITH_BANKS) -> set[object]:
    """Those of the others that belong to the opening, which the entry has to be."""
    found = recognise(BOOKYEAR, [*others, entry], {}, closing)
    evidence = Evidence.FIRST_BOOKYEAR if closing is None else Evidence.CONTENT
    assert found[-1] == YearOpening(entry.key, evidence)
    assert {opening.evidence for opening in found} == {evidence}
    return {opening.key for opening in found[:-1]}


@pytest.mark.parametrize("closing", [WITH_BANKS, None])
@pytest.mark.parametrize("way", [580000, 588888, 5800001])
def test_the_documents_that_fetch_the_banks_from_where_the_entry_left_them_open_the_year(
    way: int, closing: dict[int, Decimal] | None
) -> None:
    documents = (
        fetched(550000, "250.00", way=way),
        fetched(551000, "-40.00", way=way, day=date(2025, 1, 15)),
    )

    assert found_beside(by_way_of(way), *documents, closing=closing) == {document.key for document in documents}


@pytest.mark.parametrize("closing", [WITH_BANKS, None])
def test_ordinary_transfers_between_banks_are_left_out(closing: dict[int, Decimal] | None) -> None:
    opening = (fetched(550000, "250.00", document=3), fetched(551000, "-40.00", document=3))
    ordinary = (
        fetched(550000, "-75.00", document=1),
        fetched(551000, "75.00", document=1),
        fetched(550000, "250.00", document=4),
        fetched(550000, "12.00", document=2),
    )

    assert found_beside(by_way_of(580000), *ordinary, *opening, closing=closing) == {one.key for one in opening}


@pytest.mark.parametrize("closing", [WITH_BANKS, None])
@pytest.mark.parametrize(
    "documents",
    [
        [fetched(550000, "250.00")],
        [fetched(550000, "250.00"), fetched(551000, "-40.01")],
        [fetched(550000, "250.00"), fetched(551000, "-40.00", way=581000)],
        [fetched(550000, "250.00"), fetched(551000, "-40.00", type=4, day=date(2025, 1, 2))],
        [fetched(550000, "250.00"), fetched(551000, "-40.00", day=SECOND_MONTH, period=SECOND_PERIOD)],
        [fetched(550000, "250.00"), fetched(440000, "-40.00")],
        [fetched(550000, "250.00"), fetched(589000, "-40.00")],
        [fetched(550000, "100.00", document=1), fetched(550000, "110.00", document=2)],
    ],
)
def test_documents_that_do_not_clear_it_together_are_movements(
    documents: list[Candidate], closing: dict[int, Decimal] | None
) -> None:
    assert found_beside(by_way_of(580000), *documents, closing=closing) == set()


def test_banks_are_fetched_from_each_account_that_the_entry_left_them_on() -> None:
    rest = {account: amount for account, amount in WITH_BANKS.items() if account not in BANKS}
    entry = a_candidate(rest | sums(_580000="250.00", _588888="-40.00"))
    documents = (fetched(550000, "250.00"), fetched(551000, "-40.00", way=588888))

    assert found_beside(entry, *documents) == {one.key for one in documents}


def test_a_document_with_a_third_account_fetches_no_bank() -> None:
    document = a_candidate(sums(_550000="210.00", _580000="-210.00", _440000="0.00"), type=3)

    assert found_beside(by_way_of(580000), document) == set()


def test_banks_are_fetched_as_the_year_before_closed_where_that_is_not_the_only_way() -> None:
    """210.00 was transferred on the first day; the openings of both banks came later."""
    ordinary = fetched(550000, "210.00", document=1)
    opening = [fetched(bank, str(amount), document=2, day=date(2025, 1, 3)) for bank, amount in BANKS.items()]

    assert found_beside(by_way_of(580000), ordinary, *opening) == {one.key for one in opening}


def test_of_equal_documents_the_earliest_fetches_the_bank() -> None:
    one = fetched(551000, "-40.00")
    later = fetched(550000, "250.00", document=1, day=date(2025, 1, 20))
    earlier = fetched(550000, "250.00", document=2, day=date(2025, 1, 4))

    assert found_beside(by_way_of(580000), later, one, earlier) == {one.key, earlier.key}


def test_a_transfer_that_was_under_way_when_the_year_closed_is_no_bank_to_be_fetched() -> None:
    closing = WITH_BANKS | sums(_580000="30.00")
    arrives = fetched(551000, "30.00", day=date(2025, 1, 3))

    assert found_beside(a_candidate(closing), arrives, closing=closing) == set()


def test_banks_are_fetched_beside_a_transfer_that_is_under_way() -> None:
    closing = WITH_BANKS | sums(_580000="30.00")
    entry = by_way_of(580000, {**BANKS, 580000: Decimal("30.00")})
    arrives = fetched(551000, "30.00", document=1, day=date(2025, 1, 3))
    opening = [fetched(bank, str(amount), document=2) for bank, amount in BANKS.items()]

    assert found_beside(entry, arrives, *opening, closing=closing) == {one.key for one in opening}


def test_a_bank_is_fetched_as_it_stood_when_the_year_was_opened_though_it_closed_otherwise() -> None:
    late = WITH_BANKS | sums(_550000="371.00", _400000="0.00")
    opening = [fetched(bank, str(amount)) for bank, amount in BANKS.items()]

    assert found_beside(by_way_of(580000), *opening, closing=late) == {one.key for one in opening}


def test_a_transfer_that_happens_to_be_what_a_bank_closed_with_does_not_hide_what_it_was_opened_with() -> None:
    """The year was opened when the bank stood at 230.00, and a late booking made that 250.00."""
    entry = by_way_of(580000, sums(_550000="230.00", _551000="-40.00"))
    decoy = fetched(550000, "250.00", document=2)
    opening = fetched(550000, "230.00"), fetched(551000, "-40.00")

    assert found_beside(entry, decoy, *opening) == {one.key for one in opening}


def test_banks_that_outweigh_each_other_are_fetched() -> None:
    """Nothing is left on the account, and one bank alone would clear it as well."""
    closing = CLOSING | sums(_551000="70.00", _552000="-70.00", _550000="30.00")
    entry = a_candidate(CARRIED_FORWARD | sums(_580000="0.00", _550000="30.00"))
    opening = [fetched(551000, "70.00"), fetched(552000, "-70.00")]

    assert found_beside(entry, *opening, closing=closing) == {one.key for one in opening}


def test_where_a_late_booking_changed_one_bank_the_others_are_fetched_as_they_closed() -> None:
    """210.00 of another bank would clear it too."""
    late = WITH_BANKS | sums(_550000="371.00")
    decoy = fetched(550000, "210.00", document=1)
    opening = [fetched(bank, str(amount), document=2) for bank, amount in BANKS.items()]

    assert found_beside(by_way_of(580000), decoy, *opening, closing=late) == {one.key for one in opening}


def test_what_takes_a_bank_out_again_does_not_bring_it_in() -> None:
    closing = CLOSING | sums(_580000="0.00")
    entry = a_candidate(CARRIED_FORWARD | sums(_553000="90.00", _580000="-90.00"))
    undone = fetched(553000, "-90.00")

    assert found_beside(entry, undone, closing=closing) == {undone.key}
    assert found_beside(a_candidate(CLOSING | sums(_553000="90.00", _580000="0.00")), undone, closing=closing) == set()


def test_without_an_entry_nothing_is_fetched() -> None:
    assert recognise(BOOKYEAR, [fetched(550000, "250.00")], {}, WITH_BANKS) == []


def test_in_a_bookyear_without_periods_banks_are_fetched_on_its_first_day() -> None:
    without_periods = replace(BOOKYEAR, periods=())
    on_time = [fetched(bank, str(amount), document=1) for bank, amount in BANKS.items()]
    late = [fetched(bank, str(amount), document=2, day=date(2025, 1, 2)) for bank, amount in BANKS.items()]

    for documents, expected in ((on_time, 3), (late, 1)):
        assert len(recognise(without_periods, [by_way_of(580000), *documents], {}, WITH_BANKS)) == expected


def test_of_very_many_transfers_those_that_fetch_the_banks_are_found() -> None:
    """2,100 sums of one bank, and as many of the other, are more pairs than are tried."""
    many = [fetched(bank, f"{number}.01", document=number) for number in range(1, 2_100) for bank in BANKS]
    opening = [fetched(bank, str(amount), document=9_999) for bank, amount in BANKS.items()]

    assert found_beside(by_way_of(580000), *many, *opening) == {one.key for one in opening}


# --- balances that are transferred a second time --------------------------------------------------------------------

AFTER_A_LATE_SALE = CLOSING | sums(_400000="200.00")
"""79.00 more than the opening of CARRIED_FORWARD, which was transferred before."""


def added(amounts: dict[int, Decimal], *, journal: int = DIVERS, day: date = FIRST_DAY, type: int = 4) -> bool:
    """Whether a second document of these amounts completes the opening."""
    second = a_candidate(amounts, document=2, journal=journal, day=day, type=type)
    found = recognise(BOOKYEAR, [a_candidate(CARRIED_FORWARD), second], {}, AFTER_A_LATE_SALE)
    assert found[0].evidence is Evidence.CONTENT
    return YearOpening(second.key, Evidence.CONTENT) in found


def test_what_a_second_transfer_added_in_the_same_journal_opens_the_year_too() -> None:
    assert added(sums(_400000="79.00", _140000="-79.00"))
    assert added(sums(_400000="50.00", _140000="-50.00", _440000="0.00")), "another late booking has followed"


def test_what_is_no_such_addition_is_a_movement() -> None:
    assert not added(sums(_400000="79.00", _140000="-79.00"), journal=3)
    assert not added(sums(_400000="79.00", _140000="-79.00"), type=3)
    assert not added(sums(_400000="79.00", _140000="-79.00"), day=date(2025, 1, 2))
    assert not added(sums(_400000="79.00", _440000="-79.00"))
    assert not added(sums(_400000="-79.00", _140000="79.00"))
    assert not added(sums(_400000="158.00", _140000="-158.00")), "as far off as before"
    assert not added(sums(_140000="5.00"))


def test_each_further_addition_counts_on_top_of_those_before_it() -> None:
    first = a_candidate(sums(_400000="60.00", _140000="-60.00"), document=2)
    second = a_candidate(sums(_400000="19.00", _140000="-19.00"), document=3)
    third = a_candidate(sums(_400000="19.00", _140000="-19.00"), document=4)

    found = recognise(BOOKYEAR, [a_candidate(CARRIED_FORWARD), first, second, third], {}, AFTER_A_LATE_SALE)

    assert [opening.key.document_number for opening in found] == [1, 2, 3]


def test_an_opening_that_stands_twice_is_one_twice() -> None:
    """So it does in Octopus, whose balances are doubled then; the check of the openings says so."""
    twice = [a_candidate(CARRIED_FORWARD), a_candidate(CARRIED_FORWARD, document=2)]

    assert len(recognise(BOOKYEAR, twice, {}, CLOSING)) == 2


# --- for all books --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kind:
    """A booking that was made to be something; ``expected`` in a bookyear with a predecessor that closed as CLOSING."""

    candidate: Candidate
    expected: Evidence | None


IN_JANUARY = st.dates(FIRST_DAY, date(2025, 1, 31))
OTHER_ACCOUNTS = st.sampled_from((416000, 440000, 489000, 499000, 12000))
AMOUNTS = st.integers(1, 10**6).map(lambda cents: Decimal(cents).scaleb(-2))


@st.composite
def kinds(draw: st.DrawFn, document: int) -> Kind:
    day = draw(IN_JANUARY)
    account, amount = draw(OTHER_ACCOUNTS), draw(AMOUNTS)
    other = {account: amount, 450000: -amount}
    ordinary = draw(st.sampled_from((1, 2, 3, 4)))
    february = draw(st.dates(SECOND_MONTH, date(2025, 12, 31)))

    def made(type: int, amounts: dict[int, Decimal], day: date, period: int | None, journal: int = DIVERS) -> Candidate:
        return a_candidate(amounts, type=type, journal=journal, document=document, day=day, periods=[period])

    booked = draw(
        st.sampled_from(
            (
                Kind(made(draw(st.sampled_from((0, 5, 6, 7))), other, day, FIRST_PERIOD), Evidence.SPECIAL_TYPE),
                Kind(made(ordinary, other, day, None), Evidence.NO_PERIOD),
                Kind(made(ordinary, other, day, 202500), Evidence.PERIOD_ZERO),
                Kind(made(4, CARRIED_FORWARD, FIRST_DAY, FIRST_PERIOD), Evidence.CONTENT),
                Kind(made(4, MOST_OF_IT, FIRST_DAY, FIRST_PERIOD, OPENINGS), Evidence.JOURNAL_NAME),
                Kind(made(4, other, FIRST_DAY, FIRST_PERIOD, OPENINGS), None),
                Kind(made(4, MOST_OF_IT, february, SECOND_PERIOD, OPENINGS), None),
                Kind(made(4, other, FIRST_DAY, FIRST_PERIOD), None),
                Kind(made(ordinary, other, day, FIRST_PERIOD), None),
                Kind(made(draw(st.sampled_from((1, 2, 3))), CARRIED_FORWARD, FIRST_DAY, FIRST_PERIOD), None),
                Kind(made(4, CARRIED_FORWARD, february, SECOND_PERIOD), None),
            )
        )
    )
    if draw(st.integers(0, 3)):
        return booked
    reversal = {**booked.candidate.sums, draw(st.sampled_from((600000, 700000, 890000, 999999))): amount}
    return Kind(replace(booked.candidate, sums=reversal), None)


@st.composite
def bookings(draw: st.DrawFn) -> list[Kind]:
    made = [draw(kinds(document)) for document in range(1, draw(st.integers(0, 8)) + 1)]
    return draw(st.permutations(made))


@MODERATE
@given(bookings())
def test_each_booking_is_judged_for_itself_and_in_its_order(booked: list[Kind]) -> None:
    found = recognise(BOOKYEAR, [kind.candidate for kind in booked], JOURNALS, CLOSING)

    assert found == [YearOpening(kind.candidate.key, kind.expected) for kind in booked if kind.expected]


@MODERATE
@given(bookings(), st.booleans())
def test_a_booking_with_a_line_in_classes_6_to_9_never_opens_a_year(booked: list[Kind], first: bool) -> None:
    found = recognise(BOOKYEAR, [kind.candidate for kind in booked], JOURNALS, None if first else CLOSING)

    with_result = {kind.candidate.key for kind in booked if max(kind.candidate.sums) >= 600000}
    assert not with_result & {opening.key for opening in found}


@MODERATE
@given(bookings())
def test_a_first_bookyear_has_at_most_one_entry_besides_what_was_found_otherwise(booked: list[Kind]) -> None:
    """None of the bookings has a line on 588888. What repeats a closing needs one: its own evidence is gone; a name
    on the first day needs none."""
    found = recognise(FIRST_BOOKYEAR, [kind.candidate for kind in booked], JOURNALS, None)

    named = {
        kind.candidate.key: Evidence.JOURNAL_NAME
        for kind in booked
        if kind.candidate.key[1:3] == (4, OPENINGS)
        and kind.candidate.date == FIRST_DAY
        and kind.candidate.periods == frozenset({FIRST_PERIOD})
        and max(kind.candidate.sums) < 600000
    }
    otherwise = named | {
        kind.candidate.key: kind.expected for kind in booked if kind.expected and kind.expected is not Evidence.CONTENT
    }
    by_themselves = {
        opening.key: opening.evidence for opening in found if opening.evidence is not Evidence.FIRST_BOOKYEAR
    }
    entries = [
        kind.candidate
        for kind in booked
        if (kind.candidate.key.journal_type, kind.candidate.date) == (4, FIRST_DAY)
        and max(kind.candidate.sums) < 600000
    ]
    assert by_themselves == otherwise
    assert len(found) - len(by_themselves) == (1 if entries and not otherwise else 0)
