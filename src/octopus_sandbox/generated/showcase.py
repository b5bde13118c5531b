"""Companies to look at: believable names, a season and growth of their own, and in one of them a total that is out."""

from dataclasses import dataclass
from datetime import date

from octopus_sandbox.books import Books
from octopus_sandbox.books.amounts import AmountKey


@dataclass(frozen=True, slots=True)
class Company:
    """`season`: how busy each month is, January first, 12 in all. `growth`: of a year over the one before."""

    name: str
    postal_code: str
    city: str
    language: str
    season: tuple[float, ...]
    growth: float

    def busyness(self, month: date, today: date) -> float:
        """How much happens in a month, about 1; this year's are the busiest where the company grows."""
        return float(self.season[month.month - 1] * self.growth ** (month.year - today.year))


COMPANIES = (
    Company(  # frost in winter, the building trade's three weeks of July, then full speed
        "Bouwwerken Verhaegen BV",
        *("9700", "Oudenaarde", "nl"),
        (0.62, 0.72, 0.98, 1.12, 1.22, 1.28, 0.66, 0.98, 1.28, 1.26, 1.08, 0.80),
        1.07,
    ),
    Company(  # a restaurant's furniture: presents and feasts at the end of the year
        "Atelier Dubois SRL",
        *("5000", "Namur", "fr"),
        (0.74, 0.80, 0.90, 0.96, 1.04, 0.98, 0.72, 0.78, 1.00, 1.12, 1.36, 1.60),
        1.04,
    ),
    Company(  # a coast in summer
        "Noordzee Logistics NV",
        *("8400", "Oostende", "nl"),
        (0.70, 0.74, 0.88, 1.04, 1.14, 1.30, 1.46, 1.40, 1.06, 0.84, 0.72, 0.72),
        1.12,
    ),
)
MISSTATED = 2
"""Which of them has a total that is out."""
_ACCOUNT, _CENTS = 613000, -36_000
"""As where 1.845,00 was corrected to 1.485,00 in the total and not in the books."""


def misstate(books: Books) -> None:
    """Octopus's own total of an account is out by 360,00 in the newest period that is over."""
    this_month = books.clock.today().replace(day=1)
    ends = {
        AmountKey(year.id, _ACCOUNT, period.number): period.end
        for year in books.bookyears.values()
        for period in year.periods
        if period.end < this_month
    }
    with_total = [key for key in ends if key in books.amounts.amounts]
    if with_total:
        books.misstate_total(max(with_total, key=ends.__getitem__), _CENTS)
