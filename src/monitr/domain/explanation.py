"""What went wrong, in words that a finance person understands, with the next step."""

from dataclasses import dataclass

from monitr.domain.codes import ExplanationCode


@dataclass(frozen=True, slots=True)
class Explanation:
    """``action`` is what the reader can do about it."""

    code: ExplanationCode
    message: str
    action: str | None = None
