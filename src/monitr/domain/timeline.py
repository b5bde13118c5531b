"""The life of an integration or administration as a list of events: what happened, who or what caused it, and why.

A state is never set: it follows from what happened and the state before, by the tables of ``integration`` and
``administration``. What is not in a table raises IllegalTransition, so it can be neither stored nor told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar


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


Status = TypeVar("Status", bound=StrEnum)

Transitions = Mapping[What, Mapping[Status | None, Status]]
"""For each event the states in which it can happen, with the state that follows."""


class IllegalTransition(Exception):
    """A fault of ours: somebody told of an event that cannot happen in that state."""


def following(transitions: Transitions[Status], what: What, before: Status | None) -> Status:
    """The state after the event. Raises IllegalTransition."""
    try:
        return transitions[what][before]
    except KeyError:
        raise IllegalTransition(f"{what} cannot happen in the state {before}") from None
