"""What the recognition of year openings reads and writes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.accounting.bookyear import Bookyear
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, JournalType
from monitr.domain.accounting.year_opening import TRANSFER_ACCOUNT, Candidate, YearOpening
from monitr.domain.organisation import AdministrationId

CARRIED_FORWARD = "left(lpad({0}::text, 6, '0'), 1) <= '5'"
"""Classes 0 to 5, of the column put in: the first of six digits, as ``domain.account.account_class`` has it."""

# Which unusual types and periods the bookyear has at all: from the balances, so that the ledger is rarely searched.
_UNUSUAL = text("""
    SELECT DISTINCT journal_type, period FROM account_month
    WHERE administration_id = :administration AND bookyear = :bookyear
      AND (journal_type <> ALL(CAST(:types AS int[])) OR period % 100 = 0)""")

# One row for each booking and account. The inner query finds the bookings by ix_ledger_line_newest (the first
# period), ix_ledger_line_account (588888) and the primary key (unusual types, and what is dated in the first
# period but booked in a later one: the divers lines of one bookyear are read for it); the outer reads them by its
# primary key.
_CANDIDATES = text(f"""
    WITH booking AS MATERIALIZED (
        SELECT DISTINCT l.bookyear, l.journal_type, l.journal_number, l.document_number FROM ledger_line l
        WHERE l.administration_id = :administration AND l.bookyear = :bookyear AND l.journal_type = :divers
          AND l.effective_date <= :first_period_end
        UNION
        SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number FROM ledger_line l
        WHERE l.administration_id = :administration AND l.bookyear = :bookyear AND l.journal_type = :divers
          AND l.document_date BETWEEN :start AND :first_period_end
        UNION
        SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number FROM ledger_line l
        WHERE l.administration_id = :administration AND l.bookyear = :bookyear AND l.journal_type = :financial
          AND l.account = :transfer
        UNION
        SELECT l.bookyear, l.journal_type, l.journal_number, l.document_number FROM ledger_line l
        WHERE l.administration_id = :administration AND l.bookyear = :bookyear
          AND cardinality(CAST(:unusual AS int[])) > 0 AND l.journal_type = ANY(CAST(:unusual AS int[]))
          AND (l.journal_type <> ALL(CAST(:types AS int[])) OR coalesce(l.period, 0) % 100 = 0))
    SELECT l.journal_type, l.journal_number, l.document_number, l.account, sum(l.amount) AS amount,
           min(l.document_date) AS date, array_agg(DISTINCT coalesce(l.period, -1)) AS periods
    FROM booking b JOIN ledger_line l ON l.administration_id = :administration AND l.bookyear = b.bookyear
        AND l.journal_type = b.journal_type AND l.journal_number = b.journal_number
        AND l.document_number = b.document_number
    WHERE NOT EXISTS (
        SELECT FROM ledger_line p WHERE p.administration_id = :administration AND p.bookyear = b.bookyear
            AND p.journal_type = b.journal_type AND p.journal_number = b.journal_number
            AND p.document_number = b.document_number AND NOT {CARRIED_FORWARD.format("p.account")})
    GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4""")

_CLOSING = text(f"""
    SELECT account, sum(debit - credit) FROM account_month
    WHERE administration_id = :administration AND bookyear = :bookyear AND {CARRIED_FORWARD.format("account")}
    GROUP BY account""")

_HAS_OPENING = text("""
    SELECT EXISTS (SELECT FROM year_opening WHERE administration_id = :administration AND bookyear = :bookyear)""")

_CARRIED = text("""
    SELECT date_trunc('month', l.effective_date)::date AS month, l.account, coalesce(l.cost_centre, 0) AS cost_centre,
           sum(greatest(l.amount, 0)) AS debit, sum(greatest(-l.amount, 0)) AS credit, count(*)::int AS lines
    FROM unnest(CAST(:journal_types AS int[]), CAST(:journal_numbers AS int[]), CAST(:documents AS int[]))
         AS o(journal_type, journal_number, document_number)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger_line l WHERE l.administration_id = :administration AND l.bookyear = :bookyear
            AND l.journal_type = o.journal_type AND l.journal_number = o.journal_number
            AND l.document_number = o.document_number OFFSET 0) l
    GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""")


async def candidates(
    connection: AsyncConnection, administration: AdministrationId, bookyear: Bookyear
) -> list[Candidate]:
    """The bookings, all of classes 0 to 5, that might open the bookyear (``domain.year_opening`` judges them)."""
    place = {"administration": administration, "bookyear": bookyear.number, "types": list(FIRST_LOAD_TYPES)}
    unusual = {type for type, _ in await connection.execute(_UNUSUAL, place)}
    first = min(bookyear.periods, key=lambda period: period.start, default=None)
    rows = await connection.execute(
        _CANDIDATES,
        {
            **place,
            "divers": int(JournalType.DIVERS),
            "financial": int(JournalType.FINANCIAL),
            "transfer": TRANSFER_ACCOUNT,
            "start": bookyear.start,
            "first_period_end": first.end if first else bookyear.start,
            "unusual": sorted(unusual),
        },
    )
    found: dict[BookingKey, Candidate] = {}
    for row in rows:
        key = BookingKey(bookyear.number, row.journal_type, row.journal_number, row.document_number)
        periods = frozenset(None if period == -1 else period for period in row.periods)
        known = found.get(key, Candidate(key, row.date, frozenset(), {}))
        found[key] = Candidate(
            key, min(known.date, row.date), known.periods | periods, {**known.sums, row.account: row.amount}
        )
    return list(found.values())


async def closing(
    connection: AsyncConnection, administration: AdministrationId, bookyear: int, start: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """What the bookyear closes with: its openings, or else ``start``, and all its movements."""
    place = {"administration": administration, "bookyear": bookyear}
    has_opening = (await connection.execute(_HAS_OPENING, place)).scalar_one()
    balances = {} if has_opening else dict(start)
    for account, amount in await connection.execute(_CLOSING, place):
        balances[account] = balances.get(account, Decimal(0)) + amount
    return {account: amount for account, amount in balances.items() if amount}


async def save(
    connection: AsyncConnection, administration: AdministrationId, bookyear: int, openings: Sequence[YearOpening]
) -> bool:
    """Put the openings and what they carry in place of the bookyear's; nothing is written where they are the same."""
    place = {"administration": administration, "bookyear": bookyear}
    wanted = sorted((*opening.key[1:], str(opening.evidence)) for opening in openings)
    stored = await connection.execute(
        text("""SELECT journal_type, journal_number, document_number, evidence FROM year_opening
                WHERE administration_id = :administration AND bookyear = :bookyear ORDER BY 1, 2, 3"""),
        place,
    )
    differs = [tuple(row) for row in stored] != wanted
    if differs:
        await connection.execute(
            text("DELETE FROM year_opening WHERE administration_id = :administration AND bookyear = :bookyear"), place
        )
        if wanted:
            await connection.execute(
                text("""INSERT INTO year_opening (administration_id, bookyear, journal_type, journal_number,
                                                  document_number, evidence)
                        VALUES (:administration, :bookyear, :type, :number, :document, :evidence)"""),
                [
                    {**place, "type": type, "number": number, "document": document, "evidence": evidence}
                    for type, number, document, evidence in wanted
                ],
            )
    return await _save_balances(connection, place, wanted) or differs


async def _save_balances(
    connection: AsyncConnection, place: Mapping[str, object], openings: Sequence[tuple[object, ...]]
) -> bool:
    carried = await connection.execute(
        _CARRIED,
        {
            **place,
            "journal_types": [opening[0] for opening in openings],
            "journal_numbers": [opening[1] for opening in openings],
            "documents": [opening[2] for opening in openings],
        },
    )
    wanted = [tuple(row) for row in carried]
    stored = await connection.execute(
        text("""SELECT month, account, cost_centre, debit, credit, lines FROM opening_balance
                WHERE administration_id = :administration AND bookyear = :bookyear ORDER BY 1, 2, 3"""),
        place,
    )
    if [tuple(row) for row in stored] == wanted:
        return False
    await connection.execute(
        text("DELETE FROM opening_balance WHERE administration_id = :administration AND bookyear = :bookyear"), place
    )
    if wanted:
        names = ("month", "account", "cost_centre", "debit", "credit", "lines")
        await connection.execute(
            text("""INSERT INTO opening_balance (administration_id, bookyear, month, account, cost_centre, debit,
                                                 credit, lines)
                    VALUES (:administration, :bookyear, :month, :account, :cost_centre, :debit, :credit, :lines)"""),
            [{**place, **dict(zip(names, row, strict=True))} for row in wanted],
        )
    return True
