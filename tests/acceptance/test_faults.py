"""What Octopus may do to an import, and what the import makes of it: the books, or a refusal in words."""

import copy
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.acceptance.books import SALES, Document, Line
from tests.acceptance.companies import small_books
from tests.acceptance.comparing import assert_mirrors, counts
from tests.acceptance.conftest import Begun, Selected
from tests.acceptance.front_end import Browser, FrontEnd
from tests.acceptance.other_octopus import OtherOctopus
from tests.acceptance.sign_in import Login
from tests.acceptance.soak import SOAK, some
from tests.acceptance.wire import Amounts, Style


@pytest.fixture(scope="module")
def robust(begun: Begun) -> tuple[FrontEnd, Selected]:
    return begun(small_books(documents=3), Style(61))


def change(selected: Selected) -> None:
    lines = (Line(400000, 1500, 104), Line(700000, -1500))
    number = selected.books.next_number(3, SALES, 1)
    selected.books.put(Document(3, SALES, 1, number, date(2026, 5, 5), 202605, lines), at=datetime.now(UTC))


@pytest.mark.parametrize("kind", some(["500", "half", "401", "truncated", "502", "503", "slow"], 3))
def test_an_answer_that_goes_wrong_once_does_not_show(robust, octopus: OtherOctopus, kind: str):
    someone, selected = robust
    change(selected)
    octopus.fail(f"{selected.books.number}/bookyears/-1/bookings/modified", kind)
    run = someone.synchronise(selected.id)
    assert run["status"] == "SUCCEEDED", run["error"]
    assert octopus.faults[0].seen == 1
    assert_mirrors(someone, selected.id, selected.books)


@SOAK
@pytest.mark.parametrize("kind", ["404", "half", "html"])
@pytest.mark.parametrize("part", ["/bookyears", "/relations/modified", "/accounts/amounts/modified"])
def test_an_odd_answer_to_anything_but_the_ledger_leaves_everything_as_it_was(robust, octopus, part: str, kind: str):
    someone, selected = robust
    octopus.fail(f"{selected.books.number}{part}", kind)
    run = someone.synchronise(selected.id)
    assert run["status"] in ("SUCCEEDED", "FAILED")
    assert run["status"] == "SUCCEEDED" or run["error"]["action"]
    assert_mirrors(someone, selected.id, selected.books)


@SOAK
@pytest.mark.parametrize("kind", ["500", "html"])
def test_an_octopus_that_stays_broken_fails_the_run_with_words_and_leaves_everything_readable(begun, octopus, kind):
    someone, selected = begun(small_books(documents=1), Style(62))
    before = len(someone.transactions(selected.id))
    octopus.fail(f"{selected.books.number}/bookyears/-1/bookings/modified", kind, times=99)
    change(selected)
    run = someone.synchronise(selected.id, seconds=180)
    assert run["status"] == "FAILED"
    assert run["error"]["code"]
    assert len(run["error"]["message"]) > 20
    assert run["error"]["action"]
    assert "Traceback" not in run["error"]["message"]
    assert len(someone.transactions(selected.id)) == before
    octopus.faults.clear()
    assert someone.synchronise(selected.id)["status"] == "SUCCEEDED"
    assert_mirrors(someone, selected.id, selected.books)


@SOAK
def test_a_first_import_survives_faults_at_every_kind_of_call(begun: Begun, octopus: OtherOctopus):
    parts = ["/bookyears/2/bookings", "/accounts/modified", "/relations", "/costcentres", "/journals", "clients/open"]
    for part, kind in zip(parts, ["500", "truncated", "503", "half", "503", "502"], strict=True):
        octopus.fail(part, kind)
    someone, selected = begun(small_books(documents=2), Style(63))
    assert selected.first_import["status"] == "SUCCEEDED", selected.first_import["error"]
    assert_mirrors(someone, selected.id, selected.books)


def a_document_short(answer: Any) -> Any:
    rows = answer["modifiedBookings"]
    last = rows[-1]
    key = ("bookyearKey", "journalType", "journalNr", "documentSequenceNr")
    kept = [row for row in rows if [row[each] for each in key] != [last[each] for each in key]]
    return {**answer, "modifiedBookings": kept}


def a_line_short(answer: Any) -> Any:
    return {**answer, "modifiedBookings": answer["modifiedBookings"][:-1]}


def twice(answer: Any) -> Any:
    return {**answer, "modifiedBookings": answer["modifiedBookings"] + copy.copy(answer["modifiedBookings"])}


def a_line_twice(answer: Any) -> Any:
    return {**answer, "modifiedBookings": answer["modifiedBookings"] + answer["modifiedBookings"][3:4]}


def empty(answer: Any) -> Any:
    return {"modifiedBookings": [], "deletedBookings": []}


@pytest.mark.parametrize(
    "alter", [a_document_short, a_line_short, twice, a_line_twice, empty], ids=lambda f: f.__name__
)
def test_a_body_that_lies_leaves_no_hole_and_no_double_in_a_first_import(begun: Begun, octopus, alter):
    octopus.fail("/bookyears/3/bookings/modified", "alter", alter=alter)
    someone, selected = begun(small_books(documents=2), Style(64))
    assert selected.first_import["status"] == "SUCCEEDED", selected.first_import["error"]
    assert octopus.faults[0].seen == 1
    assert_mirrors(someone, selected.id, selected.books)


@SOAK
@pytest.mark.parametrize("kind", ["empty", "404", "a_document_short"])
def test_a_short_answer_to_a_full_import_deletes_nothing(begun: Begun, octopus: OtherOctopus, kind: str):
    someone, selected = begun(small_books(documents=2), Style(66))
    alter = {"empty": empty, "a_document_short": a_document_short}.get(kind)
    octopus.fail(f"{selected.books.number}/bookyears/3/bookings/modified", kind, alter=alter)
    run = someone.synchronise(selected.id, "FULL")
    assert run["status"] == "SUCCEEDED", run["error"]
    assert_mirrors(someone, selected.id, selected.books)
    assert counts(run)[2] == 0


def odd(answer: Any) -> Any:
    """A row that has no key, and one whose fields are of other types, before those that are well."""
    if isinstance(answer, dict):
        return {**answer, "modified": [{}, {"accountKey": "x", "description": 7, "name": []}, *answer["modified"]]}
    return [{}, {"costCentreKey": [], "closed": "maybe", "name": 4}, *answer]


@pytest.mark.parametrize("part", some(["/accounts/modified", "/costcentres", "/relations/modified"], 1))
def test_a_single_odd_record_never_loses_the_others(begun: Begun, octopus: OtherOctopus, part: str):
    octopus.fail(part, "alter", times=9, alter=odd)
    someone, selected = begun(small_books(documents=1), Style(67))
    assert selected.first_import["status"] == "SUCCEEDED", selected.first_import["error"]
    assert_mirrors(someone, selected.id, selected.books)
    words = str(selected.first_import)
    assert "WARNING" in words or "FAILED" in words, "the odd records are reported nowhere"


def test_an_odd_ledger_line_is_reported_and_the_rest_is_there(begun: Begun, octopus: OtherOctopus):
    def nonsense(answer: Any) -> Any:
        rows = copy.deepcopy(answer["modifiedBookings"])
        rows[0]["accountKey"] = {"id": "?"}
        return {**answer, "modifiedBookings": rows}

    octopus.fail("/bookyears/3/bookings/modified", "alter", times=99, alter=nonsense)
    someone, selected = begun(small_books(documents=2), Style(68))
    run = selected.first_import
    assert run["status"] == "SUCCEEDED", run["error"]
    assert run["verification"]["status"] == "FAILED"
    assert len(someone.transactions(selected.id)) > sum(1 for _ in selected.books.lines()) - 12


def test_a_refusal_because_of_the_daily_limit_makes_the_run_wait_until_tomorrow(begun: Begun, octopus: OtherOctopus):
    octopus.fail("/bookings/modified", "limit", times=99)
    someone, selected = begun(small_books(documents=1), Style(69), wait=False)
    run = someone.wait(selected.id, ended=lambda run: run["status"] in ("WAITING", "FAILED", "SUCCEEDED"))
    assert run["status"] == "WAITING", run
    shown = someone.administration("ImportHistory", selected.id)
    assert shown["nextImportAt"] > datetime.now(UTC).isoformat()
    calls = octopus.faults[0].seen
    assert calls <= 2, "a refused operation is not asked again today"
    cancelled = someone.ask("CancelImport", importId=run["id"])["cancelImport"]
    assert cancelled["import"]["status"] == "CANCELLED"


@pytest.mark.parametrize("rotates", [pytest.param(False, marks=SOAK), True])
def test_tokens_of_three_seconds_last_an_import_of_ten(begun: Begun, octopus: OtherOctopus, rotates: bool):
    login = Login(f"haast-{rotates}", "pw", [], access_seconds=3, rotates=rotates)
    style = Style(70, amounts=Amounts.CUMULATIVE)
    someone, selected = begun(small_books(documents=1), style, login=login, token_seconds=2, seconds_per_answer=0.4)
    assert selected.first_import["status"] == "SUCCEEDED", selected.first_import["error"]
    assert selected.dossier.calls["connect"] > 1
    assert octopus.sign_in.refreshes > 0
    assert_mirrors(someone, selected.id, selected.books)


def test_an_authorisation_that_was_withdrawn_asks_for_reconnecting_and_reconnecting_mends_it(begun, octopus):
    login = Login("ingetrokken", "pw", [], access_seconds=1)
    someone, selected = begun(small_books(documents=1), Style(71), login=login, token_seconds=1)
    lines = len(someone.transactions(selected.id))
    login.revoked = True
    octopus.sign_in.access.clear()
    octopus.dossier_tokens.clear()
    run = someone.synchronise(selected.id)
    assert run["status"] == "FAILED"
    assert run["error"]["code"] == "RECONNECT_REQUIRED"
    (card,) = someone.cards()
    assert card["status"] == "RECONNECT_REQUIRED"
    assert card["lastError"]["action"]
    started = someone.ask("StartImports", administrationIds=[selected.id])["startImports"]
    assert [each["code"] for each in started["refused"]] == ["RECONNECT_REQUIRED"]
    assert len(someone.transactions(selected.id)) == lines

    login.consented = False
    again = someone.ask("ReconnectIntegration", integrationId=selected.integration, returnTo=someone.return_to)
    address = again["reconnectIntegration"]["authorizationUrl"]
    landed = Browser().walk(address, someone.return_to, login.user, login.password)
    assert landed["integrationId"] == [selected.integration]
    change(selected)
    login.access_seconds = 600
    run = (
        someone.wait(selected.id, ended=lambda run: run["status"] == "SUCCEEDED")
        if (someone.last_import(selected.id)["status"] != "FAILED")
        else someone.synchronise(selected.id)
    )
    assert run["mode"] == "INCREMENTAL"
    assert_mirrors(someone, selected.id, selected.books)
