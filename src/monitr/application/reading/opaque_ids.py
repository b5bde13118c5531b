"""The ids that clients see of rows which have none of their own: of which kind, in which administration, by which key.

They are read again, so that a row is found by its id alone. A uuid is never one of them, nor the other way round.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from monitr.domain.accounting.ledger import BookingKey
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.organisation import AdministrationId

_UUID = 16
_MAX_LENGTH = 256
_LINE = re.compile(r"(?P<booking>.+)/(?P<ordinal>[1-9][0-9]{0,8})")


class RowKind(StrEnum):
    """As they stand in the ids."""

    LINE = "line"
    RECEIVABLE = "RECEIVABLE"
    PAYABLE = "PAYABLE"
    ASSET = "asset"


@dataclass(frozen=True, slots=True)
class OpaqueId:
    """``key`` is unique among the rows of the kind in the administration, in ASCII."""

    administration: AdministrationId
    kind: RowKind
    key: str

    def __str__(self) -> str:
        return _packed(self.administration, f"{self.kind.value}/{self.key}")

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """None for what is not written as we write these ids."""
        try:
            packed = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            kind, _, key = packed[_UUID:].decode("ascii").partition("/")
            id = cls(AdministrationId(UUID(bytes=packed[:_UUID])), RowKind(kind), key)
        except ValueError:
            return None
        return id if len(text) <= _MAX_LENGTH and str(id) == text else None


def _packed(administration: AdministrationId, named: str) -> str:
    return urlsafe_b64encode(administration.bytes + named.encode("ascii")).rstrip(b"=").decode()


def line_id(administration: AdministrationId, booking: BookingKey, ordinal: int) -> str:
    """Of a line of the ledger."""
    return _packed(administration, f"line/{booking.code}/{ordinal}")


def line_of(id: OpaqueId) -> tuple[BookingKey, int] | None:
    """The booking and the ordinal that the id of a line names; None where it names none."""
    written = _LINE.fullmatch(id.key)
    booking = BookingKey.parse(written["booking"]) if written else None
    return (booking, int(written["ordinal"])) if written and booking else None


def item_id(administration: AdministrationId, type: OutstandingItemType, key: str) -> str:
    """Of an open item; ``key`` as in ``OutstandingItemRow``."""
    return str(OpaqueId(administration, RowKind(type.value), key))


def asset_id(administration: AdministrationId, asset: UUID) -> str:
    """Of a fixed asset."""
    return str(OpaqueId(administration, RowKind.ASSET, str(asset)))


def asset_of(text: str) -> UUID | None:
    """The asset that an id names. Up to November 2026 the ids of assets were UUIDs, which front ends may have kept.
    None where it is neither."""
    id = OpaqueId.parse(text)
    if id is not None and id.kind is not RowKind.ASSET:
        return None
    try:
        return UUID(text if id is None else id.key)
    except ValueError:
        return None
