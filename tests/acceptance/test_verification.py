"""An import is proven equal to the books, or says to the cent where it is not."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tests.acceptance.books import DIVERS, Key
from tests.acceptance.companies import small_books
from tests.acceptance.comparing import assert_mirrors
from tests.acceptance.conftest import Begun, Selected
from tests.acceptance.front_end import FrontEnd
from tests.acceptance.soak import some
from tests.acceptance.wire import Amounts, Style


def failed_checks(run: dict) -> dict[str, str]:
    return {each["code"]: each["detail"] for each in run["verification"]["checks"] if each["status"] == "FAILED"}


def wages(selected: Selected, period: int = 202604) -> Key:
    return next(
        key
        for key, document in selected.books.documents.items()
        if key[1] == DIVERS and document.period == period and document.lines[0].account == 620200
    )


def touch(selected: Selected, key: Key) -> None:
    for line in selected.books.documents[key].lines:
        selected.books.touched[(key[0], line.account, selected.books.documents[key].period)] = datetime.now(UTC)


@pytest.fixture(params=some([Amounts.CUMULATIVE, Amounts.MOVEMENTS], 1))
def sound(request: pytest.FixtureRequest, begun: Begun) -> tuple[FrontEnd, Selected]:
    return begun(small_books(documents=3), Style(51, amounts=request.param))


def test_a_difference_with_octopuss_own_totals_is_named_and_stays_visible_until_a_run_passes(sound):
    someone, selected = sound
    assert selected.first_import["verification"]["status"] == "PASSED"
    key = wages(selected)
    selected.books.forgetful[key] = 12345
    touch(selected, key)
    run = someone.synchronise(selected.id)
    assert run["status"] == "SUCCEEDED"
    assert run["verification"]["status"] == "FAILED"
    (detail,) = failed_checks(run).values()
    assert "620200" in detail or "455000" in detail
    assert "202604" in detail
    assert "123.45" in detail
    shown = someone.administration("ImportHistory", selected.id)
    assert shown["lastImport"]["verification"]["status"] == "FAILED"
    assert_mirrors(someone, selected.id, selected.books)

    selected.books.forgetful.clear()
    touch(selected, key)
    assert someone.synchronise(selected.id)["verification"]["status"] == "PASSED"


def test_a_line_that_was_altered_in_silence_is_found_by_the_totals_and_read_again(sound):
    someone, selected = sound
    books, key = selected.books, wages(selected)
    first, second = books.documents[key].lines
    altered = (replace(first, cents=first.cents + 4200), replace(second, cents=second.cents - 4200))
    books.put(replace(books.documents[key], lines=altered), at=books.changed[key])
    touch(selected, key)
    run = someone.synchronise(selected.id)
    assert run["verification"]["status"] == "PASSED", run["verification"]
    assert_mirrors(someone, selected.id, books)


def test_totals_that_octopus_does_not_give_are_reported_as_not_available(begun: Begun):
    _, selected = begun(small_books(documents=1), Style(52, amounts=Amounts.MISSING))
    checks = {each["code"]: each["status"] for each in selected.first_import["verification"]["checks"]}
    assert selected.first_import["status"] == "SUCCEEDED"
    assert "NOT_AVAILABLE" in checks.values()


def test_an_open_item_without_its_ledger_line_fails_the_verification_in_words(begun: Begun, octopus):
    someone, selected = begun(small_books(documents=3))

    def less(rows: list) -> list:
        return rows[1:]

    octopus.fail(f"{selected.books.number}/reports/clients/open", "alter", times=9, alter=less)
    run = someone.synchronise(selected.id)
    assert run["verification"]["status"] == "FAILED"
    assert any("400000" in detail for detail in failed_checks(run).values())
