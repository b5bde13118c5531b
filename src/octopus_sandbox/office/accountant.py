"""A person who keeps the books of one dossier, as drawn from a seed: one deed at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType

from octopus_sandbox.office import booking_deeds, correction_deeds, matching_deeds, naming_deeds, year_deeds
from octopus_sandbox.office.desk import Desk
from octopus_sandbox.sandbox import Sandbox

_DEEDS: Mapping[str, Callable[[Desk], str | None]] = MappingProxyType(
    {
        **booking_deeds.DEEDS,
        **correction_deeds.DEEDS,
        **matching_deeds.DEEDS,
        **year_deeds.DEEDS,
        **naming_deeds.DEEDS,
    }
)
WEIGHTS: Mapping[str, int] = MappingProxyType(
    {
        "sell": 30,
        "buy": 30,
        "pay": 25,
        "settle-in-divers": 2,
        "correct": 8,
        "correct-amount": 5,
        "correct-unstamped": 2,
        "shift-unstamped": 1,
        "delete": 4,
        "delete-last-and-reuse": 2,
        "reuse-number": 2,
        "book-late": 3,
        "book-in-session": 4,
        "delete-in-session": 1,
        "synchronise": 3,
        "unmatch": 2,
        "match": 3,
        "rematch": 2,
        "open-year": 2,
        "close-year": 1,
        "reopen-year": 1,
        "transfer": 1,
        "transfer-by-hand": 1,
        "transfer-again": 1,
        "book-in-old-year": 1,
        "decoy-opening": 1,
        "book-in-unlisted-journal": 1,
        "list-journals": 1,
        "drop-journal": 1,
        "rename-account": 1,
        "rename-cost-centre": 1,
        "rename-relation": 1,
        "rename-dossier": 1,
    }
)
"""How often each deed is drawn. A caller that draws for itself may have weights of its own."""


@dataclass(frozen=True, slots=True)
class Deed:
    """What was done."""

    name: str
    dossier: int
    what: str
    """For a person who reads the story of a seed."""


class Accountant:
    """Does one deed by name and draw: equal books, clock and draw give the equal deed.

    Each deed has a generator of its own, so that a deed left out of a story changes the later ones only as far as the
    books differ.
    """

    def __init__(self, sandbox: Sandbox, dossier: int) -> None:
        self._desk = Desk(sandbox, dossier)

    @property
    def deeds(self) -> tuple[str, ...]:
        """The names of what can be done."""
        return tuple(_DEEDS)

    @property
    def holds(self) -> int:
        """How many changes the desktop session has not sent."""
        return self._desk.session.held

    def act(self, draw: int, deed: str | None = None) -> Deed | None:
        """Do a deed, drawn by its weight where it is not named; None where the books do not allow it."""
        desk = self._desk
        desk.random = Random(f"{draw}/{deed}")
        name = deed or desk.random.choices(list(WEIGHTS), list(WEIGHTS.values()))[0]
        with desk.books.lock:
            what = _DEEDS[name](desk)
        return Deed(name, desk.dossier, what) if what is not None else None
