"""Open receivables and payables: ageing, totals by relation, and the items.

The rows are Octopus's report of the last import. What stood open on a past day needs the matchings since then, which
are not imported: such a question is refused rather than answered wrongly.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.rows import entity_of
from monitr.application.reading.outstanding_items import (
    BucketTotal,
    OutstandingItemRow,
    OutstandingSummary,
    PastDateNotAvailable,
    RelationTotal,
)
from monitr.application.reading.pages import InvalidCursor, Page
from monitr.domain.accounting.outstanding_items import Bucket, OutstandingItemType
from monitr.domain.organisation import AdministrationId

_OF_ITEM = {"bookyear": int, "journal_key": str, "document_number": int, "line_sequence": int, "ordinal": int}
_ITEMS = Cursors("item", {"due": date, **_OF_ITEM})
ITEM_IDS = Cursors("item-id", _OF_ITEM)

# Without a due date an item is due on its date.
_ITEM = f"""
    WITH item AS (
        SELECT *, coalesce(due_date, document_date) AS due,
               greatest(CAST(:as_of AS date) - coalesce(due_date, document_date), 0) AS days_overdue
        FROM outstanding_item
        WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
    )
"""

# The buckets part the items, so they add up to the total.
_SUMMARY = text(f"""{_ITEM}
    SELECT (SELECT coalesce(sum(amount_outstanding), 0) FROM item) AS total,
           (SELECT coalesce(sum(amount_outstanding), 0) FROM item WHERE days_overdue > 0) AS overdue,
           count(item.days_overdue) AS items, coalesce(sum(item.amount_outstanding), 0) AS amount
    FROM unnest(CAST(:from_days AS int[]), CAST(:to_days AS int[]))
         WITH ORDINALITY AS bucket (from_days, to_days, position)
    LEFT JOIN item ON item.days_overdue >= coalesce(from_days, 0) AND (to_days IS NULL OR item.days_overdue <= to_days)
    GROUP BY position
    ORDER BY position
""")

_BY_RELATION = text(f"""{_ITEM}
    SELECT relation, sum(amount_outstanding) AS amount,
           coalesce(sum(amount_outstanding) FILTER (WHERE days_overdue > 0), 0) AS overdue, min(due) AS oldest_due_date
    FROM item
    GROUP BY relation
    ORDER BY amount DESC, relation NULLS LAST
    LIMIT :first
""")

_COUNT = text(f"{_ITEM} SELECT count(*) FROM item")

_PAGE = text(f"""{_ITEM}
    SELECT *
    FROM item
    WHERE CAST(:due AS date) IS NULL
       OR (due, bookyear, journal_key, document_number, line_sequence, ordinal)
          > (:due, :bookyear, :journal_key, :document_number, :line_sequence, :ordinal)
    ORDER BY due, bookyear, journal_key, document_number, line_sequence, ordinal
    LIMIT :first
""")

_ONE = text(f"""{_ITEM}
    SELECT *
    FROM item
    WHERE (bookyear, journal_key, document_number, line_sequence, ordinal)
          = (:bookyear, :journal_key, :document_number, :line_sequence, :ordinal)
""")


def _item(row: Row[Any]) -> OutstandingItemRow:
    names = {"id": ITEM_IDS.of(row), "booking_code": f"{row.bookyear}-{row.journal_key}-{row.document_number}"}
    return entity_of({**row._mapping, **names}, OutstandingItemRow)


class OutstandingQueries(Queries):
    async def outstanding_summary(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, buckets: Sequence[Bucket]
    ) -> OutstandingSummary:
        asked = {
            **self._asked(id, type, as_of),
            "from_days": [bucket.from_days for bucket in buckets],
            "to_days": [bucket.to_days for bucket in buckets],
        }
        rows = await self.snapshot.rows(_SUMMARY, asked)
        return OutstandingSummary(
            rows[0].total,
            rows[0].overdue,
            [BucketTotal(bucket, row.items, row.amount) for bucket, row in zip(buckets, rows, strict=True)],
        )

    async def outstanding_by_relation(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int
    ) -> Sequence[RelationTotal]:
        rows = await self.snapshot.rows(_BY_RELATION, {**self._asked(id, type, as_of), "first": first})
        return [RelationTotal(row.relation, row.amount, row.overdue, row.oldest_due_date) for row in rows]

    async def outstanding_items(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, first: int, after: str | None
    ) -> Page[OutstandingItemRow]:
        asked = self._asked(id, type, as_of)
        rows = await self.snapshot.rows(_PAGE, {**asked, **_ITEMS.place(after), "first": first + 1})
        ((total,),) = await self.snapshot.rows(_COUNT, asked)
        return _ITEMS.page(rows, first, after, _item, total)

    async def outstanding_item(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, item: str
    ) -> OutstandingItemRow | None:
        try:
            place = ITEM_IDS.place(item)
        except InvalidCursor:
            return None
        rows = await self.snapshot.rows(_ONE, {**self._asked(id, type, as_of), **place})
        return _item(rows[0]) if rows else None

    def _asked(self, id: AdministrationId, type: OutstandingItemType, as_of: date) -> dict[str, object]:
        if as_of < self.snapshot.today:
            raise PastDateNotAvailable(as_of, self.snapshot.today)
        return {"administration": id, "type": type.value, "as_of": as_of}
