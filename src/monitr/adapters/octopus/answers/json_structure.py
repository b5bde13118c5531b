"""Where a JSON value ends, without reading what it says: strings, escapes and depth."""

import re

_TEXT = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'  # possessive: a string that has not ended is given up at once
STRING = re.compile(_TEXT, re.DOTALL)
_REST_OF_TEXT = re.compile(rb'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_CLOSES = {0x7B: 0x7D, 0x5B: 0x5D}


class MalformedDocument(ValueError):
    """The document is not JSON, or not of the shape that was expected."""


class Delimiter:
    """Finds the comma or bracket behind a value by its structure, and resumes where the data had ended, in the middle
    of a text too: one of megabytes is read once, however many pieces it comes in."""

    _FLAT = re.compile(rb'[^"{}\[\],]*+(?:%b[^"{}\[\],]*+)*+' % _TEXT, re.DOTALL)
    _NESTED = re.compile(rb'[^"{}\[\]]*+(?:%b[^"{}\[\]]*+)*+' % _TEXT, re.DOTALL)

    def __init__(self, position: int) -> None:
        self.position: int = position
        self._open = bytearray()
        self._is_in_text = False

    def find(self, buffer: bytearray) -> int | None:
        """The position of the mark; None where more data is needed. Raises MalformedDocument."""
        if self._is_in_text and not self._leave_text(buffer):
            return None
        position, size, open_ = self.position, len(buffer), self._open
        flat, nested = self._FLAT.match, self._NESTED.match
        while (plain := (nested if open_ else flat)(buffer, position)) is not None:
            self.position = position = plain.end()
            if position == size:
                break
            if (mark := buffer[position]) == 0x22:  # of a string that has not ended yet
                self._is_in_text, self.position = True, position + 1
                self._leave_text(buffer)
                break
            if mark in _CLOSES:
                open_.append(mark)
            elif not open_:
                return position
            elif _CLOSES[open_.pop()] != mark:
                raise MalformedDocument("the answer closes a brace with a bracket, or the reverse")
            position += 1
        return None

    def _leave_text(self, buffer: bytearray) -> bool:
        """Whether its end has arrived."""
        rest = _REST_OF_TEXT.match(buffer, self.position)
        assert rest is not None  # it matches nothing at all, too
        self.position = rest.end()
        if buffer[self.position : self.position + 1] != b'"':  # nothing more, or half an escape
            return False
        self._is_in_text, self.position = False, self.position + 1
        return True
