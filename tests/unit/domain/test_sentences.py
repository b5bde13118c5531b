"""The catalogue of sentences, whole; and what a sentence keeps of what it is made of."""

import ast
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path, PurePath
from uuid import UUID

import pytest

from monitr.domain.accounting.asset_accounts import AssetRole, Doubt
from monitr.domain.accounting.outstanding_items import OutstandingItemType
from monitr.domain.accounting.verification import AmountsReading, CheckCode, VerificationStatus
from monitr.domain.codes import ExplanationCode, ProblemCode, RefusalCode
from monitr.domain.import_run import Dataset
from monitr.domain.language import Language
from monitr.domain.words.catalogue import CATALOGUE, GAPS, LANGUAGES, gaps_of
from monitr.domain.words.sentence import Sentence, quoted

SOURCE = Path(__file__).parents[3] / "src" / "monitr"
FORMATS = {"", "amount", "number", "day", "moment", "time", "clock", "sentence", "also", "list"}
SHARED = {"dataset.RELATIONS", "limit.FRAGMENTS", "limit.VARIABLES", "limit.DIRECTIVES"}
"""Words that are the same in two of the languages."""
SAYING = {"Said", "BadUserInput", "BadRequest", "NotAdmitted", "refusal"}
WITH_WORDS = {"GraphQLError", "HTTPException", "MCPError", "verbatim"}
OF_OTHERS = {
    (PurePath("application/octopus.py"), "verbatim"): "Octopus's own words",
    (PurePath("entrypoints/graphql/execution/documents.py"), "GraphQLError"): "of automatic persisted queries",
    (PurePath("entrypoints/graphql/execution/errors.py"), "GraphQLError"): "of what is rendered, as it is",
    (PurePath("entrypoints/graphql/execution/limits.py"), "GraphQLError"): "of graphql-core's rules",
    (PurePath("entrypoints/graphql/types/scalars.py"), "GraphQLError"): "a part of graphql-core's sentence",
    (PurePath("entrypoints/http/graphql_endpoint.py"), "verbatim"): "the library's words",
    (PurePath("entrypoints/http/static_files.py"), "HTTPException"): "no words: a status",
    (PurePath("entrypoints/mcp/server.py"), "MCPError"): "of the protocol, for programs",
}
"""Where something is said that is not in the catalogue, and whose words it is in."""
MADE_OF_A_CODE = (
    *(f"problem.{code}" for code in ProblemCode),
    *(f"refusal.{code}" for code in RefusalCode),
    *(f"failure.{code}" for code in ExplanationCode),
    *(f"reading.{reading}" for reading in AmountsReading),
    *(f"used_for.{dataset}" for dataset in Dataset),
    *(f"doubt.{doubt}" for doubt in Doubt),
    *(f"role.{role}" for role in AssetRole if role is not AssetRole.NONE),
    *(f"items.{type}" for type in OutstandingItemType),
    *(f"note.BOOKINGS_MISSING_{verdict}" for verdict in ("HELD", "UNPROVEN")),
)


def filled(text: str, gap: str) -> str:
    return re.sub(r"\{[^}]*\}", gap, text)


def test_every_sentence_is_there_in_every_language_with_the_same_parameters() -> None:
    wrong = {
        (key, language, category)
        for key, texts in CATALOGUE.items()
        for language in LANGUAGES
        for category, text in texts.get(language, {"": ""}).items()
        if dict(gaps_of(text)) != GAPS[key] or not text
    }
    assert wrong == set()
    assert {format for gaps in GAPS.values() for format in gaps.values()} <= FORMATS


def test_no_text_is_left_in_another_language() -> None:
    said = {
        key: [filled(forms["other"], "").strip(" .->;()") for forms in texts.values()]
        for key, texts in CATALOGUE.items()
    }
    same = {key for key, words in said.items() if any(words) and len(set(words)) < len(LANGUAGES)}
    assert same == SHARED


def test_what_has_plural_forms_has_those_of_its_language_and_says_how_many() -> None:
    with_forms = {key: texts for key, texts in CATALOGUE.items() if any(len(forms) > 1 for forms in texts.values())}
    assert [key for key in with_forms if "count" not in GAPS[key]] == []
    forms = {frozenset(forms) for texts in CATALOGUE.values() for forms in texts.values()}
    assert forms == {frozenset({"other"}), frozenset({"one", "other"})}


def test_a_sentence_ends_alike_in_every_language() -> None:
    """With a stop, or without one where it is a part of another."""
    ends = {key: {forms["other"][-1] == "." for forms in texts.values()} for key, texts in CATALOGUE.items()}
    assert [key for key, of in ends.items() if len(of) > 1] == []


def test_french_marks_stand_behind_a_space_and_dutch_ones_do_not() -> None:
    french = {key: filled(texts[Language.FR]["other"], "x") for key, texts in CATALOGUE.items()}
    dutch = {key: filled(texts[Language.NL]["other"], "x") for key, texts in CATALOGUE.items()}
    assert [key for key, text in french.items() if re.search(r"\w[;!?]|\w:(?!//)|«\S|\S»", text)] == []
    assert [key for key, text in dutch.items() if re.search(r"\s[:;!?]|[«»“”]", text)] == []


def test_every_code_has_its_sentence() -> None:
    assert set(MADE_OF_A_CODE) - CATALOGUE.keys() == set()


def test_no_sentence_is_left_over() -> None:
    made = {*MADE_OF_A_CODE, *(f"failure.{code}.action" for code in ExplanationCode)}
    made |= {f"check.{code}.{status}" for code in CheckCode for status in VerificationStatus}
    made |= {key for key in CATALOGUE if key.startswith(("subject.", "dataset.", "dimension."))}
    assert CATALOGUE.keys() - made - texts_of_the_program() == set()


def test_the_api_says_nothing_in_words_that_are_not_in_the_catalogue() -> None:
    """mypy holds ``Said``, ``BadUserInput`` and ``refusal`` to sentences: what is left are ways around them."""
    around = {(place, name) for place, call in calls_of_the_program() if (name := called(call)) in WITH_WORDS}
    assert {at for at in around if at[0].parts[0] != "adapters"} == set(OF_OTHERS)
    literal = [(place, call.lineno) for place, call in calls_of_the_program() if called(call) in SAYING and texts(call)]
    assert literal == []


def calls_of_the_program() -> Iterator[tuple[PurePath, ast.Call]]:
    for path, tree in the_program().items():
        yield from ((path, node) for node in ast.walk(tree) if isinstance(node, ast.Call))


def called(call: ast.Call) -> str:
    return ast.unparse(call.func).rpartition(".")[2]


def texts(call: ast.Call) -> list[str]:
    """The texts of several words among its arguments."""
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return [text for it in given if isinstance(it, ast.Constant | ast.JoinedStr) and " " in (text := ast.unparse(it))]


def texts_of_the_program() -> set[str]:
    constants = (
        node.value for tree in the_program().values() for node in ast.walk(tree) if isinstance(node, ast.Constant)
    )
    return {value for value in constants if isinstance(value, str)}


@cache
def the_program() -> Mapping[PurePath, ast.Module]:
    paths = SOURCE.rglob("*.py")
    return {path.relative_to(SOURCE): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


# --- parameters ------------------------------------------------------------------------------------------------------


def test_parameters_are_texts_for_machines() -> None:
    at = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    assert Sentence.of("problem.UNKNOWN_IMPORT", import_id=UUID(int=7)).parameters == {"importId": str(UUID(int=7))}
    assert Sentence.of("problem.QUOTA_SPENT", until=at).parameters == {"until": "2026-11-22T12:30:00Z"}
    assert Sentence.of("BOOKING_OUT", booking="2-V1-9", net=Decimal("-1234.50")).parameters["net"] == "-1234.50"


def test_a_part_that_is_a_sentence_is_there_by_its_key_with_its_own_parameters_behind_it() -> None:
    findings = [Sentence.of("NUMBERED", number=7), Sentence.of("NUMBERED", number=16)]
    said = Sentence.of("check.RELATIONS_KNOWN.WARNING", findings=findings, more=Sentence.of("AND_MORE", count=3))

    assert said.parameters == {
        "findings.0": "NUMBERED",
        "findings.0.number": "7",
        "findings.1": "NUMBERED",
        "findings.1.number": "16",
        "more": "AND_MORE",
        "more.count": "3",
    }
    assert str(said) == "Booked with relations that Octopus does not list: 7; 16 and 3 more."


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("problem.NO_SUCH", {}),
        ("problem.UNKNOWN_IMPORT", {}),
        ("problem.UNKNOWN_IMPORT", {"import_id": "1", "surplus": "2"}),
        ("problem.DOSSIER_NOT_SELECTABLE", {"dossier_number": 7, "reason": "a text"}),
    ],
    ids=["unknown", "too little", "too much", "no sentence where one belongs"],
)
def test_what_the_catalogue_does_not_have_cannot_be_made(key: str, parts: dict[str, str | int]) -> None:
    with pytest.raises(ValueError, match="the catalogue has no"):
        Sentence.of(key, **parts)


def test_a_code_is_the_key_without_its_kind() -> None:
    assert Sentence.of("dossier.DISABLED").code == "DISABLED"
    assert Sentence.verbatim("x").code == "VERBATIM"


def test_english_writes_values_as_the_api_does() -> None:
    assert str(Sentence.of("BOOKING_OUT", booking="2-V1-9", net=Decimal("-1234.50"))) == "2-V1-9 is out by -1234.50"
    assert "2026-11-22 12:00 UTC" in str(
        Sentence.of("problem.QUOTA_SPENT", until=datetime(2026, 11, 22, 12, tzinfo=UTC))
    )


def test_two_sentences_with_the_same_parts_are_one() -> None:
    assert len({Sentence.of("NUMBERED", number=7), Sentence.of("NUMBERED", number="7")}) == 1


def test_a_quotation_is_one_short_line() -> None:
    assert quoted("a\r\nb") == r"'a\r\nb'"
    assert quoted(200 * "x") == f"'{200 * 'x'}'"
    assert quoted(1_000_000 * "x") == f"'{200 * 'x'}…'"
