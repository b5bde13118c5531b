"""The index of texts is of all organisations: what one of them holds is no matter of the others."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import uuid4

import pytest

from monitr.application.chores.index_texts import IndexTexts
from monitr.domain.organisation import AdministrationId, OrganisationId


@dataclass
class FakeTextIndex:
    ones: Sequence[tuple[OrganisationId, AdministrationId]]
    indexed: list[AdministrationId] = field(default_factory=list[AdministrationId])

    async def behind(self) -> Sequence[tuple[OrganisationId, AdministrationId]]:
        return self.ones

    async def catch_up(self, organisation: OrganisationId, id: AdministrationId) -> bool:
        if id == self.ones[0][1]:
            raise TimeoutError("a ledger that takes too long")
        self.indexed.append(id)
        return True


async def test_one_that_fails_keeps_no_other_waiting_and_is_told() -> None:
    index = FakeTextIndex([(OrganisationId(uuid4()), AdministrationId(uuid4())) for _ in range(3)])

    with pytest.raises(ExceptionGroup) as told:
        await IndexTexts(index)()

    assert [str(error) for error in told.value.exceptions] == ["a ledger that takes too long"]
    assert index.indexed == [id for _, id in index.ones[1:]]
