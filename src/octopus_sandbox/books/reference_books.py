"""What the bookings of a dossier refer to: bookyears, accounts, journals, relations, cost centres, VAT codes."""

import datetime
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace

from octopus_sandbox.books.bookyears import Bookyear, PeriodLength
from octopus_sandbox.books.master_data import VAT_CODES, Account, CostCentre, Journal, Names, Relation, VatCode
from octopus_sandbox.clock import Clock
from octopus_sandbox.switches import BrokenYearPeriods


@dataclass(frozen=True, slots=True)
class DossierCard:
    """What the list of dossiers says of one (octopus.md 2.1)."""

    id: int
    name: str
    vat_number: str = "BE0000.000.097"
    street: str = "Kaai 1"
    postal_code: str = "8000"
    city: str = "Brugge"
    language: str = "nl"
    disabled: bool = False


class ReferenceBooks:
    """The part of the books that holds no bookings. Every change is stamped with the clock."""

    def __init__(self, card: DossierCard, clock: Clock) -> None:
        self.card = card
        self.clock = clock
        self.lock = threading.RLock()
        self.bookyears: dict[int, Bookyear] = {}
        self.journals: dict[tuple[int, str], Journal] = {}
        self.accounts: dict[tuple[int, int], Account] = {}
        self.relations: dict[int, Relation] = {}
        self.cost_centres: dict[int, CostCentre] = {}
        self.vat_codes: Sequence[VatCode] = VAT_CODES
        self.deleted_accounts: list[Account] = []
        self.deleted_journals: list[Journal] = []
        self.deleted_relations: list[Relation] = []

    def add_bookyear(
        self,
        start: datetime.date,
        *,
        months: int = 12,
        period_length: PeriodLength = PeriodLength.MONTH,
        numbering: BrokenYearPeriods = BrokenYearPeriods.START_YEAR,
        closed: bool = False,
        modified: int | None = None,
    ) -> Bookyear:
        """Add a bookyear; accounts and journals of the one before it are copied, as Octopus does."""
        with self.lock:
            new = max(self.bookyears, default=0) + 1
            stamp = self.clock.milliseconds() if modified is None else modified
            previous = max(self.bookyears.values(), key=lambda year: year.start, default=None)
            year = Bookyear.starting(
                new,
                start,
                months=months,
                period_length=period_length,
                numbering=numbering,
                closed=closed,
                modified=stamp,
            )
            self.bookyears[new] = year
            if previous is not None:
                for account in self.accounts_of(previous.id):
                    self.accounts[new, account.number] = replace(account, bookyear=new, modified=stamp)
                for journal in self.journals_of(previous.id):
                    self.journals[new, journal.key] = replace(journal, bookyear=new, closed=False, modified=stamp)
            return year

    def close_bookyear(self, id: int) -> None:
        self.bookyears[id] = replace(self.bookyears[id], closed=True, modified=self.clock.milliseconds())

    def add_account(self, number: int, nl: str, fr: str = "", *, bookyear: int | None = None) -> None:
        """Add an account to one bookyear, or to all there are."""
        stamp = self.clock.milliseconds()
        for year in self.bookyears if bookyear is None else (bookyear,):
            self.accounts[year, number] = Account(year, number, Names(nl, fr), stamp)

    def rename_account(self, number: int, nl: str, fr: str = "", *, bookyear: int | None = None) -> None:
        """Give an account another name in one bookyear, or in all that have it."""
        for (year, known), account in list(self.accounts.items()):
            if known == number and bookyear in (None, year):
                renamed = replace(account, names=Names(nl, fr), modified=self.clock.milliseconds())
                self.accounts[year, known] = renamed

    def remove_account(self, number: int, bookyear: int) -> None:
        removed = self.accounts.pop((bookyear, number))
        self.deleted_accounts.append(replace(removed, modified=self.clock.milliseconds()))

    def add_journal(
        self, key: str, nl: str, fr: str = "", *, account: int | None = None, currency: str | None = None
    ) -> None:
        """Add a journal to all bookyears; `account` is the ledger account of a financial one."""
        stamp = self.clock.milliseconds()
        for year in self.bookyears:
            if key[0] == "F":
                currency = currency or "EUR"
            self.journals[year, key] = Journal(year, key, Names(nl, fr), stamp, currency=currency, account=account)

    def remove_journal(self, key: str, bookyear: int) -> None:
        removed = self.journals.pop((bookyear, key))
        self.deleted_journals.append(replace(removed, modified=self.clock.milliseconds()))

    def add_relation(self, id: int, name: str, *, client: bool = False, supplier: bool = False) -> Relation:
        relation = Relation(id, name, self.clock.milliseconds(), client=client, supplier=supplier)
        self.relations[id] = relation
        return relation

    def put_relation(self, relation: Relation) -> None:
        """Add or change a relation."""
        self.relations[relation.id] = replace(relation, modified=self.clock.milliseconds())

    def remove_relation(self, id: int) -> None:
        self.deleted_relations.append(replace(self.relations.pop(id), modified=self.clock.milliseconds()))

    def bookyear_on(self, day: datetime.date) -> Bookyear:
        for year in self.bookyears.values():
            if day in year:
                return year
        raise ValueError(f"no bookyear contains {day}")

    def bookyear_before(self, bookyear: int) -> Bookyear | None:
        """The bookyear that ends before this one starts, the latest of them."""
        start = self.bookyears[bookyear].start
        return max((y for y in self.bookyears.values() if y.end < start), key=lambda y: y.start, default=None)

    def accounts_of(self, bookyear: int) -> list[Account]:
        return [account for (year, _), account in self.accounts.items() if year == bookyear]

    def journals_of(self, bookyear: int) -> list[Journal]:
        return [journal for (year, _), journal in self.journals.items() if year == bookyear]
