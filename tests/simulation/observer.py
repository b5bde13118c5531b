"""What must be true, asked of the tables and of the books alone: no code of the importer takes part.

Of each run the observer keeps the states of the books in which it could have read them. What is in afterwards has to
have been in the books at one of these moments, booking by booking; or the product says that something is missing; or
no total tells of it, and then the next deep reading mends it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from monitr.application.ports import Claim
from octopus_sandbox.books.entries import CLIENTS, SUPPLIERS, LineKey
from octopus_sandbox.books.openings import BALANCE_SHEET
from octopus_sandbox.calls import Call
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.truth.answers import LedgerLine
from tests.simulation.tables import AdministrationRow, Booking, Line, RunRow, Tables
from tests.simulation.told import BRUSSELS, LIMITS, Told

_OPEN_YEARS_READ_AT_NIGHT = 3
_WITHIN = timedelta(hours=30)
"""A day, and the time that the night's readings take."""
_HANGS = timedelta(hours=2)
_LONGEST_WAIT = timedelta(hours=26)


@dataclass(frozen=True, slots=True)
class State:
    """Of the books at a moment."""

    bookings: Mapping[Booking, Sequence[Line]]
    listed: frozenset[int]
    """Bookyears that Octopus's list shows."""
    nightly: frozenset[int]
    """Those that are read whole each night: open, and among the newest."""
    items: Counter[Line]
    items_agree: bool
    """With the balances of the accounts behind them: not so where a closed chapter was corrected afterwards."""

    def allows(self, run: RunRow) -> bool:
        """Whether every check that has failed is one that fails by the books themselves."""
        failed = {code for code, status in run.checks if status == "FAILED"}
        return failed <= (set() if self.items_agree else {"OUTSTANDING_ITEMS"})


@dataclass(slots=True)
class Run:
    """Under way."""

    dossier: int
    administration: UUID
    before: Mapping[Booking, Sequence[Line]]
    states: list[State]
    calls_before: int
    """Of Octopus, when it began."""


@dataclass(slots=True)
class Observer:
    """``complaints`` are the differences found. ``now`` is the true time."""

    tables: Tables
    sandbox: Sandbox
    now: Callable[[], datetime]
    tell: Callable[[str], None]
    complaints: list[str] = field(default_factory=list)
    runs: dict[UUID, Run] = field(default_factory=dict)
    untold: dict[int, dict[Booking, datetime]] = field(default_factory=lambda: defaultdict(dict))
    """By dossier: bookings that are not as in the books, and since when; no total told of them."""
    quiet_since: datetime | None = None
    clocks_right_since: datetime | None = None
    counts: Counter[str] = field(default_factory=Counter)
    told: Told = field(init=False)
    _states: dict[int, State] = field(default_factory=dict)
    _calls_seen: int = 0
    _calls: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.told = Told(self.tables, self.sandbox, self.now, self.complain, self.counts)

    def complain(self, what: str) -> None:
        self.complaints.append(what)
        self.tell(f"DIFFERENCE {what}")

    # --- the books -------------------------------------------------------------------------------------

    def changed(self, dossier: int | None = None) -> None:
        """The books, or the list of bookyears; of all dossiers where none is named."""
        for each in list(self._states) if dossier is None else [dossier]:
            self._states.pop(each, None)
            for run in self.runs.values():
                if run.dossier == each:
                    run.states.append(self.state(each))

    def state(self, dossier: int) -> State:
        if dossier not in self._states:
            self._states[dossier] = self._state(dossier)
        return self._states[dossier]

    def _state(self, dossier: int) -> State:
        truth, books = self.sandbox.truth(dossier), self.sandbox.books(dossier)
        bookings: dict[Booking, list[Line]] = defaultdict(list)
        lines = truth.ledger()
        for line in lines:
            bookings[(line.bookyear, line.journal_type, line.journal_nr, line.document_number)].append(
                (
                    line.account,
                    line.amount,
                    line.date,
                    line.period or 0,
                    line.effective_date,
                    line.relation,
                    line.cost_centre,
                    line.comment,
                    line.reference,
                )
            )
        listed = [year for id, year in books.bookyears.items() if id not in books.unlisted]
        still_open = sorted((year for year in listed if not year.closed), key=lambda year: year.start)
        items = Counter(
            (type, item.bookyear, item.journal_key, item.document_number, item.relation, item.outstanding)
            for type in ("RECEIVABLE", "PAYABLE")
            for item in truth.open_items(type)
            if item.bookyear not in books.unlisted
        )
        return State(
            {key: tuple(sorted(lines)) for key, lines in bookings.items()},
            frozenset(year.id for year in listed),
            frozenset(year.id for year in still_open[-_OPEN_YEARS_READ_AT_NIGHT:]),
            items,
            _items_agree(items, [line for line in lines if line.bookyear not in books.unlisted]),
        )

    # --- what is in ------------------------------------------------------------------------------------

    def stored(self, administration: UUID) -> Mapping[Booking, Sequence[Line]]:
        return self.tables.bookings(administration)

    def _items(self, administration: UUID) -> Counter[Line]:
        return Counter(self.tables.items(administration))

    # --- runs ------------------------------------------------------------------------------------------

    def begins(self, claim: Claim) -> None:
        self.counts["claims"] += 1
        row = self.tables.run(claim.run_id)
        run = self.runs.setdefault(row.id, Run(row.dossier, row.administration, {}, [], len(self.sandbox.log.calls)))
        self.told.goes_on(row, self.clocks_right_since)
        run.before = self.stored(run.administration)
        run.states.append(self.state(run.dossier))

    def leaves(self, claim: Claim) -> None:
        run, row = self.runs[claim.run_id], self.tables.run(claim.run_id)
        self.tell(f"run of {row.dossier} {row.trigger} {row.mode} {row.status} {row.error} {row.unpassed}".rstrip())
        after = self.stored(run.administration)
        self._nothing_deleted_falsely(run, after)
        if row.status == "SUCCEEDED":
            notes = self.tables.notes(row.id)
            self._equals_the_books(run, row, after, notes)
            self._equals_the_open_items(run, row, notes)
        if row.status == "WAITING":
            self.told.waits(row, self._calls_of(run), self.clocks_right_since)
        if row.status == "FAILED":
            self.told.failed(row, self._calls_of(run))
        if row.status not in ("QUEUED", "RUNNING", "WAITING"):
            self.counts[f"runs {row.status.lower()}"] += 1
            del self.runs[row.id]

    def _calls_of(self, run: Run) -> Sequence[Call]:
        return [call for call in self.sandbox.log.calls[run.calls_before :] if call.dossier in (None, run.dossier)]

    def _nothing_deleted_falsely(self, run: Run, after: Mapping[Booking, object]) -> None:
        gone = [
            key
            for key in run.before
            if key not in after and all(key in state.bookings and key[0] in state.listed for state in run.states)
        ]
        if gone:
            self.complain(f"deleted falsely from {run.dossier}: {_some(gone)}")

    def _equals_the_books(
        self,
        run: Run,
        row: RunRow,
        after: Mapping[Booking, Sequence[Line]],
        notes: Sequence[object],
    ) -> None:
        listed = frozenset.intersection(*(state.listed for state in run.states))
        different = [
            key
            for key in {*after, *(key for state in run.states for key in state.bookings)}
            if key[0] in listed and after.get(key) not in [state.bookings.get(key) for state in run.states]
        ]
        untold = self.untold[run.dossier]
        self.untold[run.dossier] = {key: untold.get(key, self.now()) for key in sorted(different)}
        self.counts["differences found"] += len(set(different) - set(untold))
        self.counts["differences mended"] += len(set(untold) - set(different))
        if not different or not run.states[-1].allows(row) or len(run.states) > 1:
            return
        [state] = run.states
        sums, true_sums = _sums(after, listed), _sums(state.bookings, listed)
        if sums != true_sums and not notes:
            wrong = {key for key in {*sums, *true_sums} if sums.get(key) != true_sums.get(key)}
            self.complain(f"{row.worst} though totals of {run.dossier} differ at {_some(wrong)} by {_some(different)}")

    def _equals_the_open_items(self, run: Run, row: RunRow, notes: Sequence[object]) -> None:
        state, items = run.states[-1], self._items(run.administration)
        items_notes = [note for note in notes if "/open" in str(note)]
        if len(run.states) > 1 or items == state.items or items_notes:
            return
        if "OUTSTANDING_ITEMS" not in row.read:
            return
        sums = [Counter[str](), Counter[str]()]
        for total, each in zip(sums, (items, state.items), strict=True):
            for (type, *_, amount), times in each.items():
                total[type] += amount * times
        if sums[0] != sums[1]:
            self.complain(f"{row.worst} though open items of {run.dossier} are {sums[0]}, and in truth {sums[1]}")

    # --- days ------------------------------------------------------------------------------------------

    def end_of_day(self) -> None:
        self.counts["days"] += 1
        self._no_run_hangs()
        self._no_daily_maximum_was_broken()
        self._no_moment_is_to_come()
        self._untold_differences_are_mended()
        self.told.end_of_day(self.clocks_right_since)
        for each in self.tables.administrations():
            if self.tables.different_balances(each.id):
                self.complain(f"the balances of {each.dossier} are not the sums of its lines")

    def reconnected(self, login: str) -> None:
        """People were told of a success: of what they had selected, the login opens something."""
        user, selected = self.sandbox.logins[login], self.tables.administrations()
        cards = {card.id: card for card in self.sandbox.cards(login)}
        opens = [
            each.dossier
            for each in selected
            if each.dossier in cards and not cards[each.dossier].disabled and each.dossier not in user.disabled
        ]
        if selected and not opens:
            self.complain(f"a success was told, and {login} opens none of the dossiers")

    def _no_run_hangs(self) -> None:
        now = self.now()
        if self.clocks_right_since is None or now - self.clocks_right_since < _HANGS:
            return
        for run in self.tables.unfinished():
            if run.due < now - _HANGS:
                self.complain(f"a run of {run.dossier} hangs: {run.status}, due at {run.due:%d %H:%M}")
            if run.status == "WAITING" and run.resume_at is not None and run.resume_at > now + _LONGEST_WAIT:
                self.complain(f"a run of {run.dossier} waits until {run.resume_at}")

    def _no_daily_maximum_was_broken(self) -> None:
        calls = self.sandbox.log.calls
        for call in calls[self._calls_seen :]:
            if call.operation in LIMITS and call.status != 401 and not _was_not_reached(call.status, call.fault):
                day = call.at.astimezone(BRUSSELS).date().isoformat()
                self._calls[day, call.operation, str(call.dossier)] += 1
        self._calls_seen = len(calls)
        if self.clocks_right_since is None or self.now() - self.clocks_right_since < timedelta(days=2):
            return
        today = self.now().astimezone(BRUSSELS).date().isoformat()
        for (day, operation, dossier), times in self._calls.items():
            if day == today and times > LIMITS[operation]:
                self.complain(f"{times} calls of {operation} for {dossier} on {day}")
        self._calls = Counter({key: times for key, times in self._calls.items() if key[0] >= today})

    def _no_moment_is_to_come(self) -> None:
        if self.clocks_right_since is None or self.now() - self.clocks_right_since < _WITHIN:
            return
        for each in self.tables.administrations():
            for name, moment in (
                ("watermark", each.watermark),
                ("last successful import", each.last_successful_import_at),
            ):
                if moment is not None and moment > self.now():
                    self.complain(f"the {name} of {each.dossier} is to come: {moment}")

    def _untold_differences_are_mended(self) -> None:
        if self.quiet_since is None:
            return
        for dossier in self._imported():
            state = self.state(dossier)
            for key, since in self.untold[dossier].items():
                begun = max(since, self.quiet_since)
                if key[0] in state.nightly and self.now() - begun > _WITHIN:
                    self.complain(f"not mended within a day: {key} of {dossier}, different since {since:%d %H:%M}")

    def _imported(self) -> Iterable[int]:
        return [each.dossier for each in self.tables.administrations() if each.status == "ACTIVE"]

    def end_of_quiet(self) -> None:
        """Everything equals the books, and the last run says so."""
        self.counts["quiet stretches"] += 1
        for each in self.tables.administrations():
            if each.status != "ACTIVE":
                self.complain(f"{each.dossier} is {each.status} after quiet days")
                continue
            state, stored = self.state(each.dossier), self.stored(each.id)
            self._last_run_is_good(each.id, state)
            wrong = [
                key
                for key in {*stored, *state.bookings}
                if key[0] in state.nightly and stored.get(key) != state.bookings.get(key)
            ]
            if wrong:
                self.complain(f"after quiet days {each.dossier} differs: {_some(wrong)}")
            if self._items(each.id) != state.items:
                self.complain(f"after quiet days the open items of {each.dossier} differ")
            if Counter(self.tables.matchings(each.id)) != self._matchings(each.dossier):
                self.complain(f"after quiet days the matchings of {each.dossier} differ")
            self._names_are_right(each)

    def _matchings(self, dossier: int) -> Counter[Line]:
        """Those of the books."""
        return Counter(
            (*_place(it.debit), *_place(it.credit), Decimal(it.cents) / 100)
            for it in self.sandbox.books(dossier).matchings.all()
        )

    def _last_run_is_good(self, administration: UUID, state: State) -> None:
        run = self.tables.last_run(administration)
        if run is not None and (run.status != "SUCCEEDED" or not state.allows(run)):
            self.complain(
                f"after quiet days the last run of {run.dossier} ({run.trigger}) is {run.status}"
                f" {run.error} {run.unpassed}".rstrip()
            )

    def _names_are_right(self, of: AdministrationRow) -> None:
        truth = self.sandbox.truth(of.dossier).snapshot()
        if of.name != truth.name:
            self.complain(f"after quiet days {of.dossier} is called {of.name!r}, and in truth {truth.name!r}")
        listed = self.state(of.dossier).listed
        true_names: dict[str, dict[Any, str]] = {
            "relation": dict(truth.relations),
            "cost_centre": {id: names.nl for id, names in truth.cost_centres.items()},
            "account": {
                f"{{{year},{number}}}": names.nl for (year, number), names in truth.accounts.items() if year in listed
            },
        }
        for kind, names in true_names.items():
            stored = self.tables.names(kind, of.id)
            wrong = [id for id, called in names.items() if called and stored.get(id) != called]
            if wrong:
                self.complain(f"after quiet days names of {kind} of {of.dossier} differ: {_some(wrong)}")


def _items_agree(items: Counter[Line], lines: Sequence[LedgerLine]) -> bool:
    """What is open, against what the control accounts end with: each bookyear begins with its opening, or with what the
    one before it left."""
    outstanding: dict[str, Decimal] = defaultdict(Decimal)
    for (type, *_, amount), times in items.items():
        outstanding[type] += amount * times
    balances: dict[int, Decimal] = {}
    for year in sorted({line.bookyear for line in lines}):
        opening = _balances(line for line in lines if line.bookyear == year and line.opening)
        balances = opening or balances
        for account, amount in _balances(line for line in lines if line.bookyear == year and not line.opening).items():
            balances[account] = balances.get(account, Decimal()) + amount
    return outstanding["RECEIVABLE"] == balances.get(CLIENTS, 0) and outstanding["PAYABLE"] == -balances.get(
        SUPPLIERS, Decimal()
    )


def _balances(lines: Iterable[LedgerLine]) -> dict[int, Decimal]:
    """Of what is carried forward."""
    balances: dict[int, Decimal] = defaultdict(Decimal)
    for line in lines:
        if line.account < BALANCE_SHEET:
            balances[line.account] += line.amount
    return dict(balances)


def _was_not_reached(status: int, fault: str) -> bool:
    """Octopus never learnt of the call, or its answer says so."""
    return (
        fault in ("status", "html", "not-found", "error-object", "no-content", "empty", "empty-list") or status == 429
    )


def _sums(bookings: Mapping[Booking, Sequence[Line]], listed: frozenset[int]) -> dict[tuple[int, int, int], Decimal]:
    sums: dict[tuple[int, int, int], Decimal] = defaultdict(Decimal)
    for key, lines in bookings.items():
        if key[0] in listed:
            for account, amount, _, period, *_ in lines:
                sums[key[0], period, account] += amount
    return {key: amount for key, amount in sums.items() if amount}


def _some(keys: Iterable[object]) -> str:
    ordered = sorted(keys, key=str)
    return ", ".join(map(str, ordered[:4])) + (f" and {len(ordered) - 4} more" if len(ordered) > 4 else "")


def _place(item: LineKey) -> tuple[int, str, int]:
    return item.document.bookyear, item.document.journal_key, item.document.number
