"""What went wrong, in words that a finance person understands, with the next step."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """``code`` is stable and documented in ``docs/errors.md``; ``action`` is what the reader can do about it."""

    code: str
    message: str
    action: str | None = None
