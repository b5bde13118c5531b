"""What the verification says, and to whom it is of use: a bookkeeper with Octopus open beside it."""

from datetime import date
from decimal import Decimal

from monitr.domain.accounting.fixed_assets import Acquisition
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from tests.unit.importing.fake_dossier import FakeDossier, divers, purchase, sale, small_books
from tests.unit.importing.story import Story

# --- openings -------------------------------------------------------------------------------------------------------


async def test_the_opening_of_imported_books_is_compared_with_the_closing_before_it() -> None:
    story = Story(opened_books(stale=Decimal("7.00")))

    await story.sync()

    assert [opening.key for opening in story.imported.openings[2]] == [divers(1)]
    check = story.check(CheckCode.YEAR_OPENINGS)
    assert check.status is VerificationStatus.WARNING
    assert check.detail is not None
    assert "account 499000 opens bookyear 2 7.00 away from the closing before it" in check.detail


async def test_an_opening_that_repeats_the_closing_is_no_finding() -> None:
    story = Story(opened_books(stale=Decimal("0.00")))

    await story.sync()

    assert [opening.key for opening in story.imported.openings[2]] == [divers(1)]
    assert story.check(CheckCode.YEAR_OPENINGS).status is VerificationStatus.PASSED


def opened_books(*, stale: Decimal) -> FakeDossier:
    """Books of eleven accounts, whose second bookyear is opened with all of them, one out of date by ``stale``."""
    dossier = small_books()
    many = [(410000 + number, "1.00") for number in range(10)]
    dossier.book(divers(3, 1), *many, (610000, "-10.00"), day=date(2025, 5, 1))
    dossier.book(
        divers(1),
        *many,
        (400000, "250.00"),
        (440000, "-100.00"),
        (499000, str(stale - 30)),
        (140000, str(Decimal("-130.00") - stale)),
    )
    return dossier


# --- accounts, relations, cost centres ------------------------------------------------------------------------------


async def test_a_line_on_an_account_that_the_chart_does_not_have_fails() -> None:
    story = Story()
    whole = story.dossier._chart()
    story.dossier._chart = lambda: whole[1:]  # type: ignore[method-assign]

    await story.sync()

    assert story.check(CheckCode.ACCOUNTS_KNOWN).status is VerificationStatus.FAILED


async def test_a_line_with_an_unknown_relation_or_cost_centre_is_a_warning() -> None:
    story = Story()
    story.dossier.relations_known = {13}
    story.dossier.books[sale(1)][1] = story.dossier.books[sale(1)][1]._replace(cost_centre=99)

    run = await story.sync()

    assert story.failed_checks() == {
        CheckCode.RELATIONS_KNOWN: VerificationStatus.WARNING,
        CheckCode.COST_CENTRES_KNOWN: VerificationStatus.WARNING,
    }
    assert run.verification is not None
    assert run.verification.status is VerificationStatus.WARNING


async def test_a_purchase_on_a_fixed_asset_account_counts_as_an_acquisition() -> None:
    story = Story()
    story.dossier.book(purchase(2), (230000, "900.00"), (440000, "-900.00"), relation=13)

    await story.sync()

    assert [asset.account for asset in story.imported.rows[Acquisition].values()] == [230000]
