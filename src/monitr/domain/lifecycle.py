"""The life of a thing as a table: what can happen to it in which of its states, and the state that follows.

A state is never set: it follows from what happened and the state before. What is not in the table of ``integration``,
``administration`` or ``import_run`` raises IllegalTransition, so it can be neither stored nor told.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

Event = TypeVar("Event", bound=StrEnum)
Status = TypeVar("Status", bound=StrEnum)

Transitions = Mapping[Event, Mapping[Status | None, Status]]
"""For each event the states in which it can happen, with the state that follows; None: the thing does not exist yet."""


class IllegalTransition(Exception):
    """A fault of ours: somebody told of an event that cannot happen in that state."""


def following(transitions: Transitions[Event, Status], what: Event, before: Status | None) -> Status:
    """The state after the event. Raises IllegalTransition."""
    try:
        return transitions[what][before]
    except KeyError:
        raise IllegalTransition(f"{what} cannot happen in the state {before}") from None
