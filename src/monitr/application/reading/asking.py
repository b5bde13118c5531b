"""How a question is asked: its permission first, in whichever of four ways, and then the reader."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from monitr.application.reading.session import ReadingSession
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.administration import Administration
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal

T = TypeVar("T")
P = ParamSpec("P")
Q = TypeVar("Q", bound="Asking")
Question = Callable[Concatenate[Q, P], Coroutine[Any, Any, T]]
Of = Callable[Concatenate[Q, AdministrationId, P], Coroutine[Any, Any, T]]
"""A question about one administration."""
OfType = Callable[Concatenate[Q, AdministrationId, OutstandingItemType, P], Coroutine[Any, Any, T]]
About = Callable[Concatenate[Q, Administration, P], Coroutine[Any, Any, T]]
OfEach = Callable[[Q, Sequence[AdministrationId]], Coroutine[Any, Any, Mapping[AdministrationId, T]]]


class NotPermitted(Exception):
    """The principal may not have the answer. Nothing was read."""

    def __init__(self, forbidden: Forbidden) -> None:
        super().__init__(forbidden.message)
        self.forbidden = forbidden


class Asking:
    """``ask`` puts a question to the reader of ``session``; whoever may ask is found out before."""

    def __init__(self, principal: Principal, session: ReadingSession) -> None:
        self.principal = principal
        self.session = session
        self.ask = session.ask

    def allow(self, permission: Permission, id: AdministrationId | None = None) -> None:
        """Raises NotPermitted."""
        if not self.principal.may(permission, id):
            raise NotPermitted(Forbidden(permission))


def requires(permission: Permission) -> Callable[[Question[Q, P, T]], Question[Q, P, T]]:
    """Raises NotPermitted where no role grants it."""

    def declare(question: Question[Q, P, T]) -> Question[Q, P, T]:
        @wraps(question)
        async def asked(self: Q, /, *args: P.args, **named: P.kwargs) -> T:
            self.allow(permission)
            return await question(self, *args, **named)

        return _declared(asked, permission)

    return declare


def requires_of(permission: Permission) -> Callable[[Of[Q, P, T]], Of[Q, P, T]]:
    """Raises NotPermitted where no role grants it for the administration that is named first."""

    def declare(question: Of[Q, P, T]) -> Of[Q, P, T]:
        @wraps(question)
        async def asked(self: Q, id: AdministrationId, /, *args: P.args, **named: P.kwargs) -> T:
            self.allow(permission, id)
            return await question(self, id, *args, **named)

        return _declared(asked, permission)

    return declare


def requires_by_type(
    permissions: Mapping[OutstandingItemType, Permission],
) -> Callable[[OfType[Q, P, T]], OfType[Q, P, T]]:
    """As ``requires_of``; which permission, the type of the open items says."""

    def declare(question: OfType[Q, P, T]) -> OfType[Q, P, T]:
        @wraps(question)
        async def asked(
            self: Q, id: AdministrationId, type: OutstandingItemType, /, *args: P.args, **named: P.kwargs
        ) -> T:
            self.allow(permissions[type], id)
            return await question(self, id, type, *args, **named)

        return _declared(asked, *permissions.values())

    return declare


def leaving_out(permission: Permission) -> Callable[[OfEach[Q, T]], OfEach[Q, T]]:
    """Answers for those administrations alone for which a role grants it."""

    def declare(question: OfEach[Q, T]) -> OfEach[Q, T]:
        @wraps(question)
        async def asked(self: Q, ids: Sequence[AdministrationId]) -> Mapping[AdministrationId, T]:
            visible = [id for id in ids if self.principal.may(permission, id)]
            return await question(self, visible) if visible else {}

        return _declared(asked, permission)

    return declare


def or_none(permission: Permission) -> Callable[[About[Q, P, T | None]], About[Q, P, T | None]]:
    """Answers None where no role grants it for the administration."""

    def declare(question: About[Q, P, T | None]) -> About[Q, P, T | None]:
        @wraps(question)
        async def asked(self: Q, of: Administration, /, *args: P.args, **named: P.kwargs) -> T | None:
            return await question(self, of, *args, **named) if self.principal.may(permission, of.id) else None

        return _declared(asked, permission)

    return declare


F = TypeVar("F", bound=Callable[..., object])


def _declared(question: F, *permissions: Permission) -> F:
    """A test reads it: a question that declares none fails it."""
    question.requires = permissions  # type: ignore[attr-defined]  # functions take attributes
    return question
