"""The first opening of a dossier, and what is booked on the last day of each bookyear (octopus.md 4)."""

from datetime import date

from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, EntryKind, Line, LineKey
from octopus_sandbox.books.fixed_assets import Asset
from octopus_sandbox.books.openings import BALANCE_SHEET
from octopus_sandbox.generated.bookkeeper import Bookkeeper
from octopus_sandbox.generated.payments import BANK, Agenda, Debt
from octopus_sandbox.switches import Switches

_BROUGHT_IN = (
    Asset(220000, "Terrein", date(2012, 5, 2), 12_500_000, 0),
    Asset(221000, "Bedrijfsgebouw", date(2012, 5, 2), 38_000_000, 396, depreciated_cents=11_515_200),
    Asset(230000, "Productielijn", date(2019, 3, 11), 9_600_000, 120, depreciated_cents=4_800_000),
    Asset(240000, "Kantoorinrichting", date(2020, 9, 1), 1_800_000, 120, depreciated_cents=600_000),
    Asset(241000, "Vrachtwagen", date(2021, 2, 15), 6_200_000, 84, depreciated_cents=2_214_300),
)
_OTHER_BALANCES = (
    (280000, 5_000_000),
    (288000, 250_000),
    (340000, 4_100_000),
    (100000, -25_000_000),
    (130000, -1_000_000),
    (173000, -20_000_000),
)
_BANK_BROUGHT_IN = 8_500_000
_OPEN_INVOICES = (121_000, 245_630, 88_210)


_RESULT_TAKEN_OVER = ((700000, -96_000_000), (604000, 41_500_000), (613000, 8_250_000), (620200, 31_000_000))


def book_first_opening(
    bookkeeper: Bookkeeper,
    year: Bookyear,
    scale: int,
    switches: Switches,
    agenda: Agenda | None,
    relations: tuple[int, int],
) -> None:
    """Balances from the program before: a divers document, and the bank balance by way of an account in F1.

    With an `agenda`, open invoices of `relations` (client, supplier) come in too, and are paid later.
    """
    lines = _balances_brought_in(bookkeeper, scale)
    if agenda is not None:
        client, supplier = relations
        lines.extend(Line(CLIENTS, cents, cents, client) for cents in _OPEN_INVOICES)
        lines.extend(Line(SUPPLIERS, -cents // 2, -cents // 2, supplier) for cents in _OPEN_INVOICES)
    bank, by_way_of = _BANK_BROUGHT_IN * scale, switches.opening_account
    lines.append(Line(by_way_of, bank, bank))
    opening = bookkeeper.post(
        4,
        switches.opening_journal,
        year.start,
        _balanced(lines),
        comment="Beginbalans",
        kind=EntryKind.FIRST_OPENING,
    )
    transfer = (Line(by_way_of, -bank, -bank), Line(BANK, bank, bank))
    bookkeeper.post(3, 1, year.start, transfer, comment="Beginsaldo", kind=EntryKind.FIRST_OPENING)
    if agenda is not None:
        for position, line in enumerate(opening.lines):
            if line.relation:
                item = LineKey(opening.key, position)
                debt = Debt(item, line.relation, line.account, line.cents, line.cents, "EUR", "Beginbalans")
                agenda.plan(debt, year.start)


def book_take_over(bookkeeper: Bookkeeper, day: date, scale: int, switches: Switches) -> None:
    """A bookyear that was kept elsewhere: its balances and its whole result in one divers document."""
    lines = _balances_brought_in(bookkeeper, scale)
    lines.append(Line(BANK, _BANK_BROUGHT_IN * scale, _BANK_BROUGHT_IN * scale))
    lines.extend(Line(account, cents * scale, cents * scale) for account, cents in _RESULT_TAKEN_OVER)
    bookkeeper.post(4, switches.opening_journal, day, _balanced(lines), comment="Overname boekhouding")


def _balances_brought_in(bookkeeper: Bookkeeper, scale: int) -> list[Line]:
    """Balances and fixed assets; the assets go into the register too."""
    lines = [Line(account, cents * scale, cents * scale) for account, cents in _OTHER_BALANCES]
    for brought_in in _BROUGHT_IN:
        asset = Asset(
            brought_in.account,
            brought_in.description,
            brought_in.acquired,
            brought_in.cost_cents * scale,
            brought_in.life_months,
            depreciated_cents=brought_in.depreciated_cents * scale,
        )
        bookkeeper.books.assets.append(asset)
        lines.append(Line(asset.account, asset.cost_cents, asset.cost_cents))
        if asset.depreciated_cents:
            lines.append(Line(asset.depreciation_account, -asset.depreciated_cents, -asset.depreciated_cents))
    return lines


def _balanced(lines: list[Line]) -> tuple[Line, ...]:
    """The lines with what is missing on 140000."""
    rest = -sum(line.cents for line in lines)
    return (*lines, Line(140000, rest, rest))


def appropriate_result(bookkeeper: Bookkeeper, year: Bookyear) -> None:
    """Tax on a profit, then 69/79 entries that bring the result to class 1 and 4, on the year's last day."""
    profit = -_result(bookkeeper, year)
    if profit > 0:
        tax = profit * 25 // 100
        bookkeeper.divers(year.end, "Geraamde belastingen", (670200, tax), (450000, -tax), journal_nr=1)
        profit -= tax
        reserve, dividend = profit * 5 // 100, profit // 10
        bookkeeper.divers(
            year.end,
            "Resultaatverwerking",
            (692000, reserve),
            (130000, -reserve),
            (694000, dividend),
            (471000, -dividend),
            (693000, profit - reserve - dividend),
            (140000, -(profit - reserve - dividend)),
            journal_nr=1,
        )
    elif profit < 0:
        bookkeeper.divers(year.end, "Resultaatverwerking", (140000, -profit), (793000, profit), journal_nr=1)


def _result(bookkeeper: Bookkeeper, year: Bookyear) -> int:
    """Debit minus credit of classes 6 to 9: a profit is negative."""
    amounts = bookkeeper.books.amounts.of_bookyear(year.id)
    return sum(amount.cents for key, amount in amounts if key.account >= BALANCE_SHEET)
