"""How a sentence is said: the templates of a language, and its way to write numbers, days and times."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count, takewhile
from typing import Protocol

from monitr.domain.brussels import BRUSSELS
from monitr.domain.language import Language
from monitr.domain.words.catalogue import CATALOGUE, GAPS


class Voice(Protocol):
    """One language. Instants are aware."""

    language: Language

    def amount(self, amount: Decimal) -> str: ...

    def number(self, number: int) -> str:
        """Of things that are counted."""
        ...

    def day(self, day: date) -> str: ...

    def moment(self, instant: datetime) -> str:
        """Day and time, and where that is the time."""
        ...

    def time(self, instant: datetime) -> str:
        """Of a day that is known, and where that is the time."""
        ...

    def clock(self, instant: datetime) -> str:
        """The time in Belgium."""
        ...

    def plural(self, number: int) -> str:
        """The plural category (CLDR)."""
        ...


class _English:
    """As the API writes values, so that what a sentence names can be searched for."""

    language = Language.EN

    def amount(self, amount: Decimal) -> str:
        return f"{amount:f}"

    def number(self, number: int) -> str:
        return str(number)

    def day(self, day: date) -> str:
        return day.isoformat()

    def moment(self, instant: datetime) -> str:
        return f"{instant.astimezone(UTC):%Y-%m-%d %H:%M} UTC"

    def time(self, instant: datetime) -> str:
        return f"{instant.astimezone(UTC):%H:%M} UTC"

    def clock(self, instant: datetime) -> str:
        return f"{instant.astimezone(BRUSSELS):%H:%M}"

    def plural(self, number: int) -> str:
        return "one" if number == 1 else "other"


ENGLISH: Voice = _English()


def fits(key: str, parameters: Mapping[str, str]) -> bool:
    """Whether the catalogue has such a sentence, and all parts of it are there."""
    gaps = GAPS.get(key)
    return gaps is not None and all(_is_filled(name, format, parameters) for name, format in gaps.items())


def _is_filled(name: str, format: str, parameters: Mapping[str, str]) -> bool:
    match format:
        case "list":
            return all(_fits_at(place, parameters) for place in _places(name, parameters))
        case "sentence":
            return name in parameters and _fits_at(name, parameters)
        case "also":
            return name not in parameters or _fits_at(name, parameters)
        case _:
            return name in parameters


def _fits_at(name: str, parameters: Mapping[str, str]) -> bool:
    return fits(parameters[name], _below(name, parameters))


def said(key: str, parameters: Mapping[str, str], voice: Voice) -> str:
    """Of what ``fits``."""
    forms = CATALOGUE[key][voice.language]
    category = voice.plural(int(parameters["count"])) if len(forms) > 1 else "other"
    template = forms.get(category) or forms["other"]
    return template.format_map({name: _Gap(name, parameters, voice) for name in GAPS[key]})


class _Gap:
    """``format`` is the kind of value that the catalogue names behind the gap (``{net:amount}``); none: a text."""

    def __init__(self, name: str, parameters: Mapping[str, str], voice: Voice) -> None:
        self._name, self._parameters, self._voice = name, parameters, voice

    def __format__(self, format: str) -> str:
        match format:
            case "list":
                return "; ".join(self._said(place) for place in _places(self._name, self._parameters))
            case "sentence":
                return self._said(self._name)
            case "also":
                return self._said(self._name) if self._name in self._parameters else ""
            case _:
                return _written(self._parameters[self._name], format, self._voice)

    def _said(self, name: str) -> str:
        return said(self._parameters[name], _below(name, self._parameters), self._voice)


def _written(value: str, format: str, voice: Voice) -> str:
    match format:
        case "":
            return value
        case "amount":
            return voice.amount(Decimal(value))
        case "number":
            return voice.number(int(value))
        case "day":
            return voice.day(date.fromisoformat(value))
        case "moment":
            return voice.moment(datetime.fromisoformat(value))
        case "time":
            return voice.time(datetime.fromisoformat(value))
        case "clock":
            return voice.clock(datetime.fromisoformat(value))
        case _:
            raise ValueError(f"there is no format {format!r}")


def _places(name: str, parameters: Mapping[str, str]) -> list[str]:
    """Where the parts of a list are, in their order."""
    return list(takewhile(parameters.__contains__, (f"{name}.{place}" for place in count())))


def _below(name: str, parameters: Mapping[str, str]) -> Mapping[str, str]:
    start = f"{name}."
    return {at.removeprefix(start): value for at, value in parameters.items() if at.startswith(start)}
