"""Loaders over the reading port: what many rows need is asked for once."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from monitr.application.reading.fixed_assets import AssetCategory
from monitr.application.reading.import_history import BookingChange
from monitr.application.reading.ledger import TransactionRow
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.outstanding_items import OutstandingReport
from monitr.application.reading.pages import Page
from monitr.application.reading.reading import Reading
from monitr.domain.accounting.account import CostCentre
from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import Ageing, Bucket, OutstandingItemType
from monitr.domain.import_run import ImportRunId
from monitr.domain.integration import Integration, IntegrationId
from monitr.domain.organisation import AdministrationId
from monitr.entrypoints.graphql.execution.turns import SLICE, Turns

D = TypeVar("D")
K = TypeVar("K")
N = TypeVar("N")
V = TypeVar("V")
ReportKey = tuple[AdministrationId, OutstandingItemType, tuple[Bucket, ...], date]
RelationsKey = tuple[AdministrationId, OutstandingItemType, tuple[Bucket, ...], int, date]
DaysKey = tuple[AdministrationId, OutstandingItemType, date]
AssetsKey = tuple[AdministrationId, date]


class ChangesKey(NamedTuple):
    """A page of what a run changed."""

    administration: AdministrationId
    run: ImportRunId
    first: int
    after: str | None
    with_total: bool


class LinesKey(NamedTuple):
    """Some of the lines of a booking."""

    administration: AdministrationId
    booking: BookingKey
    first: int
    after: int


class Loader(Generic[K, V]):
    """Asks once for all keys that are wanted at a moment, and remembers the answers.

    Not strawberry's: there, who waits for a key shares one future, and the first of them that is cancelled, because a
    field beside it failed, cancels it for all. Here each waits by itself, an error is told to those who wait and then
    forgotten, and thousands who wait for the same answer are woken a slice at a time.
    """

    def __init__(self, read: Callable[[Sequence[K]], Awaitable[Mapping[K, V | Exception]]], turns: Turns) -> None:
        """``read`` answers every key; an Exception is raised where that key was asked for."""
        self._read = read
        self._turns = turns
        self._known: dict[K, V] = {}
        self._failed: dict[K, BaseException] = {}
        self._waiting: defaultdict[K, list[asyncio.Future[V]]] = defaultdict(list)
        self._wanted: list[K] = []
        self._asking: set[asyncio.Task[None]] = set()

    def know(self, values: Mapping[K, V]) -> None:
        """What was just read need not be read again."""
        self._known.update(values)

    def known(self, key: K) -> V:
        """Raises KeyError for what has not been read."""
        return self._known[key]

    async def expect(self, keys: Iterable[K]) -> None:
        """Until all of them are known, or have failed: whoever loads one of those is told so, without a question."""
        wanted = {key: self._wait_for(key) for key in dict.fromkeys(keys) if key not in self._known}
        if wanted:
            await asyncio.wait(wanted.values())
            failed = {key: error for key, waiter in wanted.items() if (error := waiter.exception())}
            self._failed.update(failed)

    async def load(self, key: K) -> V:
        """Raises what the question raised."""
        if key in self._known:
            return self._known[key]
        if key in self._failed:
            raise self._failed[key]
        return await self._wait_for(key)

    def _wait_for(self, key: K) -> asyncio.Future[V]:
        loop = asyncio.get_running_loop()
        if key not in self._waiting:
            if not self._wanted:
                loop.call_soon(self._begin)
            self._wanted.append(key)
        waiter: asyncio.Future[V] = loop.create_future()
        self._waiting[key].append(waiter)
        return waiter

    def _begin(self) -> None:
        asking = asyncio.get_running_loop().create_task(self._ask())
        self._asking.add(asking)  # the loop itself would forget it
        asking.add_done_callback(self._asking.discard)

    async def _ask(self) -> None:
        keys, self._wanted = self._wanted, []
        answers: Mapping[K, V | Exception] = {}
        try:
            answers = await self._read(keys)
            self._known.update({key: it for key, it in answers.items() if not isinstance(it, Exception)})
        except Exception as error:
            answers = dict.fromkeys(keys, error)
        finally:
            woken = [(waiter, answers.get(key)) for key in keys for waiter in self._waiting.pop(key)]
            for start in range(0, len(woken), SLICE):
                self._turns.take(partial(_wake, woken[start : start + SLICE]))


def _wake(waiters: Sequence[tuple[asyncio.Future[Any], object]]) -> None:
    for waiter, answer in waiters:
        if waiter.done():
            continue
        if isinstance(answer, Exception):
            waiter.set_exception(answer)
        else:
            waiter.set_result(answer)


class Loaders:
    """Each remembers for its own life: until the operation ends, or a mutation has changed what they hold."""

    def __init__(self, reading: Reading, turns: Turns) -> None:
        self._reading = reading
        self.completed: defaultdict[object, dict[object, tuple[Any, int]]] = defaultdict(dict)
        """What plans have made of what is known, and how many entries its lists have; by plan and mark."""
        self.integrations = Loader(_all(self._integrations, None), turns)
        self.nodes = Loader(_all(reading.nodes, None), turns)
        self.administrations = Loader(_all(reading.administrations, None), turns)
        self.administrations_of = Loader(_all(reading.administrations_of, ()), turns)
        self.last_imports = Loader(_all(reading.last_imports, None), turns)
        self.dataset_states = Loader(_all(reading.dataset_states, ()), turns)
        self.calls_today = Loader(_all(reading.calls_today, None), turns)
        self.bookings = Loader(_all(_in_books(reading.bookings), None), turns)
        self.booking_lines = Loader(self._booking_lines, turns)
        self.accounts = Loader(_all(_in_books(self._accounts), None), turns)
        self.cost_centres = Loader(_all(_in_books(self._cost_centres), None), turns)
        self.import_changes = Loader(self._import_changes, turns)
        self.first_seen = Loader(_in_books(reading.first_seen), turns)
        self.relations = Loader(_all(_in_books(reading.relations_by_number), None), turns)
        self.freshness = Loader(_all(reading.freshness, None), turns)
        self.outstanding_reports: Loader[ReportKey, OutstandingReport] = Loader(
            _on_days(reading.outstanding_reports), turns
        )
        self.outstanding_by_relation: Loader[RelationsKey, Sequence[tuple[int | None, Ageing]]] = Loader(
            _on_days(reading.outstanding_by_relation), turns
        )
        self.days_outstanding: Loader[DaysKey, Decimal | None] = Loader(_on_days(reading.days_outstanding), turns)
        self.asset_categories: Loader[AssetsKey, Sequence[AssetCategory]] = Loader(
            _one_by_one(reading.asset_categories), turns
        )

    async def _import_changes(self, keys: Sequence[ChangesKey]) -> Mapping[ChangesKey, Page[BookingChange] | Exception]:
        """Asked once for the runs of an administration of which the same page is wanted."""
        alike: defaultdict[ChangesKey, list[ChangesKey]] = defaultdict(list)
        for key in keys:
            alike[key._replace(run=keys[0].run)].append(key)
        pages: dict[ChangesKey, Page[BookingChange] | Exception] = {}
        for (administration, _, first, after, count), wanted in alike.items():
            runs = [key.run for key in wanted]
            try:
                found = await self._reading.import_changes(administration, runs, first, after, count=count)
                pages |= {key: found[key.run] for key in wanted}
            except Exception as error:  # it belongs to those alone
                pages |= dict.fromkeys(wanted, error)
        return pages

    async def _booking_lines(self, keys: Sequence[LinesKey]) -> Mapping[LinesKey, Sequence[TransactionRow]]:
        """Asked once for the bookings of an administration of which the same lines are wanted."""
        alike: defaultdict[tuple[AdministrationId, int, int], list[LinesKey]] = defaultdict(list)
        for key in keys:
            alike[key.administration, key.first, key.after].append(key)
        lines: dict[LinesKey, Sequence[TransactionRow]] = {}
        for (administration, first, after), wanted in alike.items():
            found = await self._reading.booking_lines(administration, [key.booking for key in wanted], first, after)
            lines |= {key: found.get(key.booking, ()) for key in wanted}
        return lines

    async def _integrations(self, ids: Sequence[IntegrationId]) -> Mapping[IntegrationId, Integration]:
        return {row.id: row for row in await self._reading.integrations(ids)}

    async def _accounts(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, NamedAccount]:
        return {row.number: row for row in await self._reading.accounts(id, numbers)}

    async def _cost_centres(self, id: AdministrationId, numbers: Sequence[int]) -> Mapping[int, CostCentre]:
        return {row.number: row for row in await self._reading.cost_centres(id, numbers)}


def _all(
    read: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]], missing: D
) -> Callable[[Sequence[K]], Awaitable[Mapping[K, V | D | Exception]]]:
    """``missing`` for the keys that are not found."""

    async def answer(keys: Sequence[K]) -> Mapping[K, V | D | Exception]:
        found = await read(keys)
        return {key: found.get(key, missing) for key in keys}

    return answer


def _one_by_one(read: Callable[..., Awaitable[V]]) -> Callable[[Sequence[Any]], Awaitable[Mapping[Any, V | Exception]]]:
    """A question for each key, whose parts are its arguments; one that fails leaves the others alone."""

    async def answer(keys: Sequence[Any]) -> Mapping[Any, V | Exception]:
        answers: dict[Any, V | Exception] = {}
        for key in keys:
            try:
                answers[key] = await read(*key)
            except Exception as error:  # it belongs to whoever asked for this key
                answers[key] = error
        return answers

    return answer


def _on_days(
    read: Callable[..., Awaitable[Mapping[date, V]]],
) -> Callable[[Sequence[Any]], Awaitable[Mapping[Any, V | Exception]]]:
    """A question for all days of which the same is wanted: what a key holds before its day. One that fails leaves the
    others alone."""

    async def answer(keys: Sequence[Any]) -> Mapping[Any, V | Exception]:
        wanted: defaultdict[Any, list[date]] = defaultdict(list)
        for *what, day in keys:
            wanted[tuple(what)].append(day)
        answers: dict[Any, V | Exception] = {}
        for what, days in wanted.items():
            try:
                answers |= {(*what, day): answer for day, answer in (await read(*what, days)).items()}
            except Exception as error:  # it belongs to those alone
                answers |= {(*what, day): error for day in days}
        return answers

    return answer


def _in_books(
    read: Callable[[AdministrationId, Sequence[N]], Awaitable[Mapping[N, V]]],
) -> Callable[[Sequence[tuple[AdministrationId, N]]], Awaitable[Mapping[tuple[AdministrationId, N], V]]]:
    """Asks each administration once for all its numbers."""

    async def read_all(keys: Sequence[tuple[AdministrationId, N]]) -> Mapping[tuple[AdministrationId, N], V]:
        wanted: defaultdict[AdministrationId, list[N]] = defaultdict(list)
        for administration, number in keys:
            wanted[administration].append(number)
        return {
            (administration, number): row
            for administration, numbers in wanted.items()
            for number, row in (await read(administration, numbers)).items()
        }

    return read_all
