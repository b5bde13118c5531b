"""What people were told was true: held against the calls that Octopus has answered, and against its tokens.

People are told that a run waits and when it goes on, why it failed, and that they have to reconnect; the timeline tells
of each change of an integration and of an administration.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from http import HTTPStatus
from urllib.parse import parse_qs
from uuid import UUID
from zoneinfo import ZoneInfo

from octopus_sandbox.calls import Call
from octopus_sandbox.operations.catalogue import CONNECT_LIMIT, GET_DOSSIERS_LIMIT, OPERATIONS
from octopus_sandbox.sandbox import Sandbox
from tests.simulation.tables import RunRow, Tables

BRUSSELS = ZoneInfo("Europe/Brussels")
LIMITS = {
    **{operation.id: operation.limit for operation in OPERATIONS},
    "connectDossier": CONNECT_LIMIT,
    "getDossiers": GET_DOSSIERS_LIMIT,
}
"""Octopus's daily maxima."""
_WITHIN = timedelta(hours=30)
"""A day, and the time that the night's readings take."""
_PUNCTUAL = timedelta(minutes=15)
"""After the moment that was promised, the workers may have others to see to first."""
_SOON = timedelta(minutes=1)
_NEARLY_ALL = 0.8
"""Of a day's calls: what our own count holds more than Octopus's are calls that never arrived."""


@dataclass(frozen=True, slots=True)
class Promise:
    """Of a run that waits."""

    at: datetime
    goes_on_at: datetime


@dataclass(slots=True)
class Told:
    """``complain`` is told of what was not true. ``is_clock_right(since)``: whether all clocks were, since a moment."""

    tables: Tables
    sandbox: Sandbox
    now: Callable[[], datetime]
    complain: Callable[[str], None]
    counts: Counter[str]
    refused: dict[str, datetime] = field(default_factory=dict)
    """Refresh tokens that Octopus has refused, and when."""
    troubled_until: datetime | None = None
    promises: dict[UUID, Promise] = field(default_factory=dict)
    _token_answers: list[tuple[datetime, int]] = field(default_factory=list)
    _dead_since: dict[str, datetime] = field(default_factory=dict)

    # --- what Octopus has answered ---------------------------------------------------------------------

    def token_was_asked(self, form: bytes, status: int) -> None:
        """At the token address; ``status`` 0 where no answer arrived."""
        self._token_answers.append((self.now(), status))
        token = parse_qs(form.decode()).get("refresh_token", [""])[0]
        if status == HTTPStatus.BAD_REQUEST and token:
            self.refused.setdefault(token, self.now())
            if self.sandbox.tokens.of_refresh(token) is not None:
                self.complain("Octopus has refused a refresh token that is alive")

    def trouble(self, until: datetime | None) -> None:
        """Some of it ends with the calls that it meets."""
        self.troubled_until = max(self.troubled_until or self.now(), until or self.now())

    # --- runs ------------------------------------------------------------------------------------------

    def goes_on(self, run: RunRow, clocks_right_since: datetime | None) -> None:
        """It was taken up. What it was promised counts where no clock was wrong since then."""
        promise = self.promises.pop(run.id, None)
        if promise is None or clocks_right_since is None or clocks_right_since > promise.at:
            return
        self.counts["promises kept"] += 1
        if not promise.goes_on_at - _SOON <= self.now() <= promise.goes_on_at + _PUNCTUAL:
            self.complain(f"a run of {run.dossier} was to go on at {promise.goes_on_at:%d %H:%M:%S}")

    def waits(self, run: RunRow, calls: Sequence[Call], clocks_right_since: datetime | None) -> None:
        if run.resume_at is None:
            self.complain(f"a run of {run.dossier} waits, and nobody knows until when")
            return
        self.promises[run.id] = Promise(self.now(), run.resume_at)
        shown = f"We try again at {run.resume_at.astimezone(BRUSSELS):%H:%M}."
        if run.error.startswith("OCTOPUS_UNAVAILABLE") and shown not in run.error:
            self.complain(f"a run of {run.dossier} goes on at {run.resume_at}, and people read {run.error}")
        is_midnight = run.resume_at.astimezone(BRUSSELS).time() == time()
        if run.error.startswith("QUOTA_SPENT") and clocks_right_since is not None and not is_midnight:
            self.complain(f"a run of {run.dossier} waits for the next day until {run.resume_at}")
        self._gives_a_true_reason(run, calls)

    def failed(self, run: RunRow, calls: Sequence[Call]) -> None:
        self._gives_a_true_reason(run, calls)

    def _gives_a_true_reason(self, run: RunRow, calls: Sequence[Call]) -> None:
        """``calls``: those of Octopus since the run began, of its dossier or of none."""
        code, *_ = run.error.split(" ", 1)
        self.counts["reasons held against Octopus's answers"] += 1
        if not self._is_true(code, run, calls):
            self.complain(f"a run of {run.dossier} is {run.status} by {run.error}, and nothing was so")

    def _is_true(self, code: str, run: RunRow, calls: Sequence[Call]) -> bool:
        statuses = {call.status for call in calls}
        of_opening = {call.status for call in calls if call.operation == "connectDossier"}
        match code:
            case "OCTOPUS_UNAVAILABLE":
                books = self.sandbox.books(run.dossier)
                bad_token = any(at >= run.queued_at and status != HTTPStatus.OK for at, status in self._token_answers)
                return bad_token or bool(books.unlisted) or any(call.fault or call.status >= 429 for call in calls)
            case "OCTOPUS_INVALID_ANSWER":
                return any(call.fault or call.status == 400 or call.status >= 500 for call in calls)
            case "READ_REFUSED":
                return bool(statuses & {400, 403}) or any(call.fault for call in calls)
            case "ACCESS_LOST":
                return 403 in of_opening
            case "DOSSIER_NOT_FOUND":
                return 404 in of_opening
            case "RECONNECT_REQUIRED":
                connected = [each for each in self.tables.integrations() if each.status == "CONFIGURED"]
                return not connected or any(at >= run.queued_at - _WITHIN for at in self.refused.values())
            case "QUOTA_SPENT":
                return any(call.status in (429, 403) or call.fault for call in calls) or self._is_nearly_spent(
                    run.dossier
                )
            case _:
                return False

    def _is_nearly_spent(self, dossier: int) -> bool:
        """Some operation, by the calls of the day; Octopus's day may be another than ours, so both count."""
        recent = (call for call in self.sandbox.log.calls if self.now() - call.at < _WITHIN)
        times = Counter(call.operation for call in recent if call.dossier in (None, dossier))
        return any(times[operation] >= _NEARLY_ALL * limit for operation, limit in LIMITS.items())

    # --- days ------------------------------------------------------------------------------------------

    def end_of_day(self, clocks_right_since: datetime | None) -> None:
        for each in self.tables.integrations():
            token = self.tables.refresh_token(each.id)
            if token is None:
                continue
            if each.status == "RECONNECT_REQUIRED" and token not in self.refused:
                self.complain("people are told to reconnect, and Octopus has not refused the token that we hold")
            if each.status == "CONFIGURED":
                self._tells_of_a_dead_token(each.id, token, clocks_right_since)
        self._token_answers = [(at, status) for at, status in self._token_answers if self.now() - at < 2 * _WITHIN]
        for id, status in self._subjects():
            events = self.tables.timeline(id)
            if events and events[-1] != status:
                self.complain(f"something is {status}, and its timeline ends with {events[-1]}")

    def _tells_of_a_dead_token(self, integration: UUID, token: str, clocks_right_since: datetime | None) -> None:
        """Within a day of trying: somebody has to import by it, and nothing may keep the answer from us."""
        if self.sandbox.tokens.of_refresh(token) is not None:
            self._dead_since.pop(token, None)
            return
        since = self._dead_since.setdefault(token, self.now())
        imports = [
            each
            for each in self.tables.administrations()
            if each.integration == integration and each.status == "ACTIVE"
        ]
        if clocks_right_since is None or not imports:
            self._dead_since[token] = self.now()
        elif self.now() - max(since, clocks_right_since, self.troubled_until or since) > _WITHIN:
            self.complain(f"the refresh token is dead since {since:%d %H:%M}, and nobody is told to reconnect")

    def _subjects(self) -> Iterator[tuple[UUID, str]]:
        for integration in self.tables.integrations():
            yield integration.id, integration.status
        for administration in self.tables.administrations():
            yield administration.id, administration.status
