"""One simulation: the processes, Octopus, the people and the weather, for a list of events."""

import asyncio
import hashlib
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random

import httpx
import structlog

from monitr.settings import Settings
from octopus_sandbox import SandboxSettings
from octopus_sandbox.clock import Clock
from octopus_sandbox.in_process import Exchange, InProcessSandbox
from octopus_sandbox.office.accountant import Accountant
from octopus_sandbox.switches import DateHeader, QuotaAnswer, Rotation, Switches
from octopus_sandbox.trouble.weather import Weather
from tests.integration.jobs.queued_runs import settings_for
from tests.simulation.house import Storage
from tests.simulation.in_postgres import InPostgres
from tests.simulation.loop import SimulatedLoop, simulated, utc
from tests.simulation.observer import Observer
from tests.simulation.people import OWN, WRONG, People
from tests.simulation.processes import Process, kept_alive, tasks_belong_to_processes
from tests.simulation.program import Api, Bell, a_scheduler, a_worker, alarm
from tests.simulation.shortcuts import Answers, addresses_remembered, remember_routes
from tests.simulation.small_books import small_books
from tests.simulation.story import DAY, Event

FIRST_DOSSIER = 49001
_GENERATED_EVERY = 10
"""One seed of so many has the larger books that the sandbox makes."""
_RESTART_SECONDS = 7.0
_OBSERVED_AT = 20 * 3600
"""Seconds of the day: after the working hours, before the night's runs."""
_FAULTS_OF_OURS = ("run_broke_off", "chore_failed", "claim_failed", "lease_not_renewed", "run_not_given_up")


@dataclass(frozen=True, slots=True)
class Outcome:
    """``digest``: of everything that happened, in order."""

    seed: int
    days: int
    complaints: Sequence[str]
    story: Sequence[str]
    digest: str
    counts: Counter[str]


def dossiers_of(number: int) -> list[int]:
    return list(range(FIRST_DOSSIER, FIRST_DOSSIER + number))


def simulate(storage: Storage, seed: int, days: int, dossiers: int, events: Sequence[Event]) -> Outcome:
    """Ends at the first difference."""
    start = utc(2026, 1, 5) + timedelta(days=seed * 37 % 365)
    with simulated(start, seed) as loop, addresses_remembered():
        if isinstance(storage, InPostgres):
            loop.ask_about_locks(storage.database.blocked)
        tasks_belong_to_processes(loop)
        world = World(loop, storage, seed, dossiers_of(dossiers))
        with structlog.testing.capture_logs(processors=[world.overhear]):
            loop.run_until_complete(world.live(events, days))
            loop.run_until_complete(loop.shutdown_asyncgens())
        return world.outcome(days)


@dataclass(eq=False)
class World:
    """See ``processes.Surroundings`` and ``program.World``."""

    loop: SimulatedLoop
    storage: Storage
    seed: int
    dossiers: list[int]
    story: list[str] = field(default_factory=list)
    our_skew: timedelta = timedelta()
    counts: Counter[str] = field(default_factory=Counter)
    bell: Bell = field(default_factory=Bell)

    def __post_init__(self) -> None:
        clock = Clock(source=self.loop.now, wait=asyncio.sleep)
        self._sandbox = InProcessSandbox(_settings_of_octopus(self.seed, len(self.dossiers)), clock)
        remember_routes(self._sandbox.app)
        self._answers = self._sandbox.sandbox.answering = Answers()
        self.octopus: httpx.AsyncBaseTransport = self._sandbox.transport
        self.settings: Settings = settings_for(
            "postgresql://simulated",
            None,
            OCTOPUS_API_URL=self._sandbox.api_url,
            ALLOW_INSECURE_HTTP="on",
            OCTOPUS_AUTHORIZE_URL=self._sandbox.authorize_url,
            OCTOPUS_TOKEN_URL=self._sandbox.token_url,
            OCTOPUS_CLIENT_ID=self._sandbox.sandbox.settings.client_id,
        )
        octopus = self._sandbox.sandbox
        if self.seed % _GENERATED_EVERY:
            for dossier in self.dossiers:
                octopus.set_books(small_books(dossier, self.seed, clock))
        self.watch = Observer(self.storage.tables, octopus, self.loop.now, self.tell)
        self.watch.clocks_right_since = self.loop.now()
        self._api = Api(self)
        self._people = People(self._api, self._sandbox, self.storage.tables, self.dossiers)
        self._accountants = {dossier: Accountant(octopus, dossier) for dossier in self.dossiers}
        self._weather = Weather(octopus)
        self._processes: dict[str, Process] = {}
        self._after_calls: list[tuple[int, Event]] = []
        self._calls = 0
        self._acting: set[asyncio.Task[None]] = set()

    # --- for the processes -----------------------------------------------------------------------------

    def ours(self) -> datetime:
        return self.loop.now() + self.our_skew

    def present(self) -> datetime:
        return self.loop.now()

    def tell(self, what: str) -> None:
        self.counts["kills"] += what.startswith("kill ")
        self.story.append(f"{self.loop.now():%Y-%m-%d %H:%M:%S} {what}")

    def fault(self, what: str) -> None:
        self.watch.complain(f"a fault of ours: {what}")

    async def answered(self, request: httpx.Request, response: httpx.Response) -> None:
        self._calls += 1
        self.tell(f"{request.method} {request.url.raw_path.decode()} {response.status_code}")
        self._token_was_asked(request, 0 if _broke_off(response) else response.status_code)
        due = [event for calls, event in self._after_calls if calls <= self._calls]
        self._after_calls = [(calls, event) for calls, event in self._after_calls if calls > self._calls]
        for event in due:
            self._happens(event)

    def unanswered(self, request: httpx.Request) -> None:
        self._token_was_asked(request, 0)

    def _token_was_asked(self, request: httpx.Request, status: int) -> None:
        if str(request.url) == self._sandbox.token_url:
            self.watch.told.token_was_asked(request.content, status)

    def overhear(self, logger: object, method: str, entry: structlog.typing.EventDict) -> structlog.typing.EventDict:
        if entry["event"] in _FAULTS_OF_OURS:
            self.fault(f"{entry['event']}: {_cause(entry)}")
        raise structlog.DropEvent

    # --- time ------------------------------------------------------------------------------------------

    async def live(self, events: Sequence[Event], days: int) -> None:
        async with AsyncExitStack() as alive:
            for make in (self._api.process, lambda: a_worker(self), lambda: a_scheduler(self)):
                await alive.enter_async_context(kept_alive(self._noted(make), _RESTART_SECONDS))
            ringing = asyncio.ensure_future(alarm(self))
            alive.callback(ringing.cancel)
            ends = [(day * DAY + _OBSERVED_AT, None) for day in range(days)]
            moments = sorted([*((event.at, event) for event in events), *ends], key=lambda moment: moment[0])
            for at, event in moments:
                await asyncio.sleep(max(0.0, at - self.loop.time()))
                if ringing.done():
                    ringing.result()
                if event is None:
                    self.watch.end_of_day()
                    self.storage.tidy()
                elif event.calls:
                    self._after_calls.append((self._calls + event.calls, event))
                else:
                    self._happens(event)
                if self.watch.complaints:
                    break
            for act in self._acting:
                act.cancel()

    def _noted(self, make: Callable[[], Process]) -> Callable[[], Process]:
        def noted() -> Process:
            process = make()
            self._processes[process.name] = process
            return process

        return noted

    def outcome(self, days: int) -> Outcome:
        digest = hashlib.sha256("\n".join(self.story).encode()).hexdigest()[:16]
        counts = self.counts + self.watch.counts
        counts["calls"], counts["statements"] = self._calls, self.storage.statements
        counts["faults"] = sum(bool(call.fault) for call in self._sandbox.sandbox.log.calls)
        return Outcome(self.seed, days, tuple(self.watch.complaints), tuple(self.story), digest, counts)

    # --- what happens ----------------------------------------------------------------------------------

    def _happens(self, event: Event) -> None:
        self.counts[event.words[0]] += 1
        self._answers.forget()
        match event.words:
            case ("deed", dossier, name, draw):
                self._deed(int(dossier), name, int(draw))
            case ("squall", dossier, name, draw):
                self._squall(int(dossier), name, int(draw))
            case ("kill", name, effects):
                process = self._processes.get(name)
                if process is not None and not process.is_dead:
                    process.doom = int(effects)
            case ("our-clock", seconds):
                self.our_skew = timedelta(seconds=int(seconds))
                self.tell(f"our clock {seconds} s")
                self._clocks()
            case ("calm",):
                self._calm()
            case ("quiet",):
                if self.watch.quiet_since is not None:
                    self.watch.end_of_quiet()
                self.watch.quiet_since = None
            case ("office", act, dossier):
                self._office(act, int(dossier))
            case (act, draw):
                self._person(act, int(draw), self.dossiers[0])
            case (act, draw, dossier):
                self._person(act, int(draw), int(dossier))
            case words:
                raise ValueError(f"no event: {words}")

    def _deed(self, dossier: int, name: str, draw: int) -> None:
        deed = self._accountants[dossier].act(draw, name)
        if deed is not None:
            self.tell(f"{dossier} {deed.name}: {deed.what}")
            self.watch.changed(dossier)

    def _squall(self, dossier: int, name: str, draw: int) -> None:
        squall = self._weather.strike(draw, dossier, name)
        self.watch.quiet_since = None
        self.watch.told.trouble(squall.until)
        self.tell(f"weather {squall.name}: {squall.what}")
        if name.startswith("bookyear"):
            self.watch.changed(dossier)
        if name.startswith("clock"):
            self._clocks()

    def _clocks(self) -> None:
        right = not self.our_skew and not self._sandbox.sandbox.switches.clock_skew
        if not right:
            self.watch.clocks_right_since = None
        elif self.watch.clocks_right_since is None:
            self.watch.clocks_right_since = self.loop.now()

    def _calm(self) -> None:
        """Whatever was wrong outside is right again."""
        octopus = self._sandbox.sandbox
        octopus.faults.clear()
        octopus.switch(clock_skew=0, date_header=DateHeader.OWN, date_skew=0)
        self.our_skew = timedelta()
        self._after_calls.clear()
        for process in self._processes.values():
            process.doom = None
        for dossier in self.dossiers:
            self._office("enable", dossier)
            self._office("admit", dossier)
            for bookyear in sorted(octopus.books(dossier).unlisted):
                octopus.books(dossier).list_bookyear(bookyear)
        self.watch.changed()
        self._clocks()
        self.watch.quiet_since = self.loop.now()
        self.tell("calm")

    def _office(self, act: str, dossier: int) -> None:
        octopus = self._sandbox.sandbox
        match act:
            case "disable":
                octopus.disable(dossier)
            case "enable":
                octopus.disable(dossier, disabled=False)
            case "withdraw":
                octopus.withdraw(dossier, OWN)
            case "admit":
                octopus.admit(dossier, OWN)
            case _:
                octopus.revoke(OWN)
        self.tell(f"office: {act} {dossier}")

    def _person(self, act: str, draw: int, dossier: int) -> None:
        async def acts() -> None:
            told = await self._people.do(act, draw, dossier)
            self.tell(f"person: {act} {dossier}: {told}")
            if told in (connected := {f"connected as {login}": login for login in (OWN, WRONG)}) and "reconnect" in act:
                self.watch.reconnected(connected[told])

        task = asyncio.ensure_future(acts())
        self._acting.add(task)
        task.add_done_callback(self._acted)

    def _acted(self, task: asyncio.Task[None]) -> None:
        self._acting.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.fault(f"a person met {error!r}")


def _broke_off(response: httpx.Response) -> bool:
    """Whether its body will not be whole."""
    return isinstance(response.stream, Exchange) and response.stream.broken is not None


def _cause(entry: structlog.typing.EventDict) -> str:
    """Of an event that is logged with an exception."""
    error = sys.exc_info()[1]
    if error is None:
        return str(entry.get("error", ""))
    frames = traceback.extract_tb(error.__traceback__)
    return f"{error!r} at {' < '.join(f'{frame.name}:{frame.lineno}' for frame in reversed(frames[-4:]))}"


def _settings_of_octopus(seed: int, dossiers: int) -> SandboxSettings:
    chance = Random(f"Octopus of {seed}")
    switches = Switches(
        rotation=chance.choice(list(Rotation)),
        quota_answer=chance.choice(list(QuotaAnswer)),
        secret_required=False,
        removed_matchings=seed % 3 > 0,
    )
    return SandboxSettings(seed=seed, lines=60, bookyears=2, dossiers=dossiers, switches=switches)
