"""What holds for the ports of ``ImportStore``, whoever implements them."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from monitr.adapters.sql.database.tenancy import transaction
from monitr.application.importing.ledger.chunk import EVERYTHING, Chunk, Published
from monitr.application.importing.open_bookyears import open_bookyears
from monitr.application.importing.ports import ImportStore, LastRead, LeaseLost
from monitr.application.octopus import AccountAmount
from monitr.domain.accounting.account import Account, CostCentre, Names
from monitr.domain.accounting.bookyear import Bookyear, Journal
from monitr.domain.accounting.control_accounts import ControlTotal
from monitr.domain.accounting.ledger import FIRST_LOAD_TYPES, BookingKey, LedgerLine
from monitr.domain.accounting.matchings import MatchedPair, Matching
from monitr.domain.accounting.outstanding_items import OutstandingItem, OutstandingItemType
from monitr.domain.accounting.verification import AmountCell, CheckCode
from monitr.domain.accounting.year_opening import Evidence, YearOpening
from monitr.domain.administration import AdministrationStatus, Dossier
from monitr.domain.import_run import Counts, Dataset, ImportRunId
from monitr.domain.timeline import Agent, Cause
from monitr.domain.words.sentence import Sentence
from tests.integration.importing.soak import examples, phases
from tests.integration.importing.stores import InMemory, InPostgres, Place, begin, of_an_own_organisation
from tests.unit.fakes import NOON
from tests.unit.importing.fake_dossier import a_bookyear, an_item, divers, lines_of, purchase, sale
from tests.unit.importing.imported import Imported

DAY = date(2026, 3, 1)


@pytest_asyncio.fixture(params=["in memory", "in PostgreSQL"])
async def place(request: pytest.FixtureRequest, engine: AsyncEngine) -> AsyncIterator[Place]:
    administration = of_an_own_organisation()
    place: Place = InMemory(administration) if request.param == "in memory" else InPostgres(engine, administration)
    await begin(place)
    yield place


def a_booking(key: BookingKey, amount: str = "10.00") -> list[LedgerLine]:
    return lines_of(key, (400000, amount), (700000, f"-{amount}"), day=DAY, period=202601, relation=16)


async def publish(
    place: Place,
    chunk: Chunk,
    *lines: LedgerLine,
    deleted: Sequence[BookingKey] = (),
    answer: str | None = None,
    is_known: bool = False,
    broken: Sequence[BookingKey] = (),
) -> Published:
    """With EVERYTHING, as changes."""
    async with place.store.ledger.stage() as stage:
        await stage.add(lines)
        await stage.complete(None if chunk == EVERYTHING else chunk, is_known=is_known, broken=broken)
        if chunk == EVERYTHING:
            published = await stage.publish_changes(deleted, place.run)
        else:
            published = await stage.publish_chunk(place.run, answer)
        await stage.commit(place.run)
    return published


async def renew(place: Place, type: OutstandingItemType, *parts: Sequence[OutstandingItem]) -> Counts:
    async with place.store.open_items.stage(type) as stage:
        for items in parts:
            await stage.add(items)
        return await stage.publish(DAY)


async def tell_matchings(
    place: Place, matchings: Sequence[Matching], removed: Sequence[MatchedPair], *, is_whole: bool = False
) -> None:
    async with place.store.matchings.stage() as stage:
        await stage.add(matchings, removed)
        await stage.publish(is_whole=is_whole)


SALES = Chunk(2, 2)


class TestLedgerStage:
    async def test_what_is_not_committed_is_seen_by_nobody(self, place: Place) -> None:
        async with place.store.ledger.stage() as stage:
            await stage.add(a_booking(sale(1)))
            await stage.complete(SALES)
            await stage.publish_chunk(place.run)

        assert (await place.stored()).ledger == {}
        assert await place.store.ledger.chunks_read() == frozenset()

    async def test_a_fault_while_lines_arrive_leaves_everything_as_it_was(self, place: Place) -> None:
        async def broken_off() -> None:
            async with place.store.ledger.stage() as stage:
                await stage.add(a_booking(sale(1)))
                raise ConnectionError("the network is gone")

        with pytest.raises(ConnectionError):
            await broken_off()

        assert (await place.stored()).ledger == {}

    async def test_a_worker_that_lost_the_run_publishes_nothing(self, place: Place) -> None:
        async with place.store.ledger.stage() as stage:
            await stage.add(a_booking(sale(1)))
            await stage.complete(SALES)
            await stage.publish_chunk(place.run)
            await place.claim()
            with pytest.raises(LeaseLost):
                await stage.commit(place.run)

        assert (await place.stored()).ledger == {}

    async def test_the_commit_tells_that_the_run_is_to_be_cancelled(self, place: Place) -> None:
        async with place.transactions(place.run.organisation_id) as work:
            await work.imports.save(replace(place.run, cancel_requested=True))
            await work.commit()

        async with place.store.ledger.stage() as stage:
            await stage.complete(SALES)
            await stage.publish_chunk(place.run)
            assert await stage.commit(place.run)
        assert await place.store.record.save(place.run)

    async def test_the_order_of_an_answer_does_not_matter(self, place: Place) -> None:
        lines = a_booking(sale(1)) + a_booking(sale(2))
        await publish(place, SALES, *lines)

        again = await publish(place, SALES, *reversed(lines))

        assert again.counts == Counts(unchanged=4)

    async def test_texts_are_kept_as_they_are(self, place: Place) -> None:
        awkward = [line._replace(description="a\ttab\\, a\r\nline", reference="\\N") for line in a_booking(sale(1))]

        await publish(place, SALES, *awkward)
        again = await publish(place, SALES, *awkward)

        assert again.counts == Counts(unchanged=2)
        kept = (await place.stored()).ledger[sale(1)]
        assert [(line.description, line.reference) for line in kept] == [("a\ttab\\, a\r\nline", "\\N")] * 2

    async def test_a_chunk_leaves_the_others_alone(self, place: Place) -> None:
        await publish(place, Chunk(2, 1), *a_booking(purchase(1)))
        await publish(place, Chunk(1, 2), *a_booking(sale(1, 1)))

        await publish(place, SALES, *a_booking(sale(1)))

        assert set((await place.stored()).ledger) == {purchase(1), sale(1, 1), sale(1)}
        assert (await place.stored()).missing == frozenset()

    async def test_a_booking_that_is_stored_whole_is_not_replaced_by_half_of_it(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)))

        published = await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2), "11.00")[:1])

        assert (published.unbalanced, published.counts) == ([sale(2)], Counts(unchanged=2))
        stored = await place.stored()
        assert stored.ledger[sale(2)] == a_booking(sale(2))
        assert (set(stored.missing), dict(stored.unbalanced)) == ({sale(2)}, {})

    async def test_a_booking_that_never_balanced_is_stored_as_it_is(self, place: Place) -> None:
        half = a_booking(sale(1))[:1]
        await publish(place, SALES, *half)

        published = await publish(place, SALES, half[0]._replace(amount=Decimal("11.00")))

        assert published.unbalanced == [sale(1)]
        assert (await place.stored()).unbalanced == {sale(1): Decimal("11.00")}

    async def test_what_a_run_adds_changes_and_removes_is_recorded(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)))
        await begin(place, after_another=True)
        await publish(place, SALES, *a_booking(sale(1), "11.00"), *a_booking(sale(3)))
        await place.store.reconciliation.resolve_missing(SALES, delete=True)

        of_the_run = {key: kind for (run, key), kind in (await place.stored()).changes.items() if run == place.run.id}
        assert of_the_run == {sale(1): "CHANGED", sale(2): "REMOVED", sale(3): "ADDED"}

    async def test_an_incremental_answer_publishes_no_half_booking(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)))

        published = await publish(place, EVERYTHING, *a_booking(sale(1), "11.00")[:1], *a_booking(sale(2)))

        assert published.unbalanced == [sale(1)]
        stored = await place.stored()
        assert (stored.ledger[sale(1)], stored.ledger[sale(2)]) == (a_booking(sale(1)), a_booking(sale(2)))
        assert stored.unbalanced == {}


class TestBrokenBookings:
    """Those with a line that cannot be read: the answer holds some of their lines, or none."""

    @pytest.mark.parametrize("chunk", [SALES, EVERYTHING], ids=["whole", "changes"])
    @pytest.mark.parametrize("arrived", [0, 1, 2])
    async def test_a_broken_booking_stays_as_it_was_and_the_others_are_published(
        self, place: Place, chunk: Chunk, arrived: int
    ) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)), *a_booking(sale(3)))
        await begin(place, after_another=True)

        lines = [*a_booking(sale(2), "11.00")[:arrived], *a_booking(sale(1), "12.00"), *a_booking(sale(3))]
        published = await publish(place, chunk, *lines, broken=[sale(2)])

        stored = await place.stored()
        assert stored.ledger == {
            sale(1): a_booking(sale(1), "12.00"),
            sale(2): a_booking(sale(2)),
            sale(3): a_booking(sale(3)),
        }
        assert (set(stored.missing), dict(stored.unbalanced), published.unbalanced) == (set(), {}, [])
        assert {key: kind for (run, key), kind in stored.changes.items() if run == place.run.id} == {sale(1): "CHANGED"}

    @pytest.mark.parametrize("chunk", [SALES, EVERYTHING], ids=["whole", "changes"])
    async def test_a_broken_booking_that_is_new_is_not_there(self, place: Place, chunk: Chunk) -> None:
        await publish(place, chunk, *a_booking(sale(1)), *a_booking(sale(2)), answer="a", broken=[sale(2)])

        assert set((await place.stored()).ledger) == {sale(1)}
        assert await place.store.ledger.answers() == {}

    async def test_a_number_that_was_deleted_and_is_used_again_by_a_broken_booking_keeps_what_it_had(
        self, place: Place
    ) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)))

        await publish(place, EVERYTHING, deleted=[sale(1), sale(2)], broken=[sale(2)])

        assert (await place.stored()).ledger == {sale(2): a_booking(sale(2))}

    async def test_a_missing_booking_that_comes_back_broken_is_not_missing_any_more(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)))
        await publish(place, SALES, *a_booking(sale(1)))
        assert set((await place.stored()).missing) == {sale(2)}

        await publish(place, SALES, *a_booking(sale(1)), broken=[sale(2)])

        assert set((await place.stored()).missing) == set()

    async def test_a_booking_that_never_balanced_is_still_noted_when_it_comes_back_broken(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1))[:1], *a_booking(sale(2)))

        await publish(place, SALES, *a_booking(sale(2)), broken=[sale(1)])

        assert (await place.stored()).unbalanced == {sale(1): Decimal("10.00")}

    async def test_a_broken_booking_of_another_chunk_says_nothing_of_it(self, place: Place) -> None:
        await publish(place, Chunk(2, 1), *a_booking(purchase(1)), *a_booking(purchase(2)))
        await publish(place, Chunk(2, 1), *a_booking(purchase(1)))

        await publish(place, SALES, *a_booking(sale(1)), broken=[purchase(2)])

        assert set((await place.stored()).missing) == {purchase(2)}

    async def test_special_types_are_held_too(self, place: Place) -> None:
        special, opening = Chunk(2, -1), BookingKey(2, 5, 1, 1)
        await publish(place, special, *a_booking(opening))

        await publish(place, special, *a_booking(sale(1)), broken=[opening, sale(2)])

        stored = await place.stored()
        assert (stored.ledger, set(stored.missing)) == ({opening: a_booking(opening)}, set())


class TestAnswers:
    """Those that the ledger holds line for line."""

    async def test_a_known_answer_is_a_checkpoint_and_nothing_else(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), answer="a")
        await begin(place, after_another=True)
        before = await place.stored()

        again = await publish(place, SALES, answer="a", is_known=True)

        assert again == Published(Counts(unchanged=2))
        assert await place.store.ledger.checkpoints() == {SALES}
        assert await place.store.ledger.answers() == {SALES: "a"}
        assert ((await place.stored()).ledger, (await place.stored()).missing) == (before.ledger, frozenset())

    @pytest.mark.parametrize(
        "lines", [a_booking(sale(1)), a_booking(sale(1), "11.00"), []], ids=["same", "other", "none"]
    )
    async def test_the_latest_answer_counts(self, place: Place, lines: list[LedgerLine]) -> None:
        await publish(place, SALES, *a_booking(sale(1)), answer="a")
        await publish(place, SALES, *lines, answer="b")

        assert await place.store.ledger.answers() == ({SALES: "b"} if lines else {})

    async def test_an_answer_with_a_remark_is_not_known(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), answer="a")
        await publish(place, SALES, *a_booking(sale(1)))

        assert await place.store.ledger.answers() == {}

    @pytest.mark.parametrize(
        "lines",
        [
            [*a_booking(sale(1)), *a_booking(purchase(1))],
            a_booking(sale(1))[:1],
            [*a_booking(sale(1)), a_booking(sale(1))[0]],
        ],
        ids=["of another chunk", "out of balance", "repeated"],
    )
    async def test_an_answer_that_is_not_what_the_ledger_holds_is_not_known(
        self, place: Place, lines: list[LedgerLine]
    ) -> None:
        await publish(place, SALES, *lines, answer="a")

        assert await place.store.ledger.answers() == {}

    async def test_an_answer_without_a_booking_that_is_kept_is_not_known_however_often_it_comes(
        self, place: Place
    ) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)), answer="a")
        for _ in range(2):
            await publish(place, SALES, *a_booking(sale(1)), answer="b")
            assert await place.store.ledger.answers() == {}

    async def test_a_change_to_the_chunk_makes_its_answer_unknown_and_no_other(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), answer="a")
        await publish(place, Chunk(2, 1), *a_booking(purchase(1)), answer="b")

        await publish(place, EVERYTHING, *a_booking(sale(1)))
        assert await place.store.ledger.answers() == {SALES: "a", Chunk(2, 1): "b"}
        await publish(place, EVERYTHING, *a_booking(sale(1), "11.00"))
        assert await place.store.ledger.answers() == {Chunk(2, 1): "b"}
        await publish(place, EVERYTHING, deleted=[purchase(1)])
        assert await place.store.ledger.answers() == {}

    async def test_what_is_deleted_because_it_was_missing_is_a_change_too(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)), *a_booking(sale(2)), answer="a")
        await publish(place, SALES, *a_booking(sale(1)), answer="b")
        await place.store.reconciliation.resolve_missing(SALES, delete=True)

        assert await place.store.ledger.answers() == {}

    async def test_whoever_writes_a_line_by_hand_makes_the_answer_unknown_even_while_it_is_read_again(
        self, engine: AsyncEngine
    ) -> None:
        place = InPostgres(engine, of_an_own_organisation())
        await begin(place)
        await publish(place, SALES, *a_booking(sale(1)), answer="a")

        async with transaction(engine, place.run.organisation_id) as connection:
            await connection.execute(
                text("UPDATE ledger_line SET description = description WHERE administration_id = :id AND ordinal = 1"),
                {"id": place.administration.id},
            )

        assert await place.store.ledger.answers() == {}
        await publish(place, SALES, answer="a", is_known=True)
        assert await place.store.ledger.answers() == {}


class TestImportStore:
    async def test_a_chunk_in_doubt_counts_as_unread(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)))
        await publish(place, Chunk(2, 3))

        await place.store.ledger.doubt([Chunk(2, 3), Chunk(2, 4)])

        assert await place.store.ledger.chunks_read() == {SALES}

    @pytest.mark.parametrize("dataset", [Dataset.JOURNALS, Dataset.ACCOUNTS, Dataset.DIMENSIONS, Dataset.RELATIONS])
    async def test_a_dataset_is_booked_on_where_a_line_refers_to_it(self, place: Place, dataset: Dataset) -> None:
        assert not await place.store.reference.are_booked_on(dataset)

        await publish(place, SALES, *(line._replace(relation=16, cost_centre=1) for line in a_booking(sale(1))))

        assert await place.store.reference.are_booked_on(dataset)

    @pytest.mark.parametrize("dataset", [Dataset.DIMENSIONS, Dataset.RELATIONS])
    async def test_lines_without_it_refer_to_no_cost_centre_or_relation(self, place: Place, dataset: Dataset) -> None:
        await publish(place, SALES, *(line._replace(relation=None, cost_centre=None) for line in a_booking(sale(1))))

        assert not await place.store.reference.are_booked_on(dataset)

    async def test_checkpoints_are_of_the_run_and_chunks_of_all_runs(self, place: Place) -> None:
        await publish(place, SALES)
        await begin(place, after_another=True)
        await publish(place, Chunk(2, 1))

        assert await place.store.ledger.checkpoints() == {Chunk(2, 1)}
        assert await place.store.ledger.chunks_read() == {SALES, Chunk(2, 1)}

    async def test_complete_are_the_newest_bookyears_up_to_the_first_gap(self, place: Place) -> None:
        years = [a_bookyear(number, 2022 + number) for number in (1, 2, 3, 4)]
        await place.store.reference.merge(Bookyear, [years[2], years[0], years[3], years[1]], [])
        for bookyear in (1, 3, 4):
            for type in FIRST_LOAD_TYPES:
                await publish(place, Chunk(bookyear, int(type)))
        await publish(place, Chunk(2, 1))

        assert await place.store.reference.bookyears() == years
        assert await place.store.ledger.complete_bookyears() == years[2:]

    @pytest.mark.parametrize(
        "write",
        [
            lambda place: place.store.record.save(place.run),
            lambda place: place.store.record.note([Sentence.verbatim("x")]),
            lambda place: place.store.reference.merge(CostCentre, [CostCentre(1, Names(), closed=False)], []),
            lambda place: place.store.reference.replace(CostCentre, []),
            lambda place: renew(place, OutstandingItemType.RECEIVABLE, []),
            lambda place: tell_matchings(place, [], []),
            lambda place: place.store.matchings.judge({}, [], DAY, is_whole=True),
            lambda place: place.store.openings.save(a_bookyear(2, 2026), []),
            lambda place: place.store.verification.derive_fixed_assets(),
            lambda place: place.store.reconciliation.resolve_missing(SALES, delete=True),
            lambda place: place.store.record.finish(place.run, place.administration, {}),
        ],
        ids=[
            "save",
            "note",
            "merge",
            "replace",
            "items",
            "matchings",
            "judge",
            "save_openings",
            "derive",
            "resolve_missing",
            "finish",
        ],
    )
    async def test_whoever_lost_the_run_writes_nothing(
        self, place: Place, write: Callable[[Place], Awaitable[object]]
    ) -> None:
        await place.claim()

        with pytest.raises(LeaseLost):
            await write(place)

        assert not await place.store.reference.knows(CostCentre)
        assert {check.code: check.detail for check in await place.store.verification.checks()}[
            CheckCode.RECORDS_READABLE
        ] is None

    async def test_rows_that_did_not_change_are_not_written(self, place: Place) -> None:
        one, two = (CostCentre(number, Names("Werf"), closed=False) for number in (1, 2))
        await place.store.reference.merge(CostCentre, [one], [])

        counts = await place.store.reference.merge(CostCentre, [one, replace(two, closed=True), two], [])

        assert counts == Counts(3, inserted=1, unchanged=1)

    async def test_what_is_reported_deleted_goes_and_what_comes_back_at_once_stays(self, place: Place) -> None:
        one, two = (Account(1, number, Names("Kas")) for number in (570000, 580000))
        await place.store.reference.merge(Account, [one, two], [])

        counts = await place.store.reference.merge(Account, [replace(two, names=Names("Bank"))], [one, two])

        assert counts == Counts(1, inserted=1, deleted=2)
        assert await place.store.reference.merge(Account, [one], []) == Counts(1, inserted=1)

    async def test_open_items_are_renewed_by_type_and_may_share_a_line(self, place: Place) -> None:
        (line, _) = a_booking(sale(1))
        receivable = an_item(OutstandingItemType.RECEIVABLE, line, Decimal("10.00"))
        payable = replace(receivable, type=OutstandingItemType.PAYABLE)
        other = replace(receivable, description="the second of its line")
        await renew(place, OutstandingItemType.PAYABLE, [payable])

        first = await renew(place, OutstandingItemType.RECEIVABLE, [receivable], [other])
        again = await renew(place, OutstandingItemType.RECEIVABLE, [other, receivable])
        last = await renew(place, OutstandingItemType.RECEIVABLE, [receivable])

        assert first == Counts(2, inserted=2)
        assert again == Counts(2, unchanged=2)
        assert (last.fetched, last.deleted) == (1, 1)
        for type in OutstandingItemType:
            total = await place.store.open_items.control_total(type)
            assert total is not None
            assert total.outstanding == Decimal("10.00")

    async def test_open_items_that_did_not_all_arrive_are_forgotten(self, place: Place) -> None:
        (line, _) = a_booking(sale(1))
        item = an_item(OutstandingItemType.RECEIVABLE, line, Decimal("10.00"))
        await renew(place, OutstandingItemType.RECEIVABLE, [item])

        async def broken_off() -> None:
            async with place.store.open_items.stage(OutstandingItemType.RECEIVABLE) as stage:
                await stage.add([replace(item, document_number=2)])
                raise ConnectionError("the network is gone")

        with pytest.raises(ConnectionError):
            await broken_off()
        async with place.store.open_items.stage(OutstandingItemType.RECEIVABLE) as stage:
            await stage.add([replace(item, document_number=3)])

        assert await renew(place, OutstandingItemType.RECEIVABLE, [item]) == Counts(1, unchanged=1)

    async def test_control_accounts_are_those_of_the_lines_behind_the_items(self, place: Place) -> None:
        await publish(place, SALES, *a_booking(sale(1)))
        (line, _) = a_booking(sale(1))
        item = an_item(OutstandingItemType.RECEIVABLE, line, Decimal("10.00"))

        await renew(place, OutstandingItemType.RECEIVABLE, [item, replace(item, relation=99)])

        assert await place.store.open_items.control_total(OutstandingItemType.PAYABLE) is None
        total = await place.store.open_items.control_total(OutstandingItemType.RECEIVABLE)
        assert total is not None
        assert (total.outstanding, set(total.accounts)) == (Decimal("20.00"), {400000})

    async def test_no_other_line_stands_behind_an_item(self, place: Place) -> None:
        """Of another relation, amount or class, in an opening, or where the item names none of it."""
        (line, counterpart) = a_booking(sale(1))
        await publish(place, SALES, line, counterpart)
        opening = lines_of(divers(1), (406000, "10.00"), (100000, "-10.00"), day=DAY, period=202601, relation=16)
        await publish(place, Chunk(2, 4), *opening)
        await place.store.openings.save(a_bookyear(2, 2026), [YearOpening(divers(1), Evidence.CONTENT)])
        item = an_item(OutstandingItemType.RECEIVABLE, line, Decimal("10.00"))

        await renew(
            place,
            OutstandingItemType.RECEIVABLE,
            [
                replace(item, relation=99),
                replace(item, relation=None, line_sequence=2),
                replace(item, amount=Decimal("-10.00"), line_sequence=3),  # as large as the line on class 7
                replace(item, amount=Decimal("9.99"), line_sequence=4),
                replace(item, journal_key="X1", line_sequence=5),
                replace(item, journal_key="A99999999999", line_sequence=6),
                replace(item, journal_key=divers(1).journal_key, line_sequence=7),
            ],
        )

        total = await place.store.open_items.control_total(OutstandingItemType.RECEIVABLE)
        assert total == ControlTotal(OutstandingItemType.RECEIVABLE, Decimal("70.00"), frozenset())

    async def test_assets_are_the_debits_on_base_accounts_of_groups_20_to_28(self, place: Place) -> None:
        bought = [200000, 230000, 289997, 2300001, 28000010]
        others = [199999, 230008, 230009, 290000, 299999, 900000, 20000, 2300018, 2900001]
        for number, account in enumerate([*bought, *others]):
            lines = lines_of(sale(number), (account, "5.00"), (230000, "-5.00"), day=DAY, period=202601, relation=16)
            await publish(place, EVERYTHING, *lines)

        assert await place.store.verification.derive_fixed_assets() == Counts(5, inserted=5)
        assert sorted(asset.account for asset in (await place.stored()).assets) == sorted(bought)
        assert await place.store.verification.derive_fixed_assets() == Counts(5, unchanged=5)

        await publish(place, EVERYTHING, *a_booking(sale(1)), deleted=[sale(0)])
        changed = lines_of(sale(2), (220000, "5.00"), (230000, "-5.00"), day=DAY, period=202601, relation=16)
        await publish(place, EVERYTHING, *changed)
        assert await place.store.verification.derive_fixed_assets() == Counts(3, updated=1, unchanged=2, deleted=2)

    @pytest.mark.parametrize("complete_from", [None, date(2025, 1, 1), date(2026, 1, 1)])
    async def test_of_openings_only_those_of_the_oldest_complete_bookyear_are_assets(
        self, place: Place, complete_from: date | None
    ) -> None:
        years = [a_bookyear(number, 2024 + number) for number in (1, 2)]
        await place.store.reference.merge(Bookyear, years, [])
        await place.store.record.save(place.run, replace(place.administration, complete_from=complete_from))
        for year in years:
            key = BookingKey(year.number, 4, 1, 1)
            lines = lines_of(key, (230000, "5.00"), (100000, "-5.00"), day=year.start, period=None)
            await publish(place, EVERYTHING, *lines)
            await place.store.openings.save(year, [YearOpening(key, Evidence.NO_PERIOD)])

        await place.store.verification.derive_fixed_assets()

        (asset,) = (await place.stored()).assets
        assert asset.booking.bookyear == (2 if complete_from == date(2026, 1, 1) else 1)
        assert (asset.acquired_on, asset.counted_from) == (None, years[asset.booking.bookyear - 1].start)

    async def test_the_first_hundred_notes_are_kept(self, place: Place) -> None:
        await place.store.record.note([Sentence.verbatim(f"note {number}") for number in range(99)])
        await place.store.record.note([Sentence.verbatim("the hundredth"), Sentence.verbatim("one too many")])
        await place.store.record.note([Sentence.verbatim("another")])

        detail = {check.code: check.detail for check in await place.store.verification.checks()}[
            CheckCode.RECORDS_READABLE
        ]
        assert detail is not None
        assert "another" not in detail
        assert "one too many" not in detail

    async def test_when_a_dataset_was_read_is_remembered_until_it_is_read_again(self, place: Place) -> None:
        at_noon, later = LastRead(NOON, NOON), LastRead(NOON + timedelta(days=1), NOON + timedelta(hours=1))
        await place.store.record.finish(
            place.run, place.administration, {Dataset.ACCOUNTS: at_noon, Dataset.RELATIONS: at_noon}
        )
        await place.store.record.finish(place.run, place.administration, {Dataset.ACCOUNTS: later})

        assert await place.store.record.last_reads() == {Dataset.ACCOUNTS: later, Dataset.RELATIONS: at_noon}

    async def test_an_administration_that_was_removed_meanwhile_stays_removed(self, place: Place) -> None:
        removed = place.administration.delete(NOON, timedelta(days=30))
        async with place.transactions(place.run.organisation_id) as work:
            await work.administrations.save(removed)
            await work.commit()

        await place.store.record.finish(place.run, place.administration.imported(NOON, NOON), {})

        async with place.transactions(place.run.organisation_id) as work:
            found = await work.administrations.find(place.run.organisation_id, place.administration.id)
        assert found is not None
        assert found.status is AdministrationStatus.DELETED

    async def test_what_somebody_else_found_out_about_the_administration_meanwhile_stands(self, place: Place) -> None:
        """The run knows the administration as it was when it began."""
        await self._out_of_reach(place)

        await place.store.record.save(place.run, place.administration)
        assert await self._status(place) is AdministrationStatus.ACCESS_LOST

        await place.store.record.finish(place.run, place.administration.imported(NOON, NOON), {})
        assert await self._status(place) is AdministrationStatus.ACCESS_LOST

    async def test_what_the_run_itself_has_found_out_about_the_administration_counts(self, place: Place) -> None:
        await self._out_of_reach(place)
        cause = Cause(Agent.OCTOPUS, Sentence.verbatim("Octopus no longer has this dossier."))

        await place.store.record.finish(
            place.run, place.administration.unreachable(AdministrationStatus.NOT_FOUND, cause), {}
        )

        assert await self._status(place) is AdministrationStatus.NOT_FOUND

    async def test_a_name_that_has_followed_octopus_meanwhile_stands(self, place: Place) -> None:
        renamed = place.administration.described(Dossier(place.administration.dossier, "Nieuw BV", "BE0123456749"))
        async with place.transactions(place.run.organisation_id) as work:
            await work.administrations.save(renamed)
            await work.commit()

        await place.store.record.save(place.run, place.administration)
        await place.store.record.finish(place.run, place.administration.imported(NOON, NOON), {})

        async with place.transactions(place.run.organisation_id) as work:
            found = await work.administrations.find(place.run.organisation_id, place.administration.id)
        assert found is not None
        assert (found.name, found.vat_number) == ("Nieuw BV", "BE0123456749")

    async def _out_of_reach(self, place: Place) -> None:
        cause = Cause(Agent.OCTOPUS, Sentence.verbatim("Octopus does not open this dossier."))
        async with place.transactions(place.run.organisation_id) as work:
            await work.administrations.save(place.administration.unreachable(AdministrationStatus.ACCESS_LOST, cause))
            await work.commit()

    async def _status(self, place: Place) -> AdministrationStatus:
        async with place.transactions(place.run.organisation_id) as work:
            found = await work.administrations.find(place.run.organisation_id, place.administration.id)
        assert found is not None
        return found.status

    async def test_openings_that_did_not_change_are_not_written(self, place: Place) -> None:
        bookyear = a_bookyear(2, 2026)
        await publish(place, Chunk(2, 4), *a_booking(divers(1)))
        opening = YearOpening(divers(1), Evidence.CONTENT)

        assert await place.store.openings.save(bookyear, [opening])
        assert not await place.store.openings.save(bookyear, [opening])
        assert await place.store.openings.save(bookyear, [])

    async def test_missing_chunks_come_newest_bookyear_first(self, place: Place) -> None:
        special = divers(1)._replace(journal_type=7)
        for key in (sale(1, 1), sale(1), divers(1), special):
            await publish(place, Chunk.of(key), *a_booking(key))
            await publish(place, Chunk.of(key))

        assert await place.store.reconciliation.missing_chunks() == [
            Chunk(2, -1),
            Chunk(2, 2),
            Chunk(2, 4),
            Chunk(1, 2),
        ]

    async def test_only_the_missing_bookings_of_the_chunk_are_resolved(self, place: Place) -> None:
        for key in (sale(1), divers(1)):
            await publish(place, Chunk.of(key), *a_booking(key))
            await publish(place, Chunk.of(key))

        assert await place.store.reconciliation.resolve_missing(SALES, delete=True) == Counts(deleted=2)
        assert await place.store.reconciliation.resolve_missing(Chunk(2, 4), delete=False) == Counts()

        stored = await place.stored()
        assert (set(stored.ledger), stored.missing) == ({divers(1)}, frozenset())


# --- the same history in both ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Publication:
    chunk: Chunk
    lines: tuple[LedgerLine, ...]
    deleted: tuple[BookingKey, ...] = ()


@dataclass(frozen=True)
class Resolution:
    chunk: Chunk
    delete: bool


@dataclass(frozen=True)
class OpenItems:
    items: tuple[OutstandingItem, ...]


class AnotherRun:
    """Begins."""


Step = Publication | Resolution | OpenItems | AnotherRun

keys = st.builds(BookingKey, st.sampled_from((1, 2)), st.sampled_from((1, 4, 5)), st.just(1), st.integers(1, 2))
chunks = st.builds(Chunk, st.sampled_from((1, 2)), st.sampled_from((1, 4, -1)))


@st.composite
def bookings(draw: st.DrawFn) -> list[LedgerLine]:
    """Mostly balanced; now and then cut, or with lines twice."""
    key = draw(keys)
    year = a_bookyear(key.bookyear, 2024 + key.bookyear)
    start = year.start
    day = start + timedelta(days=draw(st.sampled_from((0, 40, 200))))
    period = draw(st.sampled_from((None, start.year * 100 + 1, start.year * 100 + 2, start.year * 100)))
    amounts: list[int] = draw(st.lists(st.sampled_from((-300, -100, 100, 250)), min_size=1, max_size=3))
    if draw(st.integers(0, 5)):
        amounts.append(-sum(amounts))
    lines = [
        LedgerLine(
            *key,
            line_sequence=draw(st.sampled_from((-1, 1))),
            period=period,
            document_date=day,
            effective_date=year.effective_date(day, period),
            due_date=draw(st.sampled_from((None, start))),
            account=draw(st.sampled_from((400000, 550000, 588888, 700000, 230000, 2300001, 230009, 290000))),
            amount=Decimal(amount).scaleb(-2),
            currency="EUR",
            currency_amount=None,
            exchange_rate=draw(st.sampled_from((None, Decimal(1), Decimal("1.0")))),
            relation=draw(st.sampled_from((None, 16))),
            cost_centre=draw(st.sampled_from((None, 3))),
            description=draw(st.sampled_from((None, "a", "b"))),
            reference=None,
            vat_section=None,
            vat_recuperation=None,
        )
        for amount in amounts
    ]
    repeated = draw(st.sampled_from(("no", "no", "no", "all", "one")))
    return lines + {"no": [], "all": lines, "one": lines[:1]}[repeated]


@st.composite
def publications(draw: st.DrawFn) -> Publication:
    """Bookings come whole: of two with one key the last counts."""
    by_key = {BookingKey(*lines[0][:4]): lines for lines in draw(st.lists(bookings(), max_size=5))}
    lines = draw(st.permutations([line for lines in by_key.values() for line in lines]))
    if draw(st.booleans()):
        return Publication(EVERYTHING, tuple(lines), tuple(draw(st.lists(keys, max_size=2))))
    return Publication(draw(chunks), tuple(lines))


@st.composite
def open_items(draw: st.DrawFn) -> OpenItems:
    """Beside lines that there may be."""
    (line, _) = a_booking(BookingKey(1, 1, 1, 1))
    item = an_item(OutstandingItemType.RECEIVABLE, line, Decimal("1.00"))
    return OpenItems(
        tuple(
            replace(
                item,
                type=draw(st.sampled_from(OutstandingItemType)),
                bookyear=draw(st.sampled_from((1, 2))),
                journal_key=draw(st.sampled_from(("A1", "D1", "T5-1", "Z1"))),
                document_number=draw(st.integers(1, 2)),
                line_sequence=line_sequence,
                relation=draw(st.sampled_from((None, 16))),
                amount=Decimal(draw(st.sampled_from((-300, -100, 100, 250)))).scaleb(-2),
            )
            for line_sequence in range(draw(st.integers(1, 6)))
        )
    )


steps = st.one_of(
    publications(),
    publications(),
    publications(),
    open_items(),
    st.builds(Resolution, chunks, st.booleans()),
    st.builds(AnotherRun),
)
histories = st.lists(steps, min_size=1, max_size=6)


async def take(place: Place, step: Step, next_run: ImportRunId) -> object:
    """What the store answers, put so that it can be compared."""
    match step:
        case Publication(chunk, lines, deleted):
            answer = None if chunk == EVERYTHING else str(lines)
            published = await publish(place, chunk, *lines, deleted=deleted, answer=answer)
            return replace(published, unbalanced=sorted(published.unbalanced))
        case Resolution(chunk, delete):
            return await place.store.reconciliation.resolve_missing(chunk, delete=delete)
        case OpenItems(items):
            return [
                await renew(place, type, [item for item in items if item.type is type]) for type in OutstandingItemType
            ]
        case AnotherRun():
            await begin(place, next_run, after_another=True)
            return None


async def questions(store: ImportStore) -> dict[str, object]:
    """What the engine asks of the ledger that it has published."""
    years = await store.ledger.complete_bookyears()
    opened = await open_bookyears(store.ledger, store.openings)
    held = await store.reconciliation.amount_cells(years)
    without_missing = await store.reconciliation.amount_cells(years, without_missing=True)
    return {
        "opened": opened,
        "amounts": _filled(held),
        "amounts without the missing": _filled(without_missing),
        "missing": await store.reconciliation.missing_chunks(),
        "repeated": await store.reconciliation.repeated_lines([1, 2]),
        "assets derived": await store.verification.derive_fixed_assets(),
        "control accounts": [await store.open_items.control_total(type) for type in OutstandingItemType],
        "checks": await store.verification.checks(),
        "checkpoints": await store.ledger.checkpoints(),
        "answers": await store.ledger.answers(),
    }


def _filled(cells: Sequence[AmountCell]) -> list[AmountCell]:
    filled = [cell for cell in cells if cell.ours or cell.opening or cell.octopus]
    return sorted(filled, key=lambda cell: (cell.bookyear, cell.period, cell.account))


def differences(ours: Mapping[str, object], theirs: Mapping[str, object]) -> dict[str, tuple[object, object]]:
    """Short enough to be read: of collections, what only one of them holds."""
    return {name: _apart(one, theirs[name]) for name, one in ours.items() if one != theirs[name]}


def _apart(one: object, other: object) -> tuple[object, object]:
    match one, other:
        case (dict(), dict()):
            return _apart(list(one.items()), list(other.items()))
        case (frozenset(), frozenset()):
            return _apart(list(one), list(other))
        case (list(), list()):
            return [item for item in one if item not in other], [item for item in other if item not in one]
        case _:
            return one, other


async def prepared(place: Place, run: ImportRunId) -> None:
    """With bookyears that are complete, a journal named Opening, and a total of Octopus's."""
    await begin(place, run)
    await place.store.reference.merge(Bookyear, [a_bookyear(1, 2025), a_bookyear(2, 2026)], [])
    await place.store.reference.merge(Journal, [Journal(2, "D", 1, "Opening")], [])
    await place.store.reference.merge(Account, [Account(1, number, Names()) for number in (400000, 700000)], [])
    await place.store.record.note([Sentence.verbatim("something")])
    await place.store.reference.merge(AccountAmount, [AccountAmount(1, 202501, 400000, Decimal("1.00"))], [])
    for bookyear in (1, 2):
        for type in FIRST_LOAD_TYPES:
            await publish(place, Chunk(bookyear, int(type)))


@settings(
    max_examples=examples(ordinarily=8, in_a_soak=1_000),
    deadline=None,
    phases=phases(),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=histories)
async def test_every_history_of_answers_leaves_the_same_rows_in_memory_and_in_postgres(
    engine: AsyncEngine, history: list[Step]
) -> None:
    administration, run = of_an_own_organisation(), ImportRunId(uuid4())
    model, real = InMemory(administration), InPostgres(engine, administration)
    await prepared(model, run)
    await prepared(real, run)
    for step in history:
        next_run = ImportRunId(uuid4())
        assert await take(real, step, next_run) == await take(model, step, next_run)
        assert differences(await questions(real.store), await questions(model.store)) == {}
        stored = await real.stored()
        assert differences(vars(stored), vars(await model.stored())) == {}
        assert stored.balances == Imported(ledger=stored.ledger).account_month

        versions = await real.versions()
        if isinstance(step, Publication):
            if (await real.store.ledger.answers()).get(step.chunk) == str(step.lines):
                again = await publish(real, step.chunk, answer=str(step.lines), is_known=True)
                assert again == await take(model, step, next_run), "to know an answer is as good as to read it"
            else:
                await take(real, step, next_run)
                await take(model, step, next_run)
            assert await real.versions() == versions, "the same answer again writes nothing"
