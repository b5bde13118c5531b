"""What a process finds when it starts, whatever keeps the rows."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from monitr.adapters.jobs.chores import Chore
from monitr.adapters.jobs.workshop import WorkOnRun, Workshop
from monitr.application.ports import Clock
from monitr.application.use_cases import UseCases
from monitr.bootstrap.ports import Ports
from monitr.bootstrap.use_cases import use_cases
from monitr.settings import Settings
from tests.simulation.processes import Process
from tests.simulation.tables import Tables


class Bench(Protocol):
    """A worker's: ``importing`` is what its workshop does with a run, but for the observer."""

    @property
    def workshop(self) -> Workshop: ...

    @property
    def importing(self) -> WorkOnRun: ...

    def beat(self) -> None:
        """Renew the leases that are held."""
        ...

    async def relay(self) -> None:
        """Pass on what commits have left to be passed on."""
        ...


class House(Protocol):
    """For the process that has opened it."""

    @property
    def settings(self) -> Settings: ...

    @property
    def clock(self) -> Clock: ...

    def cases(self) -> UseCases: ...

    def chores(self) -> list[Chore]: ...

    def bench(self, work_on: WorkOnRun) -> Bench: ...


class HouseOfPorts:
    """What a house has of its ports."""

    of: Ports

    @property
    def settings(self) -> Settings:
        return self.of.settings

    @property
    def clock(self) -> Clock:
        return self.of.clock

    def cases(self) -> UseCases:
        return use_cases(self.of)


class Storage(Protocol):
    """``open`` is for one process."""

    @property
    def tables(self) -> Tables: ...

    @property
    def statements(self) -> int:
        """How many have been sent to a database."""
        ...

    def open(self, process: Process) -> AbstractAsyncContextManager[House]: ...

    def tidy(self) -> None:
        """A day has ended."""
        ...


Run = Callable[[Process, House], Awaitable[None]]
