"""The list of administrations of a firm, and the calls that a day has left for each."""

from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database import tables
from monitr.application.reading.cards import AdministrationFilter
from monitr.application.reading.pages import InvalidCursor
from monitr.application.reading.quota import CallsToday
from monitr.domain.administration import AdministrationStatus
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import NOON, Place

NAMES = {
    "beta": "BE 0352.633.701",
    "Alfa": "BE0895747092",
    "École": None,
    "100% Zon_": "nl 820 646 660 B01",
    "a\u00a0b": None,
    "Alfa twee": None,
}
EVERY = ["100% Zon_", "Alfa", "Alfa twee", "a\u00a0b", "beta", "École"]


@pytest.fixture
def dossiers() -> list[int]:
    """Numbers that no other test counts the calls of."""
    return [uuid4().int % 2**30 for _ in range(2)]


async def a_firm(place: Place) -> None:
    for number, (name, vat_number) in enumerate(NAMES.items(), start=49_001):
        await place.an_administration(number, name=name, vat_number=vat_number)


async def found(mine: Mine, search: str | None = None, **narrowed: object) -> list[str]:
    async with mine() as reader:
        filter = AdministrationFilter(search, **narrowed)  # type: ignore[arg-type]  # as a test names them
        page = await reader.found_administrations(filter, 50, None, count=True)
    assert page.total == len(page.rows)
    return [row.name for row in page.rows]


async def test_they_are_listed_by_name_whatever_the_case(place: Place, reader: Mine) -> None:
    await a_firm(place)
    assert await found(reader) == EVERY


@pytest.mark.parametrize("size", [1, 2, 4])
async def test_the_pages_hold_each_once_whatever_is_in_their_names(place: Place, reader: Mine, size: int) -> None:
    await a_firm(place)
    await place.an_administration(1, name="Alfa")
    seen, after = list[AdministrationId](), None
    async with reader() as mine:
        while True:
            page = await mine.found_administrations(AdministrationFilter(), size, after, count=False)
            seen += [row.id for row in page.rows]
            if not page.has_next:
                break
            after = page.cursors[-1]
    assert len(seen) == len(set(seen)) == len(NAMES) + 1
    assert page.total is None


@pytest.mark.parametrize(
    ("search", "names"),
    [
        ("ALFA", ["Alfa", "Alfa twee"]),
        ("fa t", ["Alfa twee"]),
        (" beta ", ["beta"]),
        ("éCOLE", ["École"]),
        ("%", ["100% Zon_"]),
        ("_", ["100% Zon_"]),
        ("\\", []),
        ("49002", ["Alfa"]),
        ("900", EVERY),
        ("be0352633701", ["beta"]),
        ("0352.633", ["beta"]),
        ("BE 0895 747 092", ["Alfa"]),
        ("NL820646660", ["100% Zon_"]),
        (".", []),
        ("   ", EVERY),
        ("nothing", []),
    ],
    ids=str,
)
async def test_a_part_of_the_name_the_vat_number_or_the_dossier_number_is_found(
    place: Place, reader: Mine, search: str, names: list[str]
) -> None:
    await a_firm(place)
    assert await found(reader, search) == names


async def test_a_vat_number_finds_nothing_for_who_does_not_see_it(place: Place, reader: Mine) -> None:
    await a_firm(place)
    assert await found(reader, "BE0352633701", in_vat_numbers=False) == []


async def test_states_and_reach_narrow_the_list_and_removed_ones_are_never_in_it(place: Place, reader: Mine) -> None:
    active = await place.an_administration(1)
    await place.an_administration(2, status=AdministrationStatus.ACCESS_LOST)
    removed = await place.an_administration(3, status=AdministrationStatus.DELETED)
    assert await found(reader) == ["Dossier 1", "Dossier 2"]
    assert await found(reader, statuses=frozenset({AdministrationStatus.ACCESS_LOST})) == ["Dossier 2"]
    assert await found(reader, statuses=frozenset({AdministrationStatus.DELETED})) == []
    assert await found(reader, statuses=frozenset()) == []
    assert await found(reader, among=frozenset({active, removed})) == ["Dossier 1"]
    assert await found(reader, among=frozenset()) == []


async def test_what_is_no_cursor_of_the_list_is_refused(place: Place, reader: Mine) -> None:
    async with reader() as mine:
        for cursor in ("", "x", "WyJsaW5lIl0", "WyJhZG1pbmlzdHJhdGlvbiIsIlx1ZDgwMCIsIjEiXQ"):
            with pytest.raises(InvalidCursor):
                await mine.found_administrations(AdministrationFilter(), 9, cursor, count=False)


async def test_the_calls_of_a_day_are_those_of_the_dossier_whoever_made_them(
    engine: AsyncEngine, place: Place, reader: Mine, dossiers: list[int]
) -> None:
    asked, idle = [await place.an_administration(dossier) for dossier in dossiers]
    scope, today = f"dossier:{dossiers[0]}", NOON.date()
    calls = [("journals", today, 3, False), ("accounts", today, 1, True), ("relations", today.replace(day=1), 2, False)]
    await place.rows(
        tables.octopus_call,
        [
            {"scope": scope, "operation": operation, "day": day, "calls": count, "stopped": stopped}
            for operation, day, count, stopped in calls
        ],
    )
    stranger = await Place(engine).founded()

    async with reader() as mine:
        found = await mine.calls_today([asked, idle])
    async with reader.readers(stranger.organisation) as theirs:
        hidden = await theirs.calls_today([asked])

    assert found == {
        asked: {"journals": CallsToday(3, is_stopped=False), "accounts": CallsToday(1, is_stopped=True)},
        idle: {},
    }
    assert hidden == {asked: {}}
