"""The control endpoint, the page for a person, and the truth over HTTP."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

import httpx
import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.oauth.login_walk import authorise_query
from octopus_sandbox.testing import SandboxServer
from tests.integration.sandbox.sandbox_caller import PLAIN, Caller

DOSSIER = 49777


class Controls:
    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.http = httpx.Client(base_url=server.url, verify=PLAIN)

    def act(self, action: str, **fields: Any) -> httpx.Response:
        return self.http.post("/sandbox/control", json={"action": action, "dossier": DOSSIER, **fields})

    def truth(self, question: str, dossier: int = DOSSIER, **query: str) -> Any:
        return self.http.get(f"/sandbox/truth/{dossier}/{question}", params=query).json()


@pytest.fixture
def controls(server: SandboxServer) -> Iterator[Controls]:
    held = Controls(server)
    yield held
    held.http.close()


def balances(controls: Controls, to: str = "2026-12-31") -> dict[int, str]:
    rows = controls.http.get(f"/sandbox/truth/{DOSSIER}/trial-balance?from=2026-01-01&to={to}").json()["rows"]
    return {row["account"]: row["closing"] for row in rows}


def test_invoices_are_booked_paid_changed_and_deleted(controls: Controls):
    first = controls.act("invoice", relation=1, amount="100.00", date="2026-05-04").json()
    assert first == {"bookyear": 2, "journal": "V1", "number": 1}
    assert balances(controls)[400000] == "121.00"
    controls.act("pay", **first, amount="21.00", date="2026-06-01")
    assert [item["outstanding"] for item in controls.truth("open-items", type="RECEIVABLE")] == ["100.00"]
    assert controls.truth("open-items", type="RECEIVABLE", asOf="2026-05-31")[0]["outstanding"] == "121.00"
    controls.act("change", **first, amount="10.00")
    assert balances(controls)[700000] == "-110.00"
    controls.act("reuse-number", **first)
    assert balances(controls)[700000] == "-55.00"
    controls.act("delete", **first)
    assert 700000 not in balances(controls)


def test_any_document_can_be_booked(controls: Controls):
    lines = [{"account": 440000, "amount": "-50.00", "relation": 2}, {"account": 604000, "amount": "50.00"}]
    answer = controls.act("book", journal="A1", date="2026-02-01", due="2026-03-01", lines=lines)
    assert answer.status_code == 200
    assert controls.truth("open-items", type="PAYABLE")[0]["amount"] == "50.00"
    lines[1]["amount"] = "49.99"
    assert "net to zero" in controls.act("book", journal="A1", date="2026-02-01", lines=lines).json()["error"]


def test_bookyears_and_accounts_are_changed(controls: Controls):
    controls.act("invoice", amount="100.00", date="2026-05-04")
    assert controls.act("new-bookyear", carryForward=True).json() == {"bookyear": 3, "start": "2027-01-01"}
    controls.act("close-bookyear", bookyear=1)
    assert [year["closed"] for year in controls.truth("bookyears")] == [True, False, False]
    controls.act("rename-account", account=700000, name="Omzet")
    assert {a["names"]["nl"] for a in controls.truth("accounts") if a["number"] == 700000} == {"Omzet"}


def test_access_is_taken_away(controls: Controls):
    caller = Caller(controls.server, DOSSIER)
    controls.act("expire-tokens")
    assert caller.get("/bookyears").status_code == 401
    caller = Caller(controls.server, DOSSIER)
    controls.act("revoke", login="demo")
    assert caller.dossiers().status_code == 401
    controls.act("disable-dossier")
    assert Caller(controls.server, DOSSIER).connect(DOSSIER).status_code == 403
    controls.act("remove-dossier")
    assert Caller(controls.server, DOSSIER).connect(DOSSIER).status_code == 404


def test_switches_faults_and_the_clock_are_set(controls: Controls):
    controls.act("switch", switches={"opening": "none", "daily_limits": False, "opening_by_dossier": {"49001": "none"}})
    assert controls.server.switches.opening == "none"
    assert controls.server.switches.opening_by_dossier == {49001: "none"}
    controls.act("fault", operation="getBookyears", kind="status", status=418)
    caller = Caller(controls.server, DOSSIER)
    assert [caller.get("/bookyears").status_code for _ in range(2)] == [200, 418][::-1]
    controls.act("advance-clock", seconds=601)
    assert caller.get("/bookyears").status_code == 401


@pytest.mark.parametrize(
    "order", [{"action": "dance"}, {"action": "delete"}, {"action": "invoice", "dossier": 1}, {"action": "switch"}]
)
def test_what_cannot_be_done_is_a_400_with_a_reason(controls: Controls, order: dict[str, Any]):
    answer = controls.http.post("/sandbox/control", json=order)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_page_offers_every_change_and_does_it(controls: Controls):
    page = controls.http.get("/sandbox").text
    for action in ("invoice", "change", "delete", "reuse-number", "pay", "new-bookyear", "rename-account", "revoke"):
        assert f'name="action" value="{action}"' in page
    form = {"action": "invoice", "dossier": str(DOSSIER), "kind": "purchase", "relation": "2", "amount": "10.00"}
    assert "Done" in controls.http.post("/sandbox", data=form).text
    assert balances(controls)[440000] == "-12.10"
    assert "Not done" in controls.http.post("/sandbox", data={"action": "pay", "dossier": "1"}).text


def test_ticked_documents_are_paid_corrected_matched_and_deleted_with_belgian_amounts(controls: Controls) -> None:
    def press(action: str, *ticked: str, **fields: str) -> str:
        form = {"dossier": str(DOSSIER), "action": action, **fields, "document": list(ticked)}
        said = re.search(r'role="status">([^<]+)<', controls.http.post("/sandbox", data=form).text)
        return unescape(said[1]) if said else ""

    invoice = {"kind": "sale", "relation": "1", "date": "2026-05-04"}
    assert press("invoice", amount="1.234,56", **invoice) == "Done: V1/1 of bookyear 2 is booked."
    press("invoice", amount="€ 100", **invoice)
    assert press("pay", "2.V1.1", "2.V1.2") == (
        "Done: It is paid by F1/1 of bookyear 2. It is paid by F1/2 of bookyear 2."
    )
    assert press("unmatch", "2.V1.2") == "Done: unmatched 121.00"
    assert press("match", "2.V1.2") == "Not done: tick the two documents that are to be matched."
    assert press("match", "2.V1.2", "2.F1.2") == "Done: matched 121.00"
    press("change", "2.V1.1", amount="−1,00")
    press("book", journal="A1", debit="604000", credit="440000", amount="50,5", relation="2", date="2026-05-04")
    assert (balances(controls)[700000], balances(controls)[440000]) == ("-1333.56", "-50.50")
    assert press("delete", "2.V1.1") == "Done: V1/1 of bookyear 2 is deleted."
    assert press("pay") == "Not done: tick a document first."
    assert press("invoice", amount="1,234", **invoice) == "Not done: “1,234” is no amount: write it like 1.234,56."
    page = controls.http.get("/sandbox", params={"dossier": DOSSIER, "journal": "V1", "open": "yes"}).text
    assert "There is no such document." in page


def test_a_total_is_put_out_and_right_again(controls: Controls) -> None:
    controls.act("invoice", amount="100.00", date="2026-05-04")

    def total() -> float:
        answer = Caller(controls.server, DOSSIER).get(
            "/accounts/amounts/modified?modifiedTimeStamp=2000-01-01 00:00:00.000"
        )
        (figure,) = (
            it["balance"] for it in answer.json()["modified"] if it["accountAmountKey"]["accountKey"]["id"] == 700000
        )
        return float(figure)

    assert controls.act("misstate-total", account=700000, amount="-36.00").json()["period"] == 202605
    assert (total(), balances(controls)[700000]) == (-136.0, "-100.00")
    assert controls.act("mend-totals").json() == {"mended": 1}
    assert total() == -100.0


def test_the_showcase_has_seasons_one_total_that_is_out_and_a_login_without_consent_or_maxima() -> None:
    with SandboxServer(SandboxSettings(showcase=True, lines=2_000, front_end="http://127.0.0.1:8000/")) as server:
        out = {id: server.books(id).mend_totals() for id in (49001, 49002, 49003)}
        assert (out, server.switches.daily_limits) == ({49001: 0, 49002: 0, 49003: 1}, False)
        login = httpx.get(server.authorize_url, params=authorise_query(server.client_id, "http://127.0.0.1/callback"))
        fields = dict(re.findall(r'name="(\w+)"(?: type="\w+")? value="([^"]*)"', login.text))
        landed = httpx.post(login.url.join("login"), data=fields)
        assert landed.headers["location"].startswith("http://127.0.0.1/callback?code=")
        page = httpx.get(f"{server.url}/sandbox")
        assert '<a href="http://127.0.0.1:8000/">Back to the console</a>' in page.text


@pytest.mark.parametrize(
    "question", ["ledger", "accounts", "cost-centres", "relations", "bookyears", "journals", "register", "fixed-assets"]
)
def test_the_truth_answers_about_generated_books(controls: Controls, question: str):
    assert controls.truth(question, dossier=49001)


def test_the_truth_says_what_it_does_not_understand(controls: Controls):
    assert controls.http.get(f"/sandbox/truth/{DOSSIER}/trial-balance?from=2026-01-01").status_code == 400
    assert controls.http.get("/sandbox/truth/1/ledger").status_code == 404


def test_late_and_unstamped_changes_are_made(controls: Controls):
    books = controls.server.books(DOSSIER)
    document = controls.act("invoice", amount="100.00", date="2026-05-04", hoursAgo=50).json()
    stamp = controls.server.clock.milliseconds() - 50 * 3_600_000
    assert [held.modified for held in books.movements()] == [stamp]
    controls.act("change", **document, keepsStamp=True, line=1, costCentre=3)
    assert [(held.modified, held.lines[1].cost_centre) for held in books.movements()] == [(stamp, 3)]
    controls.act("delete", **document, freesNumber=True, hoursAgo=24)
    assert books.deletions[0].at == stamp + 26 * 3_600_000
    assert controls.act("invoice", date="2026-05-04").json()["number"] == 1


def test_matchings_are_removed_and_made_again(controls: Controls):
    invoice = controls.act("invoice", amount="100.00", date="2026-05-04").json()
    payment = controls.act("pay", **invoice, amount="21.00", date="2026-06-01").json()
    assert controls.act("unmatch", **invoice).json() == {"unmatched": "21.00"}
    assert len(controls.truth("open-items", type="RECEIVABLE")) == 2
    assert controls.act("match", **invoice, **{"with": payment}).json() == {"matched": "21.00"}
    assert [item["outstanding"] for item in controls.truth("open-items", type="RECEIVABLE")] == ["100.00"]


def test_bookyears_are_opened_by_hand_transferred_again_and_unlisted(controls: Controls):
    controls.act("invoice", amount="100.00", date="2025-05-04")
    controls.act("add-journal", journal="D7", name="Hernemingen", bookyear=2)
    opened = controls.act("carry-forward", bookyear=2, journal="D7", byWayOf=580000).json()
    assert opened == {"bookyear": 2, "journal": "D7", "number": 1}
    controls.act("invoice", amount="50.00", date="2025-12-31")
    again = controls.act("transfer-again", bookyear=2, how="difference").json()
    assert again == {"bookyear": 2, "journal": "D7", "number": 2}
    controls.act("rename-journal", journal="D7", name="Zomaar")
    assert "Zomaar" in {journal["names"]["nl"] for journal in controls.truth("journals")}
    controls.act("remove-journal", journal="D7", bookyear=2, told=False)
    assert controls.server.books(DOSSIER).deleted_journals == []
    controls.act("unlist-bookyear", bookyear=1)
    caller = Caller(controls.server, DOSSIER)
    assert len(caller.get("/bookyears").json()) == 1
    controls.act("unlist-bookyear", bookyear=1, listed=True)
    controls.act("close-bookyear", bookyear=1)
    controls.act("close-bookyear", bookyear=1, closed=False)
    assert [year["closed"] for year in caller.get("/bookyears").json()] == [False, False]


def test_names_and_access_are_changed(controls: Controls):
    controls.act("put-cost-centre", costCentre=4, name="Werf")
    controls.act("rename-relation", relation=1, name="Andere klant")
    assert controls.truth("cost-centres")[0]["names"]["nl"] == "Werf"
    assert controls.truth("relations")[0]["name"] == "Andere klant"
    renamed = controls.act("rename-dossier", name="Groot BV", vatNumber="BE0999.999.922").json()
    assert renamed == {"dossier": DOSSIER, "name": "Groot BV", "vatNumber": "BE0999.999.922"}
    controls.act("disable-dossier", login="demo")
    caller = Caller(controls.server, DOSSIER)
    assert caller.connect(DOSSIER).status_code == 403
    controls.act("disable-dossier", login="demo", disabled=False)
    assert caller.connect(DOSSIER).status_code == 200
    controls.act("withdraw-access")
    assert caller.connect(DOSSIER).status_code == 403
    controls.act("give-access")
    assert caller.connect(DOSSIER).status_code == 200


def test_trouble_is_made_for_a_span(controls: Controls):
    controls.act("fault", operation=["getBookyears"], kind="status", status=503, span=60, retry_after="5", dossier=None)
    caller = Caller(controls.server, DOSSIER)
    answers = [caller.get("/bookyears") for _ in range(2)]
    assert [(answer.status_code, answer.headers["retry-after"]) for answer in answers] == [(503, "5")] * 2
    controls.act("advance-clock", seconds=60)
    assert caller.get("/bookyears").status_code == 200


def test_deeds_and_squalls_are_drawn(controls: Controls):
    assert controls.act("deed", draw=1, deed="buy").json() == {"deed": "buy", "what": "A1/1 of 2"}
    assert controls.act("deed", draw=1, deed="close-year").json() == {"deed": "close-year", "what": "1"}
    squall = controls.act("squall", draw=1, squall="day-closed").json()
    assert squall["until"] == "2026-11-18T23:00:00+00:00"


def test_the_truth_is_told_whole(controls: Controls):
    controls.act("invoice", amount="100.00", date="2026-05-04")
    snapshot = controls.truth("snapshot")
    assert (snapshot["dossier"], len(snapshot["lines"]), len(snapshot["receivables"])) == (DOSSIER, 3, 1)
    assert {(held["bookyear"], held["account"], held["balance"]) for held in snapshot["balances"]} == {
        (2, 400000, "121.00"),
        (2, 700000, "-100.00"),
        (2, 451000, "-21.00"),
    }
