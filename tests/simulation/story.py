"""What happens, drawn from a seed beforehand: a list of events, each with a draw of its own, so that one can be left
out without changing what the others are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from octopus_sandbox import SandboxSettings
from octopus_sandbox.office.accountant import WEIGHTS
from octopus_sandbox.sandbox import Sandbox
from octopus_sandbox.trouble.weather import Weather

DAY = 86_400
SQUALLS = Weather(Sandbox(SandboxSettings())).squalls
QUIET_DAYS = 3
"""At the end of each stretch: then the books and what is in must be the same."""
_LOUD_DAYS = (4, 12)
_OFFICE = {"disable": 1, "enable": 3, "withdraw": 1, "admit": 3, "revoke": 1}
_PEOPLE = {"sync": 10, "sync-full": 1, "cancel": 2, "remove": 1, "mend": 8, "reconnect": 1, "reconnect-wrong": 1}
_SKEWS = (-90_000, -7_200, -400, 400, 7_200, 90_000)
_PROCESSES = {"worker": 6, "api": 1, "scheduler": 2}


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """At a moment, in seconds since the beginning, or when so many calls of Octopus have been answered since then."""

    at: int
    calls: int
    words: tuple[str, ...]

    def __str__(self) -> str:
        days, seconds = divmod(self.at, DAY)
        after = f"+{self.calls}" if self.calls else ""
        return f"{days}d{timedelta(seconds=seconds)}{after} {' '.join(self.words)}"

    @classmethod
    def of(cls, text: str) -> "Event":
        moment, *words = text.split()
        moment, _, calls = moment.partition("+")
        days, _, clock = moment.partition("d")
        hours, minutes, seconds = map(int, clock.split(":"))
        return cls(int(days) * DAY + hours * 3600 + minutes * 60 + seconds, int(calls or 0), tuple(words))


def story_of(seed: int, days: int, dossiers: Sequence[int]) -> list[Event]:
    """In order. The beginning (connect, select, wait for the first import) is in every story."""
    chance = Random(f"story of {seed}")
    events = [Event(at, 0, ("mend", "0")) for at in (60, 3_600)]
    day = 1
    while day < days:
        loud = chance.randint(*_LOUD_DAYS)
        for today in range(day, min(day + loud, days)):
            events += _loud_day(chance, today * DAY, dossiers)
        day += loud
        if day + QUIET_DAYS > days:
            break
        events += _quiet_days(chance, day * DAY, dossiers)
        day += QUIET_DAYS
    return sorted(events)


def _loud_day(chance: Random, midnight: int, dossiers: Sequence[int]) -> Iterator[Event]:
    def moment(hours: tuple[int, int] = (0, 24)) -> int:
        return midnight + chance.randrange(hours[0] * 3600, hours[1] * 3600)

    for _ in range(chance.randint(0, 6)):
        yield Event(moment((7, 19)), _sometimes(chance), _deed(chance, dossiers))
    if chance.random() < 0.5:  # in the night, while runs go on
        yield Event(moment((0, 6)), chance.randint(1, 25), _deed(chance, dossiers))
    for _ in range(chance.choice((0, 0, 1, 2))):
        squall, dossier = chance.choice(SQUALLS), str(chance.choice(dossiers))
        yield Event(moment(), _sometimes(chance), ("squall", dossier, squall, _draw(chance)))
    for _ in range(chance.choice((0, 1, 1, 2))):
        act, dossier = _one_of(chance, _PEOPLE), str(chance.choice(dossiers))
        yield Event(moment((7, 20)), 0, (act, _draw(chance), dossier))
    if chance.random() < 0.1:
        yield Event(moment(), _sometimes(chance), ("office", _one_of(chance, _OFFICE), str(chance.choice(dossiers))))
    if chance.random() < 0.35:
        yield Event(moment((0, 23)), 0, ("kill", _one_of(chance, _PROCESSES), str(int(chance.random() ** 2 * 150))))
    if chance.random() < 0.06:
        begin = moment()
        yield Event(begin, _sometimes(chance), ("our-clock", str(chance.choice(_SKEWS))))
        yield Event(begin + chance.randint(60, DAY), 0, ("our-clock", "0"))


def _quiet_days(chance: Random, midnight: int, dossiers: Sequence[int]) -> Iterator[Event]:
    """Bookkeepers go on for a day; then nobody does anything but the schedule."""
    yield Event(midnight, 0, ("calm",))
    for hour in (1, 6, 9, 30, 33):
        yield Event(midnight + hour * 3600, 0, ("mend", "0"))
    for _ in range(chance.randint(0, 5)):
        yield Event(midnight + chance.randrange(7 * 3600, 20 * 3600), 0, _deed(chance, dossiers))
    for dossier in dossiers:
        yield Event(midnight + 21 * 3600, 0, ("deed", str(dossier), "synchronise", "0"))
    yield Event(midnight + QUIET_DAYS * DAY - 3600, 0, ("quiet",))


def _deed(chance: Random, dossiers: Sequence[int]) -> tuple[str, ...]:
    return "deed", str(chance.choice(dossiers)), _one_of(chance, WEIGHTS), _draw(chance)


def _one_of(chance: Random, weights: Mapping[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _draw(chance: Random) -> str:
    return str(chance.randrange(1_000_000))


def _sometimes(chance: Random) -> int:
    """Mostly at its moment, else in the middle of a run."""
    return chance.randint(1, 30) if chance.random() < 0.4 else 0
