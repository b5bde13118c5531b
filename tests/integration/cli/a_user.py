"""Somebody with a development token, and what they do over the API of one program or another."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx

from octopus_sandbox.testing import SandboxServer
from tests.integration.cli.processes import monitr
from tests.our_page import to_octopus

CONNECT = """mutation { connectIntegration(input: {provider: OCTOPUS}) {
  ... on AuthorizationRequired { integration { id } authorizationUrl } } }"""
SELECT = """mutation ($id: ID!, $numbers: [Int!]!) {
  selectAdministrations(input: {integrationId: $id, dossierNumbers: $numbers}) {
    ... on AdministrationsSelected { administrations { id } } } }"""


@dataclass(frozen=True, slots=True)
class User:
    token: str
    address: str = ""

    def of(self, address: str) -> "User":
        """The same person at the API that listens there."""
        return replace(self, address=address)

    def ask(self, operation: str, **variables: object) -> dict[str, Any]:
        """``data`` of the answer, which has no errors."""
        answered = httpx.post(
            f"{self.address}/graphql",
            json={"query": operation, "variables": variables},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        ).json()
        assert "errors" not in answered, answered
        data: dict[str, Any] = answered["data"]
        return data

    def select(self, sandbox: SandboxServer, dossier: int) -> str:
        """Connect, log in at Octopus, select the dossier: the id of the administration."""
        connected = self.ask(CONNECT)["connectIntegration"]
        with httpx.Client(timeout=30) as browser:
            returned = browser.get(sandbox.authorise(to_octopus(browser, connected["authorizationUrl"])))
        assert "integrationId" in parse_qs(urlsplit(returned.headers["location"]).query)
        selected = self.ask(SELECT, id=connected["integration"]["id"], numbers=[dossier])["selectAdministrations"]
        return str(selected["administrations"][0]["id"])


def a_user(settings: dict[str, str]) -> User:
    """An administrator of a new organisation."""
    made = monitr(
        *("token", "--organisation", str(uuid4()), "--subject", "ann", "--role", "ORGANISATION_ADMIN"), **settings
    )
    assert made.returncode == 0, made.stderr
    return User(made.stdout.strip())
