"""The ids that clients see of rows which have none of their own."""

from uuid import UUID, uuid5


def opaque_id(administration: UUID, kind: str, key: str) -> str:
    """Unique over all administrations, since clients cache objects by type and id; always the same for the same row."""
    return str(uuid5(administration, f"{kind}/{key}"))
