"""What strangers can do to the log: not much."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from types import SimpleNamespace
from typing import Literal

import pytest
import structlog

from monitr.entrypoints.cli import logs, thinned_logs
from monitr.entrypoints.cli.logs import configure_logs
from monitr.entrypoints.cli.thinned_logs import OFTEN, WINDOW_SECONDS, ThinnedHandler


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def written(monkeypatch) -> Iterator[StringIO]:
    stream = StringIO()
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stream))  # pytest gives each phase a stderr of its own
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(thinned_logs.ThinnedHandler.__init__, "__defaults__", (clock,))
    return clock


def lines(written: StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in written.getvalue().splitlines()]


def a_logger() -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.get_logger("monitr.test")
    return logger


def test_lines_that_say_the_same_are_counted_and_told_when_the_minute_is_over(written: StringIO, clock: Clock) -> None:
    configure_logs("api")
    for number in range(1000):
        a_logger().info("http.request", method="GET", path=f"/{number}", status=404, request_id=f"{number}")
    a_logger().info("http.request", method="GET", path="/", status=401)
    assert len(lines(written)) == OFTEN + 1

    clock.now = WINDOW_SECONDS
    a_logger().info("something else")
    *_, told, last = lines(written)
    assert told["event"] == "http.request"
    assert (told["status"], told["more_like_this"]) == (404, 1000 - OFTEN)
    assert last["event"] == "something else"


def test_nothing_is_lost_of_what_differs_or_has_a_verified_caller(written: StringIO, clock: Clock) -> None:
    configure_logs("worker")
    for number in range(3 * OFTEN):
        a_logger().info("import.chunk", bookyear=number)
        a_logger().info("http.request", status=200, organisation="one")
        a_logger().warning("octopus.waits", reason=f"{number}")
    assert len(lines(written)) == 9 * OFTEN


def test_a_fault_is_not_hidden_by_a_flood_of_another(written: StringIO, clock: Clock) -> None:
    configure_logs("api")
    for kind in (*[ValueError] * 100, KeyError):
        try:
            raise kind("x")
        except (ValueError, KeyError):
            a_logger().exception("http.fault", path="/")
    assert "KeyError" in str(lines(written)[-1]["exception"])
    assert len(lines(written)) == OFTEN + 1


def test_lines_of_libraries_are_thinned_by_what_they_are_made_of(written: StringIO, clock: Clock) -> None:
    configure_logs("api")
    for number in range(100):
        logging.getLogger("asyncio").error("accept() failed\nsocket: %d", number)
    assert len(lines(written)) == OFTEN
    logging.getLogger().handlers[0].close()
    assert "80 more like this" in str(lines(written)[-1]["event"])


def test_made_up_differences_end_somewhere(written: StringIO, clock: Clock, monkeypatch) -> None:
    monkeypatch.setattr(thinned_logs, "MOST_KINDS", 50)
    configure_logs("api")
    for number in range(1000):
        a_logger().info("token.refused", reason=f"{number}")
    assert len(lines(written)) == 50 + OFTEN


def test_what_was_held_back_is_told_though_nothing_follows(monkeypatch) -> None:
    monkeypatch.setattr(thinned_logs, "WINDOW_SECONDS", 0.05)
    handler, stream = ThinnedHandler(StringIO(), lambda: 0.0), StringIO()
    handler.setStream(stream)
    for _ in range(OFTEN + 5):
        handler.handle(logging.makeLogRecord({"msg": "again", "levelno": logging.WARNING}))
    timer = handler._timer
    assert timer is not None
    timer.join(5)
    assert "again … 5 more like this" in stream.getvalue()


@pytest.fixture
def of_server() -> Iterator[logging.Logger]:
    """uvicorn's, which the servers of other tests have silenced."""
    logger = logging.getLogger("uvicorn.error")
    before = logger.level
    logger.setLevel(logging.NOTSET)  # not by its attribute: loggers remember what they let pass
    yield logger
    logger.setLevel(before)


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("evil", ["/\n2026 [error] forged", "\x1b[2J\x1b[31m", "\u202etxt", "\r\x00"])
def test_no_text_writes_a_line_of_its_own_or_commands_a_terminal(
    written: StringIO, of_server: logging.Logger, form: Literal["text", "json"], evil: str
) -> None:
    configure_logs("api", form)
    a_logger().warning("http.request", path=evil)
    of_server.warning("bad: %s", evil)
    try:
        raise ValueError(evil)
    except ValueError:
        a_logger().exception("http.fault")
    said = written.getvalue()
    assert len(said.splitlines()) >= 3
    assert not [each for each in said if not each.isprintable() and each != "\n"]
    assert not [line for line in said.splitlines() if line.startswith("2026 [error] forged")]


@pytest.mark.parametrize(
    ("stream", "form", "is_json"),
    [(Terminal(), None, False), (StringIO(), None, True), (Terminal(), "json", True), (StringIO(), "text", False)],
    ids=["terminal", "file", "JSON on a terminal", "text in a file"],
)
def test_logs_are_text_on_a_terminal_and_json_elsewhere_unless_told_otherwise(
    written: StringIO, monkeypatch, stream: StringIO, form: Literal["text", "json"] | None, is_json: bool
) -> None:
    monkeypatch.setattr(logs, "sys", SimpleNamespace(stderr=stream))
    configure_logs("api", form)
    a_logger().info("api_ready")
    assert "api_ready" in stream.getvalue()
    assert stream.getvalue().startswith("{") is is_json
