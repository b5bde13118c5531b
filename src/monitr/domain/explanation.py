"""What went wrong, in words that a finance person understands, with the next step."""

from dataclasses import dataclass
from typing import Self

from monitr.domain.codes import ExplanationCode
from monitr.domain.words.catalogue import CATALOGUE
from monitr.domain.words.sentence import Part, Sentence


@dataclass(frozen=True, slots=True)
class Explanation:
    """``advice`` is what the reader can do about it."""

    code: ExplanationCode
    sentence: Sentence
    advice: Sentence | None = None

    @classmethod
    def of(cls, code: ExplanationCode, advice: Sentence | None = None, /, **parts: Part) -> Self:
        """The sentence of the code, and, without an ``advice``, the action that the catalogue has for it."""
        action = f"failure.{code}.action"
        usual = Sentence.of(action) if action in CATALOGUE else None
        return cls(code, Sentence.of(f"failure.{code}", **parts), advice or usual)

    @property
    def message(self) -> str:
        """In English."""
        return str(self.sentence)

    @property
    def action(self) -> str | None:
        """In English."""
        return None if self.advice is None else str(self.advice)
