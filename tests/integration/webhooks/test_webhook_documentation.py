"""``docs/webhooks.md`` tells receivers everything that is sent."""

import re
from pathlib import Path

from monitr.domain.codes import ExplanationCode
from monitr.domain.webhooks import ATTEMPTS, MOST_TARGETS, EventType
from monitr.entrypoints.graphql.schema import create_schema
from tests.unit.fake_webhooks import an_event

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "webhooks.md").read_text(encoding="utf-8")


def test_every_type_of_event_is_described_and_no_other() -> None:
    described = set(re.findall(r"`((?:integration|administration|import|dataset)\.[a-z_]+)`", TEXT))
    assert described == {type.value for type in EventType}


def test_every_field_of_the_example_is_one_that_is_sent() -> None:
    assert set(an_event().data) <= set(re.findall(r'"(\w+)":', TEXT))


def test_every_operation_that_is_named_exists() -> None:
    sdl = create_schema().as_str()
    named = set(re.findall(r"`(\w*[wW]ebhook(?:Targets?|Secret|Events))\b", TEXT))
    assert named
    assert all(f"  {name}" in sdl for name in named)


def test_the_failures_of_a_target_are_in_the_list_of_codes() -> None:
    codes = (DOCS / "errors.md").read_text(encoding="utf-8")
    failures = [code for code in ExplanationCode if code.startswith("WEBHOOK_")]
    assert failures
    assert all(f"`{code}`" in codes for code in failures)


def test_the_numbers_are_those_of_the_program() -> None:
    assert (ATTEMPTS, MOST_TARGETS) == (10, 10)
    assert "ten failures in a row" in TEXT
    assert "at most ten targets" in TEXT
