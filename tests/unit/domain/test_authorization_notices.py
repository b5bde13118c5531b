from dataclasses import replace
from datetime import timedelta

import pytest

from monitr.domain.authorization_notice import Notice, notice
from monitr.domain.integration import Integration
from tests.unit.fakes import NOON, an_integration, an_integration_awaiting_consent

END = NOON + timedelta(days=60)
MINUTE = timedelta(minutes=1)


def before_the_end(**span: int) -> Notice | None:
    return notice(END, END - timedelta(**span))


def test_nothing_is_said_before_the_first_stage_and_after_the_end() -> None:
    assert notice(END, END - timedelta(days=14) - MINUTE) is None
    assert notice(END, END) is None


@pytest.mark.parametrize("days", [14, 7, 1])
def test_a_stage_begins_its_days_before_the_end(days: int) -> None:
    assert before_the_end(days=days) == Notice(days, END - timedelta(days=days), END)


def test_a_stage_lasts_until_the_next_one_and_the_last_until_the_end() -> None:
    assert [said.days for span in (8, 2) if (said := before_the_end(days=span))] == [14, 7]
    assert before_the_end(minutes=1) == Notice(1, END - timedelta(days=1), END)


def test_an_integration_that_works_warns_of_its_own_end() -> None:
    integration = an_integration().authorized(NOON, END)

    assert integration.notice(END - timedelta(days=7)) == Notice(7, END - timedelta(days=7), END)
    assert integration.notice(NOON) is None


@pytest.mark.parametrize(
    "integration",
    [
        an_integration().authorized(NOON, END).rejected(),
        replace(an_integration_awaiting_consent(), authorization_expires_at=END),
        replace(an_integration(), authorization_expires_at=None),
    ],
)
def test_one_that_does_not_work_or_has_no_end_warns_of_nothing(integration: Integration) -> None:
    assert integration.notice(END - timedelta(days=1)) is None
