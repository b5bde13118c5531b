"""Answers that go wrong on purpose."""

import json
import time

import httpx
import pytest

from octopus_sandbox.switches import Nothing
from octopus_sandbox.testing import SandboxServer
from octopus_sandbox.trouble.faults import FaultKind
from tests.integration.sandbox.sandbox_caller import PLAIN, Caller

LEDGER = "getReportModifiedBooking"


@pytest.fixture
def caller(server: SandboxServer) -> Caller:
    server.switch(daily_limits=False)
    return Caller(server)


def test_a_status_is_answered_as_often_as_asked(caller: Caller):
    caller.server.faults.next("getBookyears", 2, status=503, body="busy", media_type="text/plain")
    answers = [caller.get("/bookyears") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503, 503, 200]
    assert answers[0].text == "busy"


def test_a_fault_can_be_meant_for_one_dossier(caller: Caller):
    caller.server.faults.next("getBookyears", status=500, dossier=49002)
    assert caller.get("/bookyears").status_code == 200
    assert Caller(caller.server, 49002).get("/bookyears").status_code == 500


@pytest.mark.parametrize("at", [1, 500, 30_000])
def test_a_body_can_be_truncated_at_a_byte(caller: Caller, at: int):
    caller.server.faults.next(LEDGER, kind="truncated", at=at)
    with pytest.raises(httpx.RemoteProtocolError):
        caller.bookings()


def test_a_small_body_can_be_truncated_too(caller: Caller):
    """Content-Length promises more than comes."""
    caller.server.faults.next("getBookyears", kind="truncated", at=10)
    with pytest.raises(httpx.RemoteProtocolError, match="received 10 bytes"):
        caller.get("/bookyears")


def test_a_connection_can_be_reset(caller: Caller):
    caller.server.faults.next("getBookyears", kind="reset")
    with pytest.raises(httpx.TransportError):
        caller.get("/bookyears")
    assert caller.get("/bookyears").status_code == 200


@pytest.mark.parametrize("kind", ["delay", "slow"])
def test_an_answer_can_be_late_and_right(caller: Caller, kind: str):
    whole = caller.get("/bookyears").content
    caller.server.faults.next("getBookyears", kind=kind, seconds=0.2)
    begin = time.monotonic()
    assert caller.get("/bookyears").content == whole
    assert time.monotonic() - begin >= 0.2


def test_fewer_elements_are_valid_json(caller: Caller):
    whole = len(caller.lines(1, 2))
    caller.server.faults.next(LEDGER, kind="fewer-elements")
    assert len(caller.lines(1, 2)) == whole // 2


@pytest.mark.parametrize(
    ("kind", "status", "content_type"),
    [("html", 200, "text/html"), ("invalid-json", 200, "application/json"), ("empty", 200, "application/json")],
)
def test_what_is_no_json_can_be_answered(caller: Caller, kind: str, status: int, content_type: str):
    caller.server.faults.next("getBookyears", kind=kind)
    answer = caller.get("/bookyears")
    assert (answer.status_code, answer.headers["content-type"]) == (status, content_type)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_fields_can_be_missing_or_of_another_type(caller: Caller):
    caller.server.faults.next(LEDGER, kind="field-missing", field="accountKey")
    caller.server.faults.next(LEDGER, kind="field-mistyped", field="bookingAmount")
    assert not any("accountKey" in line for line in caller.lines(1, 2))
    assert all(isinstance(line["bookingAmount"], dict) for line in caller.lines(1, 2))


def test_a_journal_type_can_be_unknown(caller: Caller):
    caller.server.faults.next(LEDGER, kind="unknown-journal-type")
    assert {line["journalType"] for line in caller.lines(1, 2)} == {6}


def test_a_chunk_with_rows_can_be_answered_404(caller: Caller):
    caller.server.faults.next(LEDGER, kind="not-found")
    assert caller.bookings(1, 2).status_code == 404


def test_tokens_can_expire_at_a_call(caller: Caller):
    caller.server.faults.next("getBookyears", kind=FaultKind.TOKEN_EXPIRED)
    assert caller.get("/bookyears").status_code == 401
    assert caller.get("/bookyears").status_code == 401
    assert caller.dossiers().status_code == 401


def test_the_token_address_can_fail(caller: Caller):
    caller.server.faults.next("token", status=502)
    assert httpx.post(caller.server.token_url, data={}, verify=PLAIN).status_code == 502


@pytest.mark.parametrize("form", [Nothing.EMPTY_BODY, Nothing.TEXT, Nothing.NO_CONTENT])
def test_an_answer_without_a_document_has_no_element_to_spoil(caller: Caller, form: Nothing):
    caller.server.switch(nothing=form)
    nothing = caller.get("/bookyears/9/journals")
    caller.server.faults.next("getJournals", kind="fewer-elements")
    spoiled = caller.get("/bookyears/9/journals")
    assert (spoiled.status_code, spoiled.content) == (nothing.status_code, nothing.content)
