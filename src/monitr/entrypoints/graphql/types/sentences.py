"""Sentences of the API: in the reader's language, with what another one would be said with."""

from typing import Self

import strawberry

from monitr.domain.words.sentence import Sentence
from monitr.entrypoints.graphql.execution.context import Info


@strawberry.type
class Parameter:
    """What stands in one gap of a sentence, for machines: the same in every language."""

    name: str
    """In camel case. A part that is a sentence itself is there by its code, its own parameters behind its name
    (`reason.status`); the parts of a list are numbered (`findings.0`)."""
    value: str
    """Text as it is; an amount with a point and two decimals, a day as YYYY-MM-DD, an instant in UTC (RFC 3339)."""

    @classmethod
    def all_of(cls, sentence: Sentence | None) -> list[Self]:
        """By name."""
        if sentence is None:
            return []
        return [cls(name=name, value=value) for name, value in sorted(sentence.parameters.items())]


@strawberry.type
class WithMessage:
    """What says something. Rows with a ``sentence`` may stand for it."""

    sentence: strawberry.Private[Sentence]

    @strawberry.field
    def message(self, info: Info) -> str:
        """In the reader's language (`Accept-Language`: nl, fr, else English)."""
        return info.context.say(self.sentence)

    @strawberry.field
    def parameters(self) -> list[Parameter]:
        """What the message is said with, for whoever says it in words of their own: with the code that is enough."""
        return Parameter.all_of(self.sentence)
