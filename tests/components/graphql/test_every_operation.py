"""Every operation of the contract, in every role and every language, with sensible and with wrong arguments."""

from collections.abc import Iterator, Mapping
from itertools import cycle
from typing import Any

import pytest
from structlog.testing import capture_logs

from monitr.domain.language import Language
from monitr.domain.roles import Role
from monitr.entrypoints.graphql.examples import (
    ADMINISTRATION,
    BOOKING,
    IMPORT,
    INTEGRATION,
    REPORT,
    Example,
    examples,
)
from tests.api_docs.pages import with_ids
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import SALE
from tests.unit.fakes import FakeTransactions, a_report, a_run, an_administration, an_integration

LOGIN, SAVED = an_integration(), a_report()
BOOKS = an_administration(integration_id=LOGIN.id)
RUN = a_run(BOOKS)
IDS = {
    INTEGRATION: str(LOGIN.id),
    ADMINISTRATION: str(BOOKS.id),
    IMPORT: str(RUN.id),
    REPORT: str(SAVED.id),
    BOOKING: SALE.code,
}
LANGUAGES = (None, *Language)
WRONG = ["", "x", "\0", -1, 10**12, [], {}, None, "9999-12-31", "é😀" * 400]
SAID = {"message", "action", "reason", "label", "usedFor", "detail", "doubt", "why", "notice", "name"}
"""What is told or named in the reader's language."""

EXAMPLES = {example.name: example for example in examples()}


def the_api(role: Role, language: Language | None) -> Api:
    api = an_api(FakeTransactions([LOGIN], (), [BOOKS], [RUN], reports=[SAVED]), role)
    api.connection.language = language
    return api


async def answer(api: Api, example: Example, variables: Mapping[str, Any]) -> dict[str, Any]:
    """Of a subscription the first event."""
    if not example.text.startswith("subscription"):
        return await api.run(example.text, dict(variables))
    async for event in api.events(example.text, dict(variables)):
        return event
    return {"data": None, "errors": []}


def figures(value: Any) -> Any:
    """The answer without its words, and without ids that are made anew."""
    match value:
        case dict():
            return {key: figures(each) for key, each in value.items() if key not in SAID | {"id"} and "Url" not in key}
        case list():
            return [figures(each) for each in value]
        case _:
            return value


def codes(told: Mapping[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in told["errors"]]


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("role", Role, ids=str)
async def test_every_role_is_answered_alike_in_every_language(name: str, role: Role) -> None:
    example = EXAMPLES[name]
    variables = with_ids(example.variables, IDS)

    told = [await answer(the_api(role, language), example, variables) for language in LANGUAGES]

    assert set(codes(told[0])) <= {"FORBIDDEN"}
    assert all(figures(each["data"]) == figures(told[0]["data"]) for each in told[1:])
    assert all(codes(each) == codes(told[0]) for each in told[1:])


def spoilt(variables: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """One variable wrong, or an entry of an input."""
    for name, value in variables.items():
        for wrong in WRONG:
            yield {**variables, name: wrong}
            if isinstance(value, dict):
                yield from ({**variables, name: {**value, entry: wrong}} for entry in value)


@pytest.mark.parametrize("name", [name for name, example in EXAMPLES.items() if example.variables])
async def test_no_argument_is_a_fault(name: str) -> None:
    example = EXAMPLES[name]
    variables = with_ids(example.variables, IDS)
    with capture_logs() as logs:
        for wrong, language in zip(spoilt(variables), cycle(LANGUAGES), strict=False):
            told = await answer(the_api(Role.ORGANISATION_ADMIN, language), example, wrong)
            assert "INTERNAL" not in codes(told), (wrong, told["errors"])
    assert [entry for entry in logs if entry["event"] == "graphql.fault"] == []
