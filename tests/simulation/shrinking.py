"""Delta debugging (Zeller and Hildebrandt, 2002): the fewest events with which something still goes wrong."""

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def shrunk(items: Sequence[Item], fails: Callable[[Sequence[Item]], bool], attempts: int = 400) -> list[Item]:
    """``items`` fail. What is returned fails too, and, where the attempts sufficed, not without any of its items."""
    left, parts = list(items), 2
    while len(left) >= 2 and attempts > 0:
        size = -(-len(left) // parts)
        for begin in range(0, len(left), size):
            attempts -= 1
            if fails(rest := left[:begin] + left[begin + size :]):
                left, parts = rest, max(parts - 1, 2)
                break
            if attempts <= 0:
                break
        else:
            if size == 1:
                break
            parts = min(parts * 2, len(left))
    return left
