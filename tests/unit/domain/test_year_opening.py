from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.year_opening import Candidate, Evidence, YearOpening, recognise, repeats

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


@pytest.mark.parametrize(
    "name", ["Opening", "HEROPENING", "Réouverture", "Journal d'ouverture", "Beginbalans", "Eröffnung"]
)
def test_a_divers_journal_that_is_named_so_opens_the_year(name: str) -> None:
    found = recognise(BOOKYEAR, [a_candidate(journal=OPENINGS)], {OPENINGS: name}, CLOSING)

    assert found == [YearOpening(BookingKey(2, 4, OPENINGS, 1), Evidence.JOURNAL_NAME)]


@pytest.mark.parametrize(
    ("day", "period", "is_one"),
    [
        (date(2025, 1, 31), FIRST_PERIOD, True),
        (date(2024, 12, 31), FIRST_PERIOD, True),
        (FIRST_DAY, SECOND_PERIOD, True),
        (date(2025, 1, 31), SECOND_PERIOD, True),
        (SECOND_MONTH, SECOND_PERIOD, False),
        (date(2026, 1, 1), SECOND_PERIOD, False),
    ],
)
def test_a_named_journal_counts_only_in_the_first_period_or_on_one_of_its_days(
    day: date, period: int, is_one: bool
) -> None:
    booking = a_candidate(journal=OPENINGS, day=day, periods=[period])

    assert (evidence(booking, closing=CLOSING) is Evidence.JOURNAL_NAME) is is_one


@pytest.mark.parametrize(("day", "is_one"), [(FIRST_DAY, True), (date(2025, 1, 2), False)])
def test_a_named_journal_of_a_bookyear_without_periods_counts_on_its_first_day(day: date, is_one: bool) -> None:
    booking = a_candidate(journal=OPENINGS, day=day, periods=[FIRST_PERIOD])
    without_periods = replace(BOOKYEAR, periods=())

    assert (evidence(booking, bookyear=without_periods, closing=CLOSING) is Evidence.JOURNAL_NAME) is is_one


@pytest.mark.parametrize("type", [1, 2, 3])
def test_only_a_divers_journal_counts_by_its_name(type: int) -> None:
    assert evidence(a_candidate(journal=OPENINGS, type=type), closing=CLOSING) is None


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
                Kind(made(4, other, day, FIRST_PERIOD, OPENINGS), Evidence.JOURNAL_NAME),
                Kind(made(4, other, february, SECOND_PERIOD, OPENINGS), None),
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
    """None of the bookings has a line on 588888. What repeats a closing needs one: its own evidence is gone."""
    found = recognise(BOOKYEAR, [kind.candidate for kind in booked], JOURNALS, None)

    otherwise = {k.candidate.key: k.expected for k in booked if k.expected and k.expected is not Evidence.CONTENT}
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


# --- repeats: the content of an opening -----------------------------------------------------------------------------


@dataclass(frozen=True)
class TwoBalances:
    """Made from counts: so many accounts kept as they were, changed, only closed, only opened."""

    kept: int
    changed: int
    dropped: int
    added: int
    opened: dict[int, Decimal]
    closed: dict[int, Decimal]


@st.composite
def two_balances(draw: st.DrawFn) -> TwoBalances:
    kept = draw(st.integers(0, 30))
    changed, dropped, added = (draw(st.integers(0, 3)) for _ in range(3))
    accounts = draw(
        st.lists(
            st.integers(1000, 599999).filter(lambda account: not 140000 <= account <= 149999),
            min_size=kept + changed + dropped + added,
            max_size=kept + changed + dropped + added,
            unique=True,
        )
    )
    amounts = {account: draw(AMOUNTS) for account in accounts}
    opened = {
        a: amounts[a] + (0 if i < kept else 1)
        for i, a in enumerate(accounts)
        if not kept + changed <= i < kept + changed + dropped
    }
    closed = {a: amounts[a] for i, a in enumerate(accounts) if i < kept + changed + dropped}
    return TwoBalances(kept, changed, dropped, added, opened, closed)


@MODERATE
@given(two_balances())
def test_a_closing_is_repeated_where_nine_tenths_agree_or_more_than_half_and_three(two: TwoBalances) -> None:
    larger_side = two.kept + two.changed + max(two.dropped, two.added)
    nine_tenths = two.kept > 0 and 10 * two.kept >= 9 * larger_side
    most_of_a_few = two.kept >= 3 and 2 * two.kept > larger_side

    assert repeats(two.opened, two.closed) is (nine_tenths or most_of_a_few)


@MODERATE
@given(two_balances())
def test_repeating_is_mutual(two: TwoBalances) -> None:
    assert repeats(two.opened, two.closed) is repeats(two.closed, two.opened)


@MODERATE
@given(two_balances().filter(lambda two: bool(two.opened and two.closed)), AMOUNTS, AMOUNTS)
def test_class_14_zero_balances_and_the_result_change_nothing(two: TwoBalances, one: Decimal, another: Decimal) -> None:
    opened = two.opened | {140000: one, 149999: one, 499998: Decimal("0.00")}
    closed = two.closed | {140000: another, 499999: Decimal("0.00"), 700000: another}

    assert repeats(opened, closed) is repeats(two.opened, two.closed)


def test_a_late_invoice_or_two_leave_an_opening_an_opening_and_half_of_it_does_not() -> None:
    ten = {400000 + number: Decimal("1.00") for number in range(10)}
    changed = {account: Decimal("2.00") for account in ten}

    assert repeats(ten | {400000: changed[400000], 400001: changed[400001]}, ten)
    assert not repeats(ten | {account: changed[account] for account in range(400000, 400005)}, ten)
    assert not repeats({400001: Decimal("1.00")}, ten)
    assert not repeats(ten, {400001: Decimal("1.00")})


@pytest.mark.parametrize(("agreeing", "accounts", "is_one"), [(2, 2, True), (2, 3, False), (3, 5, True), (3, 6, False)])
def test_less_than_three_accounts_tell_an_opening_only_where_they_are_all(
    agreeing: int, accounts: int, is_one: bool
) -> None:
    closing = {400000 + number: Decimal("1.00") for number in range(accounts)}
    opened = {account: Decimal("1.00" if account < 400000 + agreeing else "2.00") for account in closing}

    assert repeats(opened, closing) is is_one


@pytest.mark.parametrize("aside", [sums(_440000="0.00"), sums(_700000="-5.00")])
def test_what_has_no_balance_or_is_not_carried_forward_is_left_out_of_the_comparison(aside: dict[int, Decimal]) -> None:
    closing = sums(_230000="5.00")

    assert repeats(closing | aside, closing)
    assert repeats(closing, closing | aside)


def test_books_with_nothing_but_class_14_are_compared_by_it() -> None:
    assert repeats(sums(_140000="5.00"), sums(_140000="5.00"))
    assert not repeats(sums(_140000="5.00"), sums(_140000="4.00"))


def test_nothing_repeats_nothing() -> None:
    assert not repeats({}, {})


@pytest.mark.parametrize("length", [6, 7, 9])
def test_the_result_may_be_moved_to_class_14_in_charts_of_any_length(length: int) -> None:
    longer = 10 ** (length - 6)
    closing = {account * longer: Decimal(amount) for account, amount in ((230000, 5), (100000, -4), (400000, 3))}
    opened = closing | {140000 * longer: Decimal(-4)}

    assert repeats(opened, closing)
    assert not repeats(opened, {account: -amount for account, amount in closing.items()})
    assert repeats({**closing, 14000: Decimal(1)}, closing | {14000: Decimal(1)}), "014000 is class 0"


@pytest.mark.parametrize(("account", "compared"), [(140000, False), (1400001, False), (14000, True), (1399999, True)])
def test_class_14_alone_is_left_out_of_the_comparison(account: int, compared: bool) -> None:
    """Of two accounts one agrees, and is a half of what is compared, or all of it."""
    closing = {230000: Decimal(5)}

    assert repeats(closing | {account: Decimal(-5)}, closing) is not compared
