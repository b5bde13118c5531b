"""Answers as JSON, made in slices: a large one leaves the event loop to others in between."""

import json
from collections.abc import Iterator
from typing import Any, cast

import msgspec

from monitr.entrypoints.graphql.execution.turns import SLICE, Turns

FEW = 10
"""Entries of a list that are looked into one by one: something long may be in each."""
_ENOUGH = 128 * 1024
"""Bytes made in one go, in a millisecond."""


async def json_of(answer: object, turns: Turns) -> bytes:
    """UTF-8."""
    parts: list[bytes] = []
    made = 0
    for part in _parts(answer):
        parts.append(part)
        made += len(part)
        if made > _ENOUGH:
            made = 0
            await turns.next()
    return b"".join(parts)


def _parts(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict) and value:
        opening, members = b"{", cast("dict[str, Any]", value)
        for name, member in members.items():
            yield opening + _whole(name) + b":"
            yield from _parts(member)
            opening = b","
        yield b"}"
    elif isinstance(value, list) and value:
        opening = b"["
        entries: list[Any] = value  # pyright: ignore[reportUnknownVariableType]  # mypy calls a cast redundant
        size = 1 if len(entries) <= FEW else SLICE
        for start in range(0, len(entries), size):
            yield opening
            if size == 1:
                yield from _parts(entries[start])
            else:
                yield _whole(entries[start : start + size])[1:-1]
            opening = b","
        yield b"]"
    else:
        yield _whole(cast("Any", value))


def _whole(value: object) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:  # half of a character, which a caller may send and see again in an error
        return json.dumps(value, separators=(",", ":")).encode()
