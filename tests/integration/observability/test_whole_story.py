"""From the card to the imported lines, in real processes: one request is followed through logs, traces and metrics, and
no secret is found in any of them."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID, uuid4

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import make_url
from websockets.sync.client import connect

from monitr.domain.organisation import OrganisationId
from monitr.domain.roles import Principal, Role
from octopus_sandbox.settings import SandboxSettings
from tests.components.graphql.an_api import FRONTEND
from tests.integration.cli.processes import Started, a_free_port, answer, running, until
from tests.integration.http.a_server import now
from tests.integration.observability.overheard_sandbox import OverheardSandbox
from tests.integration.observability.trace_receiver import Receiver, a_receiver
from tests.our_page import form_on

REQUEST_ID = "sync-now-4711"
OTHERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"


@dataclass
class Story:
    """Everything that was said in it, and everything that must not be."""

    receiver: Receiver
    organisation: str
    administration: str = ""
    log: str = ""
    metrics: str = ""
    metrics_of_the_worker: str = ""
    pages: list[str] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)

    @property
    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines() if line.startswith("{")]

    def metric(self, name: str, **labels: str) -> float:
        """The sum of its samples with these labels."""
        return sum(
            sample.value
            for family in text_string_to_metric_families(self.metrics)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )


@pytest.fixture(scope="module")
def story(server_url: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Told once: connect, select, import, Sync now in full with tokens that have expired, and some mischief."""
    from tests.integration.conftest import _database

    with (
        pytest.MonkeyPatch.context() as environment,
        _database(server_url, template) as database,
        a_receiver() as receiver,
        OverheardSandbox(SandboxSettings(lines=3000, bookyears=2, dossiers=1)) as octopus,
    ):
        hidden = {
            name: secrets.token_urlsafe(24)
            for name in ("database password", "client secret", "auth secret", "collector")
        }
        key = urlsafe_b64encode(secrets.token_bytes(32)).decode()
        environment.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url)
        environment.setenv("OTEL_EXPORTER_OTLP_HEADERS", f"authorization={hidden['collector']}")
        environment.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
        port, worker_port = a_free_port(), a_free_port()
        settings = {
            "DATABASE_URL": make_url(database)
            .set(password=hidden["database password"], drivername="postgresql")
            .render_as_string(hide_password=False),
            "ENCRYPTION_KEYS": key,
            "AUTH_SECRET": hidden["auth secret"],
            "OCTOPUS_CLIENT_ID": octopus.client_id,
            "OCTOPUS_CLIENT_SECRET": hidden["client secret"],
            "OCTOPUS_API_URL": octopus.api_url,
            "OCTOPUS_AUTHORIZE_URL": octopus.authorize_url,
            "OCTOPUS_TOKEN_URL": octopus.token_url,
            "HTTP_PORT": str(port),
            "WORKER_PORT": str(worker_port),
            "SYNC_COOLDOWN": "0",
        }
        told = Story(receiver, str(uuid4()))
        folder = tmp_path_factory.mktemp("story")
        with running(folder, "serve", **settings) as started:
            _tell(told, f"http://127.0.0.1:{port}", started, octopus, hidden["auth secret"])
            worker = f"http://127.0.0.1:{worker_port}"
            told.pages = [httpx.get(f"{address}/readyz").text for address in (f"http://127.0.0.1:{port}", worker)]
            told.metrics_of_the_worker = httpx.get(f"{worker}/metrics").text
            told.metrics = httpx.get(f"http://127.0.0.1:{port}/metrics").text
            started.stop()
            told.log = started.errors.read_text() + started.output.read_text()
        told.hidden |= {value: name for name, value in hidden.items()} | {key: "encryption key"} | octopus.secrets
        yield told


def _tell(story: Story, api: str, started: Started, octopus: OverheardSandbox, auth_secret: str) -> None:
    until(lambda: answer(f"{api}/readyz"), "it is not ready", started)
    token = _token(story, auth_secret)
    browser = httpx.Client(base_url=api, timeout=30)

    def ask(operation: str, *, headers: dict[str, str] | None = None, **variables: Any) -> Any:
        body = {"query": FRONTEND, "operationName": operation, "variables": variables}
        response = browser.post("/graphql", json=body, headers={"Authorization": f"Bearer {token}"} | (headers or {}))
        assert "errors" not in response.json(), response.text
        return response.json()["data"]

    # connect, as the card does, and misuse the round afterwards
    url = ask("ConnectIntegration", provider="OCTOPUS")["connectIntegration"]["authorizationUrl"]
    start, form = form_on(browser.get(url))
    story.hidden[form["token"]] = "form token"
    authorise = browser.post(start, data=form).headers["location"]
    callback = octopus.authorise(authorise)
    for address in (url, authorise, callback):
        for name, values in parse_qs(urlsplit(address).query).items():
            if name in ("ticket", "state", "code"):
                story.hidden[values[0]] = name
    story.hidden |= {cookie.value: "cookie" for cookie in browser.cookies.jar if cookie.value}
    home = browser.get(callback)
    integration = parse_qs(urlsplit(home.headers["location"]).query)["integrationId"][0]
    browser.get(callback)  # again: the round is over

    # select: the first import
    [dossier] = [
        row
        for row in ask("AvailableDossiers", integrationId=integration)["integration"]["dossiers"]
        if row["selectable"]
    ]
    selected = ask("SelectAdministrations", integrationId=integration, dossierNumbers=[dossier["number"]])
    [administration] = selected["selectAdministrations"]["administrations"]
    story.administration = administration["id"]
    _follow(api, token, story.administration)

    def imported(times: int) -> bool:
        history = ask("ImportHistory", administrationId=story.administration)["administration"]["imports"]["edges"]
        return [edge["node"]["status"] for edge in history] == ["SUCCEEDED"] * times

    until(lambda: imported(1) or None, "it was not imported", started)

    # Sync now, asked for by somebody who traces, while Octopus has a bad day
    octopus.sandbox.tokens.expire()
    octopus.faults.next("*", status=500)
    headers = {"x-request-id": REQUEST_ID, "traceparent": f"00-{OTHERS_TRACE}-00f067aa0ba902b7-01"}
    ask("StartImports", administrationIds=[story.administration], mode="FULL", headers=headers)
    until(lambda: imported(2) or None, "it was not imported again", started)

    # mischief
    browser.post("/graphql", json={"query": "{ nonsense }"}, headers={"Authorization": f"Bearer {token}"})
    wrong = token[:-6] + "abcdef"
    story.hidden[wrong] = "refused bearer token"
    browser.post("/graphql", json={"query": "{ __typename }"}, headers={"Authorization": f"Bearer {wrong}"})
    browser.get("/oauth/octopus/callback", params={"error": "access_denied", "state": "of-nobody"})
    until(lambda: story.receiver.named("import run", OTHERS_TRACE) or None, "its trace has not arrived", started)


def _token(story: Story, auth_secret: str) -> str:
    from monitr.adapters.security.development_tokens import sign

    anna = Principal(OrganisationId(UUID(story.organisation)), "anna", frozenset({Role.ORGANISATION_ADMIN}))
    token = sign(auth_secret, anna, now(), timedelta(hours=1), None, None)
    story.hidden[token] = "bearer token"
    return token


def _follow(api: str, token: str, administration: str) -> None:
    """Live progress to its end, with the token in the first message."""
    query = "subscription P($id: ID!) { importProgress(administrationId: $id) { status } }"
    with connect(api.replace("http", "ws") + "/graphql", subprotocols=["graphql-transport-ws"]) as socket:  # type: ignore[list-item]  # websockets has a NewType for it
        socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}))
        socket.recv(10)
        payload = {"query": query, "variables": {"id": administration}}
        socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        while json.loads(socket.recv(60))["type"] == "next":
            pass


# --- traces -----------------------------------------------------------------------------------------------------------


def test_one_trace_leads_from_the_mutation_to_the_workers_requests_to_octopus(story: Story) -> None:
    [mutation] = story.receiver.named("mutation SelectAdministrations")
    [request, *_] = story.receiver.named("octopus bookings/modified", mutation.trace)

    assert story.receiver.path_to(request) == [
        "monitr-api: POST /graphql",
        "monitr-api: mutation SelectAdministrations",
        "monitr-api: outbox write",
        "monitr-worker: import run",
        "monitr-worker: import chunk",
        "monitr-worker: octopus bookings/modified",
    ]


def test_the_trace_shows_the_way_through_the_outbox_and_the_broker_too(story: Story) -> None:
    [mutation] = story.receiver.named("mutation SelectAdministrations")
    [wake_up] = story.receiver.named("wake-up", mutation.trace)

    assert story.receiver.path_to(wake_up)[-3:] == [
        "monitr-api: outbox write",
        "monitr-worker: outbox publish import",
        "monitr-worker: wake-up",
    ]


def test_what_is_published_is_a_span_of_its_chunk_and_tells_how_many_rows(story: Story) -> None:
    spans = story.receiver.named("publish chunk")

    assert {story.receiver.path_to(span)[-2] for span in spans} == {"monitr-worker: import chunk"}
    assert sum(int(span.attributes["inserted"]) for span in spans) == story.metric(
        "monitr_import_rows_total", dataset="GENERAL_LEDGER", outcome="inserted"
    )


def test_a_caller_who_traces_finds_the_import_in_his_own_trace(story: Story) -> None:
    [run] = story.receiver.named("import run", OTHERS_TRACE)

    assert (run.service, run.attributes["administration"]) == ("monitr-worker", story.administration)
    assert run.attributes["status"] == "SUCCEEDED"


# --- logs -------------------------------------------------------------------------------------------------------------


def test_the_workers_lines_tell_organisation_administration_run_and_the_request_that_began_it(story: Story) -> None:
    [begun] = [
        line for line in story.log_lines if line["event"] == "import.begun" and line.get("request_id") == REQUEST_ID
    ]
    run = [line for line in story.log_lines if line.get("run") == begun["run"]]
    [ended] = [line for line in run if line["event"] == "import.ended"]

    assert begun["part"] == ended["part"] == "worker"
    assert (ended["organisation"], ended["administration"]) == (story.organisation, story.administration)
    assert (ended["request_id"], ended["trace_id"]) == (REQUEST_ID, OTHERS_TRACE)
    assert (ended["status"], ended["error"]) == ("SUCCEEDED", None)
    assert {line["event"] for line in run if line.get("request_id") == REQUEST_ID} >= {
        "outbox.published",
        "wake_up.taken",
    }


def test_the_api_logs_the_same_request_under_the_same_id(story: Story) -> None:
    [line] = [line for line in story.log_lines if line["event"] == "http.request" and line["request_id"] == REQUEST_ID]

    assert not [line for line in story.log_lines if line["level"] in ("error", "critical")]
    assert (line["part"], line["organisation"], line["trace_id"]) == ("api", story.organisation, OTHERS_TRACE)


# --- metrics ----------------------------------------------------------------------------------------------------------


def test_one_page_tells_what_all_processes_have_counted(story: Story) -> None:
    assert story.metric("monitr_import_runs_total", status="SUCCEEDED", mode="FULL", trigger="FIRST") == 1
    assert story.metric("monitr_import_runs_total", status="SUCCEEDED", mode="FULL", trigger="SYNC_NOW") == 1
    assert story.metric("monitr_import_run_seconds_count") == 2
    assert story.metric("monitr_import_verifications_total") == 2
    assert story.metric("monitr_outbox_published_total", topic="import") == 2
    assert story.metric("monitr_http_requests_total", route="/graphql", status="401") == 1
    assert story.metric("monitr_graphql_operation_seconds_count", operation="StartImports", type="mutation") == 1


def test_every_request_that_octopus_has_seen_is_counted_by_operation_and_status(story: Story) -> None:
    assert story.metric("monitr_octopus_requests_total", operation="bookings/modified", status="200") == 16
    assert story.metric("monitr_octopus_requests_total", status="500") == 1
    assert story.metric("monitr_octopus_requests_total", operation="token", status="200") == 1
    refreshes = story.metric("monitr_octopus_requests_total", operation="token refresh", status="200")
    assert refreshes == story.metric("monitr_octopus_token_refreshes_total") == 1


def test_what_stands_in_the_database_is_told_by_the_api(story: Story) -> None:
    assert story.metric("monitr_figures_up") == 1
    assert story.metric("monitr_import_runs_unfinished") == story.metric("monitr_outbox_pending") == 0
    assert story.metric("monitr_last_success_age_seconds_gcount") == 1
    age = story.metric("monitr_oldest_last_success_age_seconds", administration=story.administration)
    assert 0 < age < 600
    assert story.metric("monitr_octopus_quota_left", operation="bookings/modified") == 48 - 16


def test_a_worker_answers_on_a_port_of_its_own(story: Story) -> None:
    assert "monitr_import_runs_total" in story.metrics_of_the_worker
    assert "monitr_figures_up" not in story.metrics_of_the_worker
    assert json.loads(story.pages[1])["parts"]["worker"] == {"ready": True, "problem": None}


# --- secrets ----------------------------------------------------------------------------------------------------------


def test_no_secret_is_in_logs_traces_metrics_or_pages(story: Story) -> None:
    told = {
        "logs": story.log.encode(),
        "traces": b"\n".join(story.receiver.bodies),
        "metrics": (story.metrics + story.metrics_of_the_worker).encode(),
        "pages": "".join(story.pages).encode(),
    }

    found = [
        f"{what} in the {where}"
        for value, what in story.hidden.items()
        for where, text in told.items()
        if _holds(text, value)
    ]

    assert found == []


def test_the_search_for_secrets_has_what_to_search_for_and_finds_it(story: Story) -> None:
    kinds = {*story.hidden.values()}
    assert kinds >= {"ticket", "state", "code", "code_verifier", "cookie", "bearer token", "encryption key"}
    assert kinds >= {"access_token", "refresh_token", "dossiertoken", "client_secret", "database password"}
    assert all(_holds(f"… {value} …".encode(), value) for value in story.hidden)
    assert _holds(b"\n".join(story.receiver.bodies), story.administration)
    assert _holds(story.log.encode(), story.organisation)


def _holds(text: bytes, secret: str) -> bool:
    """As it is, written for an address, or the part of a token that makes it valid."""
    signature = secret.rpartition(".")[2]
    return any(form.encode() in text for form in {secret, quote(secret, safe=""), signature})
