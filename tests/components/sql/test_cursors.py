from base64 import urlsafe_b64encode
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import BigInteger

from monitr.adapters.sql.reading.cursors import Cursors
from monitr.application.reading.pages import InvalidCursor

PARTS = {"day": date, "number": int, "text": str}
LINES = Cursors("line", PARTS)


@given(st.dates(), st.integers(-(2**31), 2**31 - 1), st.text("AVFD0123456789-", max_size=12))
def test_a_cursor_is_read_as_it_was_written(day: date, number: int, text: str) -> None:
    assert LINES.decode(LINES.encode((day, number, text))) == (day, number, text)


def test_instants_and_ids_keep_their_value() -> None:
    runs = Cursors("run", {"queued_at": datetime, "id": UUID, "place": BigInteger})
    key = (datetime(2026, 11, 22, 12, 0, 0, 123456, UTC), uuid4(), 2**63 - 1)

    assert runs.decode(runs.encode(key)) == key


@given(st.text(max_size=60) | st.binary(max_size=40).map(lambda raw: raw.hex()))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidCursor):
        LINES.decode(text)


@pytest.mark.parametrize(
    "cursor",
    [
        Cursors("item", PARTS).encode((date(2026, 1, 1), 1, "V1")),
        Cursors("line", {"day": date, "number": int}).encode((date(2026, 1, 1), 1)),
        Cursors("line", PARTS | {"day": str}).encode(("yesterday", 1, "V1")),
        LINES.encode((date(2026, 1, 1), 2**31, "V1")),
        LINES.encode((date(2026, 1, 1), 1, "V\0")),
        "W" * 10_000,
        urlsafe_b64encode(b"[" * 1_500).decode(),
        "é",
    ],
    ids=[
        "another connection",
        "a part is missing",
        "no date",
        "no integer of the database",
        "NUL",
        "long",
        "lists in lists",
        "not ASCII",
    ],
)
def test_a_cursor_of_something_else_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        LINES.decode(cursor)
