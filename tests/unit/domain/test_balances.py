from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.balances import (
    Books,
    BookyearStart,
    EffectKind,
    Figures,
    Movement,
    OpeningEntry,
    Transfer,
    TrialBalanceFigures,
    as_if_open,
    balances,
    monthly_balances,
    opening_effects,
    trial_balance,
)
from tests.unit.domain.random_books import PROFIT_AND_LOSS, RESULT_ACCOUNT, ZERO, Ledger, ledgers, ledgers_and_spans

MODERATE = settings(max_examples=25, deadline=None)


def total(figures: TrialBalanceFigures, column: str) -> Decimal:
    return sum((getattr(row, column) for row in figures.accounts.values()), ZERO)


def some(sums: dict[int, Decimal]) -> dict[int, Decimal]:
    return {account: amount for account, amount in sums.items() if amount}


def closings(figures: TrialBalanceFigures, *, carried: bool) -> dict[int, Decimal]:
    return some({account: row.closing for account, row in figures.accounts.items() if (account < 600000) is carried})


def a_booking(bookyear: int, day: date, *lines: tuple[int, str]) -> list[Movement]:
    return [
        Movement(bookyear, account, 0, day, max(Decimal(amount), ZERO), max(-Decimal(amount), ZERO))
        for account, amount in lines
    ]


def an_opening(bookyear: int, *lines: tuple[int, str]) -> list[OpeningEntry]:
    return [
        OpeningEntry(bookyear, account, max(Decimal(amount), ZERO), max(-Decimal(amount), ZERO))
        for account, amount in lines
    ]


def books_of_two_years(*, second_opening: list[OpeningEntry] | None = None) -> Books:
    """2024: capital 1000 paid in, a sale of 300 in cash. 2025: a purchase of 50 in cash."""
    return Books(
        [BookyearStart(1, date(2024, 1, 1), True), BookyearStart(2, date(2025, 1, 1), bool(second_opening))],
        [*an_opening(1, (550000, "1000"), (100000, "-1000")), *(second_opening or [])],
        [
            *a_booking(1, date(2024, 5, 5), (550000, "300"), (700000, "-300")),
            *a_booking(2, date(2025, 2, 2), (550000, "-50"), (600000, "50")),
        ],
    )


RUN = an_opening(2, (550000, "1300"), (100000, "-1000"), (140000, "-300"))


def test_a_profit_that_no_opening_has_moved_is_brought_forward() -> None:
    figures = trial_balance(books_of_two_years(), date(2025, 1, 1), date(2025, 12, 31))

    assert figures.result_brought_forward == Decimal(-300)
    assert figures.result_transferred == ZERO
    assert figures.accounts[550000] == Figures(Decimal(1300), ZERO, Decimal(50))
    assert 140000 not in figures.accounts


def test_an_opening_that_moved_the_profit_is_part_of_the_opening_column_of_its_bookyear() -> None:
    figures = trial_balance(books_of_two_years(second_opening=RUN), date(2025, 1, 1), date(2025, 12, 31))

    assert figures.result_brought_forward == ZERO
    assert figures.result_transferred == ZERO
    assert figures.accounts[140000].opening == Decimal(-300)


def test_an_opening_inside_the_span_moves_the_profit_on_its_first_day() -> None:
    figures = trial_balance(books_of_two_years(second_opening=RUN), date(2024, 7, 1), date(2025, 6, 30))

    assert figures.result_transferred == Decimal(-300)
    assert figures.accounts[140000] == Figures(ZERO, ZERO, Decimal(300))
    assert figures.accounts[550000] == Figures(Decimal(1300), ZERO, Decimal(50))
    assert figures.accounts[700000].closing == Decimal(-300)


def test_an_adjusted_opening_shows_as_a_movement_that_nets_to_zero() -> None:
    adjusted = an_opening(2, (550000, "1290"), (100000, "-1000"), (140000, "-290"))

    figures = trial_balance(books_of_two_years(second_opening=adjusted), date(2024, 12, 31), date(2025, 1, 1))

    assert (figures.accounts[550000].debit, figures.accounts[550000].credit) == (ZERO, Decimal(10))
    assert figures.accounts[140000].credit == Decimal(290)
    assert figures.result_transferred == Decimal(-300)


def test_what_an_opening_changes_belongs_to_the_bookyear_that_it_opens() -> None:
    effects, _ = opening_effects(books_of_two_years(second_opening=RUN))

    assert {(effect.bookyear, effect.day) for effect in effects} == {(1, date(2024, 1, 1)), (2, date(2025, 1, 1))}


def test_a_result_is_moved_by_an_opening_after_the_oldest_alone() -> None:
    _, none_yet = opening_effects(books_of_two_years())
    _, moved = opening_effects(books_of_two_years(second_opening=RUN))

    assert none_yet == []
    assert moved == [Transfer(date(2025, 1, 1), Decimal(-300))]


def test_the_oldest_bookyear_starts_with_its_opening() -> None:
    figures = trial_balance(books_of_two_years(), date(2024, 1, 1), date(2024, 1, 31))

    assert figures.accounts[550000] == Figures(Decimal(1000), ZERO, ZERO)


def test_an_account_of_class_6_in_an_opening_counts_in_its_bookyear() -> None:
    books = Books(
        [BookyearStart(1, date(2024, 1, 1), True)],
        an_opening(1, (550000, "90"), (610000, "10"), (100000, "-100")),
        [],
    )

    figures = trial_balance(books, date(2024, 1, 1), date(2024, 12, 31))

    assert figures.accounts[610000].opening == Decimal(10)
    assert total(figures, "opening") == figures.result_brought_forward == ZERO


@MODERATE
@given(ledgers_and_spans())
def test_the_closing_stands_on_the_last_opening_whatever_the_first_day(case: tuple[Ledger, tuple[date, date]]) -> None:
    ledger, span = case
    figures = trial_balance(ledger.books(), *span)

    assert closings(figures, carried=True) == ledger.balance(span[1])
    assert closings(figures, carried=False) == ledger.result(*span)


@MODERATE
@given(ledgers_and_spans())
def test_the_opening_of_a_span_is_the_closing_of_the_day_before_unless_a_bookyear_begins(
    case: tuple[Ledger, tuple[date, date]],
) -> None:
    ledger, span = case
    assume(span[0] not in ledger.years.values())
    books = ledger.books()

    openings = {a: row.opening for a, row in trial_balance(books, *span).accounts.items() if a < 600000}

    assert some(openings) == ledger.balance(span[0] - timedelta(days=1))


@MODERATE
@given(ledgers(), st.data())
def test_the_totals_and_the_results_cancel_where_the_span_begins_with_a_bookyear(
    ledger: Ledger, data: st.DataObject
) -> None:
    from_ = data.draw(st.sampled_from(sorted(ledger.years.values())))
    to = data.draw(st.dates(from_, date(2028, 12, 31)))

    figures = trial_balance(ledger.books(), from_, to)

    assert figures.result_brought_forward is not None
    assert figures.result_transferred is not None
    assert total(figures, "opening") + figures.result_brought_forward == 0
    assert total(figures, "closing") + figures.result_brought_forward - figures.result_transferred == 0


@MODERATE
@given(ledgers_and_spans(adjusted=False))
def test_only_the_account_of_the_result_can_tell_whether_openings_were_run(
    case: tuple[Ledger, tuple[date, date]],
) -> None:
    ledger, span = case
    first = next(iter(ledger.years))

    booked = trial_balance(ledger.books(), *span)
    not_booked = trial_balance(ledger.without_openings_after(first).books(), *span)

    everything = {
        account: (booked.accounts.get(account, Figures()), not_booked.accounts.get(account, Figures()))
        for account in booked.accounts.keys() | not_booked.accounts.keys()
        if account != RESULT_ACCOUNT
    }
    assert all(ours == theirs for ours, theirs in everything.values())


@MODERATE
@given(ledgers(), st.data())
def test_a_bookyear_opened_in_advance_changes_no_balance_before_its_first_day(
    ledger: Ledger, data: st.DataObject
) -> None:
    number, first_day = list(ledger.years.items())[-1]
    day = data.draw(st.dates(date(2020, 1, 1), first_day - timedelta(days=1)))
    unopened = Ledger(
        ledger.years, ledger.end, [row for row in ledger.lines if not row.is_opening or row.bookyear != number]
    )

    assert some(balances(ledger.books(), day)) == some(balances(unopened.books(), day))


@MODERATE
@given(ledgers_and_spans(cost_centres=True))
def test_a_cost_centre_has_the_same_balance_whether_openings_were_booked_or_not(
    case: tuple[Ledger, tuple[date, date]],
) -> None:
    ledger, span = case

    def only_1(cost_centre: int) -> bool:
        return cost_centre == 1

    figures = trial_balance(ledger.books(), *span, only_1)

    assert figures.result_brought_forward is figures.result_transferred is None
    without = trial_balance(ledger.without_openings_after(next(iter(ledger.years))).books(), *span, only_1)
    assert closings(figures, carried=True) == closings(without, carried=True)


def test_what_an_opening_changes_has_no_cost_centre() -> None:
    books = Books(
        [BookyearStart(1, date(2024, 1, 1), False), BookyearStart(2, date(2025, 1, 1), True)],
        [OpeningEntry(2, 230000, Decimal(120), ZERO)],
        [Movement(1, 230000, 7, date(2024, 3, 1), Decimal(100), ZERO)],
    )

    of_7, without = (
        trial_balance(books, date(2024, 1, 1), date(2025, 1, 1), frozenset({wanted}).__contains__) for wanted in (7, 0)
    )

    assert (of_7.accounts[230000], of_7.effects) == (Figures(ZERO, Decimal(100), ZERO), {})
    assert without.accounts[230000] == Figures(ZERO, Decimal(20), ZERO)
    assert [effect.amount for effect in without.effects[230000]] == [Decimal(20)]


@MODERATE
@given(ledgers_and_spans(cost_centres=True))
def test_months_add_up_to_the_trial_balance_and_cost_centres_to_the_account(
    case: tuple[Ledger, tuple[date, date]],
) -> None:
    ledger, span = case
    books = ledger.books()
    figures = trial_balance(books, *span)

    moved: dict[int, Decimal] = defaultdict(lambda: ZERO)
    last: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for row in monthly_balances(books, *span):
        moved[row.account] += row.movement
        if row.month == span[1].replace(day=1):
            last[row.account] += row.balance

    assert some(moved) == some({a: row.debit - row.credit for a, row in figures.accounts.items()})
    assert {a: amount for a, amount in some(last).items() if a < 600000} == ledger.balance(span[1])


@MODERATE
@given(ledgers_and_spans())
def test_the_balance_of_a_month_in_classes_6_to_9_is_that_of_its_bookyear(
    case: tuple[Ledger, tuple[date, date]],
) -> None:
    ledger, span = case
    books = ledger.books()
    year = books.year_on(span[1])
    assert (year or 0) < 0 or span[1] <= ledger.end  # as if it were open
    expected: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in ledger.lines:
        if line.bookyear == year and line.day <= span[1] and line.account in PROFIT_AND_LOSS:
            expected[line.account] += line.amount

    in_last_month = {
        row.account: row.balance
        for row in monthly_balances(books, *span)
        if row.month == span[1].replace(day=1) and row.account in PROFIT_AND_LOSS
    }

    assert some(in_last_month) == some(expected)


@MODERATE
@given(ledgers_and_spans())
def test_days_may_be_summed_as_long_as_no_boundary_parts_them(case: tuple[Ledger, tuple[date, date]]) -> None:
    ledger, span = case
    books = ledger.books()
    from_, to = span
    sums: dict[tuple[int, int, int, date], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for row in books.movements:
        day = date.min if row.day < from_ else date.max if row.day > to else from_
        sums[row.bookyear, row.account, row.cost_centre, day][0] += row.debit
        sums[row.bookyear, row.account, row.cost_centre, day][1] += row.credit
    summed = Books(books.years, books.openings, [Movement(*key, *amounts) for key, amounts in sums.items()])

    assert trial_balance(summed, from_, to) == trial_balance(books, from_, to)


@MODERATE
@given(ledgers(cost_centres=True))
def test_every_opening_effect_beyond_the_moved_result_nets_to_zero(ledger: Ledger) -> None:
    effects, transfers = opening_effects(ledger.books())
    first_day = min(ledger.years.values())

    for transfer in transfers:
        assert sum((e.debit - e.credit for e in effects if e.day == transfer.day), ZERO) == transfer.amount
    assert sum((e.debit - e.credit for e in effects if e.day == first_day), ZERO) == 0


def test_a_bookyear_that_begins_inside_a_month_starts_classes_6_to_9_at_zero_there() -> None:
    books = Books(
        [BookyearStart(1, date(2024, 1, 16), False), BookyearStart(2, date(2025, 1, 16), False)],
        [],
        [
            *a_booking(1, date(2025, 1, 10), (600000, "30"), (550000, "-30")),
            *a_booking(2, date(2025, 1, 20), (600000, "7"), (550000, "-7")),
        ],
    )

    (bank, costs) = monthly_balances(books, date(2025, 1, 1), date(2025, 1, 31))

    assert (bank.movement, bank.balance) == (Decimal(-37), Decimal(-37))
    assert (costs.movement, costs.balance) == (Decimal(37), Decimal(7))


# --- after the last bookyear -----------------------------------------------------------------------------------------


def unopened(until: date) -> Books:
    """The books of two years, of which the second ends in 2025."""
    books = books_of_two_years(second_opening=RUN)
    return Books(as_if_open(books.years, date(2025, 12, 31), until), books.openings, books.movements)


def test_after_the_last_bookyear_classes_6_and_7_start_at_zero_as_if_it_were_open() -> None:
    january = trial_balance(unopened(date(2026, 1, 31)), date(2026, 1, 1), date(2026, 1, 31))

    assert 600000 not in january.accounts
    assert january.accounts[550000].opening == Decimal(1250)
    assert january.result_brought_forward == Decimal(50)
    assert sum((row.opening for row in january.accounts.values()), ZERO) + Decimal(50) == 0


def test_the_bookyears_that_follow_have_twelve_months_and_no_number_of_octopus() -> None:
    years = unopened(date(2027, 1, 1)).years

    assert [(year.number, year.first_day) for year in years[2:]] == [
        (-1, date(2026, 1, 1)),
        (-2, date(2027, 1, 1)),
    ]
    assert not any(year.opened for year in years[2:])
    assert len(unopened(date(2025, 12, 31)).years) == 2
    assert as_if_open([], date(2025, 12, 31), date(2030, 1, 1)) == []


def test_in_the_months_that_follow_the_balance_of_class_6_is_zero() -> None:
    rows = list(monthly_balances(unopened(date(2026, 1, 31)), date(2025, 12, 1), date(2026, 1, 31)))

    assert [(row.month.month, row.balance) for row in rows if row.account == 600000] == [(12, Decimal(50))]


# --- what no line shows ----------------------------------------------------------------------------------------------


def effects_of(*opening: tuple[int, str]) -> dict[int, list[tuple[EffectKind, Decimal]]]:
    books = books_of_two_years(second_opening=an_opening(2, *opening))
    figures = trial_balance(books, date(2024, 12, 31), date(2025, 1, 1))
    assert {(effect.bookyear, effect.day) for row in figures.effects.values() for effect in row} <= {
        (2, date(2025, 1, 1))
    }
    return {account: [(effect.kind, effect.amount) for effect in row] for account, row in figures.effects.items()}


TRANSFER, ADJUSTMENT = EffectKind.RESULT_TRANSFER, EffectKind.OPENING_ADJUSTMENT


def test_the_result_that_an_opening_moved_is_told_from_what_it_adjusted() -> None:
    assert effects_of((550000, "1300"), (100000, "-1000"), (140000, "-300")) == {140000: [(TRANSFER, Decimal(-300))]}
    assert effects_of((550000, "1290"), (100000, "-1000"), (140000, "-290")) == {
        140000: [(TRANSFER, Decimal(-300)), (ADJUSTMENT, Decimal(10))],
        550000: [(ADJUSTMENT, Decimal(-10))],
    }


def test_a_result_on_several_accounts_of_class_14_is_moved_to_each() -> None:
    assert effects_of((550000, "1300"), (100000, "-1000"), (140000, "-100"), (141000, "-200")) == {
        140000: [(TRANSFER, Decimal(-100))],
        141000: [(TRANSFER, Decimal(-200))],
    }
    assert effects_of((550000, "1300"), (100000, "-1000"), (140000, "-400"), (141000, "100")) == {
        140000: [(TRANSFER, Decimal(-300)), (ADJUSTMENT, Decimal(-100))],
        141000: [(ADJUSTMENT, Decimal(100))],
    }


def test_a_result_that_class_14_did_not_take_is_an_adjustment() -> None:
    assert effects_of((550000, "1300"), (100000, "-1300")) == {100000: [(ADJUSTMENT, Decimal(-300))]}


@MODERATE
@given(ledgers_and_spans(cost_centres=True))
def test_lines_and_effects_are_the_movement_and_the_effects_add_up(case: tuple[Ledger, tuple[date, date]]) -> None:
    ledger, (from_, to) = case
    figures = trial_balance(ledger.books(), from_, to)

    for account, row in figures.accounts.items():
        lines = [
            it.amount for it in ledger.lines if it.account == account and from_ <= it.day <= to and not it.is_opening
        ]
        effects = [effect.amount for effect in figures.effects.get(account, ())]
        assert row.debit - row.credit == sum(lines, ZERO) + sum(effects, ZERO)
    everything = [effect for row in figures.effects.values() for effect in row]
    moved = sum((effect.amount for effect in everything if effect.kind is TRANSFER), ZERO)
    others = sum((effect.amount for effect in everything if effect.kind is ADJUSTMENT), ZERO)
    assert moved + others == figures.result_transferred
    assert all(from_ < effect.day <= to and effect.amount for effect in everything)
