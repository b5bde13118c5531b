"""The life of an integration or administration as a list of events: what happened, who or what caused it, and why."""

from dataclasses import dataclass, replace
from enum import StrEnum

from monitr.domain.words.sentence import Sentence


class What(StrEnum):
    """What happened; the first five to an integration, the others to an administration."""

    ADDED = "ADDED"
    AUTHORIZED = "AUTHORIZED"
    RECONNECTED = "RECONNECTED"
    AUTHORIZATION_REFUSED = "AUTHORIZATION_REFUSED"
    DELETED = "DELETED"
    SELECTED = "SELECTED"
    MOVED = "MOVED"
    DOSSIER_NOT_FOUND = "DOSSIER_NOT_FOUND"
    ACCESS_LOST = "ACCESS_LOST"
    REACHED_AGAIN = "REACHED_AGAIN"
    REMOVED = "REMOVED"
    RESTORED = "RESTORED"
    PURGE_ADVANCED = "PURGE_ADVANCED"


class Agent(StrEnum):
    USER = "USER"
    OCTOPUS = "OCTOPUS"  # by what it answered
    MONITR = "MONITR"  # by itself


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what, and why. ``user`` is the subject of the bearer token, None where it was no user."""

    agent: Agent
    why: Sentence
    user: str | None = None

    def by(self, subject: str) -> "Cause":
        return replace(self, user=subject)


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One transition; ``before`` is None for the first of a timeline. The instant is set when it is recorded."""

    what: What
    before: str | None
    after: str
    cause: Cause
