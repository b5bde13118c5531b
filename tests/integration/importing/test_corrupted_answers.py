"""One corrupted element in an otherwise sound answer, from its bytes to the ledger in PostgreSQL."""

import json
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.octopus.answers.elements import ElementScanner
from monitr.adapters.octopus.answers.ledger import ARRAYS, LedgerReading
from monitr.adapters.octopus.answers.odd_records import Unknown
from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk
from monitr.application.importing.ledger.read_chunks import Answer
from monitr.domain.accounting.bookyear import Bookyear, Period
from monitr.domain.accounting.ledger import BookingKey, LedgerLine
from tests.integration.importing.soak import examples
from tests.integration.importing.stores import InPostgres, begin, of_an_own_organisation
from tests.unit.importing.imported import numbered

YEAR = Bookyear(
    2, "2026", date(2026, 1, 1), date(2026, 12, 31), False, (Period(202601, date(2026, 1, 1), date(2026, 1, 31)),)
)
CHUNK = Chunk(2, 1)
BOOKINGS, LINES = 5, 4
KEY = ("bookyearKey", "journalType", "journalNr", "documentSequenceNr")
MONEY = ("bookingAmount", "accountKey", "documentDate", "bookyearPeriodeNr")
SPARED = (
    "documentAmount",
    "exchangeRate",
    "vatRecuperationPercentage",
    "relationKey",
    "costCentreKey",
    "comment",
    "reference",
    "vatSectionCode",
    "currencyCode",
    "expiryDate",
    "lineSequenceNr",
)


def an_element(document: int, line: int, amount: int) -> dict[str, object]:
    """The first two lines and the last two cancel each other: half of a booking nets to zero."""
    signed = amount if line % 2 else -amount
    return {
        "accountKey": 440000 + line,
        "bookingAmount": signed,
        "bookyearKey": {"id": 2},
        "bookyearPeriodeNr": 202601,
        "comment": f"Levering {document}",
        "costCentreKey": {"id": 3},
        "currencyCode": "EUR",
        "documentAmount": signed,
        "documentDate": "2026-01-15",
        "documentSequenceNr": document,
        "exchangeRate": 1.0,
        "expiryDate": "2026-02-15",
        "journalNr": 1,
        "journalType": 1,
        "lineSequenceNr": line,
        "reference": "F-12",
        "relationKey": {"id": 13},
        "vatRecuperationPercentage": 100.0,
        "vatSectionCode": "82",
    }


def elements(amount: int) -> list[str]:
    """Those of a booking are scattered over the answer."""
    return [
        json.dumps(an_element(document, line, amount)) for line in range(LINES) for document in range(1, BOOKINGS + 1)
    ]


bad_values = st.sampled_from(
    [
        *("NaN", "-Infinity", '"NaN"', '"sNaN"', "1e400000", "-1e-400000", "1e99999999999999999999", "1e17", "1e13"),
        *("-1", "-600000", "2147483648", "40000", "9" * 5000, "0." + "3" * 5000, "true", "null", "{}", "[]", "[null]"),
        *('""', '"veel"', '"\\u0000"', '"a\\u0000b"', '"\\ud800"', '"\\udc00x"', '{"id":-1}', '{"id":null}'),
        *('"0001-01-01"', '"9999-12-31"', '"0000-00-00"', '"2026-02-30"', '"31/01/2026"', '{"id":"3"}', '"3"'),
        '"' + "x" * 200_000 + '"',
        '"\udcff"',
        '"\udced\udca0\udc80"',
    ]
)


@settings(
    max_examples=examples(ordinarily=15, in_a_soak=2000),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from(KEY + MONEY + SPARED),
    bad_values,
    st.integers(0, BOOKINGS * LINES - 1),
    st.sampled_from([CHUNK, EVERYTHING]),
    st.sampled_from([1, 700, 100_000]),
)
async def test_every_other_booking_is_published_and_the_corrupted_one_is_whole_or_as_before(
    engine: AsyncEngine, member: str, bad: str, place: int, chunk: Chunk, block: int
) -> None:
    corrupted = elements(250)
    sound = json.loads(corrupted[place])
    corrupted[place] = json.dumps(sound | {member: "CORRUPTED"}).replace('"CORRUPTED"', bad)
    assume(member in SPARED or not lines_of([corrupted[place]]))  # else it says something else, and says it well

    into = InPostgres(engine, of_an_own_organisation())
    await begin(into)
    before, after = (numbered(lines_of(elements(amount))) for amount in (100, 250))
    await publish(into, CHUNK, body_of(elements(100)), 100_000)

    answer = await publish(into, chunk, body_of(corrupted), block)

    ledger = (await into.stored()).ledger
    mine = BookingKey(2, 1, 1, sound["documentSequenceNr"])
    others = {key: lines for key, lines in after.items() if key != mine}
    assert {key: lines for key, lines in ledger.items() if key in others} == others
    if member in KEY and mine not in answer.broken:
        assert answer.has_odd or mine in ledger
        return
    is_as_before = ledger[mine] == before[mine]
    assert is_as_before or money_of(ledger[mine]) == money_of(after[mine])
    assert is_as_before == (mine in answer.broken)
    assert member not in SPARED or not is_as_before
    assert (await into.stored()).missing == frozenset()


def money_of(lines: Sequence[LedgerLine]) -> list[tuple[Decimal, int]]:
    return sorted((line.amount, line.account) for line in lines)


def lines_of(written: list[str]) -> list[LedgerLine]:
    scanner = ElementScanner(ARRAYS)
    [block] = [*scanner.feed(body_of(written)), *scanner.close()]
    return LedgerReading([YEAR], Unknown()).batch(block).lines


def body_of(written: list[str]) -> bytes:
    return f'{{"deletedBookings":[],"modifiedBookings":[{",".join(written)}]}}'.encode(errors="surrogateescape")


async def publish(into: InPostgres, chunk: Chunk, body: bytes, block: int) -> Answer:
    scanner, reading, answer = ElementScanner(ARRAYS, block), LedgerReading([YEAR], Unknown()), Answer()
    async with into.store.ledger.stage() as stage:
        for piece in [*scanner.feed(body), *scanner.close()]:
            batch = reading.batch(piece)
            await stage.add(batch.lines)
            answer.take(batch)
        await stage.complete(None if chunk == EVERYTHING else chunk, broken=answer.broken)
        if chunk == EVERYTHING:
            await stage.publish_changes([], into.run)
        else:
            await stage.publish_chunk(into.run)
        await stage.commit(into.run)
    return answer
