"""What the lines of the ledger refer to: bookyears, journals, accounts, dimensions and relations."""

from collections.abc import Callable
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Self, TypeVar

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
from monitr.entrypoints.graphql.execution.context import Info, Operation
from monitr.entrypoints.graphql.execution.loaders import Loader, Loaders
from monitr.entrypoints.graphql.execution.lookups import Lookup
from monitr.entrypoints.graphql.execution.shown import shown
from monitr.entrypoints.graphql.types.filters import OfLegalForm, OfModel

T = TypeVar("T")
V = TypeVar("V")


@strawberry.type
class Period:
    """A part of a bookyear: a month, a quarter, or what a broken year has."""

    number: int
    """Within the bookyear, as Octopus numbers it."""
    start_date: date
    """Its first day."""
    end_date: date
    """Its last day, included."""


@strawberry.type
class Bookyear:
    """As Octopus has it. Any length: broken and long ones too."""

    number: int
    """Octopus's `bookyearKey.id`; what `bookyear` means everywhere."""
    description: str
    """As the bookkeeper named it: `2026`."""
    start_date: date
    """Its first day."""
    end_date: date
    """Its last day, included."""
    closed: bool
    """Whether the bookkeeper has closed it."""
    periods: list[Period]
    """Its periods, in order."""

    @classmethod
    def of(cls, row: DatedBookyear) -> Self:
        periods = [Period(number=it.number, start_date=it.start, end_date=it.end) for it in row.periods]
        return shown(cls, row, start_date=row.start, end_date=row.end, periods=periods)


@strawberry.type
class Journal:
    """A journal of one bookyear."""

    key: str
    """Letter and number: `A1`; `T5-1` for a type that has no letter."""
    name: str
    """As the bookkeeper named it."""
    type: str
    """A purchases, V sales, F financial, D divers, L other; `T5` and so on for what is not documented."""
    bookyear: int
    """The `number` of its `Bookyear`."""


@strawberry.type
class Account:
    """An account number over all bookyears that have it. Class 0 keeps its leading zeros."""

    number: str
    """As people write it, at least six digits: `012000`."""
    name: str
    """As in the newest bookyear that has it, or in that of the line or report that shows it; else its number."""
    account_class: int
    """The first of the six digits: 0 to 9."""
    kind: AccountKind
    """What becomes of its balance at the end of a bookyear; by its class."""
    bookyears: list[int]
    """Those whose chart has it, ascending; empty for one that is booked on and in no chart."""
    first_seen_at: datetime | None
    """When the import began that saw it first (UTC); null: unknown."""

    @strawberry.field
    def normal_side(self) -> NormalSide:
        """In which it stands as a rule: assets and charges debit, the rest credit."""
        return normal_side(int(self.number))

    @strawberry.field
    def rubric(
        self,
        model: OfModel = StatementModel.FULL,
        legal_form: OfLegalForm = LegalForm.WITH_CAPITAL,
    ) -> str | None:
        """The NBB's rubric that takes it as a rule, whatever its balance: `22/27`; null: none does."""
        return rubric_of(int(self.number), model or StatementModel.FULL, legal_form or LegalForm.WITH_CAPITAL)

    @classmethod
    def of(cls, row: NamedAccount) -> Self:
        klass = account_class(row.number)
        return shown(cls, row, number=account_text(row.number), account_class=klass, kind=account_kind(klass))

    @classmethod
    def in_year(cls, number: int, bookyear: int, row: NamedAccount | None) -> Self:
        """As in the bookyear. One that no chart holds is shown with its number as name: its lines are there."""
        return cls.of(row.as_in(bookyear) if row else NamedAccount(number, account_text(number), ()))


@strawberry.type
class DimensionValue:
    """A value of a dimension: a cost centre."""

    dimension: str
    """The key of its `Dimension`: `COST_CENTRE`."""
    code: str
    """Octopus's `costCentreKey.id` as text: `4`."""
    name: str
    """In the first language that it has one in, else its code."""
    active: bool
    """False: closed at Octopus, or not listed."""

    @classmethod
    def of(cls, row: account.CostCentre, language: Language | None) -> Self:
        code = str(row.number)
        return cls(dimension=COST_CENTRE, code=code, name=row.names.in_language(language, code), active=not row.closed)

    @classmethod
    def listed(cls, number: int, row: account.CostCentre | None, language: Language | None) -> Self:
        return cls.of(row or account.CostCentre(number, account.Names(), closed=True), language)


@strawberry.type
class Dimension:
    """What lines can be broken down by."""

    key: str
    """`COST_CENTRE`, the one that Octopus has."""
    administration_id: strawberry.Private[AdministrationId]

    @strawberry.field
    def name(self, info: Info) -> str:
        """In the reader's language."""
        return info.context.say(Sentence.of(f"dimension.{self.key}"))

    @strawberry.field
    async def values(self, info: Info) -> list[DimensionValue]:
        """All of them, closed ones too, by number."""
        rows = await info.context.reading.cost_centres(self.administration_id)
        return [DimensionValue.of(row, info.context.language) for row in rows]


@strawberry.type
class Relation:
    """A client, a supplier, or both."""

    number: int
    """Octopus's number of it; unique in the administration."""
    name: str
    """As Octopus has it; its number where Octopus has none, or has not listed it yet."""
    vat_number: str | None
    """Without dots and spaces: `BE0352633701`; null: none."""
    country: str | None
    """ISO 3166-1, two letters; null: unknown."""
    is_client: bool
    """Whether Octopus has it as a client."""
    is_supplier: bool
    """Whether Octopus has it as a supplier."""
    active: bool
    """False: set inactive at Octopus, or not listed."""

    @classmethod
    def of(cls, row: account.Relation) -> Self:
        return shown(cls, row, name=row.name or str(row.number))

    @classmethod
    async def load(cls, info: Info, administration: AdministrationId, number: int | None) -> "Relation | None":
        if number is None:
            return None
        return cls.listed(number, await info.context.loaders.relations.load((administration, number)))

    @classmethod
    def listed(cls, number: int, row: account.Relation | None) -> Self:
        """One that Octopus did not list (yet) is shown with its number as name."""
        return cls.of(
            row or account.Relation(number, str(number), None, None, is_client=False, is_supplier=False, active=False)
        )


Key = tuple[AdministrationId, int]
_ADMINISTRATION = "administration_id.int"  # as a mark: UUIDs are slow to hash


def numbered(
    loader: Callable[[Loaders], Loader[Key, V]],
    number: str,
    show: Callable[[Any, Key, V, Operation], T],
    *beside: str,
    without: object = None,
) -> Lookup[Any, Key, V, T]:
    """What an object names by the ``number`` of its attribute, if any, in its ``administration_id``. ``beside``: what
    else of it is shown, its attributes."""
    named = attrgetter("administration_id", number)

    def key(row: Any) -> Key | None:
        administration, its_number = named(row)
        return None if its_number is None else (administration, its_number)

    return Lookup(loader, key, show, attrgetter(_ADMINISTRATION, number, *beside), without)


def relation_by(number: str) -> Lookup[Any, Key, account.Relation | None, Relation]:
    return numbered(attrgetter("relations"), number, lambda _, key, row, __: Relation.listed(key[1], row))


def dimension_value_by(number: str) -> Lookup[Any, Key, account.CostCentre | None, DimensionValue]:
    def show(_: object, key: Key, row: account.CostCentre | None, operation: Operation) -> DimensionValue:
        return DimensionValue.listed(key[1], row, operation.language)

    return numbered(attrgetter("cost_centres"), number, show)
