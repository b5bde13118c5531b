"""Trouble as it comes, drawn from a seed: how networks, gateways, clocks and Octopus itself fail for a while."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from octopus_sandbox.clock import BRUSSELS
from octopus_sandbox.operations.catalogue import OPERATIONS
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.switches import DateHeader, Nothing
from octopus_sandbox.trouble.faults import FaultKind

_LEDGER = "getReportModifiedBooking"
_TO_GET_IN = frozenset({"authenticateUser", "connectDossier", "getDossiers", "token", "authorize"})
_READS = tuple(operation.id for operation in OPERATIONS)
_ABSENT = (FaultKind.NOT_FOUND, FaultKind.EMPTY, FaultKind.NO_CONTENT, FaultKind.EMPTY_LIST)
_RETRY_AFTER = ("2", "30", "120", "3600", "soon", "-5", "99999999999", "")


@dataclass(frozen=True, slots=True)
class Squall:
    """One trouble that has begun."""

    name: str
    what: str
    until: datetime | None
    """By the sandbox's clock without its skew; None where it ends after some calls, or by another squall."""


class Weather:
    """Starts one trouble by name and draw; equal draws at equal times start the equal trouble."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._faults = sandbox.faults
        self._random = Random(0)
        self._squalls: Mapping[str, Callable[[int], Squall]] = {
            "gateway-down": self._gateway_down,
            "routes-gone": self._routes_gone,
            "routes-silent": self._routes_silent,
            "all-but-connect-gone": self._all_but_connect_gone,
            "busy": self._busy,
            "day-closed": self._day_closed,
            "slow": self._slow,
            "cut": self._cut,
            "half": self._half,
            "garbage": self._garbage,
            "bookyear-refused": self._bookyear_refused,
            "bookyear-unreadable": self._bookyear_unreadable,
            "bookyear-unlisted": self._bookyear_unlisted,
            "bookyears-listed": self._bookyears_listed,
            "line-unreadable": self._line_unreadable,
            "number-out-of-range": self._number_out_of_range,
            "tokens-expired": self._tokens_expired,
            "token-address-down": self._token_address_down,
            "token-answer-lost": self._token_answer_lost,
            "clock-skewed": self._clock_skewed,
            "clock-right": self._clock_right,
            "date-header": self._date_header,
            "nothing-form": self._nothing_form,
        }

    @property
    def squalls(self) -> tuple[str, ...]:
        return tuple(self._squalls)

    def strike(self, draw: int, dossier: int, squall: str | None = None) -> Squall:
        """Begin a trouble, drawn where it is not named; it meets all callers, or those of `dossier` where it can."""
        self._random = Random(f"{draw}/{squall}")
        name = squall or self._random.choice(self.squalls)
        return self._squalls[name](dossier)

    # --- gateways --------------------------------------------------------------------------------------

    def _gateway_down(self, dossier: int) -> Squall:
        status, span = self._random.choice((500, 502, 503, 504)), self._span(minutes=600)
        self._faults.during("*", span, status=status, reached=False, retry_after=self._retry_after())
        return self._lasting("gateway-down", f"{status} at every call", span)

    def _routes_gone(self, dossier: int) -> Squall:
        routes, span = self._routes(), self._span(minutes=1_440)
        kind = self._random.choice((FaultKind.HTML, FaultKind.NOT_FOUND, FaultKind.ERROR_OBJECT))
        self._faults.during(routes, span, kind=kind, status=404, reached=False)
        return self._lasting("routes-gone", f"{kind} at {', '.join(routes)}", span)

    def _routes_silent(self, dossier: int) -> Squall:
        routes, kind, span = self._routes(), self._random.choice(_ABSENT), self._span(minutes=1_440)
        self._faults.during(routes, span, kind=kind, dossier=dossier)
        return self._lasting("routes-silent", f"{kind} at {', '.join(routes)} of {dossier}", span)

    def _all_but_connect_gone(self, dossier: int) -> Squall:
        kind, span = self._random.choice((FaultKind.HTML, *_ABSENT)), self._span(minutes=720)
        self._faults.during("*", span, kind=kind, status=404, but=_TO_GET_IN, reached=False)
        return self._lasting("all-but-connect-gone", str(kind), span)

    def _busy(self, dossier: int) -> Squall:
        status, times = self._random.choice((429, 503)), self._random.randint(1, 12)
        operation, after = self._random.choice(("*", *_READS)), self._retry_after()
        self._faults.next(operation, times, status=status, retry_after=after, reached=False)
        return Squall("busy", f"{status}, Retry-After {after!r}, {times} times at {operation}", None)

    def _day_closed(self, dossier: int) -> Squall:
        """Octopus takes the day's calls to be used up, whatever our count says."""
        operation = self._random.choice(_READS)
        local = self._sandbox.clock.now().astimezone(BRUSSELS)
        midnight = datetime.combine(local.date() + timedelta(days=1), time(), BRUSSELS)
        span = midnight - self._sandbox.clock.now()
        self._faults.during(operation, span, kind=FaultKind.DAY_LIMIT, dossier=dossier)
        return self._lasting("day-closed", f"{operation} of {dossier}", span)

    # --- connections and answers -----------------------------------------------------------------------

    def _slow(self, dossier: int) -> Squall:
        kind = self._random.choice((FaultKind.DELAY, FaultKind.SLOW, FaultKind.DRIP, FaultKind.HANG))
        seconds, times = self._random.choice((1, 20, 200)), self._random.randint(1, 4)
        self._faults.next("*", times, kind=kind, seconds=seconds)
        return Squall("slow", f"{kind} of {seconds} s, {times} times", None)

    def _cut(self, dossier: int) -> Squall:
        kind, times = self._random.choice((FaultKind.TRUNCATED, FaultKind.RESET)), self._random.randint(1, 6)
        self._faults.next(self._random.choice(("*", _LEDGER)), times, kind=kind, but=_TO_GET_IN)
        return Squall("cut", f"{kind}, {times} times", None)

    def _half(self, dossier: int) -> Squall:
        self._faults.next(_LEDGER, kind=FaultKind.FEWER_ELEMENTS, dossier=dossier)
        return Squall("half", f"half a ledger answer of {dossier}", None)

    def _garbage(self, dossier: int) -> Squall:
        kind, times = self._random.choice((FaultKind.INVALID_JSON, FaultKind.HTML)), self._random.randint(1, 4)
        self._faults.next(_READS, times, kind=kind, dossier=dossier)
        return Squall("garbage", f"{kind} of {dossier}, {times} times", None)

    def _line_unreadable(self, dossier: int) -> Squall:
        """One line of a booking, in every answer for some hours."""
        lines = self._sandbox.truth(dossier).ledger()
        span = self._span(minutes=1_440)
        if lines:
            line = self._random.choice(lines)
            where = {
                "accountKey": line.account,
                "bookyearKey": {"id": line.bookyear},
                "documentSequenceNr": line.document_number,
                "journalNr": line.journal_nr,
                "journalType": line.journal_type,
            }
            field = self._random.choice(("bookingAmount", "documentDate"))
            kind = self._random.choice((FaultKind.FIELD_MISSING, FaultKind.FIELD_MISTYPED))
            self._faults.during(_LEDGER, span, kind=kind, field=field, where=where, dossier=dossier)
        return self._lasting("line-unreadable", f"a line of {dossier}", span)

    def _number_out_of_range(self, dossier: int) -> Squall:
        operation, field = self._random.choice(
            (
                (_LEDGER, "bookingAmount"),
                (_LEDGER, "exchangeRate"),
                (_LEDGER, "documentSequenceNr"),
                ("getReportOpenClient", "openBookingAmount"),
                ("getModifiedAccountAmounts", "balance"),
            )
        )
        value = self._random.choice((-600_000, 1e17, -1e300, 10**20))
        self._faults.next(operation, kind=FaultKind.FIELD_VALUE, field=field, value=value, dossier=dossier)
        return Squall("number-out-of-range", f"{field} {value} in {operation} of {dossier}", None)

    # --- bookyears -------------------------------------------------------------------------------------

    def _bookyear_refused(self, dossier: int) -> Squall:
        bookyear, span = self._bookyear(dossier), self._span(minutes=2_880)
        self._faults.during(_LEDGER, span, kind=FaultKind.REFUSED, dossier=dossier, bookyear=bookyear)
        return self._lasting("bookyear-refused", f"{bookyear} of {dossier}", span)

    def _bookyear_unreadable(self, dossier: int) -> Squall:
        bookyear, span = self._bookyear(dossier), self._span(minutes=2_880)
        field = self._random.choice(("bookyearKey", "bookyearDescription", "endDate", "periods", "startDate"))
        where = {"bookyearKey": {"id": bookyear}}
        self._faults.during(
            "getBookyears", span, kind=FaultKind.FIELD_MISTYPED, field=field, where=where, dossier=dossier
        )
        return self._lasting("bookyear-unreadable", f"{field} of {bookyear} of {dossier}", span)

    def _bookyear_unlisted(self, dossier: int) -> Squall:
        bookyear = self._bookyear(dossier)
        self._sandbox.books(dossier).unlist_bookyear(bookyear)
        return Squall("bookyear-unlisted", f"{bookyear} of {dossier}", None)

    def _bookyears_listed(self, dossier: int) -> Squall:
        books = self._sandbox.books(dossier)
        for bookyear in sorted(books.unlisted):
            books.list_bookyear(bookyear)
        return Squall("bookyears-listed", f"all of {dossier}", None)

    # --- tokens and clocks -----------------------------------------------------------------------------

    def _tokens_expired(self, dossier: int) -> Squall:
        self._faults.next(_READS, kind=FaultKind.TOKEN_EXPIRED)
        return Squall("tokens-expired", "at the next read", None)

    def _token_address_down(self, dossier: int) -> Squall:
        kind, span = self._random.choice((FaultKind.STATUS, FaultKind.HTML)), self._span(minutes=120)
        self._faults.during("token", span, kind=kind, status=502, reached=False)
        return self._lasting("token-address-down", str(kind), span)

    def _token_answer_lost(self, dossier: int) -> Squall:
        """Octopus has rotated, where it rotates, and nobody learns the new token."""
        self._faults.next("token", kind=FaultKind.RESET)
        return Squall("token-answer-lost", "the next one", None)

    def _clock_skewed(self, dossier: int) -> Squall:
        seconds = self._random.choice((-86_400, -15_000, -600, 600, 15_000, 86_400))
        self._sandbox.switch(clock_skew=seconds)
        return Squall("clock-skewed", f"{seconds} s", None)

    def _clock_right(self, dossier: int) -> Squall:
        self._sandbox.switch(clock_skew=0)
        return Squall("clock-right", "0 s", None)

    def _date_header(self, dossier: int) -> Squall:
        form, ahead = self._random.choice(list(DateHeader)), self._random.choice((0, 0, -7_200, 7_200))
        self._sandbox.switch(date_header=form, date_skew=ahead)
        return Squall("date-header", f"{form}, {ahead} s", None)

    def _nothing_form(self, dossier: int) -> Squall:
        form = self._random.choice(list(Nothing))
        self._sandbox.switch(nothing=form)
        return Squall("nothing-form", str(form), None)

    # --- what it draws from ----------------------------------------------------------------------------

    def _span(self, *, minutes: int) -> timedelta:
        """Up to so many minutes, short ones oftener."""
        return timedelta(minutes=1 + int(self._random.random() ** 3 * minutes))

    def _lasting(self, name: str, what: str, span: timedelta) -> Squall:
        return Squall(name, what, self._sandbox.clock.unskewed() + span)

    def _routes(self) -> tuple[str, ...]:
        return tuple(sorted(self._random.sample(_READS, self._random.randint(1, 5))))

    def _retry_after(self) -> str:
        return self._random.choice(_RETRY_AFTER)

    def _bookyear(self, dossier: int) -> int:
        return self._random.choice(sorted(self._sandbox.books(dossier).bookyears))
