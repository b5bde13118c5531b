"""A dossier at Octopus, in memory: a tiny book that can be changed, and answers that can be spoiled on purpose."""

from collections import defaultdict
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import Enum

from monitr.application.octopus import (
    AccountAmount,
    Changed,
    ChangedMatchings,
    InvalidAnswer,
    Listed,
    OctopusError,
    OctopusUnavailable,
    OpenDossier,
    QuotaSpent,
)
from monitr.domain.accounting.account import Account, CostCentre, Names, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal, Period
from monitr.domain.accounting.ledger import (
    FIRST_LOAD_TYPES,
    BookingKey,
    JournalType,
    LedgerBatch,
    LedgerLine,
    OddRecord,
)
from monitr.domain.accounting.matchings import MatchedLine, MatchedPair, Matching
from monitr.domain.accounting.money import ZERO
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
MIDNIGHT = datetime(2026, 11, 22, 23, tzinfo=UTC)
"""In Brussels, the one after NOON."""

SPENT = QuotaSpent("bookings/modified", MIDNIGHT)
UNAVAILABLE = OctopusUnavailable("bookings/modified was answered 503")
INVALID = InvalidAnswer("bookings/modified was answered with HTML")


def a_bookyear(number: int, year: int) -> Bookyear:
    """A calendar year of two periods: half years keep a test short."""
    periods = (
        Period(year * 100 + 1, date(year, 1, 1), date(year, 6, 30)),
        Period(year * 100 + 2, date(year, 7, 1), date(year, 12, 31)),
    )
    return Bookyear(number, str(year), date(year, 1, 1), date(year, 12, 31), closed=False, periods=periods)


Entry = tuple[int, str]
"""An account and its amount, debit positive."""


def lines_of(
    key: BookingKey, *entries: Entry, day: date, period: int | None, relation: int | None = None
) -> list[LedgerLine]:
    return [
        LedgerLine(
            *key,
            line_sequence=position,
            period=period,
            document_date=day,
            effective_date=day,
            due_date=None,
            account=account,
            amount=Decimal(amount),
            currency="EUR",
            currency_amount=None,
            exchange_rate=None,
            relation=relation if account in (400000, 440000) else None,
            cost_centre=None,
            description=None,
            reference=None,
            vat_section=None,
            vat_recuperation=None,
        )
        for position, (account, amount) in enumerate(entries, start=1)
    ]


class Nothing(Enum):
    SAID = "a document with nothing in it"
    SILENT = "no document"


@dataclass
class Spoiled:
    """What the ledger answers of a question go through: once for each question, after ``skip`` of them."""

    change: Callable[[list[LedgerLine]], list[LedgerLine]]
    times: int = 1
    skip: int = 0
    asked: tuple[int, int] | None = None
    """Only where (bookyear, journal type) is asked for."""


@dataclass
class FakeDossier:
    """``calls`` are the questions in their order: operation and what was asked."""

    years: list[Bookyear] = field(default_factory=lambda: [a_bookyear(1, 2025), a_bookyear(2, 2026)])
    books: dict[BookingKey, list[LedgerLine]] = field(default_factory=dict)
    changed: dict[BookingKey, datetime] = field(default_factory=dict)
    deleted: dict[BookingKey, datetime] = field(default_factory=dict)
    matched: dict[MatchedPair, tuple[Matching, datetime]] = field(default_factory=dict)
    unmatched: list[tuple[MatchedPair, datetime]] = field(default_factory=list)
    relations_known: set[int] = field(default_factory=lambda: {13, 16})
    all_types_of_one_bookyear: bool = True
    """Journal type -1 is accepted together with one bookyear; otherwise it is refused (octopus.md 8.1)."""
    has_totals: bool = True
    charts_by_changes: bool = True
    """A first reading of the changed accounts holds them all (octopus.md 2.5)."""
    batch: int = 2
    calls: list[tuple[str, object]] = field(default_factory=list)
    errors: defaultdict[str, dict[int, OctopusError]] = field(default_factory=lambda: defaultdict(dict))
    midway: dict[int, OctopusError] = field(default_factory=dict)
    spoiled: list[Spoiled] = field(default_factory=list)
    odd: list[OddRecord] = field(default_factory=list)
    """Reported with the next answer for the ledger."""
    broken: list[BookingKey] = field(default_factory=list)
    """Bookings of which the last line cannot be read."""
    amounts_override: list[AccountAmount] | None = None
    clock: Callable[[], datetime] | None = None
    """Octopus's; without one its answers do not tell the time."""
    opened_at: datetime | None = None
    calls_left: int = 48
    unreadable: set[int] = field(default_factory=set)
    """Bookyears whose records cannot be read, but for their number."""
    nameless: list[OddRecord] = field(default_factory=list)
    """Records of bookyears that have not even a number."""
    nothing: Callable[[str, object], Nothing | None] = lambda operation, question: None
    """What is answered with nothing, and in which form."""
    before_call: Callable[[str], None] = lambda operation: None
    _cells: set[tuple[int, int, int]] = field(default_factory=set)

    # --- the books ---------------------------------------------------------------------------------------------------

    def book(
        self,
        key: BookingKey,
        *entries: Entry,
        day: date | None = None,
        period: int | None = None,
        relation: int | None = None,
        at: datetime = LONG_AGO,
    ) -> BookingKey:
        """Book a document, or change it, in the first period of its bookyear unless a day is given."""
        year = next(year for year in self.years if year.number == key.bookyear)
        on = day or year.start
        inside = next(listed.number for listed in year.periods if listed.start <= on <= listed.end)
        self.books[key] = lines_of(key, *entries, day=on, period=period or inside, relation=relation)
        self.changed[key] = at
        self.deleted.pop(key, None)
        return key

    def delete(self, key: BookingKey, at: datetime) -> None:
        self.forget(key)
        self.deleted[key] = at

    def forget(self, key: BookingKey) -> None:
        """Without a report of it."""
        del self.books[key], self.changed[key]

    def match(self, debit: BookingKey, credit: BookingKey, amount: str, *, at: datetime = LONG_AGO) -> Matching:
        """The lines on the control account of two bookings."""
        of_debit, of_credit = (
            next(line for line in self.books[key] if line.account in (400000, 440000)) for key in (debit, credit)
        )
        matching = Matching(
            _as_matched(of_debit),
            _as_matched(of_credit),
            "C" if of_debit.account == 400000 else "S",
            of_debit.relation,
            of_debit.account,
            Decimal(amount),
            Decimal(amount),
            of_debit.document_date,
            of_credit.document_date,
        )
        self.matched[matching.pair] = (matching, at)
        return matching

    def unmatch(self, matching: Matching, *, at: datetime | None) -> None:
        """Without a moment nobody tells."""
        del self.matched[matching.pair]
        if at is not None:
            self.unmatched.append((matching.pair, at))

    # --- what goes wrong ---------------------------------------------------------------------------------------------

    def fail(self, operation: str, error: OctopusError, *, at: Iterable[int] = (1,)) -> None:
        """Raise at those calls of the operation, counted from 1 and from now."""
        done = self.count(operation)
        self.errors[operation] |= dict.fromkeys((done + nth for nth in at), error)

    def fail_midway(self, error: OctopusError, *, at: int = 1) -> None:
        """Raise after the first batch of that answer for the ledger."""
        self.midway[self.count("ledger") + at] = error

    def spoil(self, change: Callable[[list[LedgerLine]], list[LedgerLine]], **options: object) -> None:
        self.spoiled.append(Spoiled(change, **options))  # type: ignore[arg-type]  # the fields of Spoiled, by name

    def count(self, operation: str) -> int:
        return sum(asked == operation for asked, _ in self.calls)

    def asked(self, operation: str) -> list[object]:
        return [question for asked, question in self.calls if asked == operation]

    def _call(self, operation: str, question: object = None) -> int:
        self.calls.append((operation, question))
        self.before_call(operation)
        nth = self.count(operation)
        if (error := self.errors[operation].get(nth)) is not None:
            raise error
        return nth

    # --- the port ----------------------------------------------------------------------------------------------------

    @property
    def octopus_time(self) -> datetime | None:
        return self.opened_at

    async def bookyears(self) -> Listed[Bookyear]:
        self.opened_at = None if self.clock is None else self.clock()
        self._call("bookyears")
        if (nothing := self.nothing("bookyears", None)) is not None:
            return Listed([], is_silent=nothing is Nothing.SILENT)
        readable = [year for year in self.years if year.number not in self.unreadable]
        return Listed(readable, list(self.nameless), unreadable=set(self.unreadable), nameless=list(self.nameless))

    async def journals(self, bookyear: int) -> Listed[Journal]:
        self._call("journals", bookyear)
        if (nothing := self.nothing("journals", bookyear)) is not None:
            return Listed([], is_silent=nothing is Nothing.SILENT)
        return Listed([Journal(bookyear, letter, 1, f"Dagboek {letter}1") for letter in "AVFD"])

    async def accounts(self, bookyear: int) -> Listed[Account]:
        self._call("accounts", bookyear)
        if (nothing := self.nothing("accounts", bookyear)) is not None:
            return Listed([], is_silent=nothing is Nothing.SILENT)
        return Listed([account for account in self._chart() if account.bookyear == bookyear])

    async def changed_accounts(self, since: datetime | None) -> Changed[Account]:
        self._call("changed_accounts", since)
        if (nothing := self.nothing("changed_accounts", since)) is not None:
            return Changed([], [], is_silent=nothing is Nothing.SILENT)
        return Changed(self._chart() if self.charts_by_changes else [], [])

    def _chart(self) -> list[Account]:
        used = {(line.bookyear, line.account) for lines in self.books.values() for line in lines}
        return [Account(bookyear, number, Names(f"Rekening {number}")) for bookyear, number in sorted(used)]

    async def cost_centres(self) -> Listed[CostCentre]:
        self._call("cost_centres")
        if (nothing := self.nothing("cost_centres", None)) is not None:
            return Listed([], is_silent=nothing is Nothing.SILENT)
        return Listed([CostCentre(1, Names("Productie"), closed=False)])

    async def relations(self) -> Listed[Relation]:
        self._call("relations")
        if (nothing := self.nothing("relations", None)) is not None:
            return Listed([], is_silent=nothing is Nothing.SILENT)
        return Listed([a_relation(number) for number in sorted(self.relations_known)])

    async def changed_relations(self, since: datetime | None) -> Changed[Relation]:
        self._call("changed_relations", since)
        if (nothing := self.nothing("changed_relations", since)) is not None:
            return Changed([], [], is_silent=nothing is Nothing.SILENT)
        return Changed([a_relation(number) for number in sorted(self.relations_known)], [])

    async def ledger(
        self,
        bookyears: Sequence[Bookyear],
        bookyear: int,
        journal_type: int,
        since: datetime | None,
        known: str | None = None,
    ) -> AsyncGenerator[LedgerBatch, None]:
        nth = self._call("ledger", (bookyear, journal_type))
        if (nothing := self.nothing("ledger", (bookyear, journal_type))) is not None:
            yield LedgerBatch([], [], [], 0, is_silent=nothing is Nothing.SILENT)
            return
        if journal_type == JournalType.ALL and bookyear != JournalType.ALL and not self.all_types_of_one_bookyear:
            raise InvalidAnswer("bookings/modified was answered 400")
        lines = [
            line for key in self.books if self._is_asked(key, bookyear, journal_type, since) for line in self.books[key]
        ]
        for spoiled in self.spoiled:
            if spoiled.times and spoiled.asked in (None, (bookyear, journal_type)):
                spoiled.skip -= 1
                if spoiled.skip < 0:
                    spoiled.times -= 1
                    lines = spoiled.change(lines)
        gone = [key for key, at in self.deleted.items() if since is None or at >= since]
        broken = [key for key in self.broken if any(BookingKey(*line[:4]) == key for line in lines)]
        lines = _without_last_lines(lines, broken)
        odd = self.odd + [OddRecord("bookings/modified", 0, f"booking {key.code} stays as it was") for key in broken]
        self.odd = []
        digest = str(hash((tuple(lines), tuple(odd)))) if since is None else None
        if digest is not None and digest == known:
            yield LedgerBatch([], [], [], 0, digest, is_known=True)
            return
        yield LedgerBatch([], [key for key in gone if bookyear in (-1, key.bookyear)], odd, len(odd), broken=broken)
        for start in range(0, len(lines), self.batch):
            if start and nth in self.midway:
                raise self.midway[nth]
            batch = lines[start : start + self.batch]
            yield LedgerBatch(batch, [], [], len(batch))
        yield LedgerBatch([], [], [], 0, digest)

    def _is_asked(self, key: BookingKey, bookyear: int, journal_type: int, since: datetime | None) -> bool:
        """A special type is seen with -1 only."""
        return (
            bookyear in (JournalType.ALL, key.bookyear)
            and journal_type in (JournalType.ALL, key.journal_type)
            and (since is None or self.changed[key] >= since)
        )

    async def ledger_calls_left(self) -> int:
        return self.calls_left

    async def changed_account_amounts(self, since: datetime | None) -> Changed[AccountAmount]:
        """All of them, whatever the moment: what did not change is the same."""
        self._call("changed_account_amounts", since)
        if (nothing := self.nothing("changed_account_amounts", since)) is not None:
            return Changed([], [], is_silent=nothing is Nothing.SILENT)
        if not self.has_totals:
            return Changed([], [])
        return Changed(self.amounts() if self.amounts_override is None else self.amounts_override, [])

    def amounts(self) -> list[AccountAmount]:
        """The true ones; a cell that was filled once stays, with zero."""
        sums = dict.fromkeys(self._cells, ZERO)
        for lines in self.books.values():
            for line in lines:
                key = (line.bookyear, line.period or 0, line.account)
                sums[key] = sums.get(key, ZERO) + line.amount
        self._cells |= sums.keys()
        return [AccountAmount(*key, amount) for key, amount in sorted(sums.items())]

    async def open_items(
        self, type: OutstandingItemType, bookyears: Sequence[Bookyear]
    ) -> AsyncGenerator[Listed[OutstandingItem], None]:
        """Every line on the control account, less what it is matched with. One at a time."""
        self._call("open_items", type)
        if (nothing := self.nothing("open_items", type)) is not None:
            yield Listed([], is_silent=nothing is Nothing.SILENT)
            return
        account, sign = (400000, 1) if type is OutstandingItemType.RECEIVABLE else (440000, -1)
        for lines in list(self.books.values()):
            for line in lines:
                outstanding = sign * (line.amount - self._matched(line))
                if line.account == account and line.journal_type in FIRST_LOAD_TYPES and outstanding:
                    yield Listed([replace(an_item(type, line, sign * line.amount), amount_outstanding=outstanding)])

    def _matched(self, line: LedgerLine) -> Decimal:
        key = _as_matched(line)
        return sum(
            (it.amount if it.debit == key else -it.amount for it, _ in self.matched.values() if key in it.pair), ZERO
        )

    async def changed_matchings(self, since: datetime | None) -> AsyncGenerator[ChangedMatchings, None]:
        """One at a time."""
        self._call("changed_matchings", since)
        if (nothing := self.nothing("changed_matchings", since)) is not None:
            yield ChangedMatchings([], [], is_silent=nothing is Nothing.SILENT)
            return
        for matching, at in list(self.matched.values()):
            if since is None or at >= since:
                yield ChangedMatchings([matching], [])
        for pair, at in self.unmatched:
            if since is None or at >= since:
                yield ChangedMatchings([], [pair])


def _without_last_lines(lines: list[LedgerLine], bookings: list[BookingKey]) -> list[LedgerLine]:
    last = {BookingKey(*line[:4]): at for at, line in enumerate(lines)}
    cut = {last[key] for key in bookings}
    return [line for at, line in enumerate(lines) if at not in cut]


def a_relation(number: int) -> Relation:
    return Relation(number, f"Relatie {number}", None, None, is_client=True, is_supplier=True, active=True)


def _as_matched(line: LedgerLine) -> MatchedLine:
    return MatchedLine(line.bookyear, BookingKey(*line[:4]).journal_key, line.document_number, line.line_sequence)


def an_item(type: OutstandingItemType, line: LedgerLine, amount: Decimal) -> OutstandingItem:
    return OutstandingItem(
        type,
        line.bookyear,
        BookingKey(*line[:4]).journal_key,
        line.document_number,
        line.line_sequence,
        line.relation,
        line.document_date,
        None,
        amount,
        amount,
        "EUR",
        None,
        None,
        None,
        None,
    )


# --- keys and changes that read well in a test ----------------------------------------------------------------------


def purchase(number: int, bookyear: int = 2) -> BookingKey:
    return BookingKey(bookyear, 1, 1, number)


def sale(number: int, bookyear: int = 2) -> BookingKey:
    return BookingKey(bookyear, 2, 1, number)


def divers(number: int, bookyear: int = 2) -> BookingKey:
    return BookingKey(bookyear, 4, 1, number)


def without(*keys: BookingKey) -> Callable[[list[LedgerLine]], list[LedgerLine]]:
    """A short answer: these bookings are not in it."""
    return lambda lines: [line for line in lines if BookingKey(*line[:4]) not in keys]


def nothing(lines: list[LedgerLine]) -> list[LedgerLine]:
    """As 404 comes out of the adapter."""
    return []


def twice(lines: list[LedgerLine]) -> list[LedgerLine]:
    return lines + lines


def cut(lines: list[LedgerLine]) -> list[LedgerLine]:
    """In the middle of the last booking."""
    return lines[:-1]


def small_books() -> FakeDossier:
    """Two bookyears: a purchase, a sale and a transfer in each, the second opened in D1."""
    dossier = FakeDossier()
    for bookyear in (1, 2):
        day = date(2024 + bookyear, 3, 1)
        dossier.book(purchase(1, bookyear), (600000, "100.00"), (440000, "-100.00"), day=day, relation=13)
        dossier.book(sale(1, bookyear), (400000, "250.00"), (700000, "-250.00"), day=day, relation=16)
        dossier.book(divers(2, bookyear), (610000, "30.00"), (499000, "-30.00"), day=day + timedelta(days=150))
    return dossier


def _the_fake_serves_the_port() -> OpenDossier:
    """Checked by the type checker, never called."""
    return FakeDossier()
