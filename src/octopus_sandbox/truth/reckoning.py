"""What a right answer about the books is, computed from the books alone in integer cents.

The definitions are those of the front end's contract (`tests/contract/frontend.graphql`). Nothing here comes from
`monitr`, so that the two can be compared.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from octopus_sandbox.answers.ledger_lines import line_number
from octopus_sandbox.books import Books
from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, Document, EntryKind, net_by_account
from octopus_sandbox.books.matchings import is_item
from octopus_sandbox.books.openings import BALANCE_SHEET, shown_openings
from octopus_sandbox.switches import Switches
from octopus_sandbox.truth.answers import (
    AssetCategory,
    FixedAssets,
    LedgerLine,
    OpenItem,
    Snapshot,
    TrialBalance,
    TrialBalanceRow,
)

RECEIVABLE, PAYABLE = "RECEIVABLE", "PAYABLE"


class Truth:
    """The truth about one dossier's books as they stand, under the switches that decide which openings exist."""

    def __init__(self, books: Books, switches: Switches) -> None:
        self._books = books
        self._switches = switches

    def trial_balance(self, from_: date, to: date, cost_centre: int | None = None) -> TrialBalance:
        """The trial balance from one day to another, both inclusive."""
        with self._books.lock:
            sums = _Sums(from_, to, self._bookyear_of(from_))
            for document in self._books.movements():
                year = self._books.bookyears[document.key.bookyear]
                day, first = effective_date(document, year), document.kind is EntryKind.FIRST_OPENING
                for line in document.lines:
                    if cost_centre in (None, line.cost_centre):
                        sums.count(year, line.account, line.cents, day, opening=first)
            if cost_centre is None:
                for year, differences in self._opening_differences():
                    sums.adjust(year, differences)
            return sums.result(with_results=cost_centre is None)

    def open_items(self, type: str, as_of: date | None = None) -> list[OpenItem]:
        """Receivables or payables: as the books now stand, or what was open at the end of a day."""
        account, sign = (CLIENTS, 1) if type == RECEIVABLE else (SUPPLIERS, -1)
        with self._books.lock:
            items = [self._open_item(d, at, as_of, sign) for d, at in self._items(account, as_of)]
        return [item for item in items if item.outstanding]

    def fixed_assets(self, as_of: date) -> FixedAssets:
        """Classes 20 to 28 at the end of a day, from the ledger: accounts ending in 9 hold the depreciation."""
        gross: dict[str, Decimal] = {}
        depreciation: dict[str, Decimal] = {}
        for row in self.trial_balance(as_of, as_of).rows:
            if 200000 <= row.account < 290000:
                key = "28" if row.account >= 280000 else str(row.account)[:3]
                held, value = (depreciation, -row.closing) if row.account % 10 == 9 else (gross, row.closing)
                held[key] = held.get(key, Decimal(0)) + value
        categories = tuple(
            AssetCategory(key, value, lost, value - lost)
            for key in sorted({*gross, *depreciation})
            for value, lost in [(gross.get(key, Decimal("0.00")), depreciation.get(key, Decimal("0.00")))]
        )
        value = sum((category.acquisition_value for category in categories), Decimal("0.00"))
        lost = sum((category.accumulated_depreciation for category in categories), Decimal("0.00"))
        return FixedAssets(as_of, value, lost, value - lost, categories)

    def ledger(self) -> list[LedgerLine]:
        """Every line that bookings/modified shows, openings included, as the switches present them."""
        with self._books.lock:
            documents = [*shown_openings(self._books, self._switches), *self._books.movements()]
            return [
                LedgerLine(
                    document.key.bookyear,
                    document.key.journal_type,
                    document.key.journal_nr,
                    document.key.number,
                    position,
                    line.account,
                    euro(line.cents),
                    document.date,
                    document.period,
                    effective_date(document, self._books.bookyears[document.key.bookyear]),
                    line.relation,
                    line.cost_centre,
                    document.kind is not EntryKind.MOVEMENT,
                    line.comment or document.comment,
                    document.reference,
                    document.due,
                    document.currency,
                    euro(line.currency_cents),
                )
                for document in documents
                for position, line in enumerate(document.lines, start=1)
            ]

    def snapshot(self) -> Snapshot:
        """Everything at once."""
        books = self._books
        with books.lock:
            lines = tuple(self.ledger())
            return Snapshot(
                books.card.id,
                books.card.name,
                books.card.vat_number,
                tuple(books.bookyears.values()),
                frozenset(books.unlisted),
                lines,
                _balances(lines),
                tuple(self.open_items(RECEIVABLE)),
                tuple(self.open_items(PAYABLE)),
                {key: account.names for key, account in books.accounts.items()},
                {key: journal.names for key, journal in books.journals.items()},
                {id: centre.names for id, centre in books.cost_centres.items()},
                {id: relation.name for id, relation in books.relations.items()},
            )

    def _opening_differences(self) -> Iterator[tuple[Bookyear, dict[int, int]]]:
        """What each opening changes in the balances that stood before it: cents by account of classes 0 to 5."""
        openings = {opening.key.bookyear: opening for opening in shown_openings(self._books, self._switches)}
        standing: dict[int, int] = {}
        for year in sorted(self._books.bookyears.values(), key=lambda year: year.start):
            opening = openings.get(year.id)
            if opening is not None:
                opened = net_by_account(opening.lines)
                differences = {a: opened.get(a, 0) - standing.get(a, 0) for a in {*opened, *standing}}
                yield year, {account: cents for account, cents in differences.items() if cents}
                standing = opened
            for document in self._documents_of(year):
                for line in document.lines:
                    if line.account < BALANCE_SHEET:
                        standing[line.account] = standing.get(line.account, 0) + line.cents

    def _documents_of(self, year: Bookyear) -> Iterator[Document]:
        for (bookyear, _), documents in self._books.documents.items():
            if bookyear == year.id:
                yield from documents.values()

    def _bookyear_of(self, day: date) -> Bookyear | None:
        return next((year for year in self._books.bookyears.values() if day in year), None)

    def _items(self, account: int, as_of: date | None) -> Iterator[tuple[Document, int]]:
        for document in self._books.movements():
            if as_of is None or document.date <= as_of:
                for position, line in enumerate(document.lines):
                    if line.account == account and is_item(line):
                        yield document, position

    def _open_item(self, document: Document, position: int, as_of: date | None, sign: int) -> OpenItem:
        line = document.lines[position]
        matched = sum(
            balancing.cents
            for balancing in self._books.matchings.of(document.key)
            if (document.key, position) in (balancing.debit, balancing.credit)
            and (as_of is None or self._date_of_matching(balancing.debit.document, balancing.credit.document) <= as_of)
        )
        open_cents = line.cents - matched if line.cents > 0 else line.cents + matched
        return OpenItem(
            document.key.bookyear,
            document.key.journal_key,
            document.key.number,
            line_number(document, position),
            line.account,
            line.relation,
            document.date,
            document.due,
            euro(sign * line.cents),
            euro(sign * open_cents),
            document.currency,
            line.comment or document.comment,
            document.reference,
        )

    def _date_of_matching(self, *keys: tuple[int, int, int, int]) -> date:
        """The later of the two documents' dates."""
        documents = self._books.documents
        return max(document.date for key in keys for document in [documents[key[:2]][key]])  # type: ignore[index]  # a DocumentKey is this tuple


class _Sums:
    """Cents by account on their way to a trial balance."""

    def __init__(self, from_: date, to: date, year: Bookyear | None) -> None:
        self._from, self._to, self._year = from_, to, year
        self._opening: dict[int, int] = {}
        self._debit: dict[int, int] = {}
        self._credit: dict[int, int] = {}
        self._left_by_earlier_years = 0
        self._moved_before = 0
        self._moved_within = 0

    def count(self, year: Bookyear, account: int, cents: int, day: date, *, opening: bool) -> None:
        """Count one ledger line on its effective date."""
        of_result = account >= BALANCE_SHEET
        if of_result and self._is_earlier(year):
            self._left_by_earlier_years += cents
        if day > self._to:
            return
        if self._from <= day and not (opening and self._from == year.start):
            side = self._debit if cents > 0 else self._credit
            side[account] = side.get(account, 0) + abs(cents)
        elif not of_result or year == self._year:
            self._opening[account] = self._opening.get(account, 0) + cents

    def adjust(self, year: Bookyear, differences: dict[int, int]) -> None:
        """Count what a later opening changed, on the first day of its bookyear."""
        moved = sum(differences.values())
        if year.start <= self._from:
            self._moved_before += moved
            for account, cents in differences.items():
                self._opening[account] = self._opening.get(account, 0) + cents
        elif year.start <= self._to:
            self._moved_within += moved
            for account, cents in differences.items():
                side = self._debit if cents > 0 else self._credit
                side[account] = side.get(account, 0) + abs(cents)

    def result(self, *, with_results: bool) -> TrialBalance:
        accounts = sorted({*(a for a, cents in self._opening.items() if cents), *self._debit, *self._credit})
        rows = [(a, self._opening.get(a, 0), self._debit.get(a, 0), self._credit.get(a, 0)) for a in accounts]
        totals = (0, *(sum(row[at] for row in rows) for at in (1, 2, 3)))
        forward = self._left_by_earlier_years - self._moved_before
        return TrialBalance(
            tuple(_row(*row) for row in rows),
            _row(*totals),
            euro(forward) if with_results else None,
            euro(self._moved_within) if with_results else None,
        )

    def _is_earlier(self, year: Bookyear) -> bool:
        """Whether a bookyear lies before the one of `from`."""
        return year.end < (self._year.start if self._year else self._from)


def effective_date(document: Document, year: Bookyear) -> date:
    """The document date, moved to the nearest day of its period where it lies outside it."""
    period = year.period(document.period) if document.period is not None else None
    return period.nearest_day(document.date) if period else document.date


def _balances(lines: Iterable[LedgerLine]) -> dict[tuple[int, int, int], Decimal]:
    balances: dict[tuple[int, int, int], Decimal] = {}
    for line in lines:
        key = (line.bookyear, line.account, line.period or 0)
        balances[key] = balances.get(key, Decimal("0.00")) + line.amount
    return balances


def euro(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)


def _row(account: int, opening: int, debit: int, credit: int) -> TrialBalanceRow:
    return TrialBalanceRow(account, euro(opening), euro(debit), euro(credit), euro(opening + debit - credit))
