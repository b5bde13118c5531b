from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from returns.result import Failure, Success

from monitr.domain.administration import Administration, AdministrationStatus, Dossier, DossierNumber, RetentionOver
from monitr.domain.integration import IntegrationId
from tests.unit.fakes import NOON, an_administration

MODERATE = settings(max_examples=30, deadline=None)
RETENTION = timedelta(days=30)
SPANS = st.timedeltas(timedelta(), timedelta(days=90))


def test_a_new_administration_is_active_and_has_nothing_read_yet() -> None:
    selected = an_administration()

    assert selected.is_alive
    assert selected.watermark is selected.last_successful_import_at is selected.complete_from is None


@pytest.mark.parametrize("status", [AdministrationStatus.NOT_FOUND, AdministrationStatus.ACCESS_LOST])
def test_a_dossier_that_cannot_be_reached_is_alive_and_active_again_when_it_can(status: AdministrationStatus) -> None:
    unreachable = an_administration().unreachable(status)

    assert unreachable.status is status
    assert unreachable.is_alive
    assert unreachable.reached().status is AdministrationStatus.ACTIVE


def test_what_octopus_says_does_not_bring_a_removed_administration_back() -> None:
    removed = an_administration().delete(NOON, RETENTION)

    assert removed.reached() == removed.unreachable(AdministrationStatus.NOT_FOUND) == removed


def test_octopuss_name_and_vat_number_replace_ours() -> None:
    described = an_administration().described(Dossier(DossierNumber(49555), "Nieuw BV", None))

    assert (described.name, described.vat_number) == ("Nieuw BV", None)


def test_an_administration_that_moves_keeps_all_it_has() -> None:
    mine, elsewhere = an_administration(watermark=NOON), IntegrationId(uuid4())

    assert mine.moved_to(elsewhere).integration_id == elsewhere
    assert mine.moved_to(elsewhere).moved_to(mine.integration_id) == mine


@MODERATE
@given(st.lists(SPANS, min_size=1, max_size=5))
def test_the_watermark_never_goes_back(marks: list[timedelta]) -> None:
    administration = an_administration()
    for mark in marks:
        administration = administration.imported(NOON - mark, NOON)

    assert administration.watermark == NOON - min(marks)


def test_a_watermark_that_has_not_come_is_given_up() -> None:
    ahead = replace(an_administration(), watermark=NOON + timedelta(days=3))

    assert ahead.imported(NOON - timedelta(hours=1), NOON).watermark == NOON - timedelta(hours=1)


def test_a_successful_import_is_remembered() -> None:
    assert an_administration().imported(NOON - RETENTION, NOON).last_successful_import_at == NOON


@MODERATE
@given(st.lists(st.tuples(SPANS, SPANS), min_size=1, max_size=5))
def test_deleting_again_only_brings_the_purge_nearer(deletions: list[tuple[timedelta, timedelta]]) -> None:
    administration = an_administration()
    for later, retention in deletions:
        administration = administration.delete(NOON + later, retention)

    assert administration.status is AdministrationStatus.DELETED
    assert administration.purge_after == NOON + min(later + retention for later, retention in deletions)


@MODERATE
@given(SPANS)
def test_it_can_be_restored_until_the_retention_is_over(later: timedelta) -> None:
    mine = an_administration(watermark=NOON)

    restored = mine.delete(NOON, RETENTION).restore(NOON + later)

    if later < RETENTION:
        assert restored == Success(mine)
    else:
        assert restored == Failure(RetentionOver(NOON + RETENTION))


def test_one_that_was_never_removed_has_nothing_to_restore() -> None:
    lost: Administration = an_administration().unreachable(AdministrationStatus.ACCESS_LOST)

    assert lost.restore(NOON) == Success(lost)


def test_a_watermark_of_this_very_moment_is_kept() -> None:
    read = replace(an_administration(), watermark=NOON)

    assert read.imported(NOON - timedelta(hours=1), NOON).watermark == NOON
