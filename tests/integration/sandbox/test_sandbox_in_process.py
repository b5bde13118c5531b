"""The sandbox without a network: equal answers for an equal seed, and broken connections as httpx reports them."""

from datetime import datetime, timedelta

import httpx
import pytest

from octopus_sandbox import SandboxSettings
from octopus_sandbox.clock import Clock
from octopus_sandbox.in_process import InProcessSandbox
from tests.integration.sandbox.conftest import NOW

DOSSIER = 49001


class World:
    """A clock that moves only when somebody waits."""

    def __init__(self) -> None:
        self.instant = NOW
        self.waited: list[float] = []

    def now(self) -> datetime:
        return self.instant

    async def wait(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.instant += timedelta(seconds=seconds)


class Visit:
    """A caller with one dossier open."""

    def __init__(self, octopus: InProcessSandbox, http: httpx.AsyncClient, headers: dict[str, str]) -> None:
        self.octopus, self.http, self.headers = octopus, http, headers

    async def get(self, path: str) -> httpx.Response:
        return await self.http.get(f"{self.octopus.api_url}/dossiers/{DOSSIER}{path}", headers=self.headers)


async def visit(world: World, *, seed: int = 1, patience: float | None = 30) -> Visit:
    octopus = InProcessSandbox(
        SandboxSettings(seed=seed, lines=300, bookyears=2), Clock(source=world.now, wait=world.wait)
    )
    http = httpx.AsyncClient(transport=octopus.transport, timeout=patience)
    form = {
        "grant_type": "authorization_code",
        "client_id": octopus.sandbox.settings.client_id,
        "code": await octopus.authorise_code(),
    }
    access = (await http.post(octopus.token_url, data=form)).json()["access_token"]
    opened = await http.post(
        f"{octopus.api_url}/dossiers", params={"dossierId": DOSSIER, "localeId": 1}, headers={"Token": access}
    )
    return Visit(octopus, http, {"dossierToken": opened.json()["Dossiertoken"]})


async def test_an_equal_seed_and_start_give_equal_tokens_and_answers():
    one, other = await visit(World()), await visit(World())
    assert one.headers == other.headers
    address = "/bookyears/-1/bookings/modified?journalTypeId=-1&modifiedTimeStamp=1980-01-01 00:00:00.000"
    assert (await one.get(address)).content == (await other.get(address)).content
    assert (await visit(World(), seed=2)).headers != one.headers


async def test_a_slow_answer_lets_the_time_of_the_clock_pass_and_no_other():
    world = World()
    caller = await visit(world)
    caller.octopus.sandbox.faults.next("getBookyears", kind="delay", seconds=20)
    assert (await caller.get("/bookyears")).status_code == 200
    assert world.instant - NOW == timedelta(seconds=20)


@pytest.mark.parametrize(("kind", "seconds"), [("hang", 0.0), ("delay", 40.0), ("slow", 40.0), ("drip", 40.0)])
async def test_a_caller_gives_up_after_its_own_timeout(kind: str, seconds: float):
    world = World()
    caller = await visit(world)
    caller.octopus.sandbox.faults.next("getBookyears", kind=kind, seconds=seconds)
    with pytest.raises(httpx.ReadTimeout):
        await caller.get("/bookyears")
    assert world.waited == [30]


async def test_a_dripping_answer_takes_its_pieces_together():
    world = World()
    caller = await visit(world)
    sound = (await caller.get("/bookyears")).content
    caller.octopus.sandbox.faults.next("getBookyears", kind="drip", at=100, seconds=29)
    assert (await caller.get("/bookyears")).content == sound
    assert world.waited == [29] * -(-len(sound) // 100)


async def test_a_connection_that_breaks_is_told_before_or_within_the_body():
    caller = await visit(World())
    caller.octopus.sandbox.faults.next("getBookyears", kind="reset")
    with pytest.raises(httpx.ReadError):
        await caller.get("/bookyears")
    caller.octopus.sandbox.faults.next("getBookyears", kind="truncated", at=10)
    with pytest.raises(httpx.RemoteProtocolError):
        await caller.get("/bookyears")


async def test_a_connection_that_hangs_dies_where_the_caller_never_gives_up():
    world = World()
    caller = await visit(world, patience=None)
    caller.octopus.sandbox.faults.next("getBookyears", kind="hang")
    with pytest.raises(httpx.ReadError):
        await caller.get("/bookyears")
    assert world.waited == [86_400]
