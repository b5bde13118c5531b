"""How Octopus spells JSON: keys sorted, nulls omitted, doubles with a decimal (octopus.md 0)."""

import json
import math
from collections.abc import Sequence
from random import Random
from typing import Any

from octopus_sandbox.books.bookyears import Bookyear
from octopus_sandbox.switches import Duplicates, ElementOrder, Switches

Json = Any
"""A JSON value: what `json.dumps` takes."""
Element = dict[str, Json]

UNKNOWN_PROPERTY: Element = {"zNewProperty": {"text": 'a "}],{[ inside', "values": [1, 2.5, True]}}
"""A property that no document names, with a value that misleads a careless scanner."""


def encoded(value: Json, *, sort: bool = True) -> bytes:
    """UTF-8 JSON without blanks."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=sort).encode()


def key(number: int) -> Element:
    """A wrapped key."""
    return {"id": number}


def without_nulls(**properties: Json | None) -> Element:
    """An object whose null properties are omitted."""
    return {name: value for name, value in properties.items() if value is not None}


def bookyear_key(year: Bookyear | int) -> Element:
    return key(year if isinstance(year, int) else year.id)


class Spelling:
    """Doubles and arrays as one setting of the switches spells them."""

    def __init__(self, switches: Switches) -> None:
        self._switches = switches

    def amount(self, cents: int) -> float:
        """A double of cents; with binary noise, some are the double next to the right one."""
        if self._switches.binary_noise and cents % 7 == 3:
            return math.nextafter(cents / 100, 0.0)
        return cents / 100

    def amount_text(self, cents: int) -> str:
        """The same as text; Java prints ten million as 1.0E7."""
        value = self.amount(cents)
        if self._switches.exponents and abs(value) >= 10_000_000:
            digits = repr(abs(value)).replace(".", "").rstrip("0")
            power = len(str(int(abs(value)))) - 1
            return f"{'-' if value < 0 else ''}{digits[0]}.{digits[1:] or '0'}E{power}"
        return repr(value)

    def elements(self, elements: Sequence[Element]) -> list[Element]:
        """The elements of an array in the switched order, with the switched defects."""
        spelled = list(elements)
        if self._switches.duplicates is Duplicates.LINES:
            spelled += spelled[::7]
        if self._switches.element_order is not ElementOrder.BY_NUMBER:
            Random(len(spelled)).shuffle(spelled)
        if self._switches.unknown_properties:
            spelled = [{**element, **UNKNOWN_PROPERTY} for element in spelled]
        return spelled

    def array(self, elements: Sequence[Element]) -> bytes:
        return encoded(list(self.elements(elements)))
