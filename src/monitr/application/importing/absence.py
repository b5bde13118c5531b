"""Octopus says "nothing": what of it is believed (decision 17).

Octopus answers 404 for "no rows", and so does every gateway whose route is gone. So "nothing" is held against what was
there before, against Octopus's totals, and against the other answers of the run. Where it does not fit, the run ends
without a watermark, and nothing is emptied.
"""

from collections.abc import Iterable

from monitr.application.importing.ledger.chunk import Chunk
from monitr.application.octopus import OctopusUnavailable
from monitr.domain.import_run import Dataset


class Contradiction(OctopusUnavailable):
    """Octopus says "nothing" where it holds something by its own other answers, or held it before. Like an outage it
    passes, so it is asked again."""


def no_bookyears() -> Contradiction:
    return Contradiction("Octopus gave no list of bookyears.")


def bookyears_gone(number: int) -> Contradiction:
    return Contradiction(f"Octopus listed no bookyears, though this dossier had {number}.")


def bookyears_left_out(numbers: Iterable[int]) -> Contradiction:
    named = ", ".join(map(str, sorted(numbers)))
    return Contradiction(f"Octopus listed no bookyears, but gave totals for bookyear {named}.")


def totals_gone() -> Contradiction:
    return Contradiction("Octopus gave no totals, though it had them for this dossier before.")


def lines_gone(chunks: Iterable[Chunk]) -> Contradiction:
    named = "; ".join(map(str, sorted(chunks, key=str)))
    return Contradiction(f"Octopus gave no bookings for {named}, which does not agree with its own totals.")


def rows_gone(dataset: Dataset) -> Contradiction:
    return Contradiction(f"Octopus listed no {dataset.value.lower()}, though its bookings refer to some.")


def items_gone(named: str) -> Contradiction:
    return Contradiction(f"Octopus listed no {named} items that are open, though their accounts are not settled.")
