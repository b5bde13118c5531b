"""The checks that the database can make by itself, on the balances and on the small tables that publishing keeps."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from monitr.domain.accounting.account import account_text
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import Check, CheckCode, VerificationStatus
from monitr.domain.import_run import ImportRunId
from monitr.domain.organisation import AdministrationId

_SHOWN = 5  # examples in a detail; the rest is counted


_UNBALANCED = text("""
    SELECT bookyear, journal_type, journal_number, document_number, net FROM unbalanced_booking
    WHERE administration_id = :administration ORDER BY 1, 2, 3, 4""")
_YEARS = text("""
    SELECT bookyear, sum(debit - credit) FROM account_month WHERE administration_id = :administration
    GROUP BY bookyear HAVING sum(debit - credit) <> 0 ORDER BY bookyear""")
_UNKNOWN_ACCOUNTS = text("""
    SELECT DISTINCT m.bookyear, m.account FROM account_month m WHERE m.administration_id = :administration
    AND NOT EXISTS (SELECT FROM account a WHERE a.administration_id = :administration AND a.bookyear = m.bookyear
                    AND a.number = m.account) ORDER BY 1, 2""")
_UNKNOWN_COST_CENTRES = text("""
    SELECT DISTINCT m.cost_centre FROM account_month m WHERE m.administration_id = :administration
    AND m.cost_centre <> 0 AND NOT EXISTS (SELECT FROM cost_centre c WHERE c.administration_id = :administration
    AND c.number = m.cost_centre) ORDER BY 1""")
# ledger_relation remembers what lines once named, so the ledger itself is asked about the few that are unknown, if any.
_UNKNOWN_RELATIONS = text("""
    SELECT number FROM ledger_relation WHERE administration_id = :administration
    EXCEPT SELECT number FROM relation WHERE administration_id = :administration""")
_STILL_NAMED = text("""
    SELECT u.number FROM unnest(CAST(:unknown AS int[])) u(number) WHERE EXISTS (
        SELECT FROM ledger_line l WHERE l.administration_id = :administration AND l.relation = u.number)
    ORDER BY 1""")
_NOTES = text("""
    SELECT text FROM import_note WHERE administration_id = :administration AND run_id = :run ORDER BY id""")


async def checks(connection: AsyncConnection, administration: AdministrationId, run: ImportRunId) -> list[Check]:
    place = {"administration": administration}
    unbalanced = [
        f"{BookingKey(*row[:4]).code} is out by {row[4]}" for row in await connection.execute(_UNBALANCED, place)
    ]
    years = [f"bookyear {number} is out by {net}" for number, net in await connection.execute(_YEARS, place)]
    accounts = [
        f"{account_text(number)} in bookyear {bookyear}"
        for bookyear, number in await connection.execute(_UNKNOWN_ACCOUNTS, place)
    ]
    relations: list[str] = []
    if unknown := [number for (number,) in await connection.execute(_UNKNOWN_RELATIONS, place)]:
        named = await connection.execute(_STILL_NAMED, {**place, "unknown": unknown})
        relations = [str(number) for (number,) in named]
    cost_centres = [str(number) for (number,) in await connection.execute(_UNKNOWN_COST_CENTRES, place)]
    notes = [note for (note,) in await connection.execute(_NOTES, {**place, "run": run})]
    failed, warning = VerificationStatus.FAILED, VerificationStatus.WARNING
    return [
        _check(CheckCode.BOOKINGS_BALANCE, unbalanced, failed, "Bookings whose lines do not add up to zero"),
        _check(CheckCode.BOOKYEARS_BALANCE, years, failed, "Bookyears whose lines do not add up to zero"),
        _check(CheckCode.ACCOUNTS_KNOWN, accounts, failed, "Booked on accounts that the chart does not have"),
        _check(CheckCode.RELATIONS_KNOWN, relations, warning, "Booked with relations that Octopus does not list"),
        _check(CheckCode.COST_CENTRES_KNOWN, cost_centres, warning, "Booked on cost centres that are not listed"),
        _check(CheckCode.RECORDS_READABLE, notes, warning, "Records that could not be read, or were repaired"),
    ]


def _check(code: CheckCode, findings: Sequence[str], otherwise: VerificationStatus, title: str) -> Check:
    if not findings:
        return Check(code, VerificationStatus.PASSED)
    rest = f" and {len(findings) - _SHOWN} more" if len(findings) > _SHOWN else ""
    return Check(code, otherwise, f"{title}: {'; '.join(findings[:_SHOWN])}{rest}.")
