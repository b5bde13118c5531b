"""What nobody has stated or recorded about Octopus, as switches: one for each fact that octopus.md marks INF.

A switch works at once, also while the sandbox runs, but for those under "how the books are made": they are read when a
dossier's books are generated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Rotation(StrEnum):
    """What a refresh does to the refresh token (octopus.md 1.2)."""

    NONE = "none"  # the answer holds no refresh token; the first one lives on to its original deadline
    SAME = "same"  # the answer repeats the token it was asked with, deadline unchanged
    KEEP_OLD = "keep-old"  # a new one of 60 days, and the old one still works
    INVALIDATE_OLD = "invalidate-old"  # a new one of 60 days, and the old one is dead at once


class Pkce(StrEnum):
    """How the authorise and token addresses treat a PKCE challenge (octopus.md 1.2)."""

    IGNORED = "ignored"
    ACCEPTED = "accepted"  # verified where one was sent
    REQUIRED = "required"


class Consent(StrEnum):
    """When the consent page is shown (octopus.md 1.2)."""

    FIRST_TIME = "first-time"
    ALWAYS = "always"


class OpeningVariant(StrEnum):
    """How the balances carried forward into a bookyear show up in bookings/modified (4)."""

    AS_DIVERS = "as-divers"  # journal type 4, D1, first period, first day
    SPECIAL_TYPE = "special-type"  # `special_opening_type`, seen only with journalTypeId -1
    NONE = "none"  # not at all


class OpeningMark(StrEnum):
    """What gives an opening away, beside its content (4)."""

    NAMED_JOURNAL = "named-journal"  # D1 is named "Opening"
    ORDINARY_JOURNAL = "ordinary-journal"  # D1 is named like any divers journal
    PERIOD_00 = "period-00"  # period YYYY00
    NO_PERIOD = "no-period"  # bookyearPeriodeNr is absent


class CarriedForward(StrEnum):
    """Whether the newest bookyear has been opened (4)."""

    ALL = "all"
    NEWEST_NOT_YET = "newest-not-yet"
    IN_ADVANCE = "in-advance"  # books: a bookyear that starts after today exists and is opened


class ResultTransfer(StrEnum):
    """Where the result of a year goes to account 14 (4)."""

    APPROPRIATED = "appropriated"  # 69/79 entries on the last day of the closing year
    MOVED_BY_OPENING = "moved-by-opening"  # the opening holds it on 140000; the closing year has no 69/79


class TakeOver(StrEnum):
    """Whether the first bookyear was kept in another program, and how its result came in (octopus.md 4)."""

    NONE = "none"
    FIRST_DAY = "first-day"  # balances and a whole year's result in one document of the bookyear's first day
    LAST_DAY = "last-day"  # the same on its last day


class AmountBalance(StrEnum):
    """What `balance` of accounts/amounts means (octopus.md 2.6)."""

    MOVEMENT = "movement"
    CUMULATIVE = "cumulative"


class QuotaAnswer(StrEnum):
    """What a call over the daily maximum is answered (octopus.md 3.1)."""

    STATUS_429 = "429"
    STATUS_403 = "403"
    STATUS_400 = "400"


class QuotaScope(StrEnum):
    """Whom a daily maximum counts (octopus.md 3.1)."""

    DOSSIER = "dossier"
    LOGIN = "login"


class TimestampZone(StrEnum):
    """The zone that modifiedTimeStamp is read in (octopus.md 3.4)."""

    BRUSSELS = "brussels"
    UTC = "utc"


class BrokenYearPeriods(StrEnum):
    """What YYYY of a period number is in a bookyear that is no calendar year (octopus.md 2.2)."""

    START_YEAR = "start-year"  # 202501 … 202512 for July 2025 to June 2026
    CALENDAR_YEAR = "calendar-year"  # 202507 … 202512, 202601 … 202606


class LineNumbers(StrEnum):
    """lineSequenceNr in bookings/modified (octopus.md 2.10)."""

    UNIQUE = "unique"  # 1 to n
    HEAD_MINUS_ONE = "head-minus-one"  # -1 for an invoice's head line, then 1 to n
    ALL_MINUS_ONE = "all-minus-one"
    REPEATED = "repeated"  # 1, 1, 2, 2, …


class RelationKeys(StrEnum):
    """Which lines of bookings/modified carry relationKey (octopus.md 2.10)."""

    CONTROL_LINES = "control-lines"
    ALL_LINES = "all-lines"


class ElementOrder(StrEnum):
    """Order of the elements of an answer (2.3, 2.4: not sorted)."""

    BY_NUMBER = "by-number"
    SHUFFLED = "shuffled"  # the lines of a document stay together
    LINES_SHUFFLED = "lines-shuffled"  # the lines of a document are scattered over the answer


class Duplicates(StrEnum):
    """Elements that stand twice in their array (none recorded)."""

    NONE = "none"
    LINES = "lines"  # some elements, single ledger lines among them
    DOCUMENTS = "documents"  # some documents of bookings/modified, all their lines


class Nothing(StrEnum):
    """How an operation says that it has no rows (octopus.md 1.4); the first is what its document declares."""

    TECHNICAL_INFO = "technical-info"  # 404, {"technicalInfo": …}
    CODE_AND_TEXTS = "code-and-texts"  # 404, {"errorCode": 0, …}
    TEXT = "text"  # 404, text/plain
    PAGE = "page"  # 404, text/html
    BARE = "bare"  # 404 without a body
    NO_CONTENT = "no-content"  # 204
    EMPTY_BODY = "empty-body"  # 200 without a body
    EMPTY_DOCUMENT = "empty-document"  # 200 with [] or with empty arrays


class DateHeader(StrEnum):
    """The `Date` header of answers."""

    OWN = "own"  # Octopus's clock, plus `date_skew`
    ABSENT = "absent"
    NONSENSE = "nonsense"


@dataclass(frozen=True, slots=True)
class Switches:
    """One setting of every switch. Immutable: change it with `dataclasses.replace`."""

    # OAuth (octopus.md 1.2)
    rotation: Rotation = Rotation.NONE
    pkce: Pkce = Pkce.ACCEPTED
    secret_required: bool = False
    """The token endpoint refuses a request without the client's secret; otherwise it takes one and ignores it."""
    consent: Consent = Consent.FIRST_TIME
    issuer: bool = False
    """The callback names the sandbox as `iss` (RFC 9207)."""
    expires_in: bool = True
    """The token answer holds `expires_in`."""

    # year openings (octopus.md 4)
    opening: OpeningVariant = OpeningVariant.AS_DIVERS
    opening_by_dossier: Mapping[int, OpeningVariant] = field(default_factory=dict[int, OpeningVariant], hash=False)
    opening_mark: OpeningMark = OpeningMark.NAMED_JOURNAL
    special_opening_type: int = 5
    carried_forward: CarriedForward = CarriedForward.ALL
    all_types_of_one_bookyear: bool = True
    """journalTypeId -1 is accepted together with one bookyear (octopus.md 8.1); otherwise 400."""
    openings_in_open_reports: bool = False
    """reports/accounts/open lists the carried-forward line of a control account too (octopus.md 2.13)."""

    # accounts/amounts (octopus.md 2.6)
    amount_balance: AmountBalance = AmountBalance.MOVEMENT
    openings_in_amounts: bool = True
    """The amounts hold the openings that the ledger shows."""
    amounts_without_timestamp: bool = True
    """Without modifiedTimeStamp everything is answered; otherwise 400."""

    # daily maxima (octopus.md 3.1)
    daily_limits: bool = True
    quota_answer: QuotaAnswer = QuotaAnswer.STATUS_429
    quota_scope: QuotaScope = QuotaScope.DOSSIER

    # timestamps (octopus.md 3.4)
    timestamp_zone: TimestampZone = TimestampZone.BRUSSELS
    inclusive_bounds: bool = True

    # clocks
    clock_skew: int = 0
    """Seconds by which Octopus's clock is ahead (below zero: behind): its stamps, its tokens, its day and its Date."""
    date_header: DateHeader = DateHeader.OWN
    date_skew: int = 0
    """Seconds by which the Date header is ahead of the stamps, as where a proxy writes it."""

    # answers
    nothing: Nothing = Nothing.TECHNICAL_INFO
    empty_history_is_404: bool = True
    """A history with relationId -1 is answered 404; otherwise an empty array (octopus.md 2.14)."""
    signed_open_amounts: bool = False
    """openBookingAmount is negative for a credit; otherwise it is absolute (octopus.md 2.13)."""
    removed_matchings: bool = True
    """balancings/modified tells that a matching was removed; otherwise nothing does (octopus.md 2.17)."""
    line_numbers: LineNumbers = LineNumbers.UNIQUE
    relation_keys: RelationKeys = RelationKeys.CONTROL_LINES
    element_order: ElementOrder = ElementOrder.BY_NUMBER
    duplicates: Duplicates = Duplicates.NONE
    binary_noise: bool = False
    """Some doubles print as 990.3199999999999."""
    exponents: bool = False
    """Ledger amounts of ten million and more print as Java prints them: 1.2345678E7."""
    unknown_properties: bool = False
    """Every object has a property that no document names (octopus.md 3.11)."""
    record_without_dossier_key: bool = False
    """GET /dossiers holds a record without dossierKey (octopus.md 2.1), which breaks the vendor's own schema."""

    # how the books are made
    opening_journal: int = 1
    """Number of the divers journal in which bookyears are opened."""
    opening_name: str = ""
    """The name of that journal; empty: what `opening_mark` says."""
    opening_account: int = 588888
    """The account by way of which the first opening's bank balance comes in."""
    opened_by_hand: bool = False
    """Later bookyears are opened by hand too, the banks' balances by way of `opening_account`."""
    take_over: TakeOver = TakeOver.NONE
    result_transfer: ResultTransfer = ResultTransfer.APPROPRIATED
    broken_year_periods: BrokenYearPeriods = BrokenYearPeriods.START_YEAR
    first_opening_has_open_items: bool = False
    """The first bookyear's opening holds open invoices by relation, which are open items until they are paid."""
    untidy_master_data: bool = True
    """Some relations have country "  " or no city, some names are empty in a language (octopus.md 2.8, 3.13)."""

    def opening_of(self, dossier: int) -> OpeningVariant:
        """The opening variant of one dossier."""
        return self.opening_by_dossier.get(dossier, self.opening)
