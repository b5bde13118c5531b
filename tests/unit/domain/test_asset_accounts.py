import pytest

from monitr.domain.accounting.asset_accounts import AssetRole, Doubt, asset_bookings, roles_of
from tests.unit.domain.asset_books import Entries


def judged(entries: Entries, account: int, by_hand: dict[int, AssetRole] | None = None) -> tuple[str, Doubt | None]:
    found = roles_of([account], entries.bookings(), by_hand).judged[account]
    return found.role, found.doubt


def test_class_63_against_an_account_makes_it_depreciation_whatever_its_number() -> None:
    entries = Entries().buy(230000, 1000).book({630200: 200, 230900: -200})

    assert judged(entries, 230900) == ("DEPRECIATION", Doubt.CHARGED_AGAINST)
    assert judged(entries, 230000) == ("ACQUISITION", None)


def test_an_account_that_ends_in_9_and_is_charged_is_not_in_doubt() -> None:
    assert judged(Entries().buy(230000, 1000).book({630200: 200, 230009: -200}), 230009) == ("DEPRECIATION", None)


def test_charges_on_the_acquisition_value_itself_leave_a_doubt() -> None:
    entries = Entries().buy(200000, 1000).book({630000: 200, 200000: -200})

    assert judged(entries, 200000) == ("ACQUISITION", Doubt.CHARGED_DIRECTLY)


def test_a_sale_in_the_same_booking_is_no_charge() -> None:
    entries = Entries().buy(230000, 1000).book({630200: 100, 230009: 100, 641000: 700, 230000: -900})
    both = Entries().book({630200: 100, 230009: -100}).book({630200: 50, 230009: -50, 641000: 900, 230000: -900})

    assert judged(entries, 230000)[0] == "ACQUISITION"
    assert judged(both, 230000)[1] is not Doubt.CHARGED_AGAINST


def test_several_charges_in_one_booking_are_those_that_take_all_of_it() -> None:
    entries = Entries().book({630200: 500, 230900: -300, 240900: -200})

    assert {judged(entries, account)[0] for account in (230900, 240900)} == {"DEPRECIATION"}


@pytest.mark.parametrize(
    ("account", "bookings", "expected"),
    [
        (230009, [{230009: 500, 440000: -500}], ("ACQUISITION", Doubt.DEBIT_BALANCE)),
        (280001, [{280000: 900, 280001: -500, 550000: -400}], ("UNCALLED", None)),
        (280001, [{280001: 900, 550000: -900}], ("ACQUISITION", Doubt.DEBIT_BALANCE)),
        (240018, [{240018: 900, 440000: -900}], ("ACQUISITION", Doubt.BOUGHT_ON)),
        (220008, [{220008: 900, 121000: -900}], ("REVALUATION", None)),
        (220010, [{220010: 900, 121000: -900}], ("REVALUATION", Doubt.REVALUED_ON)),
        (230100, [{230100: -900, 489000: 900}], ("ACQUISITION", Doubt.CREDIT_BALANCE)),
        (230100, [], ("ACQUISITION", None)),
    ],
)
def test_what_books_on_an_account_is_heard(
    account: int, bookings: list[dict[int, int]], expected: tuple[str, Doubt | None]
) -> None:
    entries = Entries()
    for lines in bookings:
        entries.book(lines)

    assert judged(entries, account) == expected


def test_what_a_user_has_set_is_not_doubted() -> None:
    entries = Entries().buy(230000, 1000).book({630200: 200, 230900: -200})
    chosen = roles_of([], entries.bookings(), {230900: AssetRole.NONE}).judged[230900]

    assert (chosen.role, chosen.by_hand, chosen.doubt_in_words) == (AssetRole.NONE, True, None)


def test_a_doubt_says_in_words_what_the_number_says() -> None:
    entries = Entries().buy(230000, 1000).book({630200: 200, 230900: -200})
    found = roles_of([], entries.bookings())

    assert str(found.judged[230900].doubt_in_words) == (
        "Its number says acquisition value, but class 63 books against it and its balance was never a debit: "
        "taken as depreciation."
    )
    assert found.judged[230000].doubt_in_words is None


def test_openings_count_once_and_are_those_of_the_oldest_bookyear() -> None:
    entries = Entries().opening({230000: 1000, 230900: -300, 100000: -700}).opening({230000: 1000}, bookyear=2)

    assert [booking.key.bookyear for booking in entries.bookings()] == [1]
    assert asset_bookings(entries.lines, None) == []


def test_the_supplier_is_that_of_the_booking() -> None:
    (bought,) = Entries().buy(230000, 1000, supplier=7).bookings()
    (paid,) = Entries().book({230000: 100, 550000: -100}).bookings()

    assert (bought.relation, paid.relation) == (7, None)


def test_what_is_no_fixed_asset_has_no_role() -> None:
    found = roles_of([290000, 600000], Entries().book({290000: 5, 550000: -5}).bookings())

    assert found.judged == {}
    assert found.of(290000) is None
    assert found.of(230008) is AssetRole.REVALUATION
