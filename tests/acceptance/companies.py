"""The sound companies that every reading test is held against: each odd in its own way."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from tests.acceptance.books import Books, Numbering, Year, months, quarters
from tests.acceptance.company import Company, Opening, Result
from tests.acceptance.wire import Amounts, Charts, Style


@dataclass(frozen=True)
class Plan:
    number: int
    name: str
    years: Callable[[], list[Year]]
    opening: Opening
    style: Style
    result: Result = Result.MOVED
    numbering: Numbering = Numbering.FROM_ONE
    relation_on_every_line: bool = False

    def write(self, documents_per_period: int = 6) -> Books:
        books = Books(self.number, self.name, f"BE0{self.number}.123", self.numbering, self.relation_on_every_line)
        company = Company(books, self.number, self.opening, self.result, documents_per_period)
        return company.live(self.years())


def _calendar(*ids: int, first: int = 2025) -> Callable[[], list[Year]]:
    return lambda: [months(id, date(first + n, 1, 1), closed=n < len(ids) - 1) for n, id in enumerate(ids)]


PLANS = {
    plan.name: plan
    for plan in (
        Plan(
            70011,
            "an opening that nothing marks, and noisy numbers",
            _calendar(4, 7),
            Opening.UNMARKED,
            Style(1, noise=True, open_amount_is_signed=False),
            numbering=Numbering.ALWAYS_ONE,
        ),
        Plan(
            70023,
            "openings of type 5, asked by bookyear",
            _calendar(3, 5, 6, first=2024),
            Opening.TYPE_5,
            Style(2, sorted_keys=True, deletions_first=True, empty_arrays=False),
            numbering=Numbering.HEAD_IS_MINUS_ONE,
            relation_on_every_line=True,
        ),
        Plan(
            70031,
            "openings of type 6, asked for all bookyears, and cumulative amounts",
            _calendar(12, 13),
            Opening.TYPE_6,
            Style(3, special_types_by_year=False, amounts=Amounts.CUMULATIVE, zone="Europe/Brussels"),
        ),
        Plan(
            70042,
            "quarters, and openings in period 00",
            lambda: [quarters(2, date(2024, 1, 1)), quarters(9, date(2025, 1, 1)), quarters(10, date(2026, 1, 1))],
            Opening.PERIOD_00,
            Style(4, bare=True, unknown_fields=False, indent=False),
        ),
        Plan(
            70055,
            "openings without period",
            _calendar(1, 2),
            Opening.NO_PERIOD,
            Style(5, noise=True, scattered=False),
            relation_on_every_line=True,
        ),
        Plan(
            70060,
            "no openings, no amounts",
            _calendar(21, 22, 25, first=2024),
            Opening.NONE,
            Style(6, amounts=Amounts.MISSING, charts=Charts.MODIFIED, empty_arrays=False),
        ),
        Plan(
            70078,
            "broken bookyears, a journal named Heropening",
            lambda: [months(5, date(2023, 7, 1)), months(6, date(2024, 7, 1)), months(8, date(2025, 7, 1))],
            Opening.NAMED,
            Style(7, amounts=Amounts.CUMULATIVE, noise=True, piece=97),
            numbering=Numbering.HEAD_IS_MINUS_ONE,
        ),
        Plan(
            70081,
            "results appropriated by 69 and 14",
            _calendar(40, 41),
            Opening.UNMARKED,
            Style(8, charts=Charts.LIST, bare=True),
            Result.APPROPRIATED,
        ),
    )
}


def small_books(opening: Opening = Opening.UNMARKED, documents: int = 4) -> Books:
    years = [months(2, date(2025, 1, 1)), months(3, date(2026, 1, 1))]
    return Company(Books(0, "Klein & Co"), 42, opening, documents_per_period=documents).live(years)
