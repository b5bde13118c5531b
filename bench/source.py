"""Octopus for a benchmark: the sandbox in a process of its own, over loopback."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import httpx

from bench.background import background, free_port
from octopus_sandbox import SandboxSettings, Switches, serve
from octopus_sandbox.testing import SandboxServer

BOOKYEARS = 5
DOSSIER = 49001
"""The number of the sandbox's first dossier."""
JOURNAL_TYPES = (1, 2, 3, 4)
EVERYTHING_SINCE = "1980-01-01 00:00:00.000"


class RemoteSandbox(SandboxServer):
    """A sandbox that runs elsewhere: its addresses and its login, without what is behind them."""

    def __init__(self, url: str) -> None:
        self._url = url

    @property
    def url(self) -> str:
        return self._url

    @property
    def client_id(self) -> str:
        return SandboxSettings().client_id

    def control(self, **order: object) -> None:
        """One action of its control address (docs/sandbox.md)."""
        httpx.post(f"{self.url}/sandbox/control", json=order, timeout=60).raise_for_status()


@dataclass(frozen=True, slots=True)
class OpenedDossier:
    """What somebody who is not Monitr needs to read the ledger."""

    api: str
    dossier: int
    token: str
    """Good for ten minutes."""
    bookyears: Sequence[int]


@contextmanager
def a_source(lines: int) -> Iterator[RemoteSandbox]:
    """Warm: the books are made and every ledger answer is rendered once."""
    port = free_port()
    sandbox = RemoteSandbox(f"http://127.0.0.1:{port}")
    with background("bench.source", str(port), str(lines), listening=port):
        opened = opened_dossier(sandbox)
        for bookyear in opened.bookyears:
            for type in JOURNAL_TYPES:
                with httpx.stream(
                    "GET",
                    f"{opened.api}/dossiers/{opened.dossier}/bookyears/{bookyear}/bookings/modified",
                    params={"journalTypeId": type, "modifiedTimeStamp": EVERYTHING_SINCE},
                    headers={"dossierToken": opened.token},
                    timeout=180,
                ) as answer:
                    for _ in answer.iter_raw():
                        pass
        yield sandbox


def opened_dossier(sandbox: RemoteSandbox) -> OpenedDossier:
    grant = {
        "grant_type": "authorization_code",
        "client_id": sandbox.client_id,
        "code": sandbox.authorise_code(),
    }
    access = {"Token": httpx.post(sandbox.token_url, data=grant).json()["access_token"]}
    place = {"dossierId": DOSSIER, "localeId": 0}
    token = httpx.post(f"{sandbox.api_url}/dossiers", params=place, headers=access, timeout=60).json()["Dossiertoken"]
    listed = httpx.get(
        f"{sandbox.api_url}/dossiers/{DOSSIER}/bookyears", headers={"dossierToken": token}, timeout=60
    ).json()
    return OpenedDossier(sandbox.api_url, DOSSIER, token, [year["bookyearKey"]["id"] for year in listed])


if __name__ == "__main__":
    serve(
        SandboxSettings(
            port=int(sys.argv[1]),
            lines=int(sys.argv[2]),
            bookyears=BOOKYEARS,
            dossiers=1,
            switches=Switches(daily_limits=False),
        )
    )
