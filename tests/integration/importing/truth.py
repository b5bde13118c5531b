"""What is stored of an administration, against the sandbox's truth and against another import."""

from monitr.domain.organisation import AdministrationId
from octopus_sandbox.truth import Truth
from tests.integration.importing.world import World

LEDGER = """
    SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number, l.account, l.amount, l.document_date,
           l.period, l.effective_date, coalesce(l.relation, 0), coalesce(l.cost_centre, 0)
    FROM ledger_line l WHERE l.administration_id = :id"""

OPEN_ITEMS = """
    SELECT type, bookyear, journal_key, document_number, coalesce(relation, 0), amount_outstanding
    FROM outstanding_item WHERE administration_id = :id"""

TABLES = (
    "ledger_line",
    "account_month",
    "opening_balance",
    "year_opening",
    "outstanding_item",
    "matching",
    "fixed_asset",
    "account",
    "account_amount",
    "relation",
    "cost_centre",
    "bookyear",
    "unbalanced_booking",
    "missing_booking",
)
"""Journals are left out: that one was deleted is not read (they are listed, and a list may be short)."""

NAIVE_BALANCES = """
    SELECT bookyear, journal_type, coalesce(period, 0), date_trunc('month', effective_date)::date, account,
           coalesce(cost_centre, 0), sum(greatest(amount, 0)), sum(greatest(-amount, 0)), count(*)
    FROM ledger_line WHERE administration_id = :id GROUP BY 1, 2, 3, 4, 5, 6"""
BALANCES = """
    SELECT bookyear, journal_type, period, month, account, cost_centre, debit, credit, lines
    FROM account_month WHERE administration_id = :id"""


def _sorted(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    return sorted(rows, key=lambda row: tuple(map(str, row)))


async def ledger_of(world: World, id: AdministrationId) -> list[tuple[object, ...]]:
    return _sorted(await world.rows(LEDGER, id=id))


def ledger_in(truth: Truth) -> list[tuple[object, ...]]:
    return _sorted(
        [
            (
                line.bookyear,
                line.journal_type,
                line.journal_nr,
                line.document_number,
                line.account,
                line.amount,
                line.date,
                line.period,
                line.effective_date,
                line.relation,
                line.cost_centre,
            )
            for line in truth.ledger()
        ]
    )


async def assert_equals_the_books(world: World, id: AdministrationId, truth: Truth) -> None:
    """Every line, the balances as their sums, and every open item."""
    ours, theirs = await ledger_of(world, id), ledger_in(truth)
    assert ours == theirs, ([row for row in ours if row not in theirs], [row for row in theirs if row not in ours])
    assert _sorted(await world.rows(BALANCES, id=id)) == _sorted(await world.rows(NAIVE_BALANCES, id=id))
    items = [
        (type, item.bookyear, item.journal_key, item.document_number, item.relation, item.outstanding)
        for type in ("RECEIVABLE", "PAYABLE")
        for item in truth.open_items(type)
    ]
    assert _sorted(await world.rows(OPEN_ITEMS, id=id)) == _sorted(list(items))


async def imported(world: World, id: AdministrationId) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, without the id of the administration."""
    return {
        table: _sorted(
            await world.rows(
                f"SELECT to_jsonb(t) - 'administration_id' - 'found_on' FROM {table} t WHERE administration_id = :id"
                f"{' AND counts' if table == 'matching' else ''}",
                id=id,
            )
        )
        for table in TABLES
    }
