"""Plans answer as graphql-core does: the same bytes, and the same errors in the same places."""

import json
import os
import re
from collections.abc import Callable
from decimal import Decimal
from itertools import cycle
from typing import Any, cast
from unittest.mock import Mock

import pytest
from graphql import GraphQLObjectType, parse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.session import TookTooLong
from monitr.domain.language import Language
from monitr.domain.roles import Role
from monitr.entrypoints.graphql.execution import executor
from monitr.entrypoints.graphql.execution.executor import Executor
from monitr.entrypoints.graphql.execution.plans import MOST_COMBINATIONS, KeptPlans
from tests.api_docs.pages import with_ids
from tests.components.graphql.an_api import Api, an_api, the_schema
from tests.components.graphql.documents import CONDITIONS, documents
from tests.components.graphql.fake_reader import SALE, FakeBooks, a_line
from tests.components.graphql.test_every_operation import BOOKS, EXAMPLES, IDS, LOGIN, RUN, SAVED, answer, figures
from tests.unit.fakes import FakeTransactions

PAGE = (
    "query ($id: ID!) { administration(id: $id) { transactions(first: 100) { edges { cursor node { id amount currency"
    " account { number name bookyears } relation { name } dimensionValues { code name } } } } } }"
)
CHART = "query ($id: ID!) { administration(id: $id) { accounts { name bookyears } } }"
ARGUMENTS = {
    "id": json.dumps(str(BOOKS.id)),
    "code": json.dumps(SALE.code),
    "from": '"2026-01-01"',
    "to": '"2026-03-31"',
    "type": "RECEIVABLE",
    "kind": "BALANCE_SHEET",
    "dates": '["2026-01-31", "2026-02-28"]',
}


def a_page(**changes: Any) -> FakeBooks:
    """Of a dozen lines, one of which is changed."""
    accounts, relations = cycle([400000, 700000, 499999]), cycle([7, None, 8])
    lines = [a_line(ordinal=number, account=next(accounts), relation=next(relations)) for number in range(1, 13)]
    return FakeBooks(lines=[*lines, a_line(ordinal=13, **changes)])


def an_answer(*, plans: bool, role: Role = Role.ORGANISATION_ADMIN, books: FakeBooks | None = None) -> Api:
    world = FakeTransactions([LOGIN], (), [BOOKS], [RUN], reports=[SAVED])
    api = an_api(world, role, books=books)
    api.schema = the_schema(plans=plans)
    return api


def written(told: dict[str, Any]) -> tuple[str, list[str]]:
    """The data as it is sent, and the errors, in any order. Where all rows fail alike, it is chance which is named:
    that of their tasks."""
    errors = (json.dumps(error, default=str) for error in told["errors"])
    return json.dumps(told["data"]), sorted(re.sub(r"(?<=, )\d+(?=, )", "*", error) for error in errors)


async def both(ask: Callable[[Api], Any], **world: Any) -> tuple[Any, Any]:
    planned, plain = an_answer(plans=True, **world), an_answer(plans=False, **world)
    with capture_logs():  # a fault is logged with all that led to it
        return await ask(planned), await ask(plain)


@pytest.mark.parametrize("role", [Role.ORGANISATION_ADMIN, Role.RECEIVABLES_ONLY], ids=str)
@pytest.mark.parametrize("name", EXAMPLES)
async def test_every_operation_is_answered_alike_with_plans_and_without(name: str, role: Role) -> None:
    example = EXAMPLES[name]
    variables = with_ids(example.variables, IDS)

    planned, plain = await both(lambda api: answer(api, example, variables), role=role)

    if example.text.startswith("query"):
        assert written(planned) == written(plain)
    else:
        assert figures(planned) == figures(plain)


TROUBLES: dict[str, tuple[dict[str, Any], dict[str, Exception]]] = {
    "none": ({}, {}),
    "a null where there may be none": ({"currency": None}, {}),
    "an amount that is none": ({"amount": 12.5}, {}),
    "a text that is a number": ({"description": 17}, {}),
    "a number that is too large": ({"period": 2**40}, {}),
    "more decimals than cents": ({"amount": Decimal("-0.001")}, {}),
    "no account can be read": ({}, {"accounts": TookTooLong()}),
    "no relation can be read": ({}, {"relations_by_number": RuntimeError("gone")}),
}


@pytest.mark.parametrize("trouble", TROUBLES)
async def test_what_a_plan_does_not_expect_is_answered_by_graphql_core(trouble: str) -> None:
    changes, fails = TROUBLES[trouble]

    async def ask(api: Api) -> Any:
        api.readers.fails_in = fails
        return written(await api.run(PAGE, {"id": str(BOOKS.id)}))

    planned, plain = await both(ask, books=a_page(**changes))

    assert planned == plain


async def test_entries_of_rows_that_graphql_core_completes_again_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = [NamedAccount(number, "a name", (1, 2)) for number in (100000, 200000)]
    books = FakeBooks(accounts=[*accounts, NamedAccount(300000, cast("str", object()), ())])
    monkeypatch.setattr(executor, "LARGEST_ANSWER", 7)

    async def ask(api: Api) -> Any:
        return written(await api.run(CHART, {"id": str(BOOKS.id)}))

    planned, plain = await both(ask, books=books)

    assert planned == plain


def test_plans_of_a_few_combinations_are_kept() -> None:
    """However many a caller makes up of fifty variables."""
    text = "query ($a: Boolean!, $b: Int!) { x @include(if: $a) y @skip(if: $b) }"
    kept, planner = KeptPlans(parse(text)), Mock(**{"plan.return_value": None})

    def ask(number: int) -> int:
        kept.plan(GraphQLObjectType("Row", {}), [], {"a": True, "b": number}, planner)
        return len(planner.plan.mock_calls)

    assert [ask(number) for number in (*range(MOST_COMBINATIONS), 0)] == [*range(1, MOST_COMBINATIONS + 1), 8]
    assert [ask(number) for number in (MOST_COMBINATIONS, 0)] == [9, 10]


async def test_a_page_of_plain_rows_is_answered_by_plans_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    resolved: list[str] = []
    execute_field = Executor.execute_field

    def noted(self: Executor, parent: Any, *args: Any) -> Any:
        resolved.append(parent.name)
        return execute_field(self, parent, *args)

    monkeypatch.setattr(Executor, "execute_field", noted)
    await an_answer(plans=True, books=a_page()).run(PAGE, {"id": str(BOOKS.id)})

    assert resolved == ["Query", "Administration", "TransactionConnection"]


@settings(
    max_examples=1000 if os.environ.get("MONITR_SOAK") == "1" else 40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    deadline=None,
)
@given(
    text=documents(the_schema()._schema, ARGUMENTS),
    role=st.sampled_from(list(Role)),
    language=st.sampled_from([None, *Language]),
    trouble=st.sampled_from(list(TROUBLES)),
)
async def test_any_document_is_answered_alike_with_plans_and_without(
    text: str, role: Role, language: Language | None, trouble: str
) -> None:
    changes, fails = TROUBLES[trouble]

    async def ask(api: Api) -> Any:
        api.connection.language = language
        api.readers.fails_in = fails
        return written(await api.run(text, dict(CONDITIONS)))

    planned, plain = await both(ask, role=role, books=FakeBooks(lines=[a_line(), a_line(ordinal=2, **changes)]))

    assert planned == plain
