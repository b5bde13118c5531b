"""Where the time of an import goes: clocks around its own steps and around each SQL statement.

Nothing of this is in the program. Two phases may run at the same time (the next chunk arrives while one is merged), so
that their sum may be more than the time of the import; REST is what is left where it is less.
"""

import re
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.octopus.answers.ledger import LedgerReading
from monitr.adapters.octopus.dossier import ConnectedDossier
from monitr.adapters.octopus.reads import DossierReads
from monitr.adapters.sql.importing.bulk_copy import Arriving
from monitr.adapters.sql.importing.ledger_stage import SqlLedgerStage

FETCH, DECODE, LISTS = "fetch and cut the ledger", "decode the ledger", "fetch and decode the other lists"
COPY, COMMIT, OTHER_SQL, REST = "copy into the stage", "commit", "other SQL", "rest"


_STATEMENT = re.compile(
    r"^\s*(?:WITH\b.*?\b)?(INSERT\s+INTO|DELETE\s+FROM|UPDATE|ANALYZE|CREATE\s+TEMP\s+TABLE|SELECT)\s+"
    r"(?:IF\s+NOT\s+EXISTS\s+)?(\w+)?",
    re.IGNORECASE | re.DOTALL,
)


class Phases:
    """Seconds by phase, counted between ``start`` and ``stop``."""

    def __init__(self) -> None:
        self._seconds = defaultdict[str, float](float)
        self._begun = 0.0

    def start(self) -> None:
        self._seconds.clear()
        self._begun = time.perf_counter()

    def stop(self) -> dict[str, float]:
        """The longest first, REST last."""
        total = time.perf_counter() - self._begun
        longest = sorted(self._seconds.items(), key=lambda phase: -phase[1])
        return dict(longest) | {REST: max(0.0, total - sum(self._seconds.values()))}

    @contextmanager
    def clock(self, phase: str) -> Iterator[None]:
        begun = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[phase] += time.perf_counter() - begun

    def watch(self, engine: AsyncEngine) -> None:
        """From now on, for this process. FETCH is the waiting for a batch of lines, without its decoding."""
        batch, ledger = LedgerReading.batch, ConnectedDossier.ledger

        def decode(reading: LedgerReading, block: Any) -> Any:
            before = time.perf_counter()
            decoded = batch(reading, block)
            spent = time.perf_counter() - before
            self._seconds[DECODE] += spent
            self._seconds[FETCH] -= spent
            return decoded

        async def fetch(dossier: ConnectedDossier, *place: Any, **named: Any) -> AsyncIterator[Any]:
            batches = ledger(dossier, *place, **named)
            try:
                while True:
                    with self.clock(FETCH):
                        try:
                            lines = await anext(batches)
                        except StopAsyncIteration:
                            return
                    yield lines
            finally:
                await batches.aclose()

        setattr(LedgerReading, "batch", decode)  # noqa: B010  # a method is replaced on purpose
        setattr(ConnectedDossier, "ledger", fetch)  # noqa: B010  # as above
        for owner, step, phase in (
            (DossierReads, "collect", LISTS),
            (SqlLedgerStage, "add", COPY),
            (Arriving, "close", COPY),
        ):
            setattr(owner, step, self._clocked(phase, getattr(owner, step)))
        self._watch_sql(engine)

    def _clocked(self, phase: str, step: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def clocked(*arguments: Any, **named: Any) -> Any:
            with self.clock(phase):
                return await step(*arguments, **named)

        return clocked

    def _watch_sql(self, engine: AsyncEngine) -> None:
        sync, commit = engine.sync_engine, engine.sync_engine.dialect.do_commit

        def before(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            connection.info["begun"] = time.perf_counter()

        def after(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
            self._seconds[_name(statement)] += time.perf_counter() - connection.info["begun"]

        def commit_clocked(connection: Any) -> None:
            with self.clock(COMMIT):
                commit(connection)

        event.listen(sync, "before_cursor_execute", before)
        event.listen(sync, "after_cursor_execute", after)
        setattr(sync.dialect, "do_commit", commit_clocked)  # noqa: B010  # as above


def _name(statement: str) -> str:
    """``INSERT INTO ledger_line``: the verb and the first table."""
    found = _STATEMENT.match(statement)
    if found is None:
        return OTHER_SQL
    verb = " ".join(found[1].upper().split())
    if verb != "SELECT":
        return f"{verb} {found[2]}"
    tables = re.findall(r"\bFROM\s+(\w+)", statement, re.IGNORECASE)
    return f"SELECT FROM {tables[0]}" if tables else OTHER_SQL
