"""An element of which a part cannot be read loses that part, and not what stands beside it.

A bad byte, an odd relation or cost centre costs the text or the reference, never the money. Only parts that may be
missing can be lost (``wire.ESSENTIAL``: and that can be missed). Nothing here is fast: sound elements do not come here.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, get_args, get_origin

import msgspec

from monitr.adapters.octopus.answers import wire
from monitr.adapters.octopus.answers.ranges import is_amount, is_rate

UNREADABLE = (ValueError, ArithmeticError, RecursionError)
"""What decoders raise: those of msgspec are ValueErrors."""

_LONGEST_VALUE = 80


def without_unreadable_parts(element: msgspec.Raw, shape: type[msgspec.Struct]) -> tuple[bytes, list[str]]:
    """What is left of the element, and a word about each part that is not. Raises UNREADABLE where it is no object."""
    lost: list[str] = []
    text = bytes(element)
    mended = text.decode(errors="replace").encode()
    if mended != text:
        lost.append("bytes that are no UTF-8 replaced")
    return _left_of(mended, shape, lost, ""), lost


def members_of(element: msgspec.Raw) -> dict[str, msgspec.Raw]:
    """None where it is no object."""
    try:
        return msgspec.json.decode(bytes(element).decode(errors="replace"), type=dict[str, msgspec.Raw])
    except UNREADABLE:
        return {}


def shown(value: object) -> str:
    """Short enough for a note."""
    text = bytes(value).decode(errors="replace") if isinstance(value, msgspec.Raw) else str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}…"


def _left_of(element: bytes, shape: type[msgspec.Struct], lost: list[str], place: str) -> bytes:
    members = msgspec.json.decode(element, type=dict[str, msgspec.Raw])
    for field in _parts(shape):
        name = field.encode_name
        if name in members and (left := _left_of_part(members[name], field, lost, f"{place}{name}")) is not None:
            members[name] = left
        elif members.pop(name, None) is not None:
            dependents = [name for name in wire.DEPENDENT.get(name, ()) if members.pop(name, None) is not None]
            lost.extend(f"{dependent} left out with it" for dependent in dependents)
    return msgspec.json.encode(members)


def _parts(shape: type[msgspec.Struct]) -> Iterator[msgspec.structs.FieldInfo]:
    essential = wire.ESSENTIAL.get(shape, frozenset())
    return (f for f in msgspec.structs.fields(shape) if not f.required and f.encode_name not in essential)


def _left_of_part(
    part: msgspec.Raw, field: msgspec.structs.FieldInfo, lost: list[str], place: str
) -> msgspec.Raw | None:
    """None where nothing is left."""
    if _is_readable(part, field.type, field.name):
        return part
    for kind in get_args(field.type):
        left = _left_of_list(part, kind, lost, place) if get_origin(kind) is list else None
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and members_of(part):
            left = msgspec.Raw(_left_of(bytes(part), kind, lost, f"{place}."))
        if left is not None and _is_readable(left, field.type, field.name):
            return left
    lost.append(f"{place} {shown(part)} left out")
    return None


def _left_of_list(part: msgspec.Raw, kind: Any, lost: list[str], place: str) -> msgspec.Raw | None:
    try:
        elements = msgspec.json.decode(part, type=list[msgspec.Raw])
    except UNREADABLE:
        return None
    (of_elements,) = get_args(kind)
    readable = [_is_readable(element, of_elements) for element in elements]
    lost.extend(
        f"{place}[{position}] {shown(element)} left out"
        for position, element in enumerate(elements)
        if not readable[position]
    )
    return msgspec.Raw(msgspec.json.encode([e for e, is_left in zip(elements, readable, strict=True) if is_left]))


def _is_readable(part: msgspec.Raw, kind: Any, name: str = "") -> bool:
    try:
        value = msgspec.json.decode(part, type=kind)
    except UNREADABLE:
        return False
    if not isinstance(value, Decimal):
        return True
    return is_rate(value) if name in wire.RATES else is_amount(value)
