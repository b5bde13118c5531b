from datetime import date

from monitr.adapters.sql.database import tables
from monitr.application.reading.master_data import NamedAccount
from monitr.domain.accounting.account import CostCentre, Names, Relation
from monitr.domain.accounting.bookyear import Bookyear, Journal, Period
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId
from tests.integration.reading.conftest import Mine
from tests.integration.reading.stored_books import Place

NO_NAMES = {"name_nl": "", "name_fr": "", "name_en": "", "name_de": ""}


async def chart(place: Place, id: AdministrationId, *rows: tuple[int, int, dict[str, str]]) -> None:
    await place.rows(
        tables.account,
        [
            {"administration_id": id, "bookyear": bookyear, "number": number, **NO_NAMES, **names}
            for bookyear, number, names in rows
        ],
    )


async def test_bookyears_come_oldest_first_with_their_periods(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    await place.bookyears(id, {1: (date(2025, 7, 1), date(2026, 6, 30)), 2: (date(2024, 7, 1), date(2025, 6, 30))})

    async with reader() as mine:
        years = await mine.bookyears(id)

    assert list(years) == [
        Bookyear(number, str(start.year), start, end, closed=False, periods=(Period(start.year * 100 + 1, start, end),))
        for number, start, end in [
            (2, date(2024, 7, 1), date(2025, 6, 30)),
            (1, date(2025, 7, 1), date(2026, 6, 30)),
        ]
    ]


async def test_journals_come_by_bookyear_and_number(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    keys = [(2, "A", 1), (1, "V", 10), (1, "V", 2), (1, "A", 1)]
    await place.rows(
        tables.journal,
        [
            {
                "administration_id": id,
                "bookyear": bookyear,
                "type": type,
                "number": number,
                "name": "Journal",
                "closed": False,
                "currency": None,
            }
            for bookyear, type, number in keys
        ],
    )

    async with reader() as mine:
        journals = await mine.journals(id)

    assert list(journals) == [Journal(*key, "Journal") for key in sorted(keys)]


async def test_an_account_is_named_as_in_its_newest_bookyear(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    # bookyear 1 is the newer one: Octopus's numbers say nothing about the order
    await place.bookyears(id, {1: (date(2025, 1, 1), date(2025, 12, 31)), 2: (date(2024, 1, 1), date(2024, 12, 31))})
    await chart(
        place,
        id,
        (1, 550000, {"name_nl": "Bank", "name_fr": "Banque"}),
        (2, 550000, {"name_nl": "Oude bank"}),
        (2, 12000, {"name_nl": " ", "name_fr": "Engagements"}),
        (1, 700000, {}),
    )

    async with reader() as mine:
        accounts = await mine.accounts(id)
        one = await mine.accounts(id, [700000, 999999])
    async with reader.readers(place.organisation, Language.FR) as french:
        named = {account.number: account.name for account in await french.accounts(id)}

    assert list(accounts) == [
        NamedAccount(12000, "Engagements", (2,)),
        NamedAccount(550000, "Bank", (1, 2)),
        NamedAccount(700000, "700000", (1,)),
    ]
    assert list(one) == [NamedAccount(700000, "700000", (1,))]
    assert named == {12000: "Engagements", 550000: "Banque", 700000: "700000"}
    assert [accounts[1].as_in(bookyear).name for bookyear in (1, 2, 3)] == ["Bank", "Oude bank", "Bank"]


async def test_cost_centres_come_by_number_closed_ones_included(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    await place.rows(
        tables.cost_centre,
        [
            {
                "administration_id": id,
                "number": number,
                **NO_NAMES,
                "name_nl": f"Winkel {number}",
                "closed": number == 2,
            }
            for number in (3, 2, 1)
        ],
    )

    async with reader() as mine:
        every, some = await mine.cost_centres(id), await mine.cost_centres(id, [3, 7])

    assert list(every) == [CostCentre(number, Names(f"Winkel {number}"), number == 2) for number in (1, 2, 3)]
    assert [one.number for one in some] == [3]


async def test_relations_page_by_number_with_their_total(place: Place, reader: Mine) -> None:
    id = await place.an_administration()
    known = [Relation(number, f"Relation {number}", None, "BE", True, False, True) for number in range(1, 6)]
    await place.rows(
        tables.relation,
        [
            {
                "administration_id": id,
                "number": one.number,
                "name": one.name,
                "vat_number": one.vat_number,
                "country": one.country,
                "is_client": one.is_client,
                "is_supplier": one.is_supplier,
                "active": one.active,
            }
            for one in known
        ],
    )

    async with reader() as mine:
        first = await mine.relations(id, 3, None)
        second = await mine.relations(id, 3, first.cursors[-1])
        beyond = await mine.relations(id, 3, second.cursors[-1])
        by_number = await mine.relations_by_number(id, [2, 99])

    assert [*first.rows, *second.rows] == known
    assert (first.has_next, second.has_next, list(beyond.rows), beyond.total) == (True, False, [], 5)
    assert by_number == {2: known[1]}
