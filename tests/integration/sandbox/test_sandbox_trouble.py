"""Clocks, silence in all its forms, and trouble that lasts."""

from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from octopus_sandbox.answers.timestamps import spelled
from octopus_sandbox.switches import DateHeader, Nothing, TimestampZone
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.conftest import NOW
from tests.integration.sandbox.sandbox_caller import ALL_RELATIONS, EVER, PLAIN, Caller, tokens
from tests.integration.sandbox.test_sandbox_answers import empty_calls

LEDGER = "getReportModifiedBooking"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def caller(server: SandboxServer) -> Caller:
    server.switch(daily_limits=False)
    return Caller(server)


def statuses(caller: Caller, calls: int = 3) -> list[int]:
    return [caller.get("/bookyears").status_code for _ in range(calls)]


# --- clocks --------------------------------------------------------------------------------------------


def test_every_answer_carries_the_date_of_the_sandboxs_clock(caller: Caller):
    page = httpx.get(caller.server.authorize_url, verify=PLAIN)
    answers = [caller.dossiers(), caller.get("/bookyears"), caller.bookings(), caller.get("/nowhere"), page]
    dates = [answer.headers.get_list("date") for answer in answers]
    assert dates == [["Wed, 18 Nov 2026 09:30:00 GMT"]] * 5


@pytest.mark.parametrize("seconds", [-7_200, 90_000])
def test_a_skew_moves_date_stamps_and_day_together(caller: Caller, seconds: int):
    caller.server.switch(clock_skew=seconds)
    caller = Caller(caller.server)
    shown = NOW + timedelta(seconds=seconds)
    assert parsedate_to_datetime(caller.get("/bookyears").headers["date"]) == shown
    books = caller.server.books(49001)
    books.change(next(iter(books.documents[1, 2])), comment="now")
    before, after = (spelled(round(shown.timestamp() * 1000) + ms, TimestampZone.BRUSSELS) for ms in (0, 1))
    assert [len(caller.lines(since=stamp)) > 0 for stamp in (before, after)] == [True, False]


def test_the_date_header_alone_can_be_ahead_absent_or_nonsense(caller: Caller):
    caller.server.switch(date_skew=3600)
    assert caller.get("/bookyears").headers["date"] == "Wed, 18 Nov 2026 10:30:00 GMT"
    caller.server.switch(date_header=DateHeader.NONSENSE)
    with pytest.raises(ValueError):
        parsedate_to_datetime(caller.get("/bookyears").headers["date"])
    caller.server.switch(date_header=DateHeader.ABSENT)
    assert "date" not in caller.get("/bookyears").headers


# --- silence -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "status", "media_type"),
    [
        (Nothing.TECHNICAL_INFO, 404, "application/json"),
        (Nothing.CODE_AND_TEXTS, 404, "application/json"),
        (Nothing.TEXT, 404, "text/plain"),
        (Nothing.PAGE, 404, "text/html"),
        (Nothing.BARE, 404, None),
        (Nothing.NO_CONTENT, 204, None),
        (Nothing.EMPTY_BODY, 200, "application/json"),
    ],
)
def test_nothing_has_a_form_without_a_document(
    server: SandboxServer, form: Nothing, status: int, media_type: str | None
):
    server.switch(nothing=form)
    with Caller(server, 49777) as caller:
        for operation, _, answer in empty_calls(caller):
            assert (answer.status_code, answer.headers.get("content-type")) == (status, media_type), operation
            assert (answer.content == b"") is (form in (Nothing.BARE, Nothing.NO_CONTENT, Nothing.EMPTY_BODY))


def test_nothing_can_be_an_explicit_document(server: SandboxServer):
    server.switch(nothing=Nothing.EMPTY_DOCUMENT)
    with Caller(server, 49777) as caller:
        bodies = {operation: answer.json() for operation, _, answer in empty_calls(caller)}
    assert bodies.pop("getReportModifiedBooking") == {"deletedBookings": [], "modifiedBookings": []}
    assert bodies.pop("getModifiedBalancingRelations") == {"deletedBalancings": [], "modifiedBalancings": []}
    for name in ("getModifiedAccounts", "getModifiedAccountAmounts", "getModifiedRelations"):
        assert bodies.pop(name) == {"deleted": [], "modified": []}
    assert set(map(str, bodies.values())) == {"[]"}


# --- trouble that lasts --------------------------------------------------------------------------------


def test_a_fault_lasts_for_a_span_of_the_sandboxs_time(caller: Caller):
    caller.server.faults.during("getBookyears", 2 * MINUTE, status=503, after=MINUTE)
    assert statuses(caller) == [200, 200, 200]
    caller.server.clock.advance(MINUTE)
    assert statuses(caller) == [503, 503, 503]
    caller.server.clock.advance(2 * MINUTE)
    assert statuses(caller) == [200, 200, 200]
    assert caller.server.faults.waiting == 0


def test_a_skew_that_comes_within_a_span_does_not_end_it(caller: Caller):
    caller.server.faults.during("getBookyears", MINUTE, status=503)
    caller.server.switch(clock_skew=-3_600)
    assert statuses(caller, 1) == [503]
    caller.server.clock.advance(MINUTE)
    assert statuses(caller, 1) == [200]


def test_a_span_can_be_limited_to_a_number_of_calls(caller: Caller):
    caller.server.faults.during("getBookyears", MINUTE, status=503, times=2)
    assert statuses(caller) == [503, 503, 200]


def test_a_gateway_loses_some_routes_or_all_but_connect(caller: Caller):
    caller.server.faults.next({"getAccounts", "getBookyears"}, 2, kind="html", status=404)
    assert (statuses(caller, 1), caller.get("/accounts", bookyearId=1).status_code) == ([404], 404)
    caller.server.faults.during("*", MINUTE, kind="error-object", but={"connectDossier", "getDossiers"})
    body = caller.get("/bookyears").json()
    assert (body["errorCode"], sorted(body)) == (-51, ["errorCode", "errorMessage", "technicalInfo"])
    assert (caller.connect(49001).status_code, "Dossiertoken" in caller.connect(49001).json()) == (200, True)


@pytest.mark.parametrize(
    ("operation", "path", "empty"),
    [
        ("getBookyears", "/bookyears", []),
        ("getModifiedAccounts", f"/accounts/modified?modifiedTimeStamp={EVER}", {"deleted": [], "modified": []}),
        (
            LEDGER,
            f"/bookyears/-1/bookings/modified?journalTypeId=-1&modifiedTimeStamp={EVER}",
            {"deletedBookings": [], "modifiedBookings": []},
        ),
    ],
)
def test_a_full_list_can_be_empty(caller: Caller, operation: str, path: str, empty: Any):
    caller.server.faults.next(operation, kind="empty-list")
    assert caller.get(path).json() == empty
    assert caller.get(path).json() != empty


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"retry_after": "2"}, "2"),
        ({"retry_after": "soon"}, "soon"),
        ({"retry_after": "99999999999"}, "99999999999"),
        ({"retry_date": 90}, "Wed, 18 Nov 2026 09:31:30 GMT"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_a_refusal_says_when_to_come_back(caller: Caller, fields: dict[str, Any], header: str, status: int):
    caller.server.faults.next("getBookyears", 2, status=status, **fields)
    answers = [caller.get("/bookyears") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert [answer.headers.get("retry-after") for answer in answers] == [header, header, None]


def test_a_refusal_can_speak_of_the_day(caller: Caller):
    caller.server.faults.next("getBookyears", kind="day-limit")
    answer = caller.get("/bookyears")
    assert (answer.status_code, "per day" in answer.json()["technicalInfo"]) == (429, True)


def test_a_hanging_answer_ends_when_the_caller_gives_up(caller: Caller):
    caller.server.faults.next("getBookyears", kind="hang")
    with pytest.raises(httpx.ReadTimeout):
        caller.http.get("/dossiers/49001/bookyears", headers=caller.headers, timeout=0.1)
    assert statuses(caller, 1) == [200]


def test_a_dripping_answer_is_whole_in_the_end(caller: Caller):
    sound = caller.get("/bookyears").content
    caller.server.faults.next("getBookyears", kind="drip", seconds=0.001)
    assert caller.get("/bookyears").content == sound


@pytest.mark.parametrize(
    ("kind", "status"), [("no-content", 204), ("not-found", 404), ("empty", 200), ("refused", 403)]
)
def test_other_answers_than_the_sound_one(caller: Caller, kind: str, status: int):
    caller.server.faults.next("getBookyears", kind=kind)
    assert statuses(caller, 2) == [status, 200]


def test_a_call_that_never_reached_octopus_counts_nowhere(caller: Caller):
    caller.server.switch(daily_limits=True)
    caller.server.quota.reset()
    caller.server.faults.next("getBookyears", status=502, reached=False)
    assert statuses(caller, 2) == [502, 200]
    assert caller.server.quota.used("getBookyears", dossier=49001) == 1
    assert [call.fault for call in caller.server.calls.of("getBookyears")] == ["status", ""]


def test_the_software_house_can_be_unknown(caller: Caller):
    caller.server.faults.next("token", kind="invalid-client", reached=False)
    code = caller.server.authorise_code()
    assert tokens(caller.server, code) == {"error": "invalid_client"}
    assert "access_token" in tokens(caller.server, code)


# --- whom it meets -------------------------------------------------------------------------------------


def test_the_bookings_of_one_bookyear_can_be_refused_for_a_time(caller: Caller):
    caller.server.faults.during(LEDGER, timedelta(hours=1), kind="refused", bookyear=1)
    assert [caller.bookings(year, 2).status_code for year in (1, 2)] == [403, 200]
    caller.server.clock.advance(timedelta(hours=1))
    assert Caller(caller.server).bookings(1, 2).status_code == 200


def test_the_record_of_one_bookyear_can_be_unreadable_in_part_or_whole(caller: Caller):
    caller.server.faults.next("getBookyears", kind="field-mistyped", field="endDate", where={"bookyearKey": {"id": 1}})
    first, second = caller.get("/bookyears").json()
    assert (first["endDate"], second["endDate"]) == ({"unexpected": True}, "2026-12-31")
    caller.server.faults.next("getBookyears", kind="field-missing", field="bookyearKey", where={"closed": False})
    assert all("bookyearKey" not in year for year in caller.get("/bookyears").json() if not year["closed"])
    caller.server.faults.next("getBookyear", kind="invalid-json", bookyear=1)
    assert caller.get("/bookyears/2").json()
    with pytest.raises(ValueError):
        caller.get("/bookyears/1").json()


def test_single_lines_of_a_booking_can_be_unreadable(caller: Caller):
    whole = caller.lines(1, 2)
    number = whole[0]["documentSequenceNr"]
    where = {"documentSequenceNr": number, "accountKey": whole[0]["accountKey"]}
    caller.server.faults.next(LEDGER, kind="field-value", field="bookingAmount", value=1e17, where=where)
    odd = [line for line in caller.lines(1, 2) if line["bookingAmount"] == 1e17]
    assert {(line["documentSequenceNr"], line["accountKey"]) for line in odd} == {(number, whole[0]["accountKey"])}


def test_a_text_can_hold_a_bad_byte(caller: Caller):
    caller.server.faults.next(LEDGER, kind="bad-byte", field="comment", where={"documentSequenceNr": 1})
    content = caller.bookings(1, 2).content
    assert b'"comment":"Caf\xe9"' in content
    with pytest.raises(UnicodeDecodeError):
        content.decode()


def test_a_fault_can_be_meant_for_one_login(caller: Caller):
    other = Caller(caller.server, 49002, user="other")
    caller.server.faults.during("getBookyears", MINUTE, kind="refused", login="other")
    assert (statuses(other, 1), statuses(Caller(caller.server, 49002), 1)) == ([403], [200])


# --- dossiers ------------------------------------------------------------------------------------------


def test_a_dossier_is_renamed(caller: Caller):
    caller.server.sandbox.rename(49001, "Anders NV", "BE0123.456.789")
    record = caller.dossiers().json()[0]
    assert (record["dossierDescription"], record["vatNr"]) == ("Anders NV", "BE0123.456.789")
    assert caller.server.truth(49001).snapshot().name == "Anders NV"


def test_a_dossier_is_disabled_for_one_login_alone(caller: Caller):
    shared = Caller(caller.server, 49002)
    other = Caller(caller.server, 49002, user="other")
    caller.server.sandbox.disable_for("other", 49002)
    assert other.connect(49002).json()["errorCode"] == -5
    assert other.get("/bookyears").status_code == 401
    assert (shared.get("/bookyears").status_code, shared.connect(49002).status_code) == (200, 200)
    caller.server.sandbox.disable_for("other", 49002, disabled=False)
    assert other.connect(49002).status_code == 200


def test_an_open_report_can_be_empty_under_each_form(caller: Caller):
    body = {**caller.whole_range(), **ALL_RELATIONS}
    assert caller.post("/reports/clients/open", body).json()
    for kind in ("not-found", "no-content", "empty", "empty-list"):
        caller.server.faults.next("getReportOpenClient", kind=kind)
        answer = caller.post("/reports/clients/open", body)
        assert not answer.content or answer.status_code == 404 or answer.json() == []
