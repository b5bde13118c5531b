"""The contract's operations as GraphiQL and the pages of docs/api send them."""

import json

import pytest
from graphql import OperationDefinitionNode, parse, validate
from graphql.execution import get_variable_values

from monitr.entrypoints.graphql.examples import ADMINISTRATION, Example, examples
from monitr.entrypoints.graphql.schema import create_schema
from tests.api_docs import pages

SCHEMA = create_schema()._schema
EXAMPLES = {example.name: example for example in examples()}


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_an_example_is_taken_by_the_schema_alone_and_with_its_variables(example: Example) -> None:
    document = parse(example.text)
    assert validate(SCHEMA, document) == []
    [operation] = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    taken = get_variable_values(SCHEMA, operation.variable_definitions or (), dict(example.variables))
    assert not isinstance(taken, list), taken


def test_the_words_above_an_operation_go_with_it() -> None:
    assert EXAMPLES["Booking"].about == 'One booking with all its lines: what "View booking" shows.'
    assert EXAMPLES["ImportHistory"].about == ""


def test_ids_take_the_place_of_what_stands_for_them() -> None:
    assert pages.with_ids({"a": [ADMINISTRATION, 1], "b": "c"}, {ADMINISTRATION: "id"}) == {"a": ["id", 1], "b": "c"}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_page_of_an_operation_shows_it_as_it_is_and_an_answer_that_fits(name: str) -> None:
    page = (pages.FOLDER / f"{name}.md").read_text(encoding="utf-8")
    head = pages.head(EXAMPLES[name])
    assert page.startswith(head), "`make api-docs` writes the pages anew"
    answer = json.loads(page.removeprefix(head).removesuffix("\n```\n"))
    assert answer.keys() == {"data"}


def test_the_index_names_the_operations_and_no_page_is_left_over() -> None:
    assert (pages.FOLDER / "README.md").read_text(encoding="utf-8") == pages.index()
    assert {page.stem for page in pages.FOLDER.glob("*.md")} == {*EXAMPLES, "README"}
