"""What the bookings of a dossier refer to: bookyears, accounts, journals, relations, cost centres, VAT codes."""

import datetime
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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
        self.unlisted: set[int] = set()
        """Bookyears that Octopus no longer lists: whoever asks for one is told that it is unknown."""
        self._stamped: int | None = None

    # --- the moment of a change ------------------------------------------------------------------------

    def stamp(self) -> int:
        """The moment that a change is stamped with: the clock's, unless the change was made earlier elsewhere."""
        return self.clock.milliseconds() if self._stamped is None else self._stamped

    @contextmanager
    def stamped(self, at: int) -> Iterator[None]:
        """What changes within is stamped with an earlier moment, in milliseconds since 1970.

        So it is where a desktop program sends late what it holds: the change appears now, with a stamp of then.
        """
        with self.lock:
            before, self._stamped = self._stamped, at
            try:
                yield
            finally:
                self._stamped = before

    # --- bookyears -------------------------------------------------------------------------------------

    @property
    def listed(self) -> dict[int, Bookyear]:
        """The bookyears that Octopus lists."""
        return {id: year for id, year in self.bookyears.items() if id not in self.unlisted}

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
            stamp = self.stamp() if modified is None else modified
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

    def close_bookyear(self, id: int, *, closed: bool = True) -> None:
        """Close a bookyear, or open it again."""
        self.bookyears[id] = replace(self.bookyears[id], closed=closed, modified=self.stamp())

    def unlist_bookyear(self, id: int) -> None:
        """Octopus lists a bookyear no more, and calls for it answer 400; its bookings are kept for `list_bookyear`."""
        self.unlisted.add(id)

    def list_bookyear(self, id: int) -> None:
        self.unlisted.discard(id)

    # --- accounts and journals -------------------------------------------------------------------------

    def add_account(self, number: int, nl: str, fr: str = "", *, bookyear: int | None = None) -> None:
        """Add an account to one bookyear, or to all there are."""
        stamp = self.stamp()
        for year in self.bookyears if bookyear is None else (bookyear,):
            self.accounts[year, number] = Account(year, number, Names(nl, fr), stamp)

    def rename_account(self, number: int, nl: str, fr: str = "", *, bookyear: int | None = None) -> None:
        """Give an account another name in one bookyear, or in all that have it."""
        for (year, known), account in list(self.accounts.items()):
            if known == number and bookyear in (None, year):
                renamed = replace(account, names=Names(nl, fr), modified=self.stamp())
                self.accounts[year, known] = renamed

    def remove_account(self, number: int, bookyear: int) -> None:
        removed = self.accounts.pop((bookyear, number))
        self.deleted_accounts.append(replace(removed, modified=self.stamp()))

    def add_journal(
        self,
        key: str,
        nl: str,
        fr: str = "",
        *,
        account: int | None = None,
        currency: str | None = None,
        bookyear: int | None = None,
    ) -> None:
        """Add a journal to one bookyear, or to all there are; `account` is the ledger account of a financial one.

        Documents can be booked in a journal before it is added: then the ledger has lines of one that no list shows.
        """
        stamp = self.stamp()
        for year in self.bookyears if bookyear is None else (bookyear,):
            if key[0] == "F":
                currency = currency or "EUR"
            self.journals[year, key] = Journal(year, key, Names(nl, fr), stamp, currency=currency, account=account)

    def rename_journal(self, key: str, nl: str, fr: str = "") -> None:
        """Give a journal another name in every bookyear that has it."""
        for (year, known), journal in list(self.journals.items()):
            if known == key:
                self.journals[year, known] = replace(journal, names=Names(nl, fr), modified=self.stamp())

    def remove_journal(self, key: str, bookyear: int, *, told: bool = True) -> None:
        """Take a journal out of one bookyear; untold, journals/modified does not say that it was ever there."""
        removed = self.journals.pop((bookyear, key))
        if told:
            self.deleted_journals.append(replace(removed, modified=self.stamp()))

    # --- relations and cost centres --------------------------------------------------------------------

    def add_relation(self, id: int, name: str, *, client: bool = False, supplier: bool = False) -> Relation:
        relation = Relation(id, name, self.stamp(), client=client, supplier=supplier)
        self.relations[id] = relation
        return relation

    def put_relation(self, relation: Relation) -> None:
        """Add or change a relation."""
        self.relations[relation.id] = replace(relation, modified=self.stamp())

    def rename_relation(self, id: int, name: str) -> None:
        self.put_relation(replace(self.relations[id], name=name))

    def remove_relation(self, id: int) -> None:
        self.deleted_relations.append(replace(self.relations.pop(id), modified=self.stamp()))

    def put_cost_centre(self, id: int, nl: str, fr: str = "", *, closed: bool = False) -> None:
        """Add, rename, close or reopen a cost centre. They carry no stamp."""
        self.cost_centres[id] = CostCentre(id, Names(nl, fr), closed)

    # --- looking things up -----------------------------------------------------------------------------

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
