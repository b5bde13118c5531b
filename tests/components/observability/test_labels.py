"""Labels of metrics have few values, whatever comes from outside."""

import pytest
from prometheus_client import CollectorRegistry

from monitr.adapters.observability.metrics import status_label, work_metrics
from monitr.adapters.observability.octopus_requests import OctopusRequests
from monitr.adapters.observability.traces import Tracing
from monitr.application.octopus import AuthorizationRejected, InvalidAnswer, OctopusUnavailable
from monitr.domain.authorization import Tokens
from monitr.entrypoints.graphql.execution.observation import OperationNames
from tests.unit.fakes import some_tokens


@pytest.mark.parametrize(("status", "label"), [(200, "200"), (429, "429"), (599, "5xx"), (None, "none"), (799, "7xx")])
def test_a_status_that_nobody_has_registered_is_told_by_its_class(status: int | None, label: str) -> None:
    assert status_label(status) == label


def test_a_client_that_makes_up_names_of_operations_fills_no_metric() -> None:
    names = OperationNames(most=3)

    labels = {names.label(f"Made{number}Up") for number in range(1000)}

    assert labels == {"Made0Up", "Made1Up", "Made2Up", "other"}
    assert names.label("Made1Up") == "Made1Up"


@pytest.mark.parametrize("name", ["x" * 61, 'a"b', "a b", "é"])
def test_a_name_that_is_none_is_another(name: str) -> None:
    assert OperationNames().label(name) == "other"


def test_an_operation_without_a_name_is_anonymous() -> None:
    assert OperationNames().label(None) == "anonymous"


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (some_tokens(refresh_token="another"), "rotated"),
        (some_tokens(refresh_token=None), "refreshed"),
        (AuthorizationRejected(), "rejected"),
        (OctopusUnavailable(), "unavailable"),
        (InvalidAnswer(), "invalid"),
    ],
)
async def test_refreshes_of_tokens_are_counted_by_their_outcome(answer: Tokens | Exception, outcome: str) -> None:
    registry = CollectorRegistry()

    async def refresh(refresh_token: str) -> Tokens:
        if isinstance(answer, Exception):
            raise answer
        return answer

    observed = OctopusRequests(work_metrics(registry), Tracing()).refreshing(refresh)
    if isinstance(answer, Exception):
        with pytest.raises(type(answer)):
            await observed("…")
    else:
        assert await observed("…") is answer

    assert registry.get_sample_value("monitr_octopus_token_refreshes_total", {"outcome": outcome}) == 1
