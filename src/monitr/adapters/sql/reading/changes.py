"""What a run changed: bookings, and what it saw for the first time."""

from sqlalchemy import func, select, tuple_

from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.pages import page_of
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.tables import import_change, import_first_seen
from monitr.application.reading import BookingChange, BookingChangeKind, FirstSeen, Page
from monitr.domain.import_run import ImportRunId
from monitr.domain.ledger import BookingKey
from monitr.domain.organisation import AdministrationId

_CHANGES = Cursors("change", (int, int, int, int))


class ChangeQueries(Queries):
    async def import_changes(
        self, id: AdministrationId, run: ImportRunId, first: int, after: str | None, *, count: bool
    ) -> Page[BookingChange]:
        of_run = (import_change.c.administration_id == id) & (import_change.c.run_id == run)
        key = (
            import_change.c.bookyear,
            import_change.c.journal_type,
            import_change.c.journal_number,
            import_change.c.document_number,
        )
        query = select(*key, import_change.c.kind).where(of_run).order_by(*key).limit(first + 1)
        if after is not None:
            query = query.where(tuple_(*key) > tuple_(*_CHANGES.decode(after)))
        rows = await self.snapshot.rows(query)
        total = None
        if count:
            ((total,),) = await self.snapshot.rows(select(func.count()).select_from(import_change).where(of_run))
        return page_of(
            rows,
            first,
            read=lambda row: BookingChange(
                BookingKey(row.bookyear, row.journal_type, row.journal_number, row.document_number),
                BookingChangeKind(row.kind),
            ),
            key=lambda row: tuple(row[:4]),
            cursors=_CHANGES,
            after=after,
            total=total,
        )

    async def first_seen(self, id: AdministrationId, run: ImportRunId) -> FirstSeen:
        query = (
            select(import_first_seen.c.kind, import_first_seen.c.number)
            .where(import_first_seen.c.administration_id == id, import_first_seen.c.run_id == run)
            .order_by(import_first_seen.c.number)
        )
        rows = await self.snapshot.rows(query)
        return FirstSeen(
            tuple(row.number for row in rows if row.kind == "ACCOUNT"),
            tuple(row.number for row in rows if row.kind == "COST_CENTRE"),
        )
