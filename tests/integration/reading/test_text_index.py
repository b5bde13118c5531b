"""The index of texts: found by it are the lines that are found without it, whatever it knows of them by then."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text as sql
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from monitr.adapters.sql.database.tenancy import transaction
from monitr.adapters.sql.reading import SqlReaders, texts, transactions
from monitr.adapters.sql.work import text_index
from monitr.adapters.sql.work.purgeable_administrations import SqlPurgeableAdministrations
from monitr.adapters.sql.work.text_index import SqlTextIndex
from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk
from monitr.application.reading.ledger import TransactionFilter, TransactionOrder, TransactionPage
from monitr.application.reading.pages import Cut
from monitr.domain.accounting.bookyear import LARGEST_NUMBER
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from tests.integration.importing.soak import examples, phases
from tests.integration.importing.stores import InPostgres, begin, of_an_own_organisation
from tests.integration.importing.test_import_store_contract import publish
from tests.unit.fakes import NOON
from tests.unit.importing.fake_dossier import lines_of, sale

DAY = date(2026, 3, 1)
WORDS = ("Levering", "leverING 50%", "rent/\\lease", "under_score", "ab", "straße 12", None)
ASKED = ("lever", "ING 50%", "/\\", "R_S", "ab", "SSE", "straße", "nothing of it", "levering", "%", "12\0")
ALWAYS, NEVER = 10**6, -1


def booked(number: int, description: str | None, reference: str | None) -> list[LedgerLine]:
    lines = lines_of(
        sale(number), (400000, "10.00"), (700000, "-10.00"), day=DAY + timedelta(days=number % 7), period=1
    )
    return [line._replace(description=description, reference=reference) for line in lines]


numbers = st.integers(1, 80)
bookings = st.lists(st.tuples(numbers, st.sampled_from(WORDS), st.sampled_from(WORDS)), max_size=12)
runs = st.tuples(bookings, st.lists(numbers.map(sale), max_size=4), st.booleans())


async def found(place: InPostgres, text: str, first: int = 50) -> TransactionPage:
    async with SqlReaders(place.engine, lambda: NOON)(place.administration.organisation_id) as reader:
        return await reader.transactions(
            place.administration.id,
            TransactionFilter(text=text),
            TransactionOrder.NEWEST_FIRST,
            Cut(first),
            count=True,
            add_up=True,
        )


async def caught_up(place: InPostgres) -> bool:
    return await SqlTextIndex(place.engine).catch_up(place.administration.organisation_id, place.administration.id)


@settings(
    max_examples=examples(ordinarily=6, in_a_soak=300),
    deadline=None,
    phases=phases(),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(runs, min_size=1, max_size=4))
async def test_what_is_found_by_the_index_is_what_is_found_without_it(
    engine: AsyncEngine, history: Sequence[tuple[list[tuple[int, str | None, str | None]], list[BookingKey], bool]]
) -> None:
    """Behind each run, and where runs are not in it yet."""
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, Chunk(2, 2), *booked(1, "Levering", None), *booked(70, "ab", "LEVERING 50%"))
    await begin(place, after_another=True)
    assert await caught_up(place)
    for changed, deleted, catches_up in history:
        lines = {number: booked(number, *words) for number, *words in changed}
        kept = [line for number, of in lines.items() for line in of if sale(number) not in deleted]
        await publish(place, EVERYTHING, *kept, deleted=deleted)
        await begin(place, after_another=True)
        if catches_up:
            await caught_up(place)
        for text in ASKED:
            with pytest.MonkeyPatch.context() as way:
                way.setattr(transactions, "NEAR", 5)
                answers = []
                for most in (ALWAYS, NEVER):
                    way.setattr(texts, "_most_blocks", lambda *_, most=most: most)
                    answers += [await found(place, text, first) for first in (50, 2)]
            assert answers[:2] == answers[2:]
            assert answers[0].text_indexed


async def test_until_it_is_there_all_lines_are_looked_through(engine: AsyncEngine) -> None:
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, Chunk(2, 2), *booked(1, "Levering", None))
    assert not await caught_up(place)  # the run is not over

    page = await found(place, "LEVER")
    assert (page.total, page.text_indexed) == (2, False)

    await begin(place, after_another=True)
    ours = (place.administration.organisation_id, place.administration.id)
    assert ours in await SqlTextIndex(engine).behind()
    assert await caught_up(place)
    assert ours not in await SqlTextIndex(engine).behind()
    page = await found(place, "LEVER")
    assert (page.total, page.text_indexed) == (2, True)


async def test_the_largest_number_that_a_document_may_have_is_indexed_and_found(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, Chunk(2, 2), *booked(LARGEST_NUMBER, "Levering", None))
    await begin(place, after_another=True)

    assert await caught_up(place)
    monkeypatch.setattr(texts, "_most_blocks", lambda *_: ALWAYS)
    assert (await found(place, "LEVER")).total == 2


async def test_what_is_erased_meanwhile_leaves_no_pieces(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person removes it, and advances the purge, while its first texts are entered."""
    place = InPostgres(engine, of_an_own_organisation())
    await begin(place)
    await publish(place, Chunk(2, 2), *booked(1, "Levering", None))
    await begin(place, after_another=True)
    organisation, its = place.administration.organisation_id, {"id": place.administration.id}
    erased: list[bool] = []
    enter = text_index._enter

    async def erase() -> bool:
        return await SqlPurgeableAdministrations(engine).erase(organisation, place.administration.id, NOON)

    async def entered(connection: AsyncConnection, journal: Mapping[str, object], found: Any) -> None:
        await enter(connection, journal, found)
        async with transaction(engine, organisation) as other:
            await other.execute(
                sql("UPDATE administration SET status = 'DELETED', purge_after = :now WHERE id = :id"),
                its | {"now": NOON},
            )
        erased.append(await erase())

    monkeypatch.setattr(text_index, "_enter", entered)
    await caught_up(place)
    erased.append(await erase())
    async with engine.connect() as connection:
        left = await connection.execute(sql("SELECT FROM text_piece WHERE administration_id = :id"), its)
        assert (erased, left.all()) == ([False, True], [])
