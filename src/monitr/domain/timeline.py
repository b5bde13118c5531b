"""The life of an integration or administration as a list of events: what happened, who or what caused it, and why."""

from dataclasses import dataclass, replace
from enum import StrEnum


class What(StrEnum):
    """What happened; the first five to an integration, the others to an administration."""

    ADDED = "ADDED"
    """A user began to connect it."""
    AUTHORIZED = "AUTHORIZED"
    """Octopus gave its authorisation."""
    RECONNECTED = "RECONNECTED"
    """Octopus gave its authorisation again."""
    AUTHORIZATION_REFUSED = "AUTHORIZATION_REFUSED"
    """Octopus no longer accepts the authorisation."""
    DELETED = "DELETED"
    """A user deleted it, or Monitr, because nobody authorised it or nothing was left of it."""
    SELECTED = "SELECTED"
    """A dossier became an administration."""
    MOVED = "MOVED"
    """It was selected through another integration, and belongs to that one now."""
    DOSSIER_NOT_FOUND = "DOSSIER_NOT_FOUND"
    """Octopus does not have the dossier any more."""
    ACCESS_LOST = "ACCESS_LOST"
    """Octopus does not open the dossier any more."""
    REACHED_AGAIN = "REACHED_AGAIN"
    """Octopus opens the dossier again."""
    REMOVED = "REMOVED"
    """A user removed it, or its integration."""
    RESTORED = "RESTORED"
    """It was selected again within the retention time."""
    PURGE_ADVANCED = "PURGE_ADVANCED"
    """A user asked to erase at once what was removed before."""


class Agent(StrEnum):
    """Who or what caused an event."""

    USER = "USER"
    """A person, by a request or at Octopus."""
    OCTOPUS = "OCTOPUS"
    """Octopus, by what it answered."""
    MONITR = "MONITR"
    """Monitr by itself: a schedule, a time that ran out."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Who or what, and why. ``user`` is the subject of the bearer token, None where it was no user."""

    agent: Agent
    why: str
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
