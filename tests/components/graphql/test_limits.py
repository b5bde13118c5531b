from graphql import parse

from monitr.entrypoints.graphql.execution.limits import ALIASES, TOKENS, cost
from tests.components.graphql.an_api import an_api
from tests.unit.fakes import FakeTransactions, an_administration

BOOKS = an_administration()
ID = str(BOOKS.id)
LINES = "transactions(first: 500) { edges { node { amount } } }"


async def refusal(query: str) -> str:
    api = an_api(FakeTransactions((), (), [BOOKS]))
    answer = await api.run(query, {"id": ID})
    assert api.readers.calls == []
    return str(answer["errors"][0]["message"])


async def test_a_query_that_asks_for_too_many_rows_is_refused_before_anything_is_read() -> None:
    """A full page of lines for each administration of each integration, or many pages of one."""
    nested = f"{{ integrationProviders {{ integrations {{ administrations {{ {LINES} }} }} }} }}"
    aliased = " ".join(f"page{number}: {LINES}" for number in range(25))
    assert "smaller pages" in await refusal(nested)
    assert "smaller pages" in await refusal(f"query ($id: ID!) {{ administration(id: $id) {{ {aliased} }} }}")


async def test_a_page_within_the_limit_is_read() -> None:
    api = an_api(FakeTransactions((), (), [BOOKS]))
    answer = await api.run(f"query ($id: ID!) {{ administration(id: $id) {{ {LINES} }} }}", {"id": ID})
    assert answer["errors"] == []


def test_the_cost_follows_variables_defaults_fragments_and_the_operation_that_is_run() -> None:
    document = parse(
        """query A($n: Int = 50) { administration(id: "1") { ...Lines } }
        query B { administration(id: "1") { transactions { totalCount } relations(first: 7) { totalCount } } }
        fragment Lines on Administration { transactions(first: $n) { totalCount } }"""
    )
    assert cost(document, "A", {}) == 50
    assert cost(document, "A", {"n": 500}) == 500
    assert cost(document, "B", {}) == 107


async def test_aliases_and_length_are_limited() -> None:
    aliases = " ".join(f"a{n}: integrationProviders {{ key }}" for n in range(ALIASES + 1))
    long = " ".join("key" for _ in range(TOKENS))
    assert "aliases" in await refusal(f"{{ {aliases} }}")
    assert "tokens" in await refusal(f"{{ integrationProviders {{ {long} }} }}")
