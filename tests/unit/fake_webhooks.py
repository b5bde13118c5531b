"""Webhooks in memory: the targets of all organisations, their events, and a receiver that answers as told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from monitr.application.reading.pages import InvalidCursor, Page
from monitr.application.webhooks.ports import AddressRefused, Queue, TargetClaim, WebhookDeliveries, WebhookTargets
from monitr.application.webhooks.use_cases import (
    CreateWebhookTarget,
    DeleteWebhookTarget,
    ListWebhookTargets,
    ReadWebhookEvents,
    ReplayWebhookEvents,
    RotateWebhookSecret,
    WebhookUseCases,
)
from monitr.domain.audit import (
    AuditEntry,
    webhook_created,
    webhook_deleted,
    webhook_replayed,
    webhook_secret_rotated,
)
from monitr.domain.codes import ExplanationCode
from monitr.domain.explanation import Explanation
from monitr.domain.import_run import ImportRunId, ImportStatus
from monitr.domain.organisation import AdministrationId, OrganisationId
from monitr.domain.webhooks import (
    ImportChanged,
    NotAccepted,
    WebhookEvent,
    WebhookEventId,
    WebhookTarget,
    WebhookTargetId,
)
from monitr.domain.words.sentence import Sentence
from tests.unit.fakes import MINE, NOON

ADDRESS = "https://hooks.monitr.example/octopus"


def a_target(**changes: Any) -> WebhookTarget:
    """Created at noon; nothing was sent to it yet."""
    return replace(WebhookTarget(WebhookTargetId(uuid4()), MINE, ADDRESS, None, NOON), **changes)


def an_event(position: int = 1, **changes: Any) -> WebhookEvent:
    """An import has failed at noon."""
    change = ImportChanged(
        ImportRunId(uuid4()),
        AdministrationId(uuid4()),
        ImportStatus.FAILED,
        ImportStatus.RUNNING,
        ExplanationCode.ACCESS_LOST,
    )
    return replace(WebhookEvent(WebhookEventId(uuid4()), MINE, position, NOON, change), **changes)


def a_refusal(**changes: Any) -> NotAccepted:
    return replace(
        NotAccepted(
            Explanation(
                ExplanationCode.WEBHOOK_NOT_ACCEPTED, Sentence.verbatim("The receiver answered with HTTP status 500.")
            )
        ),
        **changes,
    )


@dataclass
class FakeWebhookTargets:
    events_of_all: list[WebhookEvent] = field(default_factory=list)
    targets: dict[WebhookTargetId, WebhookTarget] = field(default_factory=dict)
    secrets: dict[WebhookTargetId, list[str]] = field(default_factory=dict)
    audit: list[AuditEntry] = field(default_factory=list)

    async def add(self, target: WebhookTarget, secret: str, most: int, by: str) -> WebhookTarget | None:
        if len(await self.all_of(target.organisation_id)) >= most:
            return None
        newest = max((event.position for event in self._events(target.organisation_id)), default=0)
        self.targets[target.id] = replace(target, position=newest)
        self.secrets[target.id] = [secret]
        self.audit.append(webhook_created(target, by))
        return self.targets[target.id]

    async def all_of(self, organisation: OrganisationId) -> Sequence[WebhookTarget]:
        mine = [target for target in self.targets.values() if target.organisation_id == organisation]
        return sorted(mine, key=lambda target: (target.created_at, target.id))

    async def remove(self, organisation: OrganisationId, id: WebhookTargetId, by: str) -> bool:
        if (target := self._find(organisation, id)) is None:
            return False
        self.audit.append(webhook_deleted(target, by))
        del self.targets[id], self.secrets[id]
        return True

    async def rotate(
        self, organisation: OrganisationId, id: WebhookTargetId, secret: str, previous_until: datetime | None, by: str
    ) -> WebhookTarget | None:
        if (target := self._find(organisation, id)) is None:
            return None
        self.secrets[id] = [secret, *(self.secrets[id][:1] if previous_until else [])]
        self.targets[id] = replace(target, previous_secret_until=previous_until)
        self.audit.append(webhook_secret_rotated(self.targets[id], by))
        return self.targets[id]

    async def replay(
        self, organisation: OrganisationId, id: WebhookTargetId, after: str | None, by: str
    ) -> WebhookTarget | None:
        position = self._position(after)
        if (target := self._find(organisation, id)) is None:
            return None
        self.targets[id] = target.replayed_from(position)
        self.audit.append(webhook_replayed(self.targets[id], by))
        return self.targets[id]

    async def events(self, organisation: OrganisationId, first: int, after: str | None) -> Page[WebhookEvent]:
        position = self._position(after)
        rest = [event for event in self._events(organisation) if event.position > position]
        shown = rest[:first]
        cursors = [self.cursor(event.position) for event in shown]
        return Page(shown, cursors, has_next=len(rest) > first, has_previous=after is not None)

    def cursor(self, position: int) -> str:
        return f"at-{position}"

    def _events(self, organisation: OrganisationId) -> list[WebhookEvent]:
        return [event for event in self.events_of_all if event.organisation_id == organisation]

    def _find(self, organisation: OrganisationId, id: WebhookTargetId) -> WebhookTarget | None:
        target = self.targets.get(id)
        return target if target is not None and target.organisation_id == organisation else None

    @staticmethod
    def _position(cursor: str | None) -> int:
        if cursor is None:
            return 0
        if not cursor.startswith("at-"):
            raise InvalidCursor(cursor)
        return int(cursor.removeprefix("at-"))


@dataclass
class FakeDeliveries:
    """One target's queue. ``lost_after``: how many times the claim holds."""

    target: WebhookTarget
    waiting: Sequence[WebhookEvent] = ()
    secrets: Sequence[str] = ("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",)
    lost_after: int = 1000
    released: int = 0

    @property
    def claim_of_it(self) -> TargetClaim:
        return TargetClaim(self.target.id, self.target.organisation_id, 1)

    async def order_events(self) -> int:
        return 0

    async def claim(self, lease: timedelta, limit: int) -> Sequence[TargetClaim]:
        return [self.claim_of_it]

    async def queue(self, claim: TargetClaim, limit: int) -> Queue | None:
        if not self.lost_after:
            return None
        rest = [event for event in self.waiting if event.position > self.target.position]
        return Queue(self.target, self.secrets, rest[:limit])

    async def save(self, claim: TargetClaim, target: WebhookTarget, lease: timedelta) -> bool:
        self.lost_after -= 1
        if self.lost_after < 0:
            return False
        self.target = target
        return True

    async def release(self, claim: TargetClaim) -> None:
        self.released += 1

    async def prune(self, older_than: timedelta) -> int:
        return 0


@dataclass
class FakeReceiver:
    """Answers with the refusals given, one after the other, then accepts. ``took`` is what each attempt lasts."""

    refusals: Iterable[NotAccepted | None] = ()
    now: datetime = NOON
    took: timedelta = timedelta(milliseconds=100)
    requests: list[tuple[str, Mapping[str, str], str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._answers = iter(self.refusals)

    async def __call__(self, url: str, headers: Mapping[str, str], body: str) -> NotAccepted | None:
        self.requests.append((url, headers, body))
        self.now += self.took
        return next(self._answers, None)

    def clock(self) -> datetime:
        return self.now

    @property
    def received(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.requests]


async def only_https(url: str) -> None:
    if not url.startswith("https://"):
        raise AddressRefused(Sentence.verbatim("it must begin with https://."))


def the_webhooks(targets: FakeWebhookTargets | None = None) -> WebhookUseCases:
    known = targets or FakeWebhookTargets()

    def new_secret() -> str:
        return f"whsec_{uuid4().hex}"

    def clock() -> datetime:
        return NOON

    return WebhookUseCases(
        ListWebhookTargets(known),
        ReadWebhookEvents(known),
        known.cursor,
        CreateWebhookTarget(known, only_https, clock, uuid4, new_secret),
        DeleteWebhookTarget(known),
        RotateWebhookSecret(known, clock, new_secret),
        ReplayWebhookEvents(known),
    )


_targets: type[WebhookTargets] = FakeWebhookTargets
_deliveries: type[WebhookDeliveries] = FakeDeliveries
