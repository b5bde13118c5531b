"""Octopus says "nothing": what of it is believed (decision 17).

Octopus answers 404 for "no rows", and so does every gateway whose route is gone. So "nothing" is held against what was
there before, against Octopus's totals, and against the other answers of the run. Where it does not fit, the run ends
without a watermark, and nothing is emptied.
"""

from collections.abc import Iterable

from monitr.application.importing.ledger.chunk import Chunk
from monitr.application.octopus import OctopusUnavailable
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.import_run import Dataset
from monitr.domain.words.sentence import Sentence


class Contradiction(OctopusUnavailable):
    """Octopus says "nothing" where it holds something by its own other answers, or held it before. Like an outage it
    passes, so it is asked again."""


def no_bookyears() -> Contradiction:
    return Contradiction(Sentence.of("octopus.LISTED_NO_BOOKYEARS"))


def bookyears_gone(number: int) -> Contradiction:
    return Contradiction(Sentence.of("octopus.BOOKYEARS_GONE", number=number))


def bookyears_left_out(numbers: Iterable[int]) -> Contradiction:
    named = ", ".join(map(str, sorted(numbers)))
    return Contradiction(Sentence.of("octopus.BOOKYEARS_LEFT_OUT", bookyears=named))


def totals_gone() -> Contradiction:
    return Contradiction(Sentence.of("octopus.TOTALS_GONE"))


def lines_gone(chunks: Iterable[Chunk]) -> Contradiction:
    named = [chunk.named for chunk in sorted(chunks, key=str)]
    return Contradiction(Sentence.of("octopus.LINES_GONE", chunks=named))


def rows_gone(dataset: Dataset) -> Contradiction:
    return Contradiction(Sentence.of("octopus.ROWS_GONE", dataset=Sentence.of(f"dataset.{dataset}")))


def items_gone(type: OutstandingItemType) -> Contradiction:
    return Contradiction(Sentence.of("octopus.ITEMS_GONE", type=Sentence.of(f"items.{type}")))
