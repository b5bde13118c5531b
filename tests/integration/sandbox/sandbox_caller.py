"""A caller of the API, as an importer would be one."""

import ssl
from collections.abc import Mapping
from typing import Any

import httpx

from octopus_sandbox.testing import SandboxServer

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
EVER = "1980-01-01 00:00:00.000"
ALL_RELATIONS = {"externalRelationId": -1, "relationId": -1}


class Caller:
    """Logged in, with one dossier open."""

    def __init__(self, server: SandboxServer, dossier: int = 49001, *, user: str = "demo", locale: int = 1) -> None:
        self.server = server
        self.dossier = dossier
        self.http = httpx.Client(base_url=server.api_url, verify=PLAIN)
        self.access_token = tokens(server, server.authorise_code(user=user))["access_token"]
        self.headers: dict[str, str] = {}
        self.locale = locale
        opened = self.connect(dossier)
        if opened.status_code == 200:
            self.headers = {"dossierToken": opened.json()["Dossiertoken"]}

    def __enter__(self) -> "Caller":
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def connect(self, dossier: int) -> httpx.Response:
        query = {"dossierId": dossier, "localeId": self.locale}
        return self.http.post("/dossiers", params=query, headers={"Token": self.access_token})

    def dossiers(self) -> httpx.Response:
        return self.http.get("/dossiers", headers={"Token": self.access_token})

    def get(self, path: str, **query: str | int) -> httpx.Response:
        return self.http.get(f"/dossiers/{self.dossier}{path}", params=dict(query), headers=self.headers)

    def post(self, path: str, body: Mapping[str, Any]) -> httpx.Response:
        return self.http.post(f"/dossiers/{self.dossier}{path}", json=body, headers=self.headers)

    def bookings(
        self, bookyear: int = -1, journal_type: int = -1, since: str = EVER, until: str = ""
    ) -> httpx.Response:
        query: dict[str, str | int] = {"journalTypeId": journal_type, "modifiedTimeStamp": since}
        if until:
            query["modifiedTimeStampTo"] = until
        return self.get(f"/bookyears/{bookyear}/bookings/modified", **query)

    def lines(self, bookyear: int = -1, journal_type: int = -1, since: str = EVER) -> list[dict[str, Any]]:
        """The ledger lines of an answer; none for a 404."""
        answer = self.bookings(bookyear, journal_type, since)
        return list(answer.json()["modifiedBookings"]) if answer.status_code == 200 else []

    def whole_range(self) -> dict[str, Any]:
        """The query body of a report over all bookyears."""
        years = list(self.server.books(self.dossier).bookyears)
        return {
            "fromBookyearKey": {"id": years[0]},
            "toBookyearKey": {"id": years[-1]},
            "fromBookyearPeriodNr": 0,
            "toBookyearPeriodNr": 999999,
        }


def tokens(server: SandboxServer, code: str, **more: str) -> dict[str, Any]:
    form = {"grant_type": "authorization_code", "client_id": server.client_id, "code": code, **more}
    answer: dict[str, Any] = httpx.post(server.token_url, data=form, verify=PLAIN).json()
    return answer


def cents(amount: float) -> int:
    return round(amount * 100)
