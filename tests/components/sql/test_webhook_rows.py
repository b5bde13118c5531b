from uuid import uuid4

import pytest

from monitr.adapters.sql.webhooks.rows import event_of
from monitr.domain.codes import ExplanationCode
from monitr.domain.webhooks import ImportChanged
from tests.unit.fakes import NOON


@pytest.mark.parametrize(
    ("stored", "reason"),
    [
        (None, None),
        ("ACCESS_LOST", ExplanationCode.ACCESS_LOST),
        ("FROM_A_NEWER_PROGRAM", ExplanationCode.INTERNAL),
    ],
)
def test_the_reason_of_an_event_is_one_of_the_codes(stored: str | None, reason: ExplanationCode | None) -> None:
    ids = {name: uuid4() for name in ("id", "organisation_id", "administration_id", "import_id")}
    states = {"subject": "IMPORT", "state_before": "RUNNING", "state_after": "FAILED", "checks": None}
    event = event_of({**ids, **states, "position": 1, "occurred_at": NOON, "reason": stored})  # type: ignore[arg-type]  # a mapping is enough
    assert isinstance(event.change, ImportChanged)
    assert event.change.reason is reason
