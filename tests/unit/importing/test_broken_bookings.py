"""A booking is whole or not there: one with a line that cannot be read stays as it was, and is named."""

import pytest

from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.verification import CheckCode, VerificationStatus
from monitr.domain.import_run import ImportMode, ImportStatus
from tests.unit.importing.fake_dossier import FakeDossier, divers, purchase, sale, small_books
from tests.unit.importing.story import Story, after_a_first_import

FOUR_LINES = ((610000, "60.00"), (620000, "40.00"), (440000, "-100.00"), (499000, "0.00"))
"""Without the last one it nets to zero all the same."""


def books_with(key: BookingKey) -> FakeDossier:
    dossier = small_books()
    dossier.book(key, *FOUR_LINES)
    return dossier


@pytest.mark.parametrize("mode", ImportMode)
async def test_a_good_booking_is_not_replaced_by_a_half_that_nets_to_zero(mode: ImportMode) -> None:
    story = await after_a_first_import(books_with(divers(7)))
    before = dict(story.imported.ledger)
    story.dossier.book(divers(7), *FOUR_LINES[:3], (499000, "0.01"), (499000, "-0.01"), at=story.now)
    story.dossier.book(sale(1), (400000, "300.00"), (700000, "-300.00"), at=story.now)
    story.dossier.broken = [divers(7)]

    run = await story.sync(mode)

    assert run.status is ImportStatus.SUCCEEDED
    assert story.imported.ledger[divers(7)] == before[divers(7)]
    assert story.imported.missing == set()
    assert story.changes() == {sale(1): "CHANGED"}
    assert any(divers(7).code in note for note in story.notes)
    assert story.check(CheckCode.RECORDS_READABLE).status is VerificationStatus.WARNING


async def test_a_first_import_leaves_it_out_and_the_totals_say_so() -> None:
    story = Story(books_with(purchase(7)))
    story.dossier.broken = [purchase(7)]

    await story.sync()

    assert purchase(7) not in story.imported.ledger
    assert len(story.imported.ledger) == 6
    assert story.failed_checks()[CheckCode.ACCOUNT_AMOUNTS] is VerificationStatus.FAILED


async def test_once_it_can_be_read_it_is_published() -> None:
    story = await after_a_first_import(books_with(divers(7)))
    story.dossier.book(divers(7), *FOUR_LINES[:2], (440000, "-100.00"), at=story.now)
    story.dossier.broken = [divers(7)]
    await story.sync(ImportMode.FULL)

    story.dossier.broken = []
    await story.sync(ImportMode.FULL)

    assert story.agrees


@pytest.mark.parametrize("one_bookyear", [True, False])
async def test_special_types_are_no_exception(one_bookyear: bool) -> None:
    opening = BookingKey(2, 5, 1, 1)
    story = await after_a_first_import(books_with(opening))
    assert opening in story.imported.ledger
    before = dict(story.imported.ledger)
    story.dossier.all_types_of_one_bookyear = one_bookyear
    story.dossier.book(opening, *FOUR_LINES[:2], (440000, "-100.00"), (499000, "0.00"), (610000, "0.00"))
    story.dossier.book(sale(9), (400000, "1.00"), (700000, "-1.00"), at=story.now)
    story.dossier.broken = [opening]

    await story.sync(ImportMode.FULL)

    assert story.imported.ledger[opening] == before[opening]
    assert story.imported.missing == set()
