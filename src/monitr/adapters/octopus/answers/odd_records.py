"""Elements that cannot be read: each becomes a note with the field and its value, and the others are not lost."""

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import msgspec
import structlog

from monitr.adapters.octopus.answers.elements import Elements
from monitr.adapters.octopus.answers.salvage import UNREADABLE, members_of, shown, without_unreadable_parts
from monitr.adapters.octopus.answers.wire import unknown_names
from monitr.adapters.octopus.operations import Operation
from monitr.application.octopus import InvalidAnswer
from monitr.domain.accounting.ledger import OddRecord
from monitr.domain.words.sentence import Sentence

Element = TypeVar("Element", bound=msgspec.Struct)
Row = TypeVar("Row")

log = structlog.get_logger(__name__)

_NUL = re.compile(rb"(?<!\\)((?:\\\\)*)\\u0000")
"""An escaped NUL: a text of PostgreSQL cannot hold it, and nobody misses it."""
_AT = re.compile(r"`\$\.?([^`]*)`$")
_KEYS = ("bookyearKey", "journalType", "journalNr", "journalKey", "documentSequenceNr", "lineSequenceNr", "accountKey")


MOST_ODD = 10_000
"""Notes of one list. One with more is no answer to what was asked."""


class UnreadableElement(ValueError):
    """The element is valid JSON of the right types, but a value makes no sense. The text names field and value."""


@dataclass(frozen=True, slots=True)
class Lost:
    """An element that cannot be read: where it was, and as it arrived."""

    position: int
    raw: msgspec.Raw
    problem: str


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
    """Decodes the elements of one array. The whole block at once; where that fails, one by one, and of those that fail
    then what is left without the parts that cannot be read."""

    operation: Operation
    shape: type[Element]
    unknown: Unknown
    _block: "msgspec.json.Decoder[list[Element]]" = field(init=False)
    _single: "msgspec.json.Decoder[Element]" = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_block", msgspec.json.Decoder(list[self.shape]))  # type: ignore[name-defined] # a run-time type
        object.__setattr__(self, "_single", msgspec.json.Decoder(self.shape))

    def all_or_none(self, block: Elements) -> list[Element] | None:
        """None where an element cannot be read."""
        if block.first == 0 and block.count:
            self.unknown.report(self.operation, block.raw()[0], self.shape)
        try:
            return self._block.decode(storable(block).json)
        except UNREADABLE:
            return None

    def what_is_left_of(self, raw: msgspec.Raw) -> tuple[Element, list[str]]:
        """The element without its unreadable parts, and a word about each of these; or UnreadableElement."""
        try:
            left, lost = without_unreadable_parts(raw, self.shape)
            return self._single.decode(left), lost
        except UNREADABLE as error:
            raise UnreadableElement(f"{_where(raw)}{_explained(error, raw)}") from None

    def rows(
        self, block: Elements, translate: Callable[[Element], Row], odd: list[OddRecord], lost: list[Lost]
    ) -> list[Row]:
        """The elements, translated; ``translate`` raises UnreadableElement for what it cannot. What is lost is odd
        too."""
        elements = self.all_or_none(block)
        if elements is not None:
            with suppress(*UNREADABLE):
                return list(map(translate, elements))
        return list(self._rows_one_by_one(block, translate, odd, lost))

    def _rows_one_by_one(
        self, block: Elements, translate: Callable[[Element], Row], odd: list[OddRecord], lost: list[Lost]
    ) -> Iterator[Row]:
        for position, raw in enumerate(storable(block).raw(), block.first):
            if len(odd) >= MOST_ODD:
                raise InvalidAnswer(Sentence.of("octopus.ANSWER_MOSTLY_UNREADABLE", operation=self.operation.label))
            try:
                element, parts = self.what_is_left_of(raw)
                row = self._translated(element, translate, raw)
            except UnreadableElement as error:
                lost.append(Lost(position, raw, str(error)))
                odd.append(self.note_of(lost[-1]))
                continue
            if parts:
                odd.append(self.note(position, f"{_where(raw)}{'; '.join(parts)}"))
            yield row

    def _translated(self, element: Element, translate: Callable[[Element], Row], raw: msgspec.Raw) -> Row:
        try:
            return translate(element)
        except ValueError as error:
            raise UnreadableElement(f"{_where(raw)}{error}") from None

    def note_of(self, lost: Lost) -> OddRecord:
        return self.note(lost.position, lost.problem)

    def note(self, position: int, problem: str) -> OddRecord:
        return OddRecord(self.operation.label, position, problem)


def storable(block: Elements) -> Elements:
    if b"\\" not in block.json or b"\\u0000" not in block.json:  # the first is the faster search
        return block
    return replace(block, json=_NUL.sub(rb"\1", block.json))


def _where(raw: msgspec.Raw) -> str:
    """The keys of an unreadable element, so that a bookkeeper finds it: ``journalNr 1, documentSequenceNr 6: ``."""
    members = members_of(raw)
    found = [f"{name} {shown(members[name])}" for name in _KEYS if name in members]
    return f"{', '.join(found)}: " if found else ""


def _explained(error: Exception, raw: msgspec.Raw) -> str:
    """The decoder's words, and the value it speaks of."""
    if not isinstance(error, msgspec.ValidationError):
        return "the element cannot be decoded"
    text = str(error)
    at = _AT.search(text)
    name = at[1].split(".")[0] if at else ""
    members = members_of(raw)
    if name in members:
        return f"{text}; {name} is {shown(members[name])}"
    return text if members else f"{text}; the element is {shown(raw)}"
