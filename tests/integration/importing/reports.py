"""The reports of what was imported, against the sandbox's truth: trial balance and monthly balances."""

from datetime import date, timedelta

from monitr.adapters.sql.reading import SqlReaders
from monitr.domain.accounting.balances import months
from monitr.domain.organisation import AdministrationId
from octopus_sandbox.books import Books
from octopus_sandbox.truth import Truth
from tests.integration.importing.truth import assert_equals_the_books
from tests.integration.importing.world import World

A_DAY = timedelta(days=1)


async def assert_all_equals(world: World, id: AdministrationId, truth: Truth, books: Books) -> None:
    """Every line and open item, the balances of every month's end, and the trial balance of each bookyear."""
    await assert_equals_the_books(world, id, truth)
    years = sorted((year for year in books.bookyears.values()), key=lambda year: year.start)
    first, last = years[0].start, years[-1].end
    async with SqlReaders(world.engine, world.clock)(world.organisation) as reader:
        monthly = await reader.monthly_balances(id, first, last, None, by_cost_centre=False)
        balances = {(row.month, int(row.account.number)): row.balance for row in monthly if row.balance}
        assert balances == {
            (month, account): closing
            for month, end in months(first, last)
            for account, closing in closings(truth, end).items()
        }
        for year in years:
            opened = await reader.trial_balance(id, year.start, year.start, None)
            assert {row.account: row.closing for row in opened.rows if row.closing} == closings(truth, year.start)
            await _assert_rows_equal(world, id, truth, year.start + A_DAY, year.end)


async def _assert_rows_equal(world: World, id: AdministrationId, truth: Truth, from_: date, to: date) -> None:
    """From the second day of a bookyear on: on the first, an opening and the lines of the day are told apart by its
    documents, and only their sum is Octopus's own."""
    async with SqlReaders(world.engine, world.clock)(world.organisation) as reader:
        ours = await reader.trial_balance(id, from_, to, None)
    theirs = truth.trial_balance(from_, to)
    assert [(row.account, row.opening, row.debit, row.credit, row.closing) for row in ours.rows] == [
        (row.account, row.opening, row.debit, row.credit, row.closing) for row in theirs.rows
    ]
    assert ours.result_brought_forward == theirs.result_brought_forward
    assert ours.result_transferred == theirs.result_transferred


def closings(truth: Truth, day: date) -> dict[int, object]:
    return {row.account: row.closing for row in truth.trial_balance(day, day).rows if row.closing}
