"""Cuts a JSON document into the elements of its arrays while it arrives (decision 6).

An answer of Octopus is one array (lists), or one object with a few arrays (what has changed). It may be hundreds of
megabytes, so it is never held whole: the scanner keeps one block of it and gives it away as soon as it is cut.

The fast way guesses: it takes the last ``},{`` of a block (or ``}]``, the end of the array) for a boundary and has
msgspec read the elements before it as raw JSON. What a JSON reader makes of a text's beginning does not depend on what
follows; so if the text up to the guess, closed by a bracket, is a valid array, the guess was a boundary, whatever
braces and quotes the strings hold. Where it is not valid, the slow way finds the boundaries by counting depth outside
strings.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import Enum, auto

import msgspec

from monitr.adapters.octopus.answers.json_structure import STRING, Delimiter, MalformedDocument

ROOT = ""
"""The name of the array where the document itself is one."""

BLOCK = 128 * 1024
"""Bytes: about three hundred ledger lines, which are decoded, translated and packed in about a millisecond. Whatever
else runs in the event loop waits that long."""

LONGEST_ELEMENT = 16 * 1024 * 1024

LONGEST_OTHER = 64 * 1024
"""Bytes of a document that is not the one that was asked for, or that holds no element."""

_RAW = msgspec.json.Decoder(list[msgspec.Raw])
_GUESSES = 3
_NOT_EXPECTED = "the answer is not the JSON that was expected"
_SPACE = re.compile(rb"[ \t\r\n]*")
_ARRAY_END = re.compile(rb"\}[ \t\r\n]*\]")
_SURROGATES = re.compile(
    rb"(\\\\|\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)
"""Escapes: a backslash or a pair of surrogates (kept), or half a pair."""
_NO_NUMBER = re.compile(rb'("(?:[^"\\]|\\.)*+")|-?(?:NaN|Infinity)', re.DOTALL)
"""A text (kept), or what some programs write for a number that is none (RFC 8259 has no such thing)."""
_BETWEEN = re.compile(rb"\}[ \t\r\n]*,[ \t\r\n]*\Z")


class UnfinishedDocument(ValueError):
    """The document ended before it was closed."""


class EmptyDocument(UnfinishedDocument):
    """There was nothing but white space, or a document that says no more."""


@dataclass(frozen=True, slots=True)
class Elements:
    """Whole elements of one array, as a JSON array of ``count`` values; ``first`` is the position of the first one."""

    array: str
    json: bytes
    first: int
    count: int

    def raw(self) -> list[msgspec.Raw]:
        return _RAW.decode(self.json)


class _Phase(Enum):
    START = auto()
    OTHER_DOCUMENT = auto()
    FIRST_NAME = auto()
    NAME = auto()
    COLON = auto()
    VALUE = auto()
    SKIPPED_VALUE = auto()
    FIRST_ELEMENT = auto()
    ELEMENT = auto()
    COMMA = auto()
    END = auto()


class ElementScanner:
    """Feed it the body piece by piece, then close it. Both give the elements that have become whole.

    ``arrays`` names the arrays that are wanted of the top-level object, or is ``{ROOT}`` where the document is an
    array. Other members are skipped, and an array may be absent or ``null``; a document that has none of them is
    malformed, which is known at its end.
    """

    def __init__(self, arrays: Collection[str], block: int = BLOCK) -> None:
        self.arrays = frozenset(arrays)
        self._block = block
        self._buffer = bytearray()
        self._position = 0
        self._phase = _Phase.START
        self._array = ROOT
        self._counts: dict[str, int] = {}
        self._delimiter: Delimiter | None = None

    def feed(self, data: bytes) -> Iterator[Elements]:
        self._buffer += data
        yield from self._advance(is_last=False)

    def close(self) -> Iterator[Elements]:
        """The rest. Raises UnfinishedDocument where the document is not closed, EmptyDocument where there is none."""
        yield from self._advance(is_last=True)
        if self._phase is _Phase.START:
            raise EmptyDocument("the answer is empty")
        if self._phase is _Phase.OTHER_DOCUMENT or (self._phase is _Phase.END and not self._counts):
            raise MalformedDocument(_NOT_EXPECTED)
        if self._phase is not _Phase.END:
            raise UnfinishedDocument("the answer ends before it is closed")

    def _advance(self, *, is_last: bool) -> Iterator[Elements]:
        while True:
            if self._phase is _Phase.ELEMENT:
                if (elements := self._cut(is_last=is_last)) is None:
                    break
                yield elements
            elif not self._step():
                break
        self._forget()

    def _forget(self) -> None:
        """Drop what is behind us."""
        del self._buffer[: self._position]
        if self._delimiter is not None:
            self._delimiter.position -= self._position
        self._position = 0

    def _step(self) -> bool:
        """One token of the envelope; False where more data is needed."""
        if self._phase is _Phase.SKIPPED_VALUE:
            return self._skip_value()
        if self._phase is _Phase.OTHER_DOCUMENT:
            return self._wait_for_end_of_other()
        space = _SPACE.match(self._buffer, self._position)
        self._position = space.end() if space else self._position
        if self._position == len(self._buffer):
            return False
        mark = self._buffer[self._position : self._position + 1]
        match self._phase, mark:
            case _Phase.START, b"[" if ROOT in self.arrays:
                self._open_array(ROOT)
            case _Phase.START, b"{" if ROOT not in self.arrays:
                self._go_on(_Phase.FIRST_NAME)
            case _Phase.START, _:
                self._phase = _Phase.OTHER_DOCUMENT
            case _Phase.FIRST_NAME | _Phase.NAME, b'"':
                return self._read_name()
            case _Phase.FIRST_NAME | _Phase.COMMA, b"}":
                self._go_on(_Phase.END)
            case _Phase.COLON, b":":
                self._go_on(_Phase.VALUE)
            case _Phase.VALUE, b"[" if self._array in self.arrays:
                self._open_array(self._array)
            case _Phase.VALUE, b"n" if self._array in self.arrays:
                return self._read_null()
            case _Phase.VALUE, _ if self._array not in self.arrays and mark not in b",}]":
                self._delimiter = Delimiter(self._position)
                self._phase = _Phase.SKIPPED_VALUE
            case _Phase.FIRST_ELEMENT, b"]":
                self._close_array()
            case _Phase.FIRST_ELEMENT, _:
                self._phase = _Phase.ELEMENT
            case _Phase.COMMA, b",":
                self._go_on(_Phase.NAME)
            case _:
                raise MalformedDocument(f"{_NOT_EXPECTED} ({self._phase.name.lower()})")
        return True

    def _go_on(self, phase: _Phase) -> None:
        self._position += 1
        self._phase = phase

    def _open_array(self, name: str) -> None:
        self._array = name
        self._counts.setdefault(name, 0)
        self._go_on(_Phase.FIRST_ELEMENT)

    def _close_array(self) -> None:
        self._go_on(_Phase.END if self._array == ROOT else _Phase.COMMA)

    def _read_name(self) -> bool:
        name = STRING.match(self._buffer, self._position)
        if name is None:
            return self._wait()
        try:
            self._array = msgspec.json.decode(name[0], type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise MalformedDocument("the answer holds a name that is not JSON") from None
        self._position = name.end()
        self._phase = _Phase.COLON
        return True

    def _read_null(self) -> bool:
        text = bytes(self._buffer[self._position : self._position + 4])
        if not b"null".startswith(text):
            raise MalformedDocument("the answer holds something else where an array was expected")
        if len(text) < 4:
            return False
        self._position += 4
        self._phase = _Phase.COMMA
        return True

    def _skip_value(self) -> bool:
        assert self._delimiter is not None
        end = self._delimiter.find(self._buffer)
        self._position = self._delimiter.position
        if end is None:
            return self._wait()
        self._delimiter = None
        self._phase = _Phase.COMMA
        return True

    def _wait_for_end_of_other(self) -> bool:
        """It may say why it is another document than the one that was asked for."""
        if len(self._buffer) > LONGEST_OTHER:
            raise MalformedDocument(_NOT_EXPECTED)
        return False

    def _cut(self, *, is_last: bool) -> Elements | None:
        """The next block of elements; None where more data is needed."""
        if self._delimiter is None:
            if len(self._buffer) - self._position < self._block and not is_last:
                return None
            if (elements := self._cut_by_guess()) is not None:
                return elements
            self._delimiter = Delimiter(self._position)
        return self._cut_by_structure(self._delimiter)

    def _cut_by_guess(self) -> Elements | None:
        for end in self._guesses():
            try:
                return self._take(end)
            except MalformedDocument:
                continue
        return None

    def _guesses(self) -> Iterator[int]:
        """Where a boundary might be, likeliest first: the first end of an array, else the last gap between objects."""
        limit = self._position + self._block
        if (found := _ARRAY_END.search(self._buffer, self._position, limit)) is not None:
            end = found.end() - 1
            del found  # it holds the buffer
            yield end
        for _ in range(_GUESSES):
            if (gap := self._last_gap(limit)) is None:
                return
            yield gap
            limit = gap

    def _last_gap(self, limit: int) -> int | None:
        """The comma of the last ``},{`` before ``limit``, white space allowed in it."""
        while (brace := self._buffer.rfind(b"{", self._position, limit)) > self._position:
            between = _BETWEEN.search(self._buffer[max(brace - 64, self._position) : brace])
            if between is not None:
                return self._buffer.rfind(b",", self._position, brace)
            limit = brace
        return None

    def _cut_by_structure(self, delimiter: Delimiter) -> Elements | None:
        while (end := delimiter.find(self._buffer)) is not None:
            if self._buffer[end] == 0x2C and end - self._position < self._block:
                delimiter.position = end + 1
                continue
            self._delimiter = None
            return self._take(end)
        self._wait()
        return None

    def _take(self, end: int) -> Elements:
        """The elements up to ``end``, where a comma or the array's bracket stands, if they are valid JSON."""
        with memoryview(self._buffer) as view:
            json = b"".join((b"[", view[self._position : end], b"]"))
        json, count = _counted(json)
        if count == 0 or self._buffer[end] == 0x7D:
            raise MalformedDocument("the answer holds a misplaced comma or brace")
        elements = Elements(self._array, json, self._counts[self._array], count)
        self._counts[self._array] += count
        self._position = end
        if self._buffer[end] == 0x5D:
            self._close_array()
        else:
            self._position += 1
        return elements

    def _wait(self) -> bool:
        if len(self._buffer) - self._position > LONGEST_ELEMENT + self._block:
            raise MalformedDocument("the answer holds an element of more than 16 MiB")
        return False


def _counted(json: bytes) -> tuple[bytes, int]:
    """A valid array and its length. What programs write that is no JSON costs a value, not the answer."""
    try:
        return json, len(_RAW.decode(json))
    except (msgspec.DecodeError, RecursionError):
        if (mended := _mended(json)) == json:
            raise MalformedDocument("the answer holds elements that are not JSON") from None
    try:
        return mended, len(_RAW.decode(mended))
    except (msgspec.DecodeError, RecursionError):
        raise MalformedDocument("the answer holds elements that are not JSON") from None


def _mended(json: bytes) -> bytes:
    """Half a surrogate pair (a text cut in the middle of an emoji) becomes U+FFFD; NaN and Infinity become null."""
    if b"\\ud" in json or b"\\uD" in json:
        json = _SURROGATES.sub(lambda escape: escape[1] or b"\\ufffd", json)
    if b"NaN" in json or b"Infinity" in json:
        json = _NO_NUMBER.sub(lambda found: found[1] or b"null", json)
    return json
