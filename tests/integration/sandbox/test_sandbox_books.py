"""What must hold of generated books, whatever the seed."""

import itertools
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.books import Books
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, EntryKind, net_by_account
from octopus_sandbox.books.openings import BALANCE_SHEET
from octopus_sandbox.books.reference_books import DossierCard
from octopus_sandbox.clock import Clock
from octopus_sandbox.generated.generator import DossierKind, generate
from octopus_sandbox.switches import (
    BrokenYearPeriods,
    CarriedForward,
    OpeningVariant,
    ResultTransfer,
    Switches,
)
from octopus_sandbox.truth import PAYABLE, RECEIVABLE, Truth, effective_date
from tests.integration.sandbox.conftest import NOW

VARIANTS = [(kind, transfer) for kind in DossierKind for transfer in ResultTransfer]


def books_of(kind: DossierKind = DossierKind.MONTHLY, seed: int = 1, lines: int = 3_000, **switches: object) -> Books:
    settings = SandboxSettings(seed=seed, lines=lines, switches=replace(Switches(), **switches))  # type: ignore[arg-type]  # names of switches
    return generate(DossierCard(49001, "Demo"), kind, settings, Clock(NOW))


@pytest.fixture(scope="module", params=VARIANTS, ids=lambda variant: f"{variant[0].name}-{variant[1]}".lower())
def books(request: pytest.FixtureRequest) -> Books:
    kind, transfer = request.param
    return books_of(kind, result_transfer=transfer)


def test_every_document_nets_to_zero(books: Books):
    assert not [d.key for d in [*books.movements(), *books.openings.values()] if d.net_cents]


def test_every_account_relation_and_cost_centre_of_a_line_exists(books: Books):
    for document in books.movements():
        for line in document.lines:
            assert (document.key.bookyear, line.account) in books.accounts
            assert line.relation in books.relations or not line.relation
            assert line.cost_centre in books.cost_centres or not line.cost_centre


def test_every_opening_equals_the_closing_before_it_but_for_the_result(books: Books):
    years = sorted(books.bookyears.values(), key=lambda year: year.start)
    for before, year in itertools.pairwise(years):
        truth = Truth(books, Switches())
        closing = {row.account: row.closing for row in truth.trial_balance(before.start, before.end).rows}
        opened = net_by_account(books.openings[year.id].lines)
        result = sum(amount for account, amount in closing.items() if account >= BALANCE_SHEET)
        for account in {*opened, *(a for a in closing if a < BALANCE_SHEET)}:
            expected = closing.get(account, 0) + (result if account == 140000 else 0)
            assert opened.get(account, 0) == round(expected * 100)


@pytest.mark.parametrize("variant", list(OpeningVariant))
def test_the_trial_balance_adds_up_as_the_contract_says(books: Books, variant: OpeningVariant):
    truth = Truth(books, Switches(opening=variant))
    years = list(books.bookyears.values())
    for first in years:
        for last in years[first.id - 1 :]:
            balance = truth.trial_balance(first.start, last.end)
            assert balance.result_brought_forward is not None
            assert balance.result_transferred is not None
            assert balance.totals.opening + balance.result_brought_forward == 0
            assert balance.totals.closing + balance.result_brought_forward == balance.result_transferred
            for row in balance.rows:
                assert row.closing == row.opening + row.debit - row.credit


def test_the_variant_of_the_openings_changes_no_balance_but_that_of_the_result(books: Books):
    last = max(books.bookyears.values(), key=lambda year: year.start)
    closings = []
    for variant in OpeningVariant:
        rows = Truth(books, Switches(opening=variant)).trial_balance(last.start, last.end).rows
        closings.append({row.account: row.closing for row in rows if row.account != 140000 and row.closing})
    assert closings[0] == closings[1] == closings[2]


def test_open_items_agree_with_the_control_accounts(books: Books):
    truth = Truth(books, Switches())
    last = max(books.bookyears.values(), key=lambda year: year.start)
    balance = {row.account: row.closing for row in truth.trial_balance(last.start, last.end).rows}
    assert sum(item.outstanding for item in truth.open_items(RECEIVABLE)) == balance[CLIENTS]
    assert -sum(item.outstanding for item in truth.open_items(PAYABLE)) == balance[SUPPLIERS]
    assert {item.outstanding > 0 for item in truth.open_items(RECEIVABLE)} == {True, False}


def test_open_items_agree_with_what_the_matchings_left_open(books: Books):
    """Two ways to the same figure: recomputed from all matchings, and kept up to date item by item."""
    truth = Truth(books, Switches())
    recomputed = Counter(
        round(item.outstanding * 100) * (1 if type == RECEIVABLE else -1)
        for type in (RECEIVABLE, PAYABLE)
        for item in truth.open_items(type)
    )
    assert recomputed == Counter(books.matchings.open.values())


def test_the_amounts_are_the_sums_of_the_lines(books: Books):
    sums: Counter[tuple[int, int, int]] = Counter()
    for document in books.movements():
        for line in document.lines:
            sums[document.key.bookyear, line.account, document.period or 0] += line.cents
    assert {key: amount.cents for key, amount in books.amounts.amounts.items()} == dict(sums)


def test_the_register_of_assets_agrees_with_the_ledger(books: Books):
    truth = Truth(books, Switches()).fixed_assets(NOW.date())
    kept = [asset for asset in books.assets if asset.disposed is None]
    financial = 5_000_000 + 250_000
    revaluation = sum(line.cents for document in books.movements() for line in document.lines if line.account == 220008)
    assert sum(asset.cost_cents for asset in kept) + financial + revaluation == truth.acquisition_value * 100
    assert sum(asset.depreciated_cents for asset in kept) == truth.accumulated_depreciation * 100


def test_the_books_hold_what_an_importer_stumbles_over(books: Books):
    documents = list(books.movements())
    years = books.bookyears
    assert any(not document.lines for document in documents)
    assert any(document.currency == "USD" for document in documents)
    assert any(document.date != effective_date(document, years[document.key.bookyear]) for document in documents)
    assert any(line.vat_recoverable == 50 for document in documents for line in document.lines)
    assert any(line.account in (654000, 754000) for document in documents for line in document.lines)
    assert {"A1", "A2", "V1", "F1", "F2", "F3", "D1", "D2"} == {document.key.journal_key for document in documents}
    assert {deletion.key in books.documents[deletion.key[:2]] for deletion in books.deletions} == {True, False}
    numbers = [(document.key.journal_key, document.key.number) for document in documents]
    assert max(Counter(numbers).values()) == len(years)
    assert {year.closed for year in years.values()} == {True, False}
    assert any(document.kind is EntryKind.FIRST_OPENING for document in documents)
    assert all(document.modified < NOW.timestamp() * 1000 for document in documents)


@pytest.mark.parametrize(
    ("kind", "numbering", "numbers"),
    [
        (DossierKind.MONTHLY, BrokenYearPeriods.START_YEAR, [202601, 202602, 202612]),
        (DossierKind.QUARTERLY, BrokenYearPeriods.START_YEAR, [202601, 202602, 202604]),
        (DossierKind.BROKEN_YEAR, BrokenYearPeriods.START_YEAR, [202601, 202602, 202612]),
        (DossierKind.BROKEN_YEAR, BrokenYearPeriods.CALENDAR_YEAR, [202607, 202608, 202706]),
    ],
)
def test_periods_are_numbered_as_the_switch_says(kind: DossierKind, numbering: BrokenYearPeriods, numbers: list[int]):
    periods = books_of(kind, lines=300, broken_year_periods=numbering).bookyears[4].periods
    assert [periods[0].number, periods[1].number, periods[-1].number] == numbers


def test_the_same_seed_gives_the_same_books_and_another_seed_others():
    one, same, other = books_of(seed=7), books_of(seed=7), books_of(seed=8)
    assert list(one.movements()) == list(same.movements())
    assert one.relations == same.relations
    assert one.matchings.open == same.matchings.open
    assert list(one.movements()) != list(other.movements())


def test_the_number_of_lines_follows_the_setting():
    written = sum(len(document.lines) for document in books_of(lines=20_000).movements())
    assert 19_000 < written < 22_000


def test_a_bookyear_opened_in_advance_changes_no_balance_before_its_first_day():
    ahead = books_of(carried_forward=CarriedForward.IN_ADVANCE)
    assert ahead.openings[5].date == date(2027, 1, 1)
    today = NOW.date()
    with_it = Truth(ahead, Switches()).trial_balance(date(2026, 1, 1), today)
    del ahead.openings[5]
    without = Truth(ahead, Switches()).trial_balance(date(2026, 1, 1), today)
    assert with_it == without


def test_a_first_opening_can_hold_open_items_that_are_paid_later():
    opened = books_of(first_opening_has_open_items=True)
    items = [
        key
        for document in opened.movements()
        if document.kind is EntryKind.FIRST_OPENING
        for key in opened.items(document)
    ]
    assert len(items) == 6
    assert any(key not in opened.matchings.open for key in items)
