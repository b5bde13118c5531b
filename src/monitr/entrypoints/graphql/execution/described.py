"""Fields with a description: strawberry types that form of its decorator as Any, which would hide every resolver."""

from collections.abc import Callable
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField


def described(text: str, *, is_subscription: bool = False) -> Callable[[Callable[..., Any]], StrawberryField]:
    """``@described("…")`` is ``@strawberry.field(description="…")``, for fields and mutations alike."""
    return lambda resolver: strawberry.field(resolver, is_subscription=is_subscription, description=text)
