"""Matchings from import to import, against the sandbox's truth: documents less matchings are what stood open, on every
day, whether Octopus tells that a matching was removed or not."""

from collections import Counter
from datetime import date, timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from octopus_sandbox.books.desktop_session import DesktopSession
from octopus_sandbox.books.entries import LineKey, credit, debit
from tests.integration.importing.test_octopus_ways import DOSSIER, Octopus, deeply_read, octopus, sells
from tests.integration.importing.world import checks

REBUILT = """
    WITH part AS (
        SELECT CASE account WHEN 400000 THEN 'RECEIVABLE' ELSE 'PAYABLE' END AS type, bookyear,
            substr('AVFD', journal_type, 1) || journal_number AS journal_key, document_number, relation, amount
        FROM ledger_line
        WHERE administration_id = :id AND account IN (400000, 440000) AND relation IS NOT NULL
            AND document_date <= :day
        UNION ALL
        SELECT CASE kind WHEN 'C' THEN 'RECEIVABLE' ELSE 'PAYABLE' END, debit_bookyear, debit_journal_key,
            debit_document_number, relation, -amount
        FROM matching WHERE administration_id = :id AND counts AND matched_on <= :day
        UNION ALL
        SELECT CASE kind WHEN 'C' THEN 'RECEIVABLE' ELSE 'PAYABLE' END, credit_bookyear, credit_journal_key,
            credit_document_number, relation, credit_amount
        FROM matching WHERE administration_id = :id AND counts AND matched_on <= :day
    )
    SELECT type, bookyear, journal_key, document_number, relation,
        CASE type WHEN 'RECEIVABLE' THEN sum(amount) ELSE -sum(amount) END
    FROM part GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0
"""
"""From the tables alone, by no code of ours."""

DAYS = [date(2025, 3, 31), date(2025, 12, 31), date(2026, 5, 4), date(2026, 5, 5), date(2026, 6, 1), date(2026, 11, 30)]


async def assert_every_day_is_right(it: Octopus) -> None:
    truth = it.world.sandbox.truth(DOSSIER)
    for day in DAYS:
        stood_open: Counter[tuple[object, ...]] = Counter()
        for type in ("RECEIVABLE", "PAYABLE"):
            for item in truth.open_items(type, day):
                key = (type, item.bookyear, item.journal_key, item.document_number, item.relation)
                stood_open[key] += item.outstanding  # type: ignore[assignment]  # a sum of money
        rebuilt = {row[:5]: row[5] for row in await it.world.rows(REBUILT, id=it.id, day=day)}
        assert rebuilt == {key: amount for key, amount in stood_open.items() if amount}, day
    assert await it.world.rows("SELECT * FROM matching_correction WHERE administration_id = :id", id=it.id) == []


@pytest.mark.parametrize("told", [True, False], ids=["told", "untold"])
async def test_documents_less_matchings_are_what_stood_open_on_every_day(engine: AsyncEngine, told: bool) -> None:
    async with octopus(engine, removed_matchings=told) as it:
        await assert_every_day_is_right(it)
        sale, other = sells(date(2026, 5, 5), "121.00")(it.books), sells(date(2026, 5, 4), "50.00")(it.books)
        payment = it.books.pay(LineKey(sale.key, 0), date=date(2026, 6, 1), cents=10_000)
        late = it.books.pay(LineKey(other.key, 0), date=date(2026, 6, 2))
        pair = LineKey(sale.key, 0), LineKey(payment.key, 0)

        await it.does()
        await assert_every_day_is_right(it)
        await it.does(lambda books: books.unmatch(*pair))
        await assert_every_day_is_right(it)
        await it.does(lambda books: books.match(*pair, 4_000), lambda books: books.delete(late.key))
        await assert_every_day_is_right(it)
        await it.does(lambda books: books.change(sale.key, date=date(2026, 5, 3)))
        await assert_every_day_is_right(it)
        await it.does(lambda books: books.replace_number(payment.key, date=payment.date, lines=payment.lines))
        await assert_every_day_is_right(it)
        await it.in_the_end()
        await assert_every_day_is_right(it)


async def test_a_matching_with_a_moment_of_days_ago_is_missed_and_named_until_the_night_finds_it(
    engine: AsyncEngine,
) -> None:
    async with octopus(engine) as it:
        sale = sells(date(2026, 5, 5), "121.00")(it.books)
        client = sale.lines[0].relation
        lines = [debit(550000, "121.00"), credit(400000, "121.00", relation=client)]
        payment = it.books.book(journal="F1", date=date(2026, 6, 1), lines=lines)
        session = DesktopSession(it.books)
        session.do(lambda books: books.match(LineKey(sale.key, 0), LineKey(payment.key, 1)))
        await it.does()
        it.pass_by(timedelta(days=2))
        another = sells(date(2026, 5, 6), "10.00")(it.books)
        await it.does(lambda books: books.pay(LineKey(another.key, 0), date=date(2026, 6, 2)))
        session.synchronise()

        run = await it.does(says=frozenset({"MATCHINGS"}))

        (status, detail) = checks(run)["MATCHINGS"]
        assert status == "WARNING"
        assert detail is not None
        assert f"relation {client}: 121.00" in detail
        assert checks(await deeply_read(it)) == {}
        await assert_every_day_is_right(it)
