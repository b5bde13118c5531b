"""Relay's global object identification."""

import strawberry


@strawberry.interface(description="Objects that can be asked for by their id (Relay's global object identification).")
class Node:
    id: strawberry.ID
    """Opaque, and unique over all types; always the same for the same object."""
