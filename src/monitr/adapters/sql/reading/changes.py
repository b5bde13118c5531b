"""What runs changed: bookings, and what each saw for the first time."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.application.reading.import_history import BookingChange, BookingChangeKind, FirstSeen
from monitr.application.reading.pages import Page
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import AdministrationId

_CHANGES = Cursors("change", dict.fromkeys(("bookyear", "journal_type", "journal_number", "number"), int))

_OF_RUNS = f"administration_id = :administration AND {OWN_ADMINISTRATION} AND run_id = ANY (CAST(:runs AS uuid[]))"

# A row is a range of bookings. Each holds one at least, so no more than :size of a run's are looked into, each no
# further than :size: the cost does not grow with the run.
_PAGES = text(f"""
    SELECT run_id, page.*
    FROM unnest(CAST(:runs AS uuid[])) AS wanted (run_id)
    CROSS JOIN LATERAL (
        SELECT near.bookyear, near.journal_type, near.journal_number, series.number, near.kind
        FROM (
            SELECT bookyear, journal_type, journal_number, last_document_number, kind,
                   CASE WHEN (bookyear, journal_type, journal_number) = (:bookyear, :journal_type, :journal_number)
                        THEN greatest(document_number, :number + 1)
                        ELSE document_number
                   END AS first_number
            FROM import_change
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND run_id = wanted.run_id
              AND (CAST(:number AS int) IS NULL
                   OR (bookyear, journal_type, journal_number, last_document_number)
                      > (:bookyear, :journal_type, :journal_number, :number))
            ORDER BY bookyear, journal_type, journal_number, document_number
            LIMIT :size
        ) AS near
        CROSS JOIN generate_series(first_number, least(last_document_number, first_number + :size)) AS series (number)
        ORDER BY 1, 2, 3, 4
        LIMIT :size
    ) AS page
    ORDER BY run_id, bookyear, journal_type, journal_number, number
""")

_COUNTS = text(f"""
    SELECT run_id, sum(last_document_number - document_number + 1) AS bookings
    FROM import_change
    WHERE {_OF_RUNS}
    GROUP BY run_id
""")

_FIRST_SEEN = text(f"SELECT run_id, kind, number FROM import_first_seen WHERE {_OF_RUNS} ORDER BY number")


def _booking_change(row: Row[Any]) -> BookingChange:
    return BookingChange(BookingKey._make(row[1:5]), BookingChangeKind(row.kind))


class ChangeQueries(Queries):
    async def import_changes(
        self, id: AdministrationId, runs: Sequence[ImportRunId], first: int, after: str | None, *, count: bool
    ) -> Mapping[ImportRunId, Page[BookingChange]]:
        its = {"administration": id, "runs": list(runs)}
        pages: defaultdict[ImportRunId, list[Row[Any]]] = defaultdict(list)
        for row in await self.snapshot.rows(_PAGES, {**its, **_CHANGES.place(after), "size": first + 1}):
            pages[row.run_id].append(row)
        totals: dict[ImportRunId, int] | None = None
        if count:
            totals = {row.run_id: int(row.bookings) for row in await self.snapshot.rows(_COUNTS, its)}
        return {
            run: _CHANGES.page(
                pages[run], first, after, _booking_change, None if totals is None else totals.get(run, 0)
            )
            for run in runs
        }

    async def first_seen(self, id: AdministrationId, runs: Sequence[ImportRunId]) -> Mapping[ImportRunId, FirstSeen]:
        seen: defaultdict[tuple[ImportRunId, str], list[int]] = defaultdict(list)
        for row in await self.snapshot.rows(_FIRST_SEEN, {"administration": id, "runs": list(runs)}):
            seen[row.run_id, row.kind].append(row.number)
        return {run: FirstSeen(tuple(seen[run, "ACCOUNT"]), tuple(seen[run, "COST_CENTRE"])) for run in runs}
