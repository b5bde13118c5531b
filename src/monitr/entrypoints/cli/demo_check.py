"""``monitr demo --check``: does what is installed here work? Connects and imports as a person does, and looks at it."""

import json
import re
import time
from collections.abc import Callable
from html import unescape
from http.cookiejar import CookieJar
from typing import Any
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener

DOSSIER = 49001
IMPORT_SECONDS, ANSWER_SECONDS = 120.0, 30.0
_PAGES = 6
"""At most, on the way through Octopus: ours, login and consent, and back."""
_LOGIN = {"user": "demo", "password": "demo", "decision": "authorise"}

_CONNECT = """mutation { connectIntegration(input: {provider: OCTOPUS}) {
  ... on AuthorizationRequired { integration { id } authorizationUrl } ... on Problem { message } } }"""
_SELECT = """mutation ($id: ID!, $numbers: [Int!]!) {
  selectAdministrations(input: {integrationId: $id, dossierNumbers: $numbers}) {
    ... on AdministrationsSelected { administrations { id name } } ... on Problem { message } } }"""
_LOOK = """query ($id: ID!) { administration(id: $id) { name lastImport {
  status error { message } verification { status } datasets { dataset fetched } } } }"""


class DoesNotWork(Exception):
    """What was asked for did not come about; one sentence."""


class Check:
    """Of the API at ``address``, in the name of the bearer of ``token``. It blocks: run it in a thread."""

    def __init__(self, address: str, token: str) -> None:
        self._address = address
        self._token = token
        self._browser = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    def connect(self) -> str:
        """The id of an integration that has just been authorised. Raises DoesNotWork."""
        begun = self._ask(_CONNECT)["connectIntegration"]
        url = begun.get("authorizationUrl")
        if url is None:
            raise DoesNotWork(f"Connecting was refused: {begun.get('message')}")
        returned = parse_qs(urlsplit(_walk(self._browser, url)).query)
        if "integrationId" not in returned:
            raise DoesNotWork(f"The way through Octopus's login ended with {returned or 'nothing'}.")
        return returned["integrationId"][0]

    def select(self, integration: str) -> str:
        """The id of the dossier's administration, whose first import begins. Raises DoesNotWork."""
        selected = self._ask(_SELECT, id=integration, numbers=[DOSSIER])["selectAdministrations"]
        if "administrations" not in selected:
            raise DoesNotWork(f"Dossier {DOSSIER} could not be selected: {selected.get('message')}")
        return str(selected["administrations"][0]["id"])

    def imported(self, administration: str) -> tuple[str, int]:
        """The name and how many ledger lines came in, proven to agree with the books. Raises DoesNotWork."""
        deadline = time.monotonic() + IMPORT_SECONDS
        while True:
            found = self._ask(_LOOK, id=administration)["administration"]
            run: dict[str, Any] = found["lastImport"] or {"status": "QUEUED"}
            if run["status"] not in ("QUEUED", "RUNNING"):
                break
            if time.monotonic() > deadline:
                raise DoesNotWork(f"The import is {run['status']} after {IMPORT_SECONDS:.0f} seconds.")
            time.sleep(0.2)
        if run["status"] != "SUCCEEDED":
            raise DoesNotWork(f"The import is {run['status']}: {run['error'] and run['error']['message']}")
        if (verified := run["verification"] and run["verification"]["status"]) != "PASSED":
            raise DoesNotWork(f"The verification of the import is {verified}.")
        lines = {each["dataset"]: int(each["fetched"]) for each in run["datasets"]}
        return str(found["name"]), lines["GENERAL_LEDGER"]

    def _ask(self, operation: str, **variables: object) -> dict[str, Any]:
        body = json.dumps({"query": operation, "variables": variables}).encode()
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = Request(f"{self._address}/graphql", body, headers)  # noqa: S310  # our own address
        with self._browser.open(request, timeout=ANSWER_SECONDS) as answer:
            told = json.load(answer)
        if "errors" in told:
            raise DoesNotWork(f"The API answers: {told['errors'][0]['message']}")
        data: dict[str, Any] = told["data"]
        return data


def _walk(browser: OpenerDirector, url: str) -> str:
    """Through the pages that stand between, each with one form; the address where they end."""
    form: bytes | None = None
    for _ in range(_PAGES):
        with browser.open(url, form, timeout=ANSWER_SECONDS) as page:
            url, text = str(page.url), page.read().decode()
        found = re.search(r'<form method="post" action="([^"]+)"', text)
        if "integrationId=" in url or "error=" in url or found is None:
            break
        hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
        form = urlencode({name: unescape(value) for name, value in hidden} | _LOGIN).encode()
        url = urljoin(url, unescape(found[1]))
    return url


def check(address: str, token: str, say: Callable[[str], None]) -> bool:
    """Whether it all works; each step is said when it is done."""
    it, begun = Check(address, token), time.monotonic()
    try:
        say(f"Started: the API answers at {address}.")
        administration = it.select(it.connect())
        say(f"Connected through Octopus's login, and selected dossier {DOSSIER}.")
        name, lines = it.imported(administration)
    except (DoesNotWork, OSError) as trouble:
        say(f"FAILED: {trouble}")
        return False
    say(f"Imported {name}: {lines:,} ledger lines, which agree with the books.")
    say(f"All works, {time.monotonic() - begun:.1f} seconds after the start.")
    return True
