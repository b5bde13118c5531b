"""The same sentence in each language, with values written as its readers write them."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from monitr.domain.language import Language
from monitr.domain.words.catalogue import CATALOGUE, GAPS
from monitr.domain.words.sentence import Part, Sentence
from monitr.domain.words.voice import ENGLISH
from monitr.entrypoints.voices import in_words, voice_of

NOON = datetime(2026, 11, 22, 12, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "amount", "moment", "day"),
    [
        (Language.EN, "-1234.50", "2026-11-22 12:05 UTC", "2026-11-22"),
        (Language.NL, "-1.234,50", "22 november 2026 om 13:05", "22 november 2026"),
        (Language.FR, "-1\u202f234,50", "22 novembre 2026 à 13h05", "22 novembre 2026"),
    ],
)
def test_values_are_written_as_in_the_language(language: Language, amount: str, moment: str, day: str) -> None:
    voice = voice_of(language)
    assert voice.amount(Decimal("-1234.50")) == amount
    assert voice.moment(NOON) == moment
    assert voice.day(NOON.date()) == day


@pytest.mark.parametrize("language", [None, Language.DE, Language.EN], ids=str)
def test_whoever_reads_no_other_is_answered_in_english(language: Language | None) -> None:
    assert voice_of(language) is ENGLISH


@pytest.mark.parametrize(
    ("language", "count", "said"),
    [
        (Language.EN, 1, "1 repeated line was left out"),
        (Language.EN, 0, "0 repeated lines were left out"),
        (Language.NL, 1, "1 herhaalde lijn is weggelaten"),
        (Language.NL, 1200, "1.200 herhaalde lijnen zijn weggelaten"),
        (Language.FR, 0, "0 ligne répétée a été écartée"),
        (Language.FR, 2, "2 lignes répétées ont été écartées"),
    ],
)
def test_a_number_has_the_form_of_its_language(language: Language, count: int, said: str) -> None:
    assert in_words(Sentence.of("note.REPEATED_LINES", count=count), voice_of(language)) == said


def test_a_sentence_in_a_sentence_is_in_the_same_language() -> None:
    refused = Sentence.of(
        "octopus.MAY_NOT_READ",
        subject=Sentence.of("subject.OF_BOOKYEAR", subject=Sentence.of("subject.LEDGER"), bookyear=3),
        answer="403",
    )
    check = Sentence.of("check.RECORDS_READABLE.FAILED", findings=[refused, Sentence.verbatim("x")])

    assert in_words(check, voice_of(Language.NL)) == (
        "Boekjaren die niet konden worden gelezen: "
        "Octopus laat deze gebruiker de boekingen van boekjaar 3 niet lezen (403).; x."
    )


@pytest.mark.parametrize("number", [0, 1, 2, 7, 1_000_000, 2_500_000])
def test_every_number_has_a_form(number: int) -> None:
    counted = [key for key, texts in CATALOGUE.items() if any(len(forms) > 1 for forms in texts.values())]
    chunk = Sentence.of("chunk.CHANGED_BOOKINGS")
    parts: dict[str, dict[str, Part]] = {key: {"chunk": chunk} for key in counted if "chunk" in GAPS[key]}
    parts |= {key: {"amount": Decimal("1.00"), "findings": []} for key in counted if "amount" in GAPS[key]}
    for language in (Language.EN, Language.NL, Language.FR):
        assert all(
            in_words(Sentence.of(key, count=number, **parts.get(key, {})), voice_of(language)) for key in counted
        )
