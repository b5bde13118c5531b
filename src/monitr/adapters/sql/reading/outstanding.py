"""Open receivables and payables: what is known of them is gathered here; what stood open when, the domain says
(``domain.accounting.open_items_at``)."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Row, TextClause, text

from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION
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
from monitr.domain.accounting.bookyear import parse_journal_key
from monitr.domain.accounting.days_outstanding import days_outstanding
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.open_items_at import (
    Finding,
    KnownItems,
    OutstandingBasis,
    Settlement,
    basis_of,
    in_currency,
)
from monitr.domain.accounting.outstanding_items import (
    Bucket,
    OutstandingItem,
    OutstandingItemType,
    outstanding_totals,
)
from monitr.domain.organisation import AdministrationId

_OF_ITEM = {"bookyear": int, "journal_key": str, "document_number": int, "line_sequence": int, "ordinal": int}
_ITEMS = Cursors("item", {"due": date, **_OF_ITEM})
ITEM_IDS = Cursors("item-id", _OF_ITEM)

_KINDS = {OutstandingItemType.RECEIVABLE: "C", OutstandingItemType.PAYABLE: "S"}
"""Of matchings (octopus.md 2.17)."""

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

# Plan: pk_outstanding_item; the past by ix_outstanding_item_past_span, from the first of the days on.
_FINDINGS = text(f"""
    SELECT {_ITEM}, found_on, CAST(NULL AS date) AS last_found_on
    FROM outstanding_item
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
    UNION ALL
    SELECT {_ITEM}, found_on, last_found_on
    FROM outstanding_item_past
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
      AND last_found_on >= :first
      AND EXISTS (SELECT FROM unnest(CAST(:days AS date[])) AS day WHERE day BETWEEN found_on AND last_found_on)
""")

# Each of the two documents of a matching may have stood open for it; those that did on none of the days are left out.
# Which type a matching is of, its account says; its kind, where the account is a control account of neither or of both.
#
# The plan relied on: ix_matching_administration_id_matched_on from the first of the days on, and for each that is left
# one lookup of its booking by pk_ledger_line: the line with its relation and account; of several the one with its sign,
# its number if the ledger counts lines as reports do, the largest. The cost follows what stood open on one of the days
# and has been settled since, and for the pass over the index, the matchings since the first day.
_SETTLEMENTS = text(f"""
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
    SELECT settled.bookyear, journal_key, settled.document_number, settled.line_sequence, settled.relation,
           coalesce(settled.document_date, line.document_date) AS document_date, line.due_date,
           coalesce(:sign * line.amount, settled.amount) AS amount, settled.amount AS amount_outstanding,
           coalesce(line.currency, 'EUR') AS currency, :sign * line.currency_amount AS currency_amount,
           line.description, line.reference, settled_on
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

# Plan: pk_outstanding_item.
_ONE = text(f"""
    SELECT {_ITEM}
    FROM outstanding_item
    WHERE administration_id = :administration AND {OWN_ADMINISTRATION} AND type = :type
      AND (bookyear, journal_key, document_number, line_sequence, ordinal)
          = (:bookyear, :journal_key, :document_number, :line_sequence, :ordinal)
""")


class OutstandingQueries(TradeQueries):
    async def outstanding_reports(
        self, id: AdministrationId, type: OutstandingItemType, buckets: Sequence[Bucket], days: Sequence[date]
    ) -> Mapping[date, OutstandingReport]:
        known = await self._open_items(id, type, days)

        def reports() -> Mapping[date, OutstandingReport]:
            return {
                day: OutstandingReport(known.basis(day), outstanding_totals(known.on(day), day, buckets))
                for day in days
            }

        return await asyncio.to_thread(reports)

    async def days_outstanding(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]
    ) -> Mapping[date, Decimal | None]:
        known, traded = await self._open_items(id, type, days), await self._traded(id, type, days)

        def figures() -> Mapping[date, Decimal | None]:
            totals = {day: sum((item.amount_outstanding for item in known.on(day)), ZERO) for day in days}
            return {day: days_outstanding(type, total, traded[day]) for day, total in totals.items()}

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
        behind = _ITEMS.decode(after) if after is not None else ()
        known = await self._open_items(id, type, [as_of])
        in_order = await self.snapshot.once(
            ("open items in order", id, type, as_of, filter),
            lambda: asyncio.to_thread(_in_order, known, as_of, filter),
        )
        start = bisect_right(in_order, behind, key=_place)
        shown = in_order[start : start + first]
        return Page(
            [_row(item, as_of) for item in shown],
            [_ITEMS.encode(_place(item)) for item in shown],
            has_next=len(in_order) > start + first,
            has_previous=after is not None,
            total=len(in_order),
        )

    async def outstanding_item(
        self, id: AdministrationId, type: OutstandingItemType, as_of: date, item: str
    ) -> OutstandingItemRow | None:
        try:
            place = ITEM_IDS.place(item)
        except InvalidCursor:
            return None
        rows = await self.snapshot.rows(_ONE, {"administration": id, "type": type.value, **place})
        return _row(OutstandingItem(type, *tuple(rows[0])), as_of) if rows else None

    async def _open_items(self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]) -> KnownItems:
        wanted = tuple(sorted(set(days)))
        return await self.snapshot.once(
            ("open items", id, type, wanted), lambda: self._gathered_items(id, type, wanted)
        )

    async def _gathered_items(
        self, id: AdministrationId, type: OutstandingItemType, days: Sequence[date]
    ) -> KnownItems:
        today, asked = self.snapshot.today, {"administration": id, "type": type.value}
        past = [day for day in days if day < today]
        found: Sequence[Row[Any]] = await self.snapshot.rows(_PAST, {**asked, "days": past}) if past else ()
        snapshots = frozenset[date](day for row in found for day in row.snapshots)
        findings = await self._many(_FINDINGS, {**asked, **_from_first(snapshots, today)})
        rebuilt = [day for day in past if basis_of(day, today, snapshots) is OutstandingBasis.REBUILT]
        settled: Sequence[Row[Any]] = ()
        if rebuilt and found:
            if not found[0].has_matchings:
                raise PastDateNotAvailable(rebuilt[0], today)
            settled = await self._many(
                _SETTLEMENTS, {**asked, **_from_first(rebuilt, today), **_direction(type), **_meant(found[0])}
            )
        return await asyncio.to_thread(_known_items, type, today, snapshots, findings, settled)

    async def _many(self, statement: TextClause, asked: Mapping[str, object]) -> Sequence[Row[Any]]:
        rows = await self.snapshot.many_rows(statement, asked, MOST_ITEMS)
        if rows is None:
            raise TooManySums(MOST_ITEMS)
        return rows


def _from_first(days: Sequence[date] | frozenset[date], today: date) -> Mapping[str, object]:
    return {"days": list(days), "first": min(days, default=today)}


def _direction(type: OutstandingItemType) -> Mapping[str, object]:
    return {"kind": _KINDS[type], "sign": 1 if type is OutstandingItemType.RECEIVABLE else -1}


def _meant(told: Row[Any]) -> Mapping[str, object]:
    """The control accounts of the type and of the other one (an account may be both), and the journals as the ledger
    names them."""
    own, others = set[int](told.own_accounts), set[int](told.other_accounts)
    journals = {key: journal for key in told.journals if (journal := parse_journal_key(key))}
    types, numbers = ([journal[at] for journal in journals.values()] for at in (0, 1))
    accounts = {"own_accounts": own, "only_own": own - others, "only_others": others - own}
    return {
        **{name: list(held) for name, held in accounts.items()},
        "keys": list(journals),
        "types": types,
        "numbers": numbers,
    }


def _known_items(
    type: OutstandingItemType,
    today: date,
    snapshots: frozenset[date],
    findings: Sequence[Row[Any]],
    settled: Sequence[Row[Any]],
) -> KnownItems:
    return KnownItems(
        today,
        snapshots,
        [Finding(OutstandingItem(type, *item), first, last) for *item, first, last in map(tuple, findings)],
        [_settlement(type, row) for row in settled],
    )


def _settlement(type: OutstandingItemType, row: Row[Any]) -> Settlement:
    *item, description, reference, on = tuple(row)
    open_in_currency = in_currency(row.amount_outstanding, row.amount, row.currency_amount)
    told: list[Any] = [*item, open_in_currency, description, reference]
    return Settlement(OutstandingItem(type, *told), on)


def _in_order(known: KnownItems, as_of: date, filter: OutstandingFilter) -> Sequence[OutstandingItem]:
    taken = [
        item
        for item in known.on(as_of)
        if filter.relation_number in (None, item.relation) and (item.days_overdue(as_of) > 0 or not filter.overdue_only)
    ]
    return sorted(taken, key=_place)


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
