"""Where SQL selects by the digits of an account number, it means what the domain does (decision 16)."""

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading import books
from monitr.adapters.sql.reading.line_filter import line_conditions
from monitr.application.reading.ledger import TransactionFilter
from monitr.domain.accounting.account import account_class, account_group

_GROUP = re.compile(r"left\(lpad\(ltrim\(CAST\(account AS text\), '-'\), 6, '0'\), :prefix_length\)")
_SETTINGS = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

numbers = st.lists(
    st.integers(-(2**31), 2**31 - 1) | st.integers(0, 10).flatmap(lambda n: st.integers(0, 10**n)), max_size=200
)


@_SETTINGS
@given(numbers, st.integers(1, 3))
async def test_the_books_are_asked_for_groups_as_the_domain_has_them(
    engine: AsyncEngine, numbers: list[int], digits: int
) -> None:
    written = set(_GROUP.findall(books._books("debit", "credit").text))
    assert len(written) == 1, "one expression, wherever it stands"

    statement = text(f"SELECT account, {written.pop()} FROM unnest(CAST(:numbers AS bigint[])) AS a (account)")
    async with engine.connect() as connection:
        found = await connection.execute(statement, {"numbers": numbers, "prefix_length": digits})
        assert [tuple(row) for row in found] == [(number, account_group(number, digits)) for number in numbers]


@_SETTINGS
@given(numbers, st.sets(st.integers(0, 9), max_size=3))
async def test_lines_are_filtered_by_classes_as_the_domain_has_them(
    engine: AsyncEngine, numbers: list[int], classes: set[int]
) -> None:
    (condition,) = line_conditions(TransactionFilter(account_classes=tuple(classes)))
    compiled = condition.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    lines = text("unnest(CAST(:numbers AS bigint[])) AS ledger_line (account)")
    statement = select(text("account")).select_from(lines).where(text(str(compiled)))
    async with engine.connect() as connection:
        found = await connection.scalars(statement, {"numbers": numbers})
        assert list(found) == [number for number in numbers if account_class(number) in classes]
