"""The rows of each export, as the use case answers them, over what the fake reader holds."""

from datetime import date
from decimal import Decimal

import pytest

from monitr.application.exports.reports import AssetRegister, Exportable, OpenItems, TransactionLines, TrialBalanceRows
from monitr.application.exports.table import FileFormat
from monitr.application.reading.ledger import DimensionFilter, TransactionFilter, TransactionOrder
from monitr.application.reading.master_data import COST_CENTRE
from monitr.application.reading.outstanding_items import OutstandingFilter
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.roles import Principal, Role
from tests.components.graphql.an_api import the_use_cases
from tests.unit.fakes import MINE, NOON, FakeOctopus, FakeOctopusLogin, FakeTransactions, an_administration

BOOKS = an_administration()
ANNA = Principal(MINE, "anna", frozenset({Role.ORGANISATION_ADMIN}))
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
EVERY: dict[str, Exportable] = {
    "transactions": TransactionLines(TransactionFilter()),
    "trial balance": TrialBalanceRows(FIRST, LAST),
    "open items": OpenItems(OutstandingItemType.RECEIVABLE, NOON.date(), OutstandingFilter()),
    "assets": AssetRegister(NOON.date()),
}


async def exported(wanted: Exportable) -> list[dict[str, object]]:
    export = the_use_cases(FakeTransactions(administrations=[BOOKS]), FakeOctopus(), FakeOctopusLogin()).export_report
    outcome = (await export(ANNA, BOOKS.id, wanted, FileFormat.CSV)).unwrap()
    names = [column.name for column in wanted.columns]
    return [dict(zip(names, row, strict=True)) async for page in outcome.rows() for row in page]


@pytest.mark.parametrize("name", EVERY)
async def test_each_row_has_a_cell_for_each_column(name: str) -> None:
    assert await exported(EVERY[name])


async def test_a_line_names_its_account_its_relation_and_its_cost_centre() -> None:
    receivable, revenue, *_ = await exported(EVERY["transactions"])
    assert (receivable["account.number"], receivable["debit"], receivable["credit"]) == ("400000", 1210, 0)
    assert receivable["relation.name"] is not None
    assert receivable["dimensionValues.dimension"] is None
    assert (revenue["amount"], revenue["debit"], revenue["credit"]) == (Decimal(-1000), 0, 1000)
    assert (revenue["dimensionValues.dimension"], revenue["dimensionValues.code"]) == (COST_CENTRE, "3")
    assert len({receivable["id"], revenue["id"]}) == 2


async def test_lines_leave_in_the_order_that_was_asked_for() -> None:
    newest_first = await exported(EVERY["transactions"])
    assert await exported(TransactionLines(TransactionFilter(), TransactionOrder.OLDEST_FIRST)) == newest_first[::-1]


@pytest.mark.parametrize(
    ("wanted", "span", "told"),
    [
        (TransactionLines(TransactionFilter(bookyear=7)), "bookyear 7", "Transactions, bookyear 7"),
        (
            TransactionLines(TransactionFilter(text="rent", booking_relation_number=7)),
            "all",
            "Transactions, all, narrowed by relation of the booking, text",
        ),
        (
            TrialBalanceRows(FIRST, LAST, DimensionFilter(COST_CENTRE, "4")),
            "2026-01-01 to 2026-12-31",
            "Trial balance, 2026-01-01 to 2026-12-31, narrowed by dimension",
        ),
        (
            OpenItems(OutstandingItemType.PAYABLE, LAST, OutstandingFilter()),
            "payable 2026-12-31",
            "Outstanding items, payable, as of 2026-12-31",
        ),
        (
            OpenItems(OutstandingItemType.RECEIVABLE, LAST, OutstandingFilter(7, overdue_only=True)),
            "receivable 2026-12-31",
            "Outstanding items, receivable, as of 2026-12-31, narrowed by relation, what is overdue",
        ),
        (AssetRegister(LAST), "2026-12-31", "Fixed assets, as of 2026-12-31"),
    ],
    ids=["a bookyear", "a text", "a dimension", "payables", "what one relation owes", "assets"],
)
def test_an_export_says_what_it_is_about(wanted: Exportable, span: str, told: str) -> None:
    assert (wanted.span, wanted.told) == (span, told)
