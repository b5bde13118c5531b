"""What the lines of the ledger refer to: bookyears, journals, accounts, dimensions and relations."""

from datetime import date, datetime
from typing import Self

import strawberry

from monitr.application.reading.master_data import COST_CENTRE, NamedAccount
from monitr.domain.accounting import account
from monitr.domain.accounting.account import AccountKind, account_class, account_kind, account_text
from monitr.domain.accounting.bookyear import Bookyear as DatedBookyear
from monitr.domain.accounting.statements.layout import NormalSide
from monitr.domain.accounting.statements.rubrics import LegalForm, StatementModel, normal_side, rubric_of
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId
from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info
from monitr.entrypoints.graphql.execution.described import described
from monitr.entrypoints.graphql.execution.shown import shown


@strawberry.type
class Period:
    number: int
    start_date: date
    end_date: date


@strawberry.type
class Bookyear:
    number: int
    description: str
    start_date: date
    end_date: date
    closed: bool
    periods: list[Period]

    @classmethod
    def of(cls, row: DatedBookyear) -> Self:
        periods = [Period(number=it.number, start_date=it.start, end_date=it.end) for it in row.periods]
        return shown(cls, row, start_date=row.start, end_date=row.end, periods=periods)


@strawberry.type
class Journal:
    key: str
    name: str
    type: str
    bookyear: int


@strawberry.type(description="An account number over all bookyears that have it. Class 0 keeps its leading zeros.")
class Account:
    number: str
    name: str
    account_class: int
    kind: AccountKind
    bookyears: list[int]
    first_seen_at: datetime | None = strawberry.field(description="When an import saw it for the first time.")

    @strawberry.field
    def normal_side(self) -> NormalSide:
        return normal_side(int(self.number))

    @described("The rubric that takes it in that model; null: none does.")
    def rubric(
        self,
        model: StatementModel | None = StatementModel.FULL,
        legal_form: LegalForm | None = LegalForm.WITH_CAPITAL,
    ) -> str | None:
        return rubric_of(int(self.number), model or StatementModel.FULL, legal_form or LegalForm.WITH_CAPITAL)

    @classmethod
    def of(cls, row: NamedAccount) -> Self:
        klass = account_class(row.number)
        return shown(cls, row, number=account_text(row.number), account_class=klass, kind=account_kind(klass))

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId, number: int, bookyear: int) -> Self:
        """As in the bookyear. One that no chart holds is shown with its number as name: its lines are there."""
        row = await info.context.loaders.accounts.load((administration, number))
        return cls.of(row.as_in(bookyear) if row else NamedAccount(number, account_text(number), ()))


@strawberry.type
class DimensionValue:
    dimension: str
    code: str
    name: str
    active: bool

    @classmethod
    def of(cls, row: account.CostCentre, language: Language | None) -> Self:
        code = str(row.number)
        return cls(dimension=COST_CENTRE, code=code, name=row.names.in_language(language, code), active=not row.closed)

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId, number: int) -> Self:
        row = await info.context.loaders.cost_centres.load((administration, number))
        return cls.of(row or account.CostCentre(number, account.Names(), closed=True), info.context.language)


@strawberry.type
class Dimension:
    key: str
    administration_id: strawberry.Private[AdministrationId]

    @strawberry.field
    def name(self, info: Info) -> str:
        """In the reader's language."""
        return info.context.say(Sentence.of(f"dimension.{self.key}"))

    @strawberry.field
    async def values(self, info: Info) -> list[DimensionValue]:
        rows = await info.context.reading.cost_centres(self.administration_id)
        return [DimensionValue.of(row, info.context.language) for row in rows]


@strawberry.type
class Relation:
    number: int
    name: str
    vat_number: str | None
    country: str | None
    is_client: bool
    is_supplier: bool
    active: bool

    @classmethod
    def of(cls, row: account.Relation) -> Self:
        return shown(cls, row, name=row.name or str(row.number))

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId, number: int | None) -> "Relation | None":
        """One that Octopus did not list (yet) is shown with its number as name."""
        if number is None:
            return None
        row = await info.context.loaders.relations.load((administration, number))
        return cls.of(
            row or account.Relation(number, str(number), None, None, is_client=False, is_supplier=False, active=False)
        )
