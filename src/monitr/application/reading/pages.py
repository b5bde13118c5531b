"""Pages of rows, cut by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


class InvalidCursor(ValueError):
    """The text is not a cursor of this connection."""

    def __init__(self, cursor: str) -> None:
        super().__init__(cursor)
        self.cursor = cursor


@dataclass(frozen=True, slots=True)
class Cut:
    """Which rows of a list: the first ``size`` behind the cursor ``after`` and before ``before``, where they are given;
    ``from_end``: the last ones."""

    size: int
    after: str | None = None
    before: str | None = None
    from_end: bool = False

    @property
    def bound(self) -> str | None:
        """The cursor that its rows are counted from."""
        return self.before if self.from_end else self.after


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """``cursors`` holds the opaque cursor of each row. ``total`` is None where it was not asked for.

    Of a cut from the end ``has_previous`` says whether there are more rows, and ``has_next`` whether there are any
    from ``before`` on; of any other it is the other way round (Relay's cursor specification).
    """

    rows: Sequence[T]
    cursors: Sequence[str]
    has_next: bool
    has_previous: bool
    total: int | None = None
