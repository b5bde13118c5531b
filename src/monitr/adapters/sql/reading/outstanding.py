"""Open receivables and payables. What Octopus's report held on a day is in sums that are kept, and is paged here; of
other days what is known is gathered here, and what stood open the domain says (``domain.accounting.open_items_at``)."""

import asyncio
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from sqlalchemy import Row, TextClause, text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
from monitr.adapters.sql.journal_keys import parted
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.trade import TradeQueries
from monitr.application.reading.outstanding_items import (
    MOST_ITEMS,
    OutstandingFilter,
    OutstandingItemRow,
    OutstandingReport,
    PastDateNotAvailable,
)
from monitr.application.reading.pages import InvalidCursor, Page
from monitr.application.reading.reports import TooManySums
from monitr.domain.accounting.days_outstanding import days_outstanding
from monitr.domain.accounting.matchings import KIND_OF
from monitr.domain.accounting.open_items_at import (
    OpenPart,
    OutstandingBasis,
    Settlement,
    basis_of,
    in_currency,
    open_items_at,
    open_sums_at,
)
from monitr.domain.accounting.outstanding_items import (
    Ageing,
    Bucket,
    OutstandingItem,
    OutstandingItemType,
    OutstandingSum,
    bucket_starts,
    largest_relations,
    outstanding_amount,
    outstanding_totals,
)
from monitr.domain.organisation import AdministrationId

_OF_ITEM = {"bookyear": int, "journal_key": str, "document_number": int, "line_sequence": int, "ordinal": int}
_ITEMS = Cursors("item", {"due": date, **_OF_ITEM})
ITEM_IDS = Cursors("item-id", _OF_ITEM)

_Bases = Mapping[date, OutstandingBasis]
"""Of the days that are asked for, rising."""
_Standing = Mapping[date, Sequence[OutstandingItem]]
"""What stood open on each day."""

_ITEM = """bookyear, journal_key, document_number, line_sequence, relation, document_date, due_date,
           amount, amount_outstanding, currency, currency_amount, currency_amount_outstanding,
           description, reference, ordinal"""

# What past days take: on which of them an import found the items; whether one has read matchings, or there were none
# and nothing was settled; and what tells of a matching which line it means: the control accounts, and the journals.
_PAST = text(f"""
    SELECT ARRAY(
               SELECT day FROM outstanding_snapshot
               WHERE administration_id = :administration AND type = :type AND day = ANY (CAST(:days AS date[]))
           ) AS snapshots,
           EXISTS (SELECT FROM outstanding_snapshot WHERE administration_id = :administration AND type = :type)
           AND (EXISTS (SELECT FROM matching WHERE administration_id = :administration)
                OR NOT EXISTS (SELECT FROM matching_correction WHERE administration_id = :administration))
           AS has_matchings,
           ARRAY(
               SELECT account FROM control_account WHERE administration_id = :administration AND type = :type
           ) AS own_accounts,
           ARRAY(
               SELECT account FROM control_account WHERE administration_id = :administration AND type <> :type
           ) AS other_accounts,
           ARRAY(SELECT DISTINCT type || number FROM journal WHERE administration_id = :administration) AS journals
    WHERE {OWN_ADMINISTRATION}
""")

# Plan: pk_outstanding_item, read once whatever the number of days.
_LISTED = text(f"""
    SELECT {_ITEM}
    FROM outstanding_item
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
""")

# Plan: as above.
_LISTED_PARTS = text(f"""
    SELECT bookyear, journal_key, document_number, line_sequence, ordinal, relation,
           coalesce(due_date, document_date) AS due, document_date, CAST(NULL AS date) AS settled_on, amount_outstanding
    FROM outstanding_item
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
""")

_DUE = "coalesce(due_date, document_date)"
"""As in OutstandingItem."""


def _reported(columns: str, day: str, is_current: str, rest: str = "") -> str:
    """The rows of the report, as it is now or as it was found on a day; ``rest`` holds for what is now and for what was
    before, each by itself."""
    return f"""(
        (SELECT {columns}
         FROM outstanding_item
         WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
           AND ({is_current} OR found_on <= {day}) {rest})
        UNION ALL
        (SELECT {columns}
         FROM outstanding_item_past
         WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
           AND NOT {is_current} AND {day} BETWEEN found_on AND last_found_on {rest})
    ) AS reported"""


_DAYS = "unnest(CAST(:days AS date[]), CAST(:are_current AS boolean[])) AS day (on_day, is_current)"
_OF_DAY = ("on_day", "is_current")
_BUCKET = "width_bucket(CAST(on_day - due AS bigint), CAST(:starts AS bigint[]))"

# As _TOTALS, of days of which the report is the one of now.
_CURRENT_TOTALS = text(f"""
    SELECT on_day, NULL AS relation, journal AS journal_key, min(due) AS due, sum(amount) AS amount_outstanding,
           CAST(sum(items) AS integer) AS count
    FROM {_DAYS}
    CROSS JOIN outstanding_due
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type AND is_current
    GROUP BY on_day, journal, is_negative, {_BUCKET}
""")

# The plan relied on: one pass over the type's sums by pk_outstanding_due for each day, and for past days one over the
# later changes by pk_outstanding_change. The cost follows the days on which something is due, not the items.
_TOTALS = text(f"""
    SELECT on_day, NULL AS relation, journal AS journal_key, min(due) AS due, sum(amount) AS amount_outstanding,
           CAST(sum(items) AS integer) AS count
    FROM (
        SELECT on_day, due, journal, is_negative, sum(amount) AS amount, sum(items) AS items
        FROM (
            SELECT on_day, due, journal, is_negative, amount, items
            FROM {_DAYS}
            CROSS JOIN outstanding_due
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
            UNION ALL
            SELECT on_day, due, journal, is_negative, -amount, -items
            FROM {_DAYS}
            JOIN outstanding_change AS later ON later.day > on_day AND NOT is_current
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
        ) AS kept
        GROUP BY on_day, due, journal, is_negative
        HAVING sum(items) <> 0
    ) AS standing
    GROUP BY on_day, journal, is_negative, {_BUCKET}
""")

# Which relations are the largest, their kept sums tell: of a past day less what has come since and with what has gone.
# Whoever has not changed and was among the first then is now among as many more as have changed.
#
# The plan relied on: ix_outstanding_relation_largest, as far as is wanted, and for each that is found its items by
# ix_outstanding_item_relation; of a past day the rows since by ix_outstanding_item_administration_id_type_found_on and
# ix_outstanding_item_past_span. The cost follows the items of the largest and the changes since, not all items.
_LARGEST_RELATIONS = text(f"""
    SELECT on_day, nullif(of_relation.relation, 0) AS relation, '' AS journal_key, min(due) AS due,
           sum(amount_outstanding) AS amount_outstanding, CAST(count(*) AS integer) AS count
    FROM {_DAYS}
    CROSS JOIN LATERAL (
        WITH changed AS MATERIALIZED (
            SELECT relation, sum(amount) AS amount, sum(items) AS items
            FROM (
                SELECT coalesce(relation, 0) AS relation, -amount_outstanding AS amount, -1 AS items
                FROM outstanding_item
                WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
                  AND NOT is_current AND found_on > on_day
                UNION ALL
                SELECT coalesce(relation, 0), amount_outstanding, 1
                FROM outstanding_item_past
                WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
                  AND NOT is_current AND on_day BETWEEN found_on AND last_found_on
            ) AS since
            GROUP BY relation
        ),
        kept AS (
            (SELECT relation, amount, items
             FROM outstanding_relation
             WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
             ORDER BY amount DESC, relation = 0, relation
             LIMIT :first + (SELECT count(*) FROM changed))
            UNION
            SELECT relation, outstanding_relation.amount, outstanding_relation.items
            FROM changed
            JOIN outstanding_relation USING (relation)
            WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
        )
        SELECT relation
        FROM (SELECT * FROM kept UNION ALL SELECT * FROM changed) AS standing
        GROUP BY relation
        HAVING sum(items) > 0
        ORDER BY sum(amount) DESC, relation = 0, relation
        LIMIT :first
    ) AS of_relation
    CROSS JOIN LATERAL {
    _reported(f"amount_outstanding, {_DUE} AS due", *_OF_DAY, rest="AND coalesce(relation, 0) = of_relation.relation")
}
    GROUP BY on_day, of_relation.relation, {_BUCKET}
""")

_ON_DAY = ("CAST(:day AS date)", "CAST(:is_current AS boolean)")
_TAKEN = f"""AND (CAST(:relation AS bigint) IS NULL OR relation = :relation)
           AND (CAST(:due_before AS date) IS NULL OR {_DUE} < :due_before)"""

# Plan: as above.
_COUNT = text(f"SELECT count(*) FROM {_reported('', *_ON_DAY, rest=_TAKEN)}")

_KEY = "bookyear, journal_key, document_number, line_sequence, ordinal"
_FIRST = f"ORDER BY due, {_KEY} LIMIT :first"
_BEHIND = f"""AND ({_DUE}, {_KEY})
               > (:due, :bookyear, :journal_key, :document_number, :line_sequence, :ordinal)"""


def _page_of(rest: str) -> str:
    """In the order of ``_place``."""
    rows = _reported(f"{_ITEM}, {_DUE} AS due", *_ON_DAY, rest=f"{_TAKEN} {rest} {_FIRST}")
    return f"SELECT {_ITEM} FROM {rows} {_FIRST}"


# Plan: ix_outstanding_item_due, from the cursor on; of a past day, the rows of ix_outstanding_item_past_span from it on
# are sorted in.
_PAGE, _NEXT_PAGE = text(_page_of("")), text(_page_of(_BEHIND))


# Each of the two documents of a matching may have stood open for it; those that did on none of the days are left out.
# Which type a matching is of, its account says; its kind, where the account is a control account of neither or of both.
#
# The plan relied on: ix_matching_administration_id_matched_on from the first of the days on, and for each that is left
# one lookup of its booking by pk_ledger_line: the line with its relation and account; of several the one with its sign,
# its number if the ledger counts lines as reports do, the largest. The cost follows what stood open on one of the days
# and has been settled since, and for the pass over the index, the matchings since the first day.
def _settlements(columns: str) -> TextClause:
    return text(f"""
    WITH settled AS MATERIALIZED (
        SELECT side.*, nullif(matching.relation, 0) AS relation, account, matched_on AS settled_on
        FROM matching
        CROSS JOIN LATERAL (VALUES
            (debit_bookyear, debit_journal_key, debit_document_number, debit_line_sequence, debit_date,
             :sign * matching.amount),
            (credit_bookyear, credit_journal_key, credit_document_number, credit_line_sequence, credit_date,
             -:sign * credit_amount)
        ) AS side (bookyear, journal_key, document_number, line_sequence, document_date, amount)
        WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND counts AND matched_on > :first
          AND (coalesce(account, 0) = ANY (CAST(:only_own AS int[]))
               OR (kind = :kind AND coalesce(account, 0) <> ALL (CAST(:only_others AS int[]))))
          AND EXISTS (
              SELECT FROM unnest(CAST(:days AS date[])) AS day WHERE day >= side.document_date AND day < matched_on
          )
        UNION ALL
        SELECT bookyear, journal_key, document_number, line_sequence, NULL, :sign * amount, nullif(relation, 0), NULL,
               found_on
        FROM matching_correction
        WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type AND found_on > :first
    )
    SELECT {columns}
    FROM settled
    LEFT JOIN unnest(CAST(:keys AS text[]), CAST(:types AS int[]), CAST(:numbers AS int[]))
              AS journal (journal_key, journal_type, journal_number)
        USING (journal_key)
    LEFT JOIN LATERAL (
        SELECT ledger_line.document_date, ledger_line.due_date, ledger_line.amount, ledger_line.currency,
               ledger_line.currency_amount, ledger_line.description, ledger_line.reference
        FROM ledger_line
        WHERE administration_id = :administration AND ledger_line.bookyear = settled.bookyear
          AND ledger_line.journal_type = journal.journal_type AND ledger_line.journal_number = journal.journal_number
          AND ledger_line.document_number = settled.document_number
          AND ledger_line.relation IS NOT DISTINCT FROM settled.relation
          AND ledger_line.account = ANY (
              CASE WHEN settled.account IS NULL THEN CAST(:own_accounts AS int[]) ELSE ARRAY[settled.account] END)
        ORDER BY sign(ledger_line.amount) = sign(:sign * settled.amount) DESC,
                 ledger_line.line_sequence = settled.line_sequence DESC, abs(ledger_line.amount) DESC, ordinal
        LIMIT 1
    ) AS line ON true
    WHERE coalesce(settled.document_date, line.document_date) IS NOT NULL
""")


_SETTLEMENTS = _settlements("""
           settled.bookyear, journal_key, settled.document_number, settled.line_sequence, settled.relation,
           coalesce(settled.document_date, line.document_date) AS document_date, line.due_date,
           coalesce(:sign * line.amount, settled.amount) AS amount, settled.amount AS amount_outstanding,
           coalesce(line.currency, 'EUR') AS currency, :sign * line.currency_amount AS currency_amount,
           line.description, line.reference, settled_on""")
_SETTLED_PARTS = _settlements("""
           settled.bookyear, journal_key, settled.document_number, settled.line_sequence, 1 AS ordinal,
           settled.relation,
           coalesce(line.due_date, settled.document_date, line.document_date) AS due,
           coalesce(settled.document_date, line.document_date) AS document_date,
           settled_on, settled.amount AS amount_outstanding""")

# Plan: pk_outstanding_item.
_ONE = text(f"""
    SELECT {_ITEM}
    FROM outstanding_item
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
      AND ({_KEY}) = (:bookyear, :journal_key, :document_number, :line_sequence, :ordinal)
""")


class OutstandingQueries(TradeQueries):
    async def outstanding_reports(
        self, id: AdministrationId, type: OutstandingItemType, buckets: Sequence[Bucket], days: Sequence[date]
    ) -> Mapping[date, OutstandingReport]:
        bases = await self._bases(id, type, days)
        standing = await self._standing(id, type, bases, _TOTALS, {"starts": bucket_starts(buckets)})

        def reports() -> Mapping[date, OutstandingReport]:
            return {day: OutstandingReport(bases[day], outstanding_totals(standing[day], day, buckets)) for day in days}

        return await asyncio.to_thread(reports)

    async def outstanding_by_relation(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        buckets: Sequence[Bucket],
        first: int,
        days: Sequence[date],
    ) -> Mapping[date, Sequence[tuple[int | None, Ageing]]]:
        asked = {"starts": bucket_starts(buckets), "first": first}
        standing = await self._standing(id, type, await self._bases(id, type, days), _LARGEST_RELATIONS, asked)

        def relations() -> Mapping[date, Sequence[tuple[int | None, Ageing]]]:
            return {day: largest_relations(standing[day], day, buckets, first) for day in days}

        return await asyncio.to_thread(relations)

    async def days_outstanding(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]
    ) -> Mapping[date, Decimal | None]:
        standing = await self._standing(id, type, await self._bases(id, type, days), _TOTALS, {"starts": []})
        traded = await self._traded(id, type, days)

        def figures() -> Mapping[date, Decimal | None]:
            return {day: days_outstanding(type, outstanding_amount(standing[day]), traded[day]) for day in days}

        return await asyncio.to_thread(figures)

    async def outstanding_items(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        as_of: date,
        filter: OutstandingFilter,
        first: int,
        after: str | None,
    ) -> Page[OutstandingItemRow]:
        behind: Mapping[str, Any] = _ITEMS.place(after) if after is not None else {}
        bases = await self._bases(id, type, [as_of])
        if bases[as_of] is OutstandingBasis.REBUILT:
            in_order = await self._rebuilt_in_order(id, type, bases, as_of, filter)
            start = bisect_right(in_order, tuple(behind.values()), key=_place) if behind else 0
            return _page(in_order[start : start + first + 1], len(in_order), as_of, first, after)
        asked = {**_of_type(id, type), **_on(as_of, bases[as_of]), **_narrowed(filter, as_of)}
        page = _NEXT_PAGE if behind else _PAGE
        rows = await self.snapshot.rows(page, {**asked, **behind, "first": first + 1})
        ((total,),) = await self.snapshot.once(
            ("number of open items", id, type, as_of, filter), lambda: self.snapshot.rows(_COUNT, asked)
        )
        return _page([OutstandingItem(type, *tuple(row)) for row in rows], total, as_of, first, after)

    async def outstanding_item(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, item: str
    ) -> OutstandingItemRow | None:
        try:
            place = ITEM_IDS.place(item)
        except InvalidCursor:
            return None
        rows = await self.snapshot.rows(_ONE, {**_of_type(id, type), **place})
        return _row(OutstandingItem(type, *tuple(rows[0])), as_of) if rows else None

    async def _bases(self, id: AdministrationId, type: OutstandingItemType, days: Iterable[date]) -> _Bases:
        wanted = sorted(set(days))
        told = await self._told(id, type, wanted)
        snapshots = frozenset[date](told.snapshots if told else ())
        return {day: basis_of(day, self.snapshot.today, snapshots) for day in wanted}

    async def _told(self, id: AdministrationId, type: OutstandingItemType, days: Iterable[date]) -> Row[Any] | None:
        """As _PAST; None without past days, and of another's books."""
        past = [day for day in days if day < self.snapshot.today]
        if not past:
            return None
        asked = {**_of_type(id, type), "days": past}
        rows = await self.snapshot.once(("past", id, type, *past), lambda: self.snapshot.rows(_PAST, asked))
        return rows[0] if rows else None

    async def _standing(
        self,
        id: AdministrationId,
        type: OutstandingItemType,
        bases: _Bases,
        sums: TextClause,
        asked: Mapping[str, object],
    ) -> Mapping[date, Sequence[OutstandingSum]]:
        """What stood open on each of the days. Raises PastDateNotAvailable."""
        rebuilt = await self._rebuilt_sums(id, type, bases, by_relation=sums is _LARGEST_RELATIONS)
        reported: dict[date, list[OutstandingSum]] = {day: [] for day in bases if day not in rebuilt}
        if reported:
            are_current = [bases[day] is OutstandingBasis.CURRENT for day in reported]
            on = {"days": [*reported], "are_current": are_current}
            if sums is _TOTALS and all(are_current):
                sums = _CURRENT_TOTALS
            for row in await self._many(sums, {**_of_type(id, type), **on, **asked}):
                reported[row.on_day].append(OutstandingSum(*tuple(row)[1:]))
        return {**rebuilt, **reported}

    async def _rebuilt_sums(
        self, id: AdministrationId, type: OutstandingItemType, bases: _Bases, *, by_relation: bool
    ) -> Mapping[date, Sequence[OutstandingSum]]:
        """Of those days that are rebuilt. Raises PastDateNotAvailable."""
        days, told = await self._to_rebuild(id, type, bases)
        if not told:
            return {day: [] for day in days}

        async def rebuild() -> Mapping[date, Sequence[OutstandingSum]]:
            parts = await self.snapshot.once(("parts", id, type, *days), lambda: self._parts(id, type, days, told))
            return await asyncio.to_thread(open_sums_at, days, parts, by_relation=by_relation)

        return await self.snapshot.once(("rebuilt sums", id, type, by_relation, *days), rebuild)

    async def _rebuilt(self, id: AdministrationId, type: OutstandingItemType, bases: _Bases) -> _Standing:
        """As ``_rebuilt_sums``, item by item."""
        days, told = await self._to_rebuild(id, type, bases)
        if not told:
            return {day: [] for day in days}
        return await self.snapshot.once(("rebuilt", id, type, *days), lambda: self._rebuild(id, type, days, told))

    async def _to_rebuild(
        self, id: AdministrationId, type: OutstandingItemType, bases: _Bases
    ) -> tuple[Sequence[date], Row[Any] | None]:
        """Which days, and what is known for them; None without any, and of another's books. Raises
        PastDateNotAvailable."""
        days = [day for day, basis in bases.items() if basis is OutstandingBasis.REBUILT]
        told = await self._told(id, type, bases) if days else None
        if told and not told.has_matchings:
            raise PastDateNotAvailable(days[0], self.snapshot.today)
        return days, told

    async def _parts(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date], told: Row[Any]
    ) -> Sequence[OpenPart]:
        asked = self._asked_of_days(id, type, days, told)
        listed = await self._many(_LISTED_PARTS, asked)
        settled = await self._many(_SETTLED_PARTS, asked)
        return await asyncio.to_thread(lambda: [_part(row) for row in chain(listed, settled)])

    async def _rebuild(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date], told: Row[Any]
    ) -> _Standing:
        asked = self._asked_of_days(id, type, days, told)
        listed = await self._many(_LISTED, asked)
        settled = await self._many(_SETTLEMENTS, asked)
        return await asyncio.to_thread(_stood_open, type, days, listed, settled)

    @staticmethod
    def _asked_of_days(
        id: AdministrationId, type: OutstandingItemType, days: Sequence[date], told: Row[Any]
    ) -> Mapping[str, object]:
        return {**_of_type(id, type), "days": days, "first": days[0], **_direction(type), **_meant(told)}

    async def _rebuilt_in_order(
        self, id: AdministrationId, type: OutstandingItemType, bases: _Bases, as_of: date, filter: OutstandingFilter
    ) -> Sequence[OutstandingItem]:
        items = (await self._rebuilt(id, type, bases))[as_of]
        return await self.snapshot.once(
            ("rebuilt in order", id, type, as_of, filter), lambda: asyncio.to_thread(_in_order, items, as_of, filter)
        )

    async def _many(self, statement: TextClause, asked: Mapping[str, object]) -> Sequence[Row[Any]]:
        rows = await self.snapshot.many_rows(statement, asked, MOST_ITEMS)
        if rows is None:
            raise TooManySums(MOST_ITEMS)
        return rows


def _of_type(id: AdministrationId, type: OutstandingItemType) -> Mapping[str, object]:
    return {"administration": id, "type": type.value}


def _on(day: date, basis: OutstandingBasis) -> Mapping[str, object]:
    return {"day": day, "is_current": basis is OutstandingBasis.CURRENT}


def _narrowed(filter: OutstandingFilter, as_of: date) -> Mapping[str, object]:
    return {"relation": filter.relation_number, "due_before": as_of if filter.overdue_only else None}


def _direction(type: OutstandingItemType) -> Mapping[str, object]:
    return {"kind": KIND_OF[type], "sign": 1 if type is OutstandingItemType.RECEIVABLE else -1}


def _meant(told: Row[Any]) -> Mapping[str, object]:
    """The control accounts of the type and of the other one (an account may be both), and the journals as the ledger
    names them."""
    own, others = set[int](told.own_accounts), set[int](told.other_accounts)
    accounts = {"own_accounts": own, "only_own": own - others, "only_others": others - own}
    return {**{name: list(held) for name, held in accounts.items()}, **parted(told.journals)}


def _stood_open(
    type: OutstandingItemType, days: Sequence[date], listed: Sequence[Row[Any]], settled: Sequence[Row[Any]]
) -> Mapping[date, Sequence[OutstandingItem]]:
    items = [OutstandingItem(type, *tuple(row)) for row in listed]
    settlements = [_settlement(type, row) for row in settled]
    return {day: open_items_at(day, items, settlements) for day in days}


def _part(row: Row[Any]) -> OpenPart:
    bookyear, journal_key, document, line_sequence, ordinal, *rest = tuple(row)
    return OpenPart((bookyear, journal_key, document, line_sequence, ordinal), *rest)


def _settlement(type: OutstandingItemType, row: Row[Any]) -> Settlement:
    *item, description, reference, on = tuple(row)
    open_in_currency = in_currency(row.amount_outstanding, row.amount, row.currency_amount)
    told: list[Any] = [*item, open_in_currency, description, reference]
    return Settlement(OutstandingItem(type, *told), on)


def _in_order(items: Sequence[OutstandingItem], as_of: date, filter: OutstandingFilter) -> Sequence[OutstandingItem]:
    taken = [
        item
        for item in items
        if filter.relation_number in (None, item.relation) and (item.days_overdue(as_of) > 0 or not filter.overdue_only)
    ]
    return sorted(taken, key=_place)


def _page(
    found: Sequence[OutstandingItem], total: int, as_of: date, first: int, after: str | None
) -> Page[OutstandingItemRow]:
    """Of at most ``first`` of the items behind the cursor ``after``: one more tells whether another page follows."""
    shown = found[:first]
    return Page(
        [_row(item, as_of) for item in shown],
        [_ITEMS.encode(_place(item)) for item in shown],
        has_next=len(found) > first,
        has_previous=after is not None,
        total=total,
    )


def _place(item: OutstandingItem) -> tuple[Any, ...]:
    """Where it stands among the others: the key of its cursor."""
    return (item.due, *item.key)


def _row(item: OutstandingItem, as_of: date) -> OutstandingItemRow:
    return OutstandingItemRow(
        id=ITEM_IDS.encode(item.key),
        booking_code=f"{item.bookyear}-{item.journal_key}-{item.document_number}",
        relation=item.relation,
        document_date=item.document_date,
        due_date=item.due_date,
        days_overdue=item.days_overdue(as_of),
        amount=item.amount,
        amount_outstanding=item.amount_outstanding,
        currency=item.currency,
        currency_amount_outstanding=item.currency_amount_outstanding,
        description=item.description,
        reference=item.reference,
    )
