"""Every problem of every use case can be told, and is a member of what its mutation answers."""

from typing import get_args

import pytest
from graphql import GraphQLUnionType, get_named_type

from monitr.application import problems
from monitr.application.reconnect import Reconnect
from monitr.domain.roles import Forbidden
from monitr.entrypoints.graphql.mutations.outcome import problems_of
from monitr.entrypoints.graphql.mutations.problems import RENDERED
from monitr.entrypoints.graphql.schema import create_schema
from tests.components.test_permission import USE_CASES

SCHEMA = create_schema()._schema
MUTATIONS = SCHEMA.mutation_type.fields if SCHEMA.mutation_type else {}
BY_NAME = {found.__name__: found for found in USE_CASES} | {"ReconnectIntegration": Reconnect}


def test_each_problem_of_the_application_has_a_type_of_its_name() -> None:
    assert {problem: problem.__name__ for problem in get_args(problems.Problem)} == {
        problem: shown.__name__ for problem, shown in RENDERED.items()
    }


@pytest.mark.parametrize("use_case", USE_CASES)
def test_a_use_case_returns_no_problem_but_those_and_always_forbidden(use_case: type) -> None:
    assert {Forbidden} <= set(problems_of(use_case)) <= set(get_args(problems.Problem))


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_mutation_can_answer_each_problem_of_its_use_case_and_no_other(mutation: str) -> None:
    use_case = BY_NAME[mutation[0].upper() + mutation[1:]]
    assert SCHEMA.mutation_type is not None
    union = get_named_type(SCHEMA.mutation_type.fields[mutation].type)
    assert isinstance(union, GraphQLUnionType)
    payload, *others = (member.name for member in union.types)
    assert sorted(others) == sorted(problem.__name__ for problem in problems_of(use_case))
    assert payload not in {problem.__name__ for problem in RENDERED}
