"""Pages by key, after the Relay cursor specification, and arguments that are checked before they are used."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Annotated, Any, Generic, Self, TypeVar

import strawberry
from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from monitr.application.reading.pages import InvalidCursor, Page
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.errors import BadUserInput
from monitr.entrypoints.graphql.execution.prices import LARGEST_PAGE

N = TypeVar("N")
T = TypeVar("T")

MOST_ENTRIES = 500
"""In a list of one input."""
EARLIEST_DAY, LATEST_DAY = date(1900, 1, 1), date(2999, 12, 31)
"""No books reach beyond; arithmetic on days stays inside of what dates can be."""
LARGEST_INT = 2**31 - 1

First = Annotated[int | None, strawberry.argument(description="How many at most, 1 to 500; null: the default.")]
After = Annotated[
    str | None, strawberry.argument(description="A cursor: `endCursor` of the page before; null: from the beginning.")
]


@strawberry.type
class PageInfo:
    """Where a page lies among all rows."""

    has_next_page: bool
    """Whether rows follow: ask again with `after: endCursor`."""
    has_previous_page: bool
    """Whether there are rows before this page."""
    start_cursor: str | None
    """Of the page's first row; null: the page is empty."""
    end_cursor: str | None
    """Of the page's last row, for `after`; null: the page is empty."""

    @classmethod
    def of(cls, page: Page[Any]) -> Self:
        return cls(
            has_next_page=page.has_next,
            has_previous_page=page.has_previous,
            start_cursor=page.cursors[0] if page.cursors else None,
            end_cursor=page.cursors[-1] if page.cursors else None,
        )


@strawberry.type
class Edge(Generic[N]):
    """A row of a page, with its place."""

    cursor: str
    """Opaque; stays valid while rows come and go."""
    node: N
    """The row itself."""


@strawberry.type
class Connection(Generic[N]):
    """A page of the Relay cursor specification: `edges`, and in `pageInfo` how to go on."""

    page_info: PageInfo
    """Where the page lies among all rows."""
    edges: list[Edge[N]]
    """The rows of the page, in order."""
    page: strawberry.Private[Page[Any]]

    @classmethod
    async def ask(
        cls,
        question: Callable[[int, str | None], Awaitable[Page[T]]],
        node: Callable[[T], N],
        first: int | None,
        after: str | None,
        default: int,
    ) -> Self:
        """The page that answers the question for ``first`` rows ``after`` a cursor, each row as a node."""
        size, cursor = page_size(first, default), plain_text(given(after), "after")
        try:
            page = await question(size, cursor)
        except InvalidCursor:
            raise BadUserInput("after", "it is no cursor of this connection.") from None
        edges = [Edge(cursor=cursor, node=node(row)) for row, cursor in zip(page.rows, page.cursors, strict=True)]
        return cls(page_info=PageInfo.of(page), edges=edges, page=page)


@strawberry.type(name="Connection")
class CountedConnection(Connection[N]):
    """A page of the Relay cursor specification: `edges`, and in `pageInfo` how to go on."""

    @strawberry.field
    def total_count(self) -> int:
        """Of everything that was asked for, not of the page. It is counted only where it is selected."""
        if self.page.total is None:
            raise AssertionError("the total was selected but not counted")
        return self.page.total


def page_size(first: int | None, default: int) -> int:
    return bounded(first, "first", default, 1, LARGEST_PAGE)


def bounded(value: int | None, argument: str, default: int, least: int, most: int) -> int:
    """The value, or the default for a null; BAD_USER_INPUT outside of the bounds."""
    number = default if value is None else value
    if not least <= number <= most:
        raise BadUserInput(argument, f"it must be between {least} and {most}, not {number}.")
    return number


def within_limit(entries: Sequence[T], argument: str) -> Sequence[T]:
    """The entries of an input; BAD_USER_INPUT where there are too many."""
    if len(entries) > MOST_ENTRIES:
        raise BadUserInput(argument, f"it may hold {MOST_ENTRIES} entries at most.")
    return entries


def given(value: T | None) -> T | None:
    """None for an argument that was left out, like for an explicit null."""
    return None if value is strawberry.UNSET else value


def plain_text(value: str | None, argument: str) -> str | None:
    """Text that a database can hold: no NUL, no lone surrogate."""
    if value is None:
        return None
    try:
        value.encode()
    except UnicodeEncodeError:
        raise BadUserInput(argument, "it is not valid Unicode.") from None
    if "\0" in value:
        raise BadUserInput(argument, "it holds a NUL character.")
    return value


def within_books(day: date) -> date:
    return min(max(day, EARLIEST_DAY), LATEST_DAY)


def books_span(from_: date, to: date) -> tuple[date, date]:
    if to < from_:
        raise BadUserInput("to", f"{to} is before {from_}.")
    return within_books(from_), within_books(to)


def selects(info: Info, field: str) -> bool:
    """Whether the field that is being resolved was asked for ``field`` below it."""
    return any(_selects(selection.selections, field) for selection in info.selected_fields)


def _selects(selections: Sequence[Selection], field: str) -> bool:
    return any(
        (isinstance(selection, SelectedField) and selection.name == field)
        or (isinstance(selection, FragmentSpread | InlineFragment) and _selects(selection.selections, field))
        for selection in selections
    )
