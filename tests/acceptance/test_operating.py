"""Commands, settings and addresses for those who run the program."""

import base64
import json
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from graphql import build_schema, find_breaking_changes, parse, validate
from graphql.utilities import introspection_from_schema

from tests.acceptance.companies import small_books
from tests.acceptance.conftest import Selected
from tests.acceptance.front_end import CONTRACT, FrontEnd
from tests.acceptance.program import SECRET, Program, command, database, settings_for, token
from tests.acceptance.soak import some

MINIMUM = (Path(__file__).parents[1] / "contract" / "schema-minimum.graphql").read_text()
COMMANDS = ["demo", "serve", "api", "worker", "scheduler", "sandbox", "migrate", "token", "import", "doctor", "schema"]


def test_the_program_is_alive_and_ready_and_shows_its_figures(program: Program, companies: dict[str, Selected]):
    assert httpx.get(f"{program.url}/livez").status_code == 200
    assert httpx.get(f"{program.url}/readyz").status_code == 200
    metrics = httpx.get(f"{program.url}/metrics")
    assert metrics.status_code == 200
    assert metrics.headers["content-type"].startswith("text/plain")
    assert "# TYPE" in metrics.text
    assert httpx.get(f"{program.url}/").status_code == 200


def test_queries_over_get_are_refused(program: Program, an: FrontEnd):
    response = an.http.get("/graphql", params={"query": "{ __typename }"})
    assert response.status_code in (400, 404, 405)


def test_introspection_is_off_unless_graphiql_is_on(an: FrontEnd):
    answer = an.answer("Types", "query Types { __schema { types { name } } }")
    assert answer["errors"]


def test_other_origins_are_not_let_in(program: Program):
    asked = {"origin": "https://kwaad.example", "access-control-request-method": "POST"}
    response = httpx.options(f"{program.url}/graphql", headers=asked)
    assert "access-control-allow-origin" not in response.headers


def test_no_secret_is_in_the_log(program: Program, octopus, companies: dict[str, Selected], an: FrontEnd):
    log = program.log.read_text()
    secrets = [*octopus.sign_in.access, *octopus.sign_in.refresh, *octopus.dossier_tokens, an.token, SECRET, "geheim"]
    assert not [secret for secret in secrets if secret in log]
    assert "code=" not in log
    assert "Traceback" not in log


def test_the_token_command_prints_a_token_and_nothing_else(program: Program, organisation: str, companies):
    arguments = ["--organisation", organisation, "--subject", "bob", "--role", "REPORTS", "--role", "ENTITY_ADMIN"]
    done = command({"MONITR_AUTH_SECRET": SECRET}, "token", *arguments)
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    body = done.stdout.strip().split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    assert (claims["sub"], claims["org"], set(claims["roles"])) == ("bob", organisation, {"REPORTS", "ENTITY_ADMIN"})
    assert FrontEnd(program.url, done.stdout.strip()).cards()


def test_the_token_command_refuses_in_one_sentence_without_a_secret():
    done = command({}, "token", "--organisation", str(uuid4()), "--subject", "bob", "--role", "REPORTS")
    assert done.returncode == 1
    assert "MONITR_AUTH_SECRET" in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [["token"], ["token", "--organisation", "acme", "--subject", "x", "--role", "REPORTS"], ["nothing"], ["import"]],
)
def test_wrong_usage_is_exit_code_2(arguments: list[str]):
    done = command({"MONITR_AUTH_SECRET": SECRET}, *arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", some(COMMANDS, 2))
def test_every_command_explains_itself(name: str):
    done = command({}, name, "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_the_schema_command_prints_a_schema_that_contains_the_minimum_and_accepts_every_operation():
    done = command({}, "schema")
    assert done.returncode == 0
    schema = build_schema(done.stdout)
    assert find_breaking_changes(build_schema(MINIMUM), schema) == []
    assert validate(schema, parse(CONTRACT)) == []
    assert introspection_from_schema(schema)


def test_the_doctor_is_content_with_a_running_program(program: Program):
    done = command(program.settings, "doctor")
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(done.stdout.strip().splitlines()) >= 5
    as_json = command(program.settings, "doctor", "--json")
    assert as_json.returncode == 0
    assert json.loads(as_json.stdout)


def test_the_doctor_fails_where_something_is_wrong(program: Program):
    away = {**program.settings, "MONITR_DATABASE_URL": "postgresql://postgres@127.0.0.1:1/none"}
    done = command(away, "doctor")
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr


WRONG = {
    "MONITR_HTTP_PORT": "lots",
    "MONITR_SYNC_COOLDOWN": "soon",
    "MONITR_ENCRYPTION_KEYS": "short",
    "MONITR_SCHEDULE": "every now and then",
    "MONITR_DATABASE_URL": "mysql://root@127.0.0.1/x",
    "MONITR_BROKER_URL": "http://127.0.0.1/",
    "MONITR_PUBLIC_URL": "nowhere",
    "MONITR_OCTOPUS_API_URL": "octopus",
    "MONITR_OCTOPUS_PKCE": "perhaps",
    "MONITR_RETENTION_DAYS": "-1",
    "MONITR_RATE_LIMIT": "none",
    "MONITR_GRAPHIQL": "perhaps",
}


@pytest.mark.parametrize("name", some(WRONG, 4))
def test_a_wrong_setting_stops_the_start_with_one_sentence_that_names_it(program: Program, name: str):
    done = command({**program.settings, name: WRONG[name]}, "serve", timeout=30)
    assert done.returncode in (1, 2)
    assert name in done.stderr + done.stdout
    assert "Traceback" not in done.stderr + done.stdout
    assert len((done.stderr + done.stdout).strip().splitlines()) <= 3


def test_keys_are_required_with_a_database_of_ones_own():
    settings = {"MONITR_DATABASE_URL": "postgresql://postgres@127.0.0.1:5432/postgres", "MONITR_AUTH_SECRET": SECRET}
    done = command(settings, "serve", timeout=30)
    assert done.returncode in (1, 2)
    assert "MONITR_ENCRYPTION_KEYS" in done.stderr + done.stdout


def test_the_import_command_follows_an_import_to_its_end(
    program: Program, companies: dict[str, Selected], an: FrontEnd
):
    one = companies["results appropriated by 69 and 14"]
    done = command(program.settings, "import", one.id)
    assert done.returncode == 0, done.stdout + done.stderr
    assert an.last_import(one.id)["status"] == "SUCCEEDED"
    unknown = command(program.settings, "import", str(uuid4()))
    assert unknown.returncode == 1
    assert "Traceback" not in unknown.stderr


@pytest.mark.parametrize("part", some(["worker", "scheduler", "import"], 1))
def test_a_database_without_our_tables_is_refused_in_one_sentence(part: str):
    with database() as settings:
        if not settings:
            pytest.skip("the embedded database migrates itself")
        more = [str(uuid4())] if part == "import" else []
        done = command(settings_for({}, settings), part, *more, timeout=30)
        assert done.returncode == 1
        assert "monitr migrate" in done.stderr
        assert len(done.stderr.strip().splitlines()) <= 3


def test_until_the_database_is_migrated_the_api_is_not_ready_and_says_so():
    with database() as settings:
        if not settings:
            pytest.skip("the embedded database migrates itself")
        program = Program(settings_for({}, settings), part="api")
        program.start(migrated=False)
        try:
            assert httpx.get(f"{program.url}/livez").status_code == 200
            ready = httpx.get(f"{program.url}/readyz")
            assert ready.status_code == 503
            assert "migrate" in ready.text
            assert command(program.settings, "migrate").returncode == 0
            program.wait_until_ready()
        finally:
            program.stop()


def test_without_a_client_id_connecting_answers_a_problem_that_says_so(octopus, database_settings, organisation):
    settings = settings_for(octopus.settings, database_settings)
    del settings["MONITR_OCTOPUS_CLIENT_ID"]
    program = Program(settings, part="api" if database_settings else "serve")
    program.start()
    try:
        someone = FrontEnd(program.url, token(organisation, "ORGANISATION_ADMIN"))
        problem = someone.ask("ConnectIntegration", provider="OCTOPUS")["connectIntegration"]
        assert (problem["__typename"], problem["code"]) == ("NotConfigured", "NOT_CONFIGURED")
        assert problem["message"]
    finally:
        assert program.stop() == 0


def test_progress_over_the_websocket_ends_with_the_run(begun):
    someone, selected = begun(small_books(documents=4), wait=False)
    events = someone.progress(selected.id)
    assert events[-1]["status"] == "SUCCEEDED"
    assert events[-1]["progress"] == 1
    progress = [event["progress"] for event in events]
    assert progress == sorted(progress)
    assert len(events) >= 3
    assert len({event["id"] for event in events}) == 1
    (last,) = someone.progress(selected.id)
    assert last == events[-1]
