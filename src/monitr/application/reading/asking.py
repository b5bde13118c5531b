"""How a question is asked: its permission first, and then the reader."""

from collections.abc import Callable, Coroutine, Mapping
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from returns.pipeline import is_successful
from returns.result import Result

from monitr.application.reading.session import ReadingSession
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal

T = TypeVar("T")
P = ParamSpec("P")
Q = TypeVar("Q", bound="Asking")
Question = Callable[Concatenate[Q, P], Coroutine[Any, Any, T]]
Of = Callable[Concatenate[Q, AdministrationId, P], Coroutine[Any, Any, T]]
"""A question about one administration."""
Required = Permission | Mapping[OutstandingItemType, Permission]
"""A mapping: which permission, the type of open items says, which is named after the administration."""


class NotPermitted(Exception):
    """The principal may not have the answer. Nothing was read."""

    def __init__(self, forbidden: Forbidden) -> None:
        super().__init__(forbidden.message)
        self.forbidden = forbidden


def permitted(outcome: Result[T, Forbidden]) -> T:
    """The answer of a use case that refuses for no other reason. Raises NotPermitted."""
    if is_successful(outcome):
        return outcome.unwrap()
    raise NotPermitted(outcome.failure())


class Asking:
    """``ask`` puts a question to the reader of ``session``; whoever may ask is found out before."""

    def __init__(self, principal: Principal, session: ReadingSession, language: Language | None = None) -> None:
        self.principal = principal
        self.language = language
        """Of the names that it gives."""
        self.session = session
        self.ask = session.ask

    def allow(self, permission: Permission, id: AdministrationId | None = None) -> None:
        """Raises NotPermitted."""
        if not self.principal.may(permission, id):
            raise NotPermitted(Forbidden(permission))

    def expect(self, question: Callable[..., object], *about: object) -> None:
        """Raises NotPermitted where the question would: for an entrypoint, which reads arguments before it asks."""
        question.expect(self, *about)  # type: ignore[attr-defined]  # functions take attributes


def requires(permission: Permission) -> Callable[[Question[Q, P, T]], Question[Q, P, T]]:
    """Raises NotPermitted where no role grants it."""

    def declare(question: Question[Q, P, T]) -> Question[Q, P, T]:
        @wraps(question)
        async def asked(self: Q, /, *args: P.args, **named: P.kwargs) -> T:
            self.allow(permission)
            return await question(self, *args, **named)

        asked.expect = lambda self: self.allow(permission)  # type: ignore[attr-defined]  # functions take attributes
        return judges(permission)(asked)

    return declare


def requires_of(required: Required) -> Callable[[Of[Q, P, T]], Of[Q, P, T]]:
    """Raises NotPermitted where no role grants it for the administration that is named first."""

    def declare(question: Of[Q, P, T]) -> Of[Q, P, T]:
        def expect(self: Asking, id: AdministrationId, *about: object) -> None:
            one = required if isinstance(required, Permission) else required[cast("OutstandingItemType", about[0])]
            self.allow(one, id)

        @wraps(question)
        async def asked(self: Q, id: AdministrationId, /, *args: P.args, **named: P.kwargs) -> T:
            expect(self, id, *args)
            return await question(self, id, *args, **named)

        asked.expect = expect  # type: ignore[attr-defined]  # functions take attributes
        return judges(*[required] if isinstance(required, Permission) else required.values())(asked)

    return declare


def answered_by(port: Of[Any, P, T], required: Required) -> Of[Asking, P, T]:
    """The question about an administration that the reader's method of this name answers, for whoever may ask it."""

    @wraps(port)
    async def question(self: Asking, id: AdministrationId, /, *args: P.args, **named: P.kwargs) -> T:
        return await self.ask(lambda reader: getattr(reader, port.__name__)(id, *args, **named))

    return requires_of(required)(question)


F = TypeVar("F", bound=Callable[..., object])


def judges(*permissions: Permission) -> Callable[[F], F]:
    """The question itself finds out for whom it answers. A test reads what is declared, and fails where nothing is."""

    def declare(question: F) -> F:
        question.requires = permissions  # type: ignore[attr-defined]  # functions take attributes
        return question

    return declare
