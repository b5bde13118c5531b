"""The key of an element that cannot be read, where at least that can: what is lost is then known by its name.

Numbers that are written as texts or with a decimal count here, and a key object that is a plain number (octopus.md
3.6): nothing is stored under such a key, something is only kept from being overwritten.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec

from monitr.adapters.octopus.answers.ranges import LARGEST, LARGEST_TYPE
from monitr.adapters.octopus.answers.salvage import UNREADABLE, members_of
from monitr.domain.accounting.ledger import BookingKey

_NUMBER = msgspec.json.Decoder(Annotated[int, msgspec.Meta(ge=0, le=LARGEST)], strict=False)
_TYPE = msgspec.json.Decoder(Annotated[int, msgspec.Meta(ge=0, le=LARGEST_TYPE)], strict=False)


def booking_key(line: msgspec.Raw) -> BookingKey | None:
    """Of an element of bookings/modified."""
    members = members_of(line)
    key = (
        _id(members, "bookyearKey"),
        _number(members, "journalType", _TYPE),
        _number(members, "journalNr"),
        _number(members, "documentSequenceNr"),
    )
    return None if None in key else BookingKey._make(number for number in key if number is not None)


def bookyear_number(record: msgspec.Raw) -> int | None:
    return _id(members_of(record), "bookyearKey")


def _id(members: Mapping[str, msgspec.Raw], name: str) -> int | None:
    wrapped = members_of(members[name]) if name in members else {}
    return _number(wrapped, "id") if wrapped else _number(members, name)


def _number(
    members: Mapping[str, msgspec.Raw], name: str, decoder: "msgspec.json.Decoder[int]" = _NUMBER
) -> int | None:
    try:
        return decoder.decode(members[name]) if name in members else None
    except UNREADABLE:
        return None
