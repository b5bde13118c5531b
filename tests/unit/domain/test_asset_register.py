"""The register, the movements and the schedule, held against the story that a bookkeeper wrote down."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.domain.accounting.account import account_group
from monitr.domain.accounting.asset_accounts import AssetRole, roles_of
from monitr.domain.accounting.asset_movements import (
    MonthlyDepreciation,
    booked_movements,
    depreciation_by_month,
    movements_by_rubric,
)
from monitr.domain.accounting.asset_register import AssetStatus, Register, register
from monitr.domain.accounting.fixed_assets import FixedAssets
from monitr.domain.accounting.ledger import JournalType
from tests.unit.domain.asset_books import FIRST_DAY, Entries

ZERO = Decimal("0.00")
IN_USE, DISPOSED, UNDER_CONSTRUCTION = AssetStatus


def registered(entries: Entries, until: date = date.max) -> Register:
    bookings = entries.bookings()
    return register(bookings, roles_of([], bookings), until)


def shown(entries: Entries) -> list[tuple[int, int, AssetStatus]]:
    return [(asset.account, int(asset.value), asset.status) for asset in registered(entries).assets]


def test_what_was_sold_keeps_its_value_its_day_and_what_was_paid_for_it() -> None:
    entries = Entries().buy(241000, 1000).buy(241000, 700)
    sale = {400000: 605, 451000: -105, 241009: 400, 641000: 100, 241000: -1000}
    (car, van) = registered(entries.book(sale, date(2025, 5, 5), JournalType.SALES)).assets

    assert (car.status, car.value, car.proceeds) == (DISPOSED, Decimal(1000), Decimal(500))
    assert car.disposed_on == date(2025, 5, 5)
    assert (van.status, van.disposed_on) == (IN_USE, None)


def test_what_was_paid_in_another_booking_does_not_follow() -> None:
    (car,) = registered(Entries().buy(241000, 1000).book({641000: 1000, 241000: -1000})).assets

    assert (car.status, car.proceeds) == (DISPOSED, None)


def test_a_register_of_a_day_knows_nothing_of_later() -> None:
    entries = Entries().buy(241000, 1000).book({641000: 1000, 241000: -1000}, date(2025, 5, 5))

    assert registered(entries, date(2025, 5, 4)).assets[0].status is IN_USE


def test_a_credit_note_changes_what_its_supplier_has_delivered() -> None:
    entries = Entries().buy(230000, 1000, supplier=1).buy(230000, 300, supplier=2)
    entries.book({230000: -300, 440000: 300}, journal=JournalType.PURCHASES, relation=1)

    assert shown(entries) == [(230000, 700, IN_USE), (230000, 300, IN_USE)]


def test_what_was_credited_in_full_is_no_asset() -> None:
    entries = Entries().buy(230000, 1000, supplier=1).book({230000: -1000, 440000: 1000}, journal=JournalType.PURCHASES)

    assert shown(entries) == []


def test_a_discount_is_taken_from_the_document_that_grants_it() -> None:
    entries = Entries().buy(230000, 50)
    entries.book({230000: 1000, 440000: -950}, journal=JournalType.PURCHASES)
    entries.lines.append(entries.lines[-2]._replace(ordinal=3, amount=Decimal("-50.00")))

    assert shown(entries) == [(230000, 50, IN_USE), (230000, 950, IN_USE)]


def test_what_was_under_construction_goes_where_it_is_used() -> None:
    entries = Entries().buy(270000, 600).buy(270000, 400)
    assert {status for _, _, status in shown(entries)} == {UNDER_CONSTRUCTION}

    entries.book({221000: 1000, 270000: -1000})

    assert shown(entries) == [(221000, 600, IN_USE), (221000, 400, IN_USE)]


def test_with_a_last_invoice_it_becomes_something_new() -> None:
    entries = Entries().buy(270000, 600).book({221000: 1000, 270000: -600, 440000: -400}, journal=JournalType.PURCHASES)

    assert shown(entries) == [(221000, 1000, IN_USE)]


def test_of_two_alike_nobody_knows_which_was_sold() -> None:
    entries = Entries().buy(240000, 500).buy(240000, 500).book({641000: 500, 240000: -500})
    found = registered(entries)

    assert [asset.status for asset in found.assets] == [IN_USE, IN_USE]
    assert found.clouded == {240000}


def test_once_nothing_is_left_all_has_left() -> None:
    entries = Entries().buy(240000, 500).buy(240000, 500).book({641000: 500, 240000: -500})

    assert {status for _, _, status in shown(entries.book({641000: 500, 240000: -500}))} == {DISPOSED}


def test_what_the_books_began_with_was_acquired_at_some_time_before() -> None:
    (first,) = registered(Entries().opening({230000: 1000, 230009: -300})).assets

    assert (first.acquired_on, first.counted_from) == (None, FIRST_DAY)


# --- random stories --------------------------------------------------------------------------------------------------


@dataclass
class Thing:
    """One asset as the bookkeeper knows it."""

    account: int
    value: Decimal
    supplier: int
    depreciated: Decimal = ZERO
    gone: bool = False


@dataclass
class Story:
    """What was done, and what each column of the notes has to say of it, written down while it is done."""

    entries: Entries = field(default_factory=Entries)
    things: list[Thing] = field(default_factory=list)
    columns: dict[tuple[str, str, str], Decimal] = field(default_factory=lambda: defaultdict(lambda: ZERO))
    months: dict[date, MonthlyDepreciation] = field(default_factory=lambda: defaultdict(MonthlyDepreciation))
    revalued: Decimal = ZERO
    day: date = FIRST_DAY

    def add(self, account: int, table: str, column: str, amount: Decimal) -> None:
        self.columns[str(account)[:2], table, column] += amount

    def book(self, amounts: dict[int, Decimal], journal: JournalType = JournalType.DIVERS, relation: int = 0) -> None:
        self.day += timedelta(days=17)
        filled = {account: amount for account, amount in amounts.items() if amount}
        self.entries.book(filled, self.day, journal, relation or None)

    @property
    def month(self) -> MonthlyDepreciation:
        return self.months[self.day.replace(day=1)]


NINES = {account: int(str(account)[:3] + "900") for account in (221000, 230000, 240000, 241000, 270000)}
"""Of charts whose depreciation does not end in 9."""


def of_depreciation(account: int, *, ends_in_9: bool) -> int:
    return account + 9 if ends_in_9 else NINES[account]


@st.composite
def stories(draw: st.DrawFn) -> tuple[Story, bool]:
    story, ends_in_9 = Story(), draw(st.booleans())
    for _ in range(draw(st.integers(1, 12))):
        there = [thing for thing in story.things if not thing.gone]
        deeds = ["buy"] + ["credit", "transfer", "sell", "charge", "write back", "revalue"] * bool(there)
        deed = draw(st.sampled_from(deeds))
        thing = draw(st.sampled_from(there)) if there else Thing(0, ZERO, 0)
        own = of_depreciation(thing.account, ends_in_9=ends_in_9) if there else 0
        share = Decimal(draw(st.integers(1, 100))) / 100
        match deed:
            case "buy":
                # odd cents make every value one of its kind, but for those that are drawn to be alike
                value = Decimal(draw(st.sampled_from((500, 800, 1000)))) + Decimal(len(story.things) % 3) / 100
                bought = Thing(draw(st.sampled_from(sorted(NINES))), value, draw(st.integers(1, 2)))
                story.things.append(bought)
                story.book({bought.account: value, 440000: -value}, JournalType.PURCHASES, bought.supplier)
                story.add(bought.account, "value", "additions", value)
            case "credit" if not thing.depreciated:
                amount = thing.value if draw(st.booleans()) else (thing.value * share / 3 + 7).quantize(Decimal("0.01"))
                story.book({thing.account: -amount, 440000: amount}, JournalType.PURCHASES, thing.supplier)
                thing.value -= amount
                thing.gone = not thing.value
                story.add(thing.account, "value", "additions", -amount)
            case "transfer":
                into = draw(st.sampled_from([account for account in sorted(NINES) if account != thing.account]))
                target = of_depreciation(into, ends_in_9=ends_in_9)
                story.book(
                    {into: thing.value, thing.account: -thing.value, own: thing.depreciated, target: -thing.depreciated}
                )
                for account, sign in ((thing.account, -1), (into, 1)):
                    story.add(account, "value", "transfers", sign * thing.value)
                    story.add(account, "depreciation", "transfers", sign * thing.depreciated)
                thing.account = into
            case "sell":
                rest = thing.value - thing.depreciated
                story.book({own: thing.depreciated, 641000: rest, thing.account: -thing.value})
                story.add(thing.account, "value", "disposals", thing.value)
                story.add(thing.account, "depreciation", "disposals", thing.depreciated)
                story.month.cancelled += thing.depreciated
                thing.gone = True
            case "charge" if thing.value > thing.depreciated:
                amount = ((thing.value - thing.depreciated) * share).quantize(
                    Decimal("0.01")
                ) or thing.value - thing.depreciated
                story.book({630200: amount, own: -amount})
                thing.depreciated += amount
                story.add(thing.account, "depreciation", "additions", amount)
                story.month.charged += amount
            case "write back" if thing.depreciated:
                amount = (thing.depreciated * share).quantize(Decimal("0.01")) or thing.depreciated
                story.book({own: amount, 760000: -amount})
                thing.depreciated -= amount
                story.add(thing.account, "depreciation", "writtenBack", amount)
                story.month.written_back += amount
            case "revalue":
                amount = Decimal(draw(st.integers(1, 900)))
                story.book({220008: amount, 121000: -amount})
                story.revalued += amount
                story.add(220008, "revaluation", "additions", amount)
            case _:
                pass
    return story, ends_in_9


def balances(entries: Entries) -> dict[int, Decimal]:
    found: dict[int, Decimal] = defaultdict(lambda: ZERO)
    for line in entries.lines:
        if 200000 <= line.account < 290000:
            found[line.account] += line.amount
    return dict(found)


@settings(max_examples=150, deadline=None)
@given(stories())
def test_what_the_ledger_tells_is_what_was_done_or_nothing(told: tuple[Story, bool]) -> None:
    story, ends_in_9 = told
    bookings = story.entries.bookings()
    roles = roles_of([], bookings)
    found = register(bookings, roles, date.max)
    stands = balances(story.entries)
    assets = FixedAssets(stands, found.acquisitions(), roles, frozenset(found.unclear))
    there = [thing for thing in story.things if not thing.gone]

    for account in NINES:
        if account not in found.clouded:
            assert sorted(it.value for it in found.held(account)) == sorted(
                it.value for it in there if it.account == account
            )
    for key, figures in assets.categories().items():
        of_it = [thing for thing in there if str(thing.account).startswith(key)]
        assert figures.acquisition_value == sum((thing.value for thing in of_it), ZERO) + story.revalued * (
            key == "220"
        )
        assert figures.accumulated_depreciation == sum((thing.depreciated for thing in of_it), ZERO)
        held = [asset for asset in found.held() if asset.category == key]
        assert sum((asset.value for asset in held), ZERO) + assets.unattributed(key) == figures.acquisition_value
    for asset in found.held():
        said = assets.accumulated_depreciation(asset.account, asset.value)
        assert said is None or said in [
            thing.depreciated for thing in there if (thing.account, thing.value) == (asset.account, asset.value)
        ]

    assert ends_in_9 or all(
        roles.of(NINES[thing.account]) is AssetRole.DEPRECIATION for thing in there if thing.depreciated
    )
    columns = {key: amount for key, amount in story.columns.items() if amount}
    assert table(story.entries) == columns
    assert depreciation_by_month(bookings, roles, date.max) == {
        month: sums for month, sums in sorted(story.months.items()) if sums.shows_anything
    }


def table(entries: Entries) -> dict[tuple[str, str, str], Decimal]:
    """What the columns of the notes say, zeros left out; each line has to close with what stands on the accounts."""
    bookings, stands = entries.bookings(), balances(entries)
    roles = roles_of([], bookings)
    said: dict[tuple[str, str, str], Decimal] = {}
    for rubric in movements_by_rubric({}, stands, booked_movements(bookings, roles, date.min, date.max), roles):
        of_it = [amount for account, amount in stands.items() if account_group(account, 2) == rubric.rubric]
        assert rubric.net_book_value == sum(of_it, ZERO)
        for name, line in (
            ("value", rubric.value),
            ("revaluation", rubric.revaluation),
            ("depreciation", rubric.depreciation),
        ):
            said |= {
                (rubric.rubric, name, "additions"): line.additions,
                (rubric.rubric, name, "disposals"): line.disposals,
                (rubric.rubric, name, "writtenBack"): line.written_back,
                (rubric.rubric, name, "transfers"): line.transfers,
            }
    return {key: amount for key, amount in said.items() if amount}
