"""The front end: sends the operations of frontend.graphql as they stand, and walks Octopus's pages as a browser."""

import json
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx
from graphql import FragmentDefinitionNode, FragmentSpreadNode, OperationDefinitionNode, Visitor, parse, visit
from websockets.sync.client import connect
from websockets.typing import Subprotocol

CONTRACT = (Path(__file__).parents[1] / "contract" / "frontend.graphql").read_text()
PROTOCOL = Subprotocol("graphql-transport-ws")
ENDED = {"SUCCEEDED", "FAILED", "CANCELLED"}


def _operations() -> dict[str, str]:
    """By name: the operation and the fragments that it needs, letter for letter."""
    definitions = parse(CONTRACT).definitions
    texts: dict[str, tuple[str, set[str], bool]] = {}
    for definition in definitions:
        assert isinstance(definition, (OperationDefinitionNode, FragmentDefinitionNode))
        assert definition.name is not None
        assert definition.loc is not None
        spreads: set[str] = set()

        class Spreads(Visitor):
            def enter_fragment_spread(self, node: FragmentSpreadNode, *_: object, into: set[str] = spreads) -> None:
                into.add(node.name.value)

        visit(definition, Spreads())
        text = CONTRACT[definition.loc.start : definition.loc.end]
        texts[definition.name.value] = (text, spreads, isinstance(definition, OperationDefinitionNode))

    def needed(name: str) -> Iterator[str]:
        yield name
        for spread in sorted(texts[name][1]):
            yield from needed(spread)

    return {
        name: "\n\n".join(texts[each][0] for each in dict.fromkeys(needed(name)))
        for name, (_, _, is_operation) in texts.items()
        if is_operation
    }


OPERATIONS = _operations()


EVERY_READING: dict[str, dict] = {
    "ImportHistory": {},
    "LedgerBasics": {},
    "Transactions": {},
    "Booking": {"bookingCode": "x"},
    "TrialBalance": {"from": "2026-01-01", "to": "2026-12-31"},
    "MonthlyBalances": {"from": "2026-01-01", "to": "2026-12-31"},
    "OutstandingItems": {"type": "RECEIVABLE"},
    "FixedAssets": {},
}


class FrontEnd:
    """One person's session."""

    def __init__(self, url: str, token: str) -> None:
        self.url, self.token = url, token
        self.http = httpx.Client(base_url=url, headers={"authorization": f"Bearer {token}"}, timeout=60)

    def answer(self, operation: str, document: str | None = None, **variables: object) -> dict[str, Any]:
        """The whole answer, ``errors`` and all, but what it cost."""
        query = OPERATIONS[operation] if document is None else document
        response = self.http.post("/graphql", json={"query": query, "operationName": operation, "variables": variables})
        assert response.status_code == 200, f"{response.status_code} {response.text[:2000]}"
        answer: dict[str, Any] = response.json()
        assert answer.pop("extensions")["cost"]["limit"]
        return answer

    def ask(self, operation: str, document: str | None = None, **variables: object) -> dict[str, Any]:
        answer = self.answer(operation, document, **variables)
        assert "errors" not in answer, json.dumps(answer["errors"], indent=1)[:4000]
        data: dict[str, Any] = answer["data"]
        return data

    def administration(self, operation: str, id: str, **variables: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.ask(operation, administrationId=id, **variables)["administration"]
        assert found is not None
        return found

    def cards(self) -> list[dict[str, Any]]:
        """The integrations of the Octopus card."""
        (provider,) = self.ask("IntegrationCards")["integrationProviders"]
        integrations: list[dict[str, Any]] = provider["integrations"]
        return integrations

    # --- connecting ----------------------------------------------------------------------------------------------

    @property
    def return_to(self) -> str:
        return f"{self.url}/settings/integrations?tab=accounting"

    def connect(self, user: str, password: str) -> str:
        """Add Octopus, log in, authorise: the id of the integration."""
        started = self.begin()
        landed = Browser().walk(started["authorizationUrl"], self.return_to, user, password)
        assert landed == {"tab": ["accounting"], "integrationId": [started["integration"]["id"]]}, landed
        id: str = started["integration"]["id"]
        return id

    def begin(self, return_to: str | None = None) -> dict[str, Any]:
        payload = self.ask("ConnectIntegration", provider="OCTOPUS", returnTo=return_to or self.return_to)
        started: dict[str, Any] = payload["connectIntegration"]
        assert started["__typename"] == "AuthorizationRequired", started
        return started

    def select(self, integration: str, *numbers: int) -> dict[int, str]:
        """Dossier number → id of its administration."""
        answer = self.ask("SelectAdministrations", integrationId=integration, dossierNumbers=list(numbers))
        selected = answer["selectAdministrations"]
        assert selected["__typename"] == "AdministrationsSelected", selected
        return {each["dossierNumber"]: each["id"] for each in selected["administrations"]}

    # --- imports -------------------------------------------------------------------------------------------------

    def last_import(self, administration: str) -> dict[str, Any]:
        run: dict[str, Any] = self.administration("ImportHistory", administration, first=1)["lastImport"]
        return run

    def wait(self, administration: str, seconds: float = 45, ended: Callable[[Any], bool] | None = None) -> Any:
        """The last run, when it has ended."""
        until = time.monotonic() + seconds
        while True:
            run = self.last_import(administration)
            if ended(run) if ended else run["status"] in ENDED:
                return run
            assert time.monotonic() < until, f"still {run['status']} {run['mode']} {run['progress']} {run['error']}"
            time.sleep(0.2)

    def synchronise(self, administration: str, mode: str = "INCREMENTAL", seconds: float = 60) -> Any:
        """Sync now, to its end."""
        started = self.ask("StartImports", administrationIds=[administration], mode=mode)["startImports"]
        assert started["__typename"] == "ImportsStarted", started
        assert not started["refused"], started
        id = started["imports"][0]["id"]
        return self.wait(administration, seconds, lambda run: run["id"] == id and run["status"] in ENDED)

    def progress(self, administration: str, seconds: float = 60) -> list[Any]:
        """Every event of the subscription ImportProgress, until it completes."""
        address = self.url.replace("http://", "ws://") + "/graphql"
        events = []
        with connect(address, subprotocols=[PROTOCOL], open_timeout=10) as socket:
            socket.send(json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {self.token}"}}))
            assert json.loads(socket.recv(10))["type"] == "connection_ack"
            payload = {"query": OPERATIONS["ImportProgress"], "operationName": "ImportProgress"}
            variables = {"administrationId": administration}
            socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {**payload, "variables": variables}}))
            while True:
                message = json.loads(socket.recv(seconds))
                match message["type"]:
                    case "next":
                        assert "errors" not in message["payload"], message
                        events.append(message["payload"]["data"]["importProgress"])
                    case "complete":
                        return events
                    case "ping":
                        socket.send(json.dumps({"type": "pong"}))
                    case other:
                        raise AssertionError(f"{other}: {message}")

    # --- reading -------------------------------------------------------------------------------------------------

    def transactions(self, administration: str, page: int = 500, **filter: Any) -> list[Any]:
        """Every page of Transactions, in the order of the answer."""
        nodes: list[Any] = []
        after = None
        while True:
            found = self.administration("Transactions", administration, filter=filter or None, first=page, after=after)[
                "transactions"
            ]
            nodes += [edge["node"] for edge in found["edges"]]
            assert len(found["edges"]) <= page
            if not found["pageInfo"]["hasNextPage"]:
                assert found["totalCount"] == len(nodes)
                return nodes
            after = found["pageInfo"]["endCursor"]


class Stopped(Exception):
    """The address that a browser was told not to visit."""


class Browser:
    """Follows redirects and fills in forms, with a cookie jar of its own."""

    stops_before: str | None = None

    def __init__(self) -> None:
        self.http = httpx.Client(follow_redirects=False, timeout=30)
        self.visited: list[str] = []

    def walk(
        self, address: str, destination: str, user: str = "", password: str = "", *, consent: bool = True
    ) -> dict[str, list[str]]:
        """From our own start to ``destination``; what the query says there."""
        response = self._visit(self.http.build_request("GET", address))
        for _ in range(12):
            if response.is_redirect:
                following = urljoin(str(response.url), response.headers["location"])
                if urlsplit(following)[:3] == urlsplit(destination)[:3]:
                    return parse_qs(urlsplit(following).query)
                request = self.http.build_request("GET", following)
            else:
                assert response.status_code == 200, f"{response.status_code} {response.url} {response.text[:500]}"
                request = self._form(response, user, password, consent=consent)
            response = self._visit(request)
        raise AssertionError(f"never arrived: {self.visited}")

    def go_on(self, address: str) -> httpx.Response:
        """The answer to the button of our own page at ``authorizationUrl``."""
        return self._visit(self._form(self._visit(self.http.build_request("GET", address)), "", "", consent=True))

    def _visit(self, request: httpx.Request) -> httpx.Response:
        if self.stops_before and self.stops_before in str(request.url):
            raise Stopped(str(request.url))
        self.visited.append(str(request.url))
        return self.http.send(request)

    def _form(self, response: httpx.Response, user: str, password: str, *, consent: bool) -> httpx.Request:
        form = Form()
        form.feed(response.text)
        assert form.action, response.text[:500]
        fields = {**form.hidden}
        if "keuze" in form.names:
            fields["keuze"] = "ja" if consent else "nee"
        else:
            fields |= {"gebruiker": user, "wachtwoord": password}
        return self.http.build_request("POST", urljoin(str(response.url), form.action), data=fields)


class Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.action, self.hidden, self.names = "", dict[str, str](), set[str]()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.action = values["action"]
        if tag == "input" and values.get("type") == "hidden":
            self.hidden[values["name"]] = values.get("value", "")
        self.names.add(values.get("name", ""))
