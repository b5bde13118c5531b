"""The scanner against the standard JSON reader: any document of the shape, cut into any pieces."""

import json
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.adapters.octopus.answers.elements import ROOT, ElementScanner, EmptyDocument, UnfinishedDocument
from monitr.adapters.octopus.answers.json_structure import MalformedDocument

ARRAYS = frozenset({"modifiedBookings", "deletedBookings"})

awkward_texts = st.text(st.sampled_from('{}[],:"\\ \n\t/uéa€😀0'), max_size=12) | st.text(max_size=8)
few = settings(max_examples=40)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | awkward_texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(awkward_texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(awkward_texts, values, max_size=5)
elements = st.lists(objects, max_size=12) | st.lists(values, max_size=6)
envelopes = st.tuples(
    st.dictionaries(awkward_texts.filter(lambda name: name not in ARRAYS), values, max_size=3),
    st.dictionaries(st.sampled_from(sorted(ARRAYS)), elements | st.none(), max_size=2),
    st.randoms(use_true_random=False),
)
layouts: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [
        {"separators": (",", ":")},
        {"separators": (",", ":"), "ensure_ascii": False},
        {"separators": (" , ", " : ")},
        {"indent": 2},
        {"indent": 1, "ensure_ascii": False},
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[bytes, dict[str, Any]]:
    others, arrays, random = draw(envelopes)
    if not any(array is not None for array in arrays.values()):  # what holds none is no such document
        arrays = {draw(st.sampled_from(sorted(ARRAYS))): draw(elements)}
    members = [*others.items(), *arrays.items()]
    random.shuffle(members)
    document = dict(members)
    text = json.dumps(document, **draw(layouts))
    padding = draw(st.sampled_from(["", " ", "\r\n"]))
    return f"{padding}{text}{padding}".encode("utf-8", "surrogatepass"), document


def pieces_of(body: bytes, cuts: Iterable[int]) -> list[bytes]:
    bounds = [0, *sorted({cut % (len(body) + 1) for cut in cuts}), len(body)]
    return [body[start:end] for start, end in pairwise(bounds)]


def scanned(pieces: Iterable[bytes], arrays: frozenset[str] = ARRAYS, block: int = 1) -> dict[str, list[Any]]:
    scanner = ElementScanner(arrays, block)
    found: dict[str, list[Any]] = {}
    blocks = [block for piece in pieces for block in scanner.feed(piece)] + list(scanner.close())
    for block_ in blocks:
        of_array = found.setdefault(block_.array, [])
        assert block_.first == len(of_array)
        of_array += json.loads(block_.json)
        assert len(of_array) == block_.first + block_.count
    return found


@few
@given(documents(), st.lists(st.integers(0, 4000), max_size=8), st.sampled_from([1, 7, 60, 500, 100_000]))
def test_whatever_the_pieces_the_elements_are_those_of_the_document(
    document: tuple[bytes, dict[str, Any]], cuts: list[int], block: int
) -> None:
    body, whole = document
    expected = {name: whole[name] for name in ARRAYS if whole.get(name)}

    assert scanned(pieces_of(body, cuts), block=block) == expected


@few
@given(documents(), st.sampled_from([1, 60, 100_000]))
def test_a_document_that_arrives_byte_by_byte_is_cut_alike(document: tuple[bytes, dict[str, Any]], block: int) -> None:
    body, whole = document

    found = scanned((body[i : i + 1] for i in range(len(body))), block=block)

    assert found == {name: whole[name] for name in ARRAYS if whole.get(name)}


@few
@given(documents(), st.integers(0, 4000), st.sampled_from([1, 60, 100_000]))
def test_a_truncated_document_never_ends_normally(
    document: tuple[bytes, dict[str, Any]], kept: int, block: int
) -> None:
    body = document[0].rstrip()
    truncated = body[: kept % len(body)]

    with pytest.raises((UnfinishedDocument, MalformedDocument)):
        scanned([truncated], block=block)


@few
@given(elements, st.lists(st.integers(0, 4000), max_size=6), st.sampled_from([1, 60, 100_000]), layouts)
def test_a_document_that_is_one_array_is_cut_too(
    whole: list[Any], cuts: list[int], block: int, layout: dict[str, Any]
) -> None:
    body = json.dumps(whole, **layout).encode("utf-8", "surrogatepass")

    assert scanned(pieces_of(body, cuts), frozenset({ROOT}), block) == ({ROOT: whole} if whole else {})


@pytest.mark.parametrize("comment", ["}]", "},{", '"},{"', "\\", '\\"},{\\"', "}\n]", "{", "}", '":[{'])
def test_marks_inside_of_texts_are_no_boundaries(comment: str) -> None:
    lines = [{"comment": comment, "bookyearKey": {"id": number}} for number in range(200)]
    body = json.dumps({"modifiedBookings": lines}, separators=(",", ":")).encode()

    assert scanned([body], block=1000) == {"modifiedBookings": lines}


def test_half_an_emoji_does_not_cost_the_whole_answer() -> None:
    body = rb'{"modifiedBookings":[{"a":"\ud83d\ude00 \\ud83d \ud83d"},{"a":"\ude00x"},{"a":"\uD83d\ud83d\ude00"}]}'

    found = scanned([body], block=1000)["modifiedBookings"]

    assert [element["a"] for element in found] == ["😀 \\ud83d \ufffd", "\ufffdx", "\ufffd😀"]


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>Maintenance</body></html>",
        b'"text"',
        b"null",
        b"[]",
        b"{]",
        b'{"modifiedBookings":[{]',
        b'{"other":[}',
        b"{}",
        b'{"modifiedBookings":null}',
        b'{"errorCode":-9,"technicalInfo":"Unknown bookyear"}',
        b'{"modifiedBookings":{}}',
        b'{"modifiedBookings":7}',
        b'{"modifiedBookings":nul}',
        b'{"modifiedBookings":[{"a":1},]}',
        b'{"modifiedBookings":[,{"a":1}]}',
        b'{"modifiedBookings":[{"a":1},,{"a":1}]}',
        b'{"modifiedBookings":[{"a":1} {"a":1}]}',
        b'{"modifiedBookings":[{"a":1}}',
        b'{"modifiedBookings":[{"a":}]}',
        b'{"modifiedBookings":[{"a":[}]}]}',
        b'{"modifiedBookings":[]]',
        b'{"modifiedBookings":[],}',
        b'{"modifiedBookings" []}',
        b'{"other":,"modifiedBookings":[]}',
        b'{"other":[1}]',
        b"{modifiedBookings:[]}",
        b'{"modifiedBookings":[]}{}',
        b'{"modifiedBookings":[]} x',
    ],
)
@pytest.mark.parametrize("block", [1, 100_000])
def test_what_is_not_json_of_that_shape_is_refused(body: bytes, block: int) -> None:
    with pytest.raises(MalformedDocument):
        scanned([body], block=block)


@pytest.mark.parametrize("body", [b"", b" \r\n"])
def test_an_empty_document_is_told_apart_from_one_without_rows(body: bytes) -> None:
    with pytest.raises(EmptyDocument):
        scanned([body])
    assert scanned([b'{"modifiedBookings":[]}']) == {}


@pytest.mark.parametrize("block", [1, 60, 100_000])
@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_what_is_no_number_costs_a_value_and_not_the_answer(number: str, block: int) -> None:
    body = f'{{"modifiedBookings":[{{"a":{number},"b":"NaN \\" {number}"}},{{"a":[{number}, 1]}}]}}'.encode()

    found = scanned([body], block=block)["modifiedBookings"]

    assert found == [{"a": None, "b": f'NaN " {number}'}, {"a": [None, 1]}]


def test_another_document_is_looked_at_only_so_far() -> None:
    with pytest.raises(MalformedDocument):
        list(ElementScanner(ARRAYS).feed(b"<p>" * 100_000))  # and it is not over


def test_no_more_than_a_block_is_held_while_a_long_document_arrives() -> None:
    line = json.dumps({"comment": "x" * 300}).encode()
    scanner = ElementScanner(ARRAYS, block=10_000)
    list(scanner.feed(b'{"other":[' + b",".join([line] * 1000) + b'],"modifiedBookings":['))
    longest = 0
    for _ in range(2000):
        list(scanner.feed(line + b","))
        longest = max(longest, len(scanner._buffer))

    assert longest < 10_000 + 2 * len(line)
