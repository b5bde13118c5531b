"""A report or the ledger lines as a file: who may have it, what is in it, and that it was taken."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from returns.pipeline import is_successful
from returns.result import Failure, Result, Success

from monitr.application.exports.reports import Exportable
from monitr.application.exports.table import FileFormat, Row
from monitr.application.ports import Transactions
from monitr.application.problems import UnknownAdministration
from monitr.application.reading.reading import OpenReading, Reading
from monitr.domain.administration import Administration
from monitr.domain.audit import exported
from monitr.domain.language import Language
from monitr.domain.organisation import AdministrationId
from monitr.domain.roles import Forbidden, Permission, Principal


@dataclass(frozen=True, slots=True)
class Export:
    """What may be read, and was noted. Nothing of it has been read yet."""

    administration: Administration
    of: Exportable
    open_reading: Callable[[], AbstractAsyncContextManager[Reading]]

    async def rows(self) -> AsyncGenerator[Sequence[Row], None]:
        """All of one snapshot, a page at a time. A page that is waited for by somebody who is cancelled is broken off,
        its statement too. Whoever does not take all of them closes the iterator: until then a connection is taken.
        Raises what the report's question raises."""
        async with self.open_reading() as reading:
            async for page in self.of.pages(reading, self.administration.id):
                yield page


@dataclass(frozen=True, slots=True)
class ExportReport:
    """The trail tells of it before the first row leaves: a file that was broken off in the middle is out too."""

    requires: ClassVar[Permission] = Permission.READ_RECEIVABLES
    """Who may export anything: whoever reads anything reads receivables. The rest says the report."""

    transactions: Transactions
    open_reading: OpenReading

    async def __call__(
        self,
        principal: Principal,
        id: AdministrationId,
        wanted: Exportable,
        format: FileFormat,
        language: Language | None = None,
    ) -> Result[Export, UnknownAdministration | Forbidden]:
        """Names are in the language."""
        found = await self.administration(principal, id, wanted.required)
        if not is_successful(found):
            return Failure(found.failure())
        administration = found.unwrap()
        async with self.transactions(principal.organisation) as work:
            await work.audit.append(exported(administration, wanted.told, format, principal.subject))
            await work.commit()
        return Success(Export(administration, wanted, partial(self.open_reading, principal, language)))

    async def administration(
        self, principal: Principal, id: AdministrationId, required: Permission
    ) -> Result[Administration, UnknownAdministration | Forbidden]:
        """The one whose report it is, or what would be answered whatever is asked about it; for an entrypoint, which
        cannot read the arguments."""
        for needed in (self.requires, required):
            if not principal.may(needed):
                return Failure(Forbidden(needed))
        if not principal.may(required, id):
            return Failure(UnknownAdministration(id))
        async with self.open_reading(principal) as reading:
            administration = (await reading.administrations([id])).get(id)
        return Success(administration) if administration else Failure(UnknownAdministration(id))
