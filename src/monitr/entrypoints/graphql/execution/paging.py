"""Pages by key, after the Relay cursor specification, and arguments that are checked before they are used."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from typing import Any, Generic, Self, TypeVar

import strawberry
from strawberry.types.nodes import FragmentSpread, InlineFragment, SelectedField, Selection

from monitr.application.reading.pages import InvalidCursor, Page
from monitr.domain.words.sentence import Sentence
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


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None

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
    cursor: str
    node: N


@strawberry.type
class Connection(Generic[N]):
    page_info: PageInfo
    edges: list[Edge[N]]
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
            raise BadUserInput("after", Sentence.of("input.NO_CURSOR")) from None
        edges = [Edge(cursor=cursor, node=node(row)) for row, cursor in zip(page.rows, page.cursors, strict=True)]
        return cls(page_info=PageInfo.of(page), edges=edges, page=page)


@strawberry.type(name="Connection")
class CountedConnection(Connection[N]):
    @strawberry.field
    def total_count(self) -> int:
        if self.page.total is None:
            raise AssertionError("the total was selected but not counted")
        return self.page.total


def page_size(first: int | None, default: int) -> int:
    return bounded(first, "first", default, 1, LARGEST_PAGE)


def bounded(value: int | None, argument: str, default: int, least: int, most: int) -> int:
    """The value, or the default for a null; BAD_USER_INPUT outside of the bounds."""
    number = default if value is None else value
    if not least <= number <= most:
        raise BadUserInput(argument, Sentence.of("input.OUT_OF_BOUNDS", least=least, most=most, number=number))
    return number


def within_limit(entries: Sequence[T], argument: str) -> Sequence[T]:
    """The entries of an input; BAD_USER_INPUT where there are too many."""
    if len(entries) > MOST_ENTRIES:
        raise BadUserInput(argument, Sentence.of("input.TOO_MANY_ENTRIES", most=MOST_ENTRIES))
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
        raise BadUserInput(argument, Sentence.of("input.NO_UNICODE")) from None
    if "\0" in value:
        raise BadUserInput(argument, Sentence.of("input.HOLDS_NUL"))
    return value


def within_books(day: date) -> date:
    return min(max(day, EARLIEST_DAY), LATEST_DAY)


def books_span(from_: date, to: date) -> tuple[date, date]:
    if to < from_:
        raise BadUserInput("to", Sentence.of("input.ENDS_BEFORE_IT_BEGINS", from_=from_, to=to))
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
