"""Elements that cannot be read: each becomes a note with the field and its value, and the others are not lost."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import InvalidOperation
from typing import Generic, TypeVar

import msgspec
import structlog

from monitr.adapters.octopus.answers.elements import Elements
from monitr.adapters.octopus.answers.wire import unknown_names
from monitr.adapters.octopus.operations import Operation
from monitr.domain.accounting.ledger import OddRecord

Element = TypeVar("Element", bound=msgspec.Struct)
Row = TypeVar("Row")

log = structlog.get_logger(__name__)

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped NUL: a text of PostgreSQL cannot hold it, and nobody misses it."""
_AT = re.compile(r"`\$\.?([^`]*)`$")
_LONGEST_VALUE = 80
_KEYS = ("bookyearKey", "journalType", "journalNr", "journalKey", "documentSequenceNr", "lineSequenceNr", "accountKey")


class UnreadableElement(ValueError):
    """The element is valid JSON of the right types, but a value makes no sense. The text names field and value."""


class Unknown:
    """The unknown names that were logged already; one for a process is enough, a log line a name."""

    def __init__(self) -> None:
        self._seen: set[tuple[Operation, str]] = set()

    def report(self, operation: Operation, element: msgspec.Raw, shape: type[msgspec.Struct]) -> None:
        new = {name for name in unknown_names(element, shape) if (operation, name) not in self._seen}
        self._seen |= {(operation, name) for name in new}
        if new:
            log.warning("octopus.unknown_properties", operation=operation.label, names=sorted(new))


@dataclass(frozen=True, slots=True)
class Reading(Generic[Element]):
    """Decodes the elements of one array. The whole block at once; where that fails, one by one."""

    operation: Operation
    shape: type[Element]
    unknown: Unknown
    _block: "msgspec.json.Decoder[list[Element]]" = field(init=False)
    _single: "msgspec.json.Decoder[Element]" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_block", msgspec.json.Decoder(list[self.shape]))  # type: ignore[name-defined] # a run-time type
        object.__setattr__(self, "_single", msgspec.json.Decoder(self.shape))

    def elements(self, block: Elements, odd: list[OddRecord]) -> list[tuple[int, Element]]:
        """Position and element of all that can be read; the others go to ``odd``."""
        decoded = self.all_or_none(block)
        return list(enumerate(decoded, block.first)) if decoded is not None else list(self.one_by_one(block, odd))

    def all_or_none(self, block: Elements) -> list[Element] | None:
        """None where an element cannot be read."""
        if block.first == 0 and block.count:
            self.unknown.report(self.operation, block.raw()[0], self.shape)
        try:
            return self._block.decode(_storable(block).json)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None

    def one_by_one(self, block: Elements, odd: list[OddRecord]) -> Iterator[tuple[int, Element]]:
        for position, raw in enumerate(_storable(block).raw(), block.first):
            try:
                yield position, self._single.decode(raw)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                odd.append(self.note(position, f"{_where(raw)}{_explained(error, raw)}"))

    def rows(self, block: Elements, translate: Callable[[Element], Row], odd: list[OddRecord]) -> list[Row]:
        """The elements, translated; ``translate`` raises UnreadableElement or InvalidOperation for what it cannot."""
        rows: list[Row] = []
        for position, element in self.elements(block, odd):
            try:
                rows.append(translate(element))
            except UnreadableElement as error:
                odd.append(self.note(position, str(error)))
            except InvalidOperation:
                odd.append(self.note(position, f"an amount is no amount: {element!r}"[:400]))
        return rows

    def note(self, position: int, problem: str) -> OddRecord:
        return OddRecord(self.operation.label, position, problem)


def _storable(block: Elements) -> Elements:
    if b"\\" not in block.json or b"\\u0000" not in block.json:  # the first is the faster search
        return block
    return replace(block, json=_NUL.sub(rb"\1", block.json))


def _where(raw: msgspec.Raw) -> str:
    """The keys of an unreadable element, so that a bookkeeper finds it: ``journalNr 1, documentSequenceNr 6: ``."""
    members = _members(raw)
    found = [f"{name} {_shown(members[name])}" for name in _KEYS if name in members]
    return f"{', '.join(found)}: " if found else ""


def _explained(error: Exception, raw: msgspec.Raw) -> str:
    """The decoder's words, and the value it speaks of."""
    if not isinstance(error, msgspec.ValidationError):
        return "the element cannot be decoded"
    text = str(error)
    at = _AT.search(text)
    name = at[1].split(".")[0] if at else ""
    members = _members(raw)
    if name in members:
        return f"{text}; {name} is {_shown(members[name])}"
    return text if members else f"{text}; the element is {_shown(raw)}"


def _members(raw: msgspec.Raw) -> dict[str, msgspec.Raw]:
    try:
        return msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return {}


def _shown(value: msgspec.Raw) -> str:
    text = bytes(value).decode(errors="replace")
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"
