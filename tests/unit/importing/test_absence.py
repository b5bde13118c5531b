"""Decision 17: Octopus says "nothing", and it is believed where it fits with everything else, in whatever form."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from monitr.domain.accounting.account import CostCentre
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.import_run import Dataset, ImportMode, ImportStatus
from tests.unit.importing.fake_dossier import FakeDossier, Nothing, divers, sale, small_books
from tests.unit.importing.story import Story, after_a_first_import

pytestmark = pytest.mark.parametrize("form", list(Nothing))

EVERY_ROUTE = (
    "bookyears", "journals", "accounts", "changed_accounts", "cost_centres", "relations", "changed_relations",
    "ledger", "changed_account_amounts", "open_items",
)  # fmt: skip


def answers_nothing(form: Nothing, *operations: str) -> Callable[[str, object], Nothing | None]:
    return lambda operation, question: form if operation in operations else None


async def assert_nothing_is_believed(story: Story) -> None:
    """The run waits, and everything is as it was: the lines, the items, the watermark and the freshness."""
    before = dict(story.imported.ledger), dict(story.imported.rows[OutstandingItem])
    administration = story.administration

    run = await story.sync()

    assert (run.status, run.error and run.error.code) == (ImportStatus.WAITING, "OCTOPUS_UNAVAILABLE")
    assert (story.imported.ledger, story.imported.rows[OutstandingItem]) == before
    assert story.administration.watermark == administration.watermark
    assert story.administration.last_successful_import_at == administration.last_successful_import_at


# --- a gateway whose routes are gone --------------------------------------------------------------------------------


async def test_a_gateway_without_routes_is_not_believed_after_a_good_import(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.nothing = answers_nothing(form, *EVERY_ROUTE)

    await assert_nothing_is_believed(story)


async def test_a_gateway_without_routes_is_no_empty_dossier(form: Nothing) -> None:
    story = Story()
    story.dossier.nothing = answers_nothing(
        form, *(route for route in EVERY_ROUTE if route != "changed_account_amounts")
    )

    run = await story.sync()

    assert run.status is ImportStatus.WAITING
    assert story.administration.last_successful_import_at is None


async def test_what_is_booked_in_a_night_without_routes_arrives_afterwards(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(9), (400000, "12.10"), (700000, "-12.10"), relation=16, at=story.now)
    story.dossier.nothing = answers_nothing(form, *EVERY_ROUTE)
    story.now += timedelta(hours=8)
    run = await story.sync()
    story.dossier.nothing = answers_nothing(form)

    story.wait_for(run)
    run = await story.work()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees


# --- one route alone ------------------------------------------------------------------------------------------------


async def test_a_list_of_bookyears_that_was_full_is_not_empty_today(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.nothing = answers_nothing(form, "bookyears")

    await assert_nothing_is_believed(story)


async def test_totals_that_were_there_are_not_gone_today(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.nothing = answers_nothing(form, "changed_account_amounts")

    await assert_nothing_is_believed(story)


async def test_a_ledger_that_says_nothing_has_changed_is_held_against_the_totals(form: Nothing) -> None:
    """The route of the changes is gone, or forgets; the chunks can still be read."""
    story = await after_a_first_import()
    story.dossier.book(sale(9), (400000, "12.10"), (700000, "-12.10"), relation=16, at=story.now)
    story.dossier.nothing = lambda operation, question: form if (operation, question) == ("ledger", (-1, -1)) else None

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees


async def test_a_ledger_without_a_route_is_not_believed_where_the_totals_have_moved(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.book(sale(9), (400000, "12.10"), (700000, "-12.10"), relation=16, at=story.now)
    story.dossier.nothing = answers_nothing(form, "ledger")

    await assert_nothing_is_believed(story)


async def test_a_ledger_without_a_route_is_no_empty_first_import(form: Nothing) -> None:
    story = Story()
    story.dossier.nothing = answers_nothing(form, "ledger")

    run = await story.sync()

    assert run.status is ImportStatus.WAITING
    assert story.administration.complete_from is None


async def test_a_full_import_keeps_the_lines_of_a_ledger_without_a_route(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.nothing = answers_nothing(form, "ledger")
    before = dict(story.imported.ledger)

    await story.sync(ImportMode.FULL)

    assert story.imported.ledger == before


async def test_open_items_whose_accounts_are_not_settled_are_not_gone(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.nothing = answers_nothing(form, "open_items")

    await assert_nothing_is_believed(story)


@pytest.mark.parametrize("operation", ["cost_centres", "journals"])
async def test_a_list_that_the_lines_refer_to_is_not_empty(form: Nothing, operation: str) -> None:
    dossier = small_books()
    dossier.books[sale(1)][1] = dossier.books[sale(1)][1]._replace(cost_centre=1)
    story = await after_a_first_import(dossier)
    story.dossier.nothing = answers_nothing(form, operation)

    await assert_nothing_is_believed(story)
    assert story.imported.rows[CostCentre]


# --- nothing that fits ----------------------------------------------------------------------------------------------


async def test_a_dossier_in_which_nothing_is_booked_yet_is_imported(form: Nothing) -> None:
    story = Story(FakeDossier())
    story.dossier.nothing = answers_nothing(form, *(route for route in EVERY_ROUTE if route != "bookyears"))

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.administration.last_successful_import_at is not None


async def test_journal_types_that_nobody_books_in_are_empty(form: Nothing) -> None:
    story = Story()
    story.dossier.nothing = lambda operation, question: (
        form if operation == "ledger" and question in ((1, 3), (2, 3)) else None
    )

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees


async def test_the_last_booking_of_a_journal_type_may_go(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.forget(divers(2))
    story.dossier.nothing = lambda operation, question: form if (operation, question) == ("ledger", (2, 4)) else None

    run = await story.sync(ImportMode.FULL)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.agrees


async def test_open_items_may_all_be_paid(form: Nothing) -> None:
    story = await after_a_first_import()
    for year in (1, 2):
        story.dossier.book(divers(7, year), (400000, "-250.00"), (440000, "100.00"), (550000, "150.00"), at=story.now)
    story.dossier.nothing = answers_nothing(form, "open_items")

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert not story.imported.rows[OutstandingItem]


async def test_open_items_of_one_side_may_all_be_paid(form: Nothing) -> None:
    story = await after_a_first_import()
    for year in (1, 2):
        story.dossier.book(divers(7, year), (440000, "100.00"), (550000, "-100.00"), at=story.now)
    story.dossier.nothing = lambda operation, question: form if question is OutstandingItemType.PAYABLE else None

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert {item.type for item in story.imported.rows[OutstandingItem].values()} == {OutstandingItemType.RECEIVABLE}


async def test_a_quiet_night_is_an_import_like_any_other(form: Nothing) -> None:
    story = await after_a_first_import()
    story.dossier.nothing = lambda operation, question: (
        form if operation in ("changed_accounts", "changed_relations") or question == (-1, -1) else None
    )

    run = await story.sync()

    assert run.status is ImportStatus.SUCCEEDED
    assert story.administration.last_successful_import_at == run.finished_at


async def test_after_a_silent_night_changes_are_asked_for_since_the_last_document(form: Nothing) -> None:
    """So that a change which came while the route of the accounts alone was gone is not lost."""
    story = await after_a_first_import()
    heard_at = story.imported.last_reads[Dataset.ACCOUNTS].heard_at
    story.dossier.nothing = answers_nothing(form, "changed_accounts")
    quiet = await story.sync()
    story.dossier.nothing = answers_nothing(form)
    story.dossier.calls.clear()

    await story.sync()

    since = quiet.watermark if form is Nothing.SAID else heard_at
    assert story.dossier.asked("changed_accounts") == [since]
