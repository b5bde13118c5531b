"""A log that a flood cannot fill: of lines that say the same, the first of a minute are written, the rest counted."""

import copy
import logging
import sys
import threading
import time
from collections.abc import Callable
from typing import TextIO, TypeAlias, cast

OFTEN = 20
"""Lines a minute that say the same."""
WINDOW_SECONDS = 60.0
MOST_KINDS = 1000
"""That are told apart in a minute; beyond it, lines say the same where their events are the same."""

_OF_ONE_LINE = frozenset(
    {"exc_info", "exception", "milliseconds", "path", "request_id", "seconds", "span_id", "stack_info", "trace_id"}
)
"""Fields that differ in lines that say the same. ``path`` is a stranger's choice."""

Kind: TypeAlias = tuple[object, ...]


class ThinnedHandler(logging.StreamHandler[TextIO]):
    """What is held back is told when the minute is over, by the last of its lines with ``more_like_this``.

    What a caller with a verified token did (``organisation``) is bounded by its rate already, and written in full.
    """

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._clock = clock
        self._ends = 0.0
        self._seen: dict[Kind, int] = {}
        self._held_back: dict[Kind, tuple[int, logging.LogRecord]] = {}
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """With the handler's lock held, as logging calls it."""
        if self._clock() >= self._ends:
            self._begin_anew()
        kind = _kind_of(record)
        if kind is not None:
            if kind not in self._seen and len(self._seen) >= MOST_KINDS:
                kind = kind[:3]
            self._seen[kind] = self._seen.get(kind, 0) + 1
            if self._seen[kind] > OFTEN:
                self._hold_back(kind, record)
                return
        super().emit(record)

    def close(self) -> None:
        """Also at the end of the process."""
        with self.lock or threading.RLock():
            self._begin_anew()
        super().close()

    def _hold_back(self, kind: Kind, record: logging.LogRecord) -> None:
        count, _ = self._held_back.get(kind, (0, record))
        self._held_back[kind] = (count + 1, _without_traceback(record))
        if self._timer is None:
            self._timer = threading.Timer(WINDOW_SECONDS, self._in_time)
            self._timer.daemon = True
            self._timer.start()

    def _in_time(self) -> None:
        """Though no line may come any more."""
        with self.lock or threading.RLock():
            self._begin_anew()

    def _begin_anew(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        held_back, self._held_back = self._held_back, {}
        self._seen.clear()
        self._ends = self._clock() + WINDOW_SECONDS
        for count, record in held_back.values():
            super().emit(_more_like(record, count))


def _kind_of(record: logging.LogRecord) -> Kind | None:
    """None for a line that is never held back."""
    exception = _exception_of(record)
    if not isinstance(record.msg, dict):
        return (record.name, record.levelno, str(record.msg).partition("\n")[0], exception)
    fields = cast("dict[str, object]", record.msg)
    if record.levelno <= logging.INFO and "organisation" in fields:
        return None
    said = tuple((name, str(fields[name])) for name in sorted(fields.keys() - _OF_ONE_LINE - {"event", "timestamp"}))
    return (record.name, record.levelno, fields.get("event"), exception, *said)


def _exception_of(record: logging.LogRecord) -> str | None:
    fields = cast("dict[str, object]", record.msg) if isinstance(record.msg, dict) else {}
    given = fields.get("exc_info") or record.exc_info
    if isinstance(given, tuple):
        given = cast("tuple[object, ...]", given)[1]
    elif given and not isinstance(given, BaseException):
        given = sys.exception()
    return type(given).__name__ if given else None


def _without_traceback(record: logging.LogRecord) -> logging.LogRecord:
    """Which would keep alive whatever its frames hold."""
    bare = copy.copy(record)
    bare.exc_info = None
    if isinstance(bare.msg, dict):
        fields = cast("dict[str, object]", bare.msg)
        bare.msg = cast("str", {name: value for name, value in fields.items() if name not in ("exc_info", "exception")})
    return bare


def _more_like(record: logging.LogRecord, count: int) -> logging.LogRecord:
    if isinstance(record.msg, dict):
        fields = cast("dict[str, object]", record.msg)
        record.msg = cast("str", fields | {"more_like_this": count})  # structlog's form of a record
    else:
        record.msg, record.args = f"{record.getMessage()} … {count:,} more like this", None
    return record
