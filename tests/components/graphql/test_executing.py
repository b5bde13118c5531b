"""How an operation is executed: in slices that leave the event loop free, up to its deadline and a largest answer."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from graphql import ExecutionResult, GraphQLError

from monitr.application.reading.ledger import TooManyLines
from monitr.application.reading.master_data import NamedAccount
from monitr.application.reading.places import PLACES
from monitr.entrypoints.graphql.execution import errors, executor
from monitr.entrypoints.graphql.execution.context import Operation
from monitr.entrypoints.graphql.execution.executor import Executor
from monitr.entrypoints.graphql.execution.loaders import Loader
from monitr.entrypoints.graphql.execution.turns import SLICE, Turns
from monitr.entrypoints.http.json_rendering import json_of
from tests.components.graphql.an_api import Api, an_api
from tests.components.graphql.fake_reader import FakeBooks, a_line
from tests.unit.fakes import FakeTransactions, a_run, an_administration

BOOKS = an_administration()
ID = str(BOOKS.id)
ACCOUNTS = "query ($id: ID!) { administration(id: $id) { accounts { number name } } }"


def the_api(books: FakeBooks | None = None, **changes: Any) -> Api:
    api = an_api(FakeTransactions((), (), [BOOKS], [a_run(BOOKS)]), books=books)
    for name, value in changes.items():
        object.__setattr__(api.connection.services, name, value)
    return api


class Rounds:
    """What was done in each round of the event loop while something ran."""

    def __init__(self) -> None:
        self.done = [0]

    def count(self, *_: object) -> None:
        self.done[-1] += 1

    async def during(self, running: Awaitable[Any]) -> Any:
        task = asyncio.ensure_future(running)
        while not task.done():
            await asyncio.sleep(0)
            self.done.append(0)
        return task.result()


def counting(rounds: Rounds, call: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args: Any) -> Any:
        rounds.count()
        return call(*args)

    return counted


async def test_a_long_list_is_completed_a_slice_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds, chart = Rounds(), [NamedAccount(number, "An account", ()) for number in range(1000)]
    monkeypatch.setattr(Executor, "complete_list_item_value", counting(rounds, Executor.complete_list_item_value))

    answer = await rounds.during(the_api(FakeBooks(accounts=chart)).run(ACCOUNTS, {"id": ID}))

    assert [row["number"] for row in answer["data"]["administration"]["accounts"]] == [
        f"{number:06}" for number in range(1000)
    ]
    assert max(rounds.done) <= SLICE


async def test_two_long_lists_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds, chart = Rounds(), [NamedAccount(number, "An account", ()) for number in range(1000)]
    monkeypatch.setattr(Executor, "complete_list_item_value", counting(rounds, Executor.complete_list_item_value))
    api = the_api(FakeBooks(accounts=chart))

    await rounds.during(asyncio.gather(*(api.run(ACCOUNTS, {"id": ID}) for _ in range(5))))

    assert max(rounds.done) <= 2 * SLICE  # one of those that go on, and one that begins


async def test_a_page_with_names_is_the_same_whether_it_takes_one_slice_or_many() -> None:
    lines = [a_line(ordinal=number, account=number, relation=7, cost_centre=3) for number in range(3 * SLICE)]
    chart = [NamedAccount(number, f"Account {number}", ()) for number in range(3 * SLICE)]
    query = """query ($id: ID!) { administration(id: $id) { transactions(first: 300) { edges { node {
        account { name } relation { name } dimensionValues { name }
    } } } } }"""
    api = the_api(FakeBooks(lines=lines, accounts=chart))

    answer = await api.run(query, {"id": ID})

    assert [edge["node"] for edge in answer["data"]["administration"]["transactions"]["edges"]] == [
        {
            "account": {"name": f"Account {number}"},
            "relation": {"name": "Klant NV"},
            "dimensionValues": [{"name": "Gent"}],
        }
        for number in range(3 * SLICE)
    ]


async def test_those_who_wait_for_one_answer_are_woken_a_slice_at_a_time() -> None:
    rounds = Rounds()

    async def read(keys: Sequence[int]) -> dict[int, int]:
        return dict.fromkeys(keys, 0)

    loader = Loader(read, Turns())

    async def wait() -> None:
        await loader.load(1)
        rounds.count()

    await rounds.during(asyncio.gather(*(wait() for _ in range(1000))))
    assert sum(rounds.done) == 1000
    assert max(rounds.done) <= SLICE


async def test_json_is_made_in_slices_and_is_what_it_was() -> None:
    rows: list[Any] = [
        {"number": number, "name": 'Één "naam"', "none": None, "nested": [[{}], []]} for number in range(10_000)
    ]
    answer = {"data": {"rows": rows, "few": rows[:3], "empty": {}}, "errors": [{"message": "half a \ud83d character"}]}
    rounds = Rounds()

    text = await rounds.during(json_of(answer, Turns()))

    assert json.loads(text) == answer
    assert len(rounds.done) > len(text) / 300_000


async def test_an_answer_is_no_larger_than_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executor, "LARGEST_ANSWER", 10)
    answer = await the_api(FakeBooks(accounts=[NamedAccount(1, "An account", ())] * 11)).run(ACCOUNTS, {"id": ID})
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["ANSWER_TOO_LARGE"]


async def test_a_search_through_too_many_lines_is_refused_in_words() -> None:
    api = the_api()
    api.readers.fails_in["transactions"] = TooManyLines()
    query = 'query ($id: ID!) { administration(id: $id) { transactions(filter: { text: "rent" }) { totalCount } } }'
    (error,) = (await api.run(query, {"id": ID}))["errors"]
    assert error["extensions"]["code"] == "QUERY_TOO_COSTLY"
    assert "narrow the filter" in error["message"]


# --- one field that fails -------------------------------------------------------------------------------------------


async def test_a_field_that_fails_leaves_its_sibling_what_they_share() -> None:
    """Two aliases of one administration, one of them with a page that cannot be."""
    query = """query ($id: ID!) {
        one: administration(id: $id) { datasets { rows } transactions(first: 0) { totalCount } }
        other: administration(id: $id) { datasets { rows } }
    }"""
    answer = await asyncio.wait_for(the_api().run(query, {"id": ID}), 5)
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert answer["data"]["one"] is None
    assert len(answer["data"]["other"]["datasets"]) == 8


async def test_who_stops_waiting_takes_nothing_from_who_still_waits() -> None:
    asked = asyncio.Event()

    async def read(keys: Sequence[int]) -> dict[int, str]:
        await asked.wait()
        return {key: f"answer {key}" for key in keys}

    loader = Loader(read, Turns())
    one, other = (asyncio.create_task(loader.load(1)) for _ in range(2))
    await asyncio.sleep(0)
    one.cancel()
    asked.set()
    assert await other == "answer 1"
    assert one.cancelled()


async def test_an_error_is_told_and_not_remembered() -> None:
    answers: list[Exception | str] = [ValueError("no"), "yes"]

    async def read(keys: Sequence[int]) -> dict[int, Any]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return dict.fromkeys(keys, answer)

    loader = Loader(read, Turns())
    with pytest.raises(ValueError, match="no"):
        await loader.load(1)
    assert await loader.load(1) == "yes"
    assert await loader.load(1) == "yes"


def test_of_many_errors_some_are_told() -> None:
    many = [GraphQLError(f"{number}", extensions={"code": "NONSENSE"}) for number in range(1_000)]
    assert len(errors.rendered(many, None, "a request", None)) == errors.MOST_ERRORS


# --- the deadline ---------------------------------------------------------------------------------------------------


async def in_time(api: Api, work: Callable[[Operation], Awaitable[object]]) -> ExecutionResult:
    async with api.connection.operation() as operation:

        async def answer() -> ExecutionResult:
            await work(operation)
            return ExecutionResult({}, None)

        return await operation.in_time(answer())


async def never(_: Operation) -> None:
    await asyncio.Event().wait()


async def test_what_takes_too_long_is_answered_in_words() -> None:
    answer = await in_time(the_api(request_deadline=timedelta(seconds=0.02)), never)
    assert [error.extensions for error in answer.errors or ()] == [{"code": "DEADLINE_EXCEEDED"}]


async def test_what_cancels_itself_is_a_fault_and_no_end_of_the_request() -> None:
    async def cancelled(_: Operation) -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError):
        await in_time(the_api(), cancelled)


async def test_who_waits_for_octopus_is_given_its_patience_on_top() -> None:
    async def asks_octopus(operation: Operation) -> None:
        await operation.act(asyncio.sleep(0.1))

    answer = await in_time(the_api(request_deadline=timedelta(seconds=0.02)), asks_octopus)
    assert answer.errors is None


async def test_a_change_that_has_begun_is_made_to_its_end_whoever_still_waits() -> None:
    begun, going_on, made = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def change() -> None:
        begun.set()
        await going_on.wait()
        made.set()

    request = asyncio.create_task(in_time(the_api(), lambda operation: operation.change(change())))
    await begun.wait()
    request.cancel()  # the client has hung up
    with suppress(asyncio.CancelledError):
        await request
    assert not made.is_set()
    going_on.set()
    await asyncio.wait_for(made.wait(), 5)


async def test_a_user_has_so_many_use_cases_at_once_and_gains_none_by_hanging_up() -> None:
    api, begun, going_on = the_api(), asyncio.Semaphore(0), asyncio.Event()

    async def change() -> None:
        begun.release()
        await going_on.wait()

    def asks(change: Callable[[], Coroutine[Any, Any, None]]) -> asyncio.Task[ExecutionResult]:
        return asyncio.create_task(in_time(api, lambda operation: operation.change(change())))

    requests = [asks(change) for _ in range(PLACES)]
    for _ in requests:
        await begun.acquire()
    for request in requests:
        request.cancel()
    await asyncio.gather(*requests, return_exceptions=True)
    another = asks(change)
    await asyncio.sleep(0.01)
    assert begun.locked()
    going_on.set()
    assert (await asyncio.wait_for(another, 5)).errors is None


EVENTS = "subscription ($id: ID!) { importProgress(administrationId: $id) { status importChanges { totalCount } } }"


async def test_nothing_stays_open_between_two_events_of_a_subscription() -> None:
    api = the_api()
    stream = api.events(EVENTS, {"id": ID})
    event = await anext(stream)
    assert event["data"]["importProgress"]["importChanges"]["totalCount"] == 3
    assert api.readers.opened == 2  # to see whether the administration is there, and for the event
    assert api.readers.open == 0


async def test_each_event_of_a_subscription_has_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    api = the_api(request_deadline=timedelta(seconds=0.02))
    monkeypatch.setattr(
        "tests.components.graphql.fake_reader.FakeReader.import_changes", lambda *_, **__: asyncio.sleep(60)
    )
    event = await anext(api.events(EVENTS, {"id": ID}))
    assert [error["extensions"]["code"] for error in event["errors"]] == ["DEADLINE_EXCEEDED"]
