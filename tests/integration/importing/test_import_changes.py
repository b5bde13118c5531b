"""Each run can say which bookings it added, changed and removed, and what it saw for the first time."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.reading.reader import SqlReaders
from monitr.application.reading.import_history import BookingChange, BookingChangeKind
from monitr.application.reading.reader import Reader
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import AdministrationId
from octopus_sandbox import SandboxSettings
from octopus_sandbox.books.entries import DocumentKey, credit, debit
from octopus_sandbox.testing import SandboxServer
from tests.integration.importing.world import a_world


async def test_a_run_tells_what_it_changed(engine: AsyncEngine) -> None:
    readers = SqlReaders(engine, lambda: datetime.now(UTC))
    with SandboxServer(SandboxSettings(lines=1, bookyears=2, dossiers=1)) as sandbox:
        async with a_world(engine, sandbox) as world:
            (administration,) = await world.select(await world.connect(), 49001)
            first = await world.work(administration.id)
            books = sandbox.books(49001)
            today = datetime.now(UTC).date()
            books.delete(DocumentKey(2, 2, 1, 1))
            books.change(DocumentKey(2, 2, 1, 2), comment="Gewijzigd")
            books.add_account(619999, "Nieuwe kosten", bookyear=2)
            new = books.book(journal="D2", date=today, lines=[debit(619999, "10.00"), credit(550000, "10.00")])

            second = await world.sync(administration.id)

            async with readers(world.organisation) as reader:
                both = [first.id, second.id]
                of_both = await reader.import_changes(administration.id, both, 1000, None, count=True)
                in_pages = await pages(reader, administration.id, first.id)
                seen_by = await reader.first_seen(administration.id, both)
            documents = await world.rows(
                "SELECT count(DISTINCT (bookyear, journal_type, journal_number, document_number))"
                " FROM ledger_line WHERE administration_id = :id",
                id=administration.id,
            )

    all_of_the_first, changes = of_both[first.id], of_both[second.id]
    seen_first, seen = seen_by[first.id], seen_by[second.id]
    assert list(changes.rows) == [
        BookingChange(BookingKey(2, 2, 1, 1), BookingChangeKind.REMOVED),
        BookingChange(BookingKey(2, 2, 1, 2), BookingChangeKind.CHANGED),
        BookingChange(BookingKey(*new.key), BookingChangeKind.ADDED),
    ]
    assert changes.total == 3
    assert all_of_the_first.total == len(all_of_the_first.rows) == documents[0][0]
    assert in_pages == list(all_of_the_first.rows)
    assert 400000 in seen_first.accounts
    assert (seen.accounts, seen.cost_centres) == ((619999,), ())


async def pages(reader: Reader, administration: AdministrationId, run: ImportRunId) -> list[BookingChange]:
    """All, seven at a time: across ranges, and from within them."""
    rows: list[BookingChange] = []
    after = None
    while True:
        page = (await reader.import_changes(administration, [run], 7, after, count=False))[run]
        rows += page.rows
        if not page.has_next:
            return rows
        assert len(page.rows) == 7
        after = page.cursors[-1]
