"""Reference data: bookyears, journals, the chart of accounts, cost centres, relations."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, Integer, Row, any_, bindparam, func, select, text

from monitr.adapters.sql.database.tables import bookyear, cost_centre, journal, relation
from monitr.adapters.sql.database.tenancy import OWN_ADMINISTRATION, of_administration
from monitr.adapters.sql.reading.cursors import Cursors
from monitr.adapters.sql.reading.snapshot import Queries
from monitr.adapters.sql.repositories.rows import bookyear_of, entity_of
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.pages import Page
from monitr.domain.accounting.account import CostCentre, Names, Relation, account_text
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.organisation import AdministrationId

_RELATIONS = Cursors("relation", {"number": int})

# Named as in the newest bookyear that had begun by :day, else as in the newest of all. The chart of ten bookyears is
# some ten thousand rows: an index scan of pk_account and one sort. Each account was seen for the first time by one run,
# or again after it had vanished.
_ACCOUNTS = text(f"""
    SELECT number, min(seen.first_seen_at) AS first_seen_at,
           array_agg(bookyear ORDER BY bookyear) AS bookyears,
           (array_agg(ARRAY[name_nl, name_fr, name_en, name_de] ORDER BY preference))[1:1] AS preferred,
           array_agg(ARRAY[name_nl, name_fr, name_en, name_de] ORDER BY bookyear) AS names
    FROM (
        SELECT account.*,
               row_number() OVER (
                   PARTITION BY account.number
                   ORDER BY bookyear.start_date <= :day DESC NULLS LAST,
                            bookyear.start_date DESC NULLS LAST,
                            account.bookyear DESC
               ) AS preference
        FROM account
        LEFT JOIN bookyear
          ON bookyear.administration_id = account.administration_id AND bookyear.number = account.bookyear
        WHERE account.administration_id = :administration AND {OWN_ADMINISTRATION}
          AND (CAST(:numbers AS int[]) IS NULL OR account.number = ANY(CAST(:numbers AS int[])))
    ) AS chart
    LEFT JOIN (
        SELECT import_first_seen.number, min(coalesce(run.started_at, run.queued_at)) AS first_seen_at
        FROM import_first_seen
        JOIN import_run AS run ON run.id = import_first_seen.run_id
        WHERE import_first_seen.administration_id = :administration AND import_first_seen.kind = 'ACCOUNT'
          AND run.organisation_id = :organisation
        GROUP BY import_first_seen.number
    ) AS seen USING (number)
    GROUP BY number
    ORDER BY number
""")


# Plan: an Index Scan of pk_relation, or a Seq Scan of few relations.
_RELATIONS_BY_NUMBER = select(relation).where(
    of_administration(relation), relation.c.number == any_(bindparam("numbers", type_=ARRAY(Integer)))
)


def _relation(row: Row[Any]) -> Relation:
    return Relation(
        row.number,
        row.name,
        row.vat_number,
        row.country,
        is_client=row.is_client,
        is_supplier=row.is_supplier,
        active=row.active,
    )


class BasicsQueries(Queries):
    async def bookyears(self, id: AdministrationId) -> Sequence[Bookyear]:
        query = select(bookyear).where(of_administration(bookyear)).order_by(bookyear.c.start_date, bookyear.c.number)
        return [bookyear_of(row._mapping) for row in await self.snapshot.rows(query, {"administration": id})]

    async def journals(self, id: AdministrationId) -> Sequence[Journal]:
        query = (
            select(journal)
            .where(of_administration(journal))
            .order_by(journal.c.bookyear, journal.c.type, journal.c.number)
        )
        rows = await self.snapshot.rows(query, {"administration": id})
        return [entity_of(row._mapping, Journal) for row in rows]

    async def accounts(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[NamedAccount]:
        return await self._named_accounts(id, numbers, as_on=date.max)

    async def _named_accounts(
        self, id: AdministrationId, numbers: Sequence[int] | None, *, as_on: date
    ) -> Sequence[NamedAccount]:
        """Named as in the newest bookyear that had begun by the day; only those that some chart holds."""
        rows = await self.snapshot.rows(
            _ACCOUNTS, {"administration": id, "numbers": None if numbers is None else list(numbers), "day": as_on}
        )
        return [self._named_account(row) for row in rows]

    def _named_account(self, row: Row[Any]) -> NamedAccount:
        language, number = self.snapshot.language, account_text(row.number)
        name, *names = (Names(*each).in_language(language, number) for each in (*row.preferred, *row.names))
        return NamedAccount(row.number, name, tuple(row.bookyears), tuple(names), row.first_seen_at)

    async def cost_centres(self, id: AdministrationId, numbers: Sequence[int] | None = None) -> Sequence[CostCentre]:
        query = select(cost_centre).where(of_administration(cost_centre)).order_by(cost_centre.c.number)
        if numbers is not None:
            query = query.where(cost_centre.c.number.in_(numbers))
        return [
            CostCentre(row.number, Names(row.name_nl, row.name_fr, row.name_en, row.name_de), row.closed)
            for row in await self.snapshot.rows(query, {"administration": id})
        ]

    async def relations_by_number(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, Relation]:
        rows = await self.snapshot.rows(_RELATIONS_BY_NUMBER, {"administration": id, "numbers": list(numbers)})
        return {row.number: _relation(row) for row in rows}

    async def relations(self, id: AdministrationId, first: int, after: str | None) -> Page[Relation]:
        query = select(relation).where(of_administration(relation)).order_by(relation.c.number).limit(first + 1)
        if after is not None:
            (number,) = _RELATIONS.decode(after)
            query = query.where(relation.c.number > number)
        count = select(func.count()).where(of_administration(relation))
        rows = await self.snapshot.rows(query, {"administration": id})
        ((total,),) = await self.snapshot.rows(count, {"administration": id})
        return _RELATIONS.page(rows, first, after, _relation, total)
