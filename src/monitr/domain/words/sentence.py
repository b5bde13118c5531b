"""A sentence in no language: which one it is, and what stands in its gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Self, TypeAlias
from uuid import UUID

from monitr.domain.words.catalogue import GAPS
from monitr.domain.words.voice import ENGLISH, fits, said

VERBATIM = "VERBATIM"
_LONGEST_QUOTATION = 200

Part: TypeAlias = "str | int | Decimal | date | datetime | UUID | Sentence | Sequence[Sentence] | None"
"""What a gap is filled with. Instants are aware. None leaves a gap empty that may be."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """``parameters`` by name, all of them texts for machines: ISO 8601, UTC, a point before the cents. A part that is a
    sentence itself is there by its key, its own parameters behind its name (``reason``, ``reason.status``); the parts
    of a list are numbered (``findings.0``). So they are stored, and so the API gives them.

    As a text it is in English, for logs.
    """

    key: str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, key: str, /, **parts: Part) -> Self:
        """The names of the parts as in Python. Raises ValueError for what the catalogue does not have."""
        return cls(key).with_(**parts)

    @classmethod
    def verbatim(cls, text: str) -> Self:
        """What somebody else has said, or a program that knew no codes: the same in every language."""
        return cls(VERBATIM, {"text": text})

    def with_(self, /, **parts: Part) -> Self:
        """With further parts. Raises as ``of``."""
        filled = {_camel(name): part for name, part in parts.items() if part is not None}
        added = dict(pair for name, part in filled.items() for pair in _flat(name, part))
        it = replace(self, parameters={**self.parameters, **added})
        if not it.is_known or filled.keys() - GAPS[self.key].keys():
            raise ValueError(f"the catalogue has no {self.key!r} with {', '.join(it.parameters) or 'nothing'}")
        return it

    @property
    def code(self) -> str:
        """The key without the kind of what has it."""
        return self.key.rpartition(".")[2]

    @property
    def is_known(self) -> bool:
        """What a newer program has written may not be."""
        return fits(self.key, self.parameters)

    def __hash__(self) -> int:
        return hash((self.key, frozenset(self.parameters.items())))

    def __str__(self) -> str:
        return said(self.key, self.parameters, ENGLISH)


def quoted(text: str) -> str:
    """What a caller has sent, as a part: on one line whatever is in it, and of a long one the beginning, since one
    request may be refused for the same text in thirty places."""
    return repr(text if len(text) <= _LONGEST_QUOTATION else f"{text[:_LONGEST_QUOTATION]}…")


def _flat(name: str, part: Part) -> list[tuple[str, str]]:
    match part:
        case Sentence(key, parameters):
            return [(name, key), *((f"{name}.{below}", value) for below, value in parameters.items())]
        case str() | int() | Decimal() | date() | UUID() | None:
            return [(name, _text(part))]
        case sentences:
            return [pair for place, each in enumerate(sentences) for pair in _flat(f"{name}.{place}", each)]


def _text(part: str | int | Decimal | date | UUID | None) -> str:
    match part:
        case Decimal():
            return f"{part:f}"
        case datetime():
            return part.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case _:
            return str(part)


def _camel(name: str) -> str:
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)
