"""A byte filter that mends, before a strict XML parser sees them, the faults real exports have.

Characters that XML forbids are left out, and a `]]>` that plainly is text does not end its CDATA
section. Whatever is well-formed passes unchanged, no line is added or lost, and memory is bounded.
It knows XML and none of the formats; whoever parses an export puts it in front.
"""

import re
from dataclasses import dataclass

FORBIDDEN = bytes(code for code in range(0x20) if code not in b"\t\n\r")
NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")  # U+FFFE and U+FFFF in UTF-8
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")

# How far after a `]]>` we look for what tells whether it is an end.
MAX_LOOKAHEAD = 64 * 1024
# A parser keeps a whole tag or comment in memory and reads it again with every chunk.
MAX_MARKUP = 256 * 1024
MAX_REFERENCE = 256

# Nearly all of an export: text without a fault, up to the end of an element that is one CDATA
# section. Taking it in one match is what makes this filter quick.
_FAULTLESS = re.compile(
    rb"[^<&]*(?:(?:<(?![!?])|&(?!#))[^<&]*)*?"
    rb"<([^\s<>/!?&]+)(?:\s[^<>&]*)?><!\[CDATA\[[^\]]*(?:\](?!\]>)[^\]]*)*\]\]></\1>"
)
_OPENING = re.compile(rb"<(?:!\[CDATA\[|!--|\?)")
_CLOSED_BY = {b"<![CDATA[": b"]]>", b"<!--": b"-->", b"<?": b"?>"}
_START_TAG = re.compile(rb"<([^\s<>/!?]+)[\s>]")
_REFERENCE = re.compile(rb"&#(?:x([0-9a-fA-F]+)|([0-9]+));")
_UNFINISHED_REFERENCE = re.compile(rb"&(?:#(?:x[0-9a-fA-F]*|[0-9]*))?\Z")
_SPACE = re.compile(rb"[ \t\r\n]*")
_FOLLOWING = re.compile(rb"<|\]\]>")
_MARKUP = re.compile(rb"<[!?A-Za-z_:\x80-\xff]")


class MarkupTooLong(ValueError):
    """A single tag or comment is longer than any export has."""


@dataclass(slots=True)
class Repairs:
    """What was mended, and the line of the first of each kind."""

    control_characters: int = 0
    first_line: int | None = None
    cdata: int = 0
    cdata_line: int | None = None


class Repair:
    """Pass the bytes of a file through `feed()`, and ask `close()` for the last of them."""

    def __init__(self) -> None:
        self.repairs = Repairs()
        self._cut = b""  # the start of a character whose end is still to come
        self._lines_in = 1  # the line of the next byte to come in
        self._data = b""  # what is being looked at: it begins where the last feed() stopped
        self._line = 1  # the line it begins on
        self._passed = 0  # how much of it is in `_out`
        self._out: list[bytes] = []
        self._closing = b""  # what ends the section we are in, b"" for none
        self._length = 0  # of the comment we are in, so far
        self._tag = b""  # the element whose text we are in, b"" when that is not certain
        self._reference_line: int | None = None  # of the first reference left out

    def feed(self, chunk: bytes) -> bytes:
        """Return what can be passed on now. Raises: MarkupTooLong."""
        self._data += self._without_forbidden(chunk)
        return self._advance(final=False)

    def close(self) -> bytes:
        """Return what was held back."""
        self._data += self._cut
        return self._advance(final=True)

    # ---- Characters -----------------------------------------------------------------------------

    def _without_forbidden(self, chunk: bytes) -> bytes:
        data = self._cut + chunk
        whole = len(data) - (2 if data.endswith(b"\xef\xbf") else data.endswith(b"\xef"))
        data, self._cut = data[:whole], data[whole:]
        clean = data.translate(None, FORBIDDEN)
        for character in NONCHARACTERS:
            clean = clean.replace(character, b"")
        if len(clean) != len(data):
            found = [match.start() for match in _FORBIDDEN.finditer(data)]
            self._count_characters(len(found), self._lines_in + data.count(b"\n", 0, found[0]))
        self._lines_in += data.count(b"\n")
        return clean

    def _count_characters(self, number: int, line: int) -> None:
        self.repairs.control_characters += number
        self.repairs.first_line = min(line, self.repairs.first_line or line)

    def _drop_references(self, start: int, end: int) -> None:
        """Leave out the references in this text to characters that XML forbids."""
        if self._data.find(b"&#", start, end) == -1:
            return
        for match in _REFERENCE.finditer(self._data, start, end):
            if not _is_allowed(match):
                if self._reference_line is None:  # to count lines for each takes too long
                    self._reference_line = self._line_at(match.start())
                self._count_characters(1, self._reference_line)
                self._replace(match.start(), match.end(), b"")

    # ---- Sections -------------------------------------------------------------------------------

    def _advance(self, *, final: bool) -> bytes:
        """Pass on all but the end that cannot be judged before more has come."""
        position, more = 0, True
        while more:
            section = {b"": self._text, b"]]>": self._cdata}.get(self._closing, self._comment)
            position, more = section(position, final)
        self._replace(position, position, b"")
        self._line = self._line_at(position)
        self._data, self._passed = self._data[position:], 0
        passed_on, self._out = b"".join(self._out), []
        return passed_on

    def _replace(self, start: int, end: int, instead: bytes) -> None:
        self._out += (self._data[self._passed : start], instead)
        self._passed = end

    def _line_at(self, position: int) -> int:
        return self._line + self._data.count(b"\n", 0, position)

    # Each of these three reads on in one kind of section from `position`, and returns the place up
    # to which it has judged and whether something follows there that can be judged by now.

    def _text(self, position: int, final: bool) -> tuple[int, bool]:
        while faultless := _FAULTLESS.match(self._data, position):
            position, self._tag = faultless.end(), b""
        opening = _OPENING.search(self._data, position)
        if opening:
            end = opening.start()
        else:
            end = len(self._data) if final else self._start_of_unfinished(position)
        self._note_tag(position, end)
        self._drop_references(position, end)
        if opening is None:
            return end, False
        self._closing, self._length = _CLOSED_BY[opening[0]], 0
        return opening.end(), True

    def _comment(self, position: int, final: bool) -> tuple[int, bool]:
        found = self._data.find(self._closing, position)
        if found != -1:
            end = found + len(self._closing)
            self._closing = b""
            return end, True
        end = len(self._data) if final else self._all_but(len(self._closing) - 1, position)
        self._length += end - position
        _require_short(self._length)
        return end, False

    def _cdata(self, position: int, final: bool) -> tuple[int, bool]:
        found = self._data.find(b"]]>", position)
        if found == -1:
            return len(self._data) if final else self._all_but(2, position), False
        after = found + 3
        is_end = self._is_end(after, final or len(self._data) - after > MAX_LOOKAHEAD)
        if is_end is None:
            return found, False
        if is_end:
            self._closing = b""
        else:
            self.repairs.cdata += 1
            self.repairs.cdata_line = self.repairs.cdata_line or self._line_at(found)
            self._replace(found, after, b"]]]]><![CDATA[>")
        return after, True

    def _all_but(self, number: int, position: int) -> int:
        return max(position, len(self._data) - number)

    def _start_of_unfinished(self, position: int) -> int:
        """Return where a tag or a reference begins that may go on in the next chunk."""
        data, end = self._data, len(self._data)
        tag = data.rfind(b"<", position)
        if tag != -1 and data.find(b">", tag) == -1:
            _require_short(end - tag)
            return tag
        reference = data.rfind(b"&", max(position, end - MAX_REFERENCE))
        if reference != -1 and _UNFINISHED_REFERENCE.match(data, reference):
            return reference
        return end

    def _note_tag(self, start: int, end: int) -> None:
        """Remember the element that this text leaves open, if its start tag came last."""
        tag = self._data.rfind(b"<", start, end)
        if self._data.find(b"/>", max(start, tag), end) != -1:
            self._tag = b""
        elif tag != -1:
            match = _START_TAG.match(self._data, tag, end)
            self._tag = match[1] if match else b""

    # ---- The end of a CDATA section -------------------------------------------------------------

    def _is_end(self, after: int, final: bool) -> bool | None:
        """Tell whether the `]]>` before `after` ends its section; None while more must be seen.

        An end is followed by markup, and if that is an end tag, by that of the element it is in:
        `]]></script>` in a post is text. Text may stand between only if it runs up to that tag.
        """
        following = _FOLLOWING.search(self._data, after)
        if following is None:
            is_blank = not self._data[after : after + MAX_LOOKAHEAD].strip(b" \t\r\n")
            return is_blank if final else None
        start = following.start()
        if following[0] == b"]]>":
            return False
        if _SPACE.fullmatch(self._data, after, start):
            return self._is_markup(start, final)
        return self._is_end_tag(start, final) if self._tag else False

    def _is_markup(self, start: int, final: bool) -> bool | None:
        if len(self._data) < start + 2:
            return True if final else None
        if self._data[start + 1] == ord("/"):
            return self._is_end_tag(start, final)
        return _MARKUP.match(self._data, start) is not None

    def _is_end_tag(self, start: int, final: bool) -> bool | None:
        """Tell whether the end tag at `start` is that of our element; any is when not certain."""
        if not self._tag:
            return True
        wanted = b"</" + self._tag
        found = self._data[start : start + len(wanted) + 1]
        if len(found) > len(wanted):
            return found[:-1] == wanted and found[-1:] in b"> \t\r\n"
        return (found == wanted) if final or not wanted.startswith(found) else None


def _require_short(length: int) -> None:
    if length > MAX_MARKUP:
        raise MarkupTooLong


def _is_allowed(reference: re.Match[bytes]) -> bool:
    """Tell whether XML 1.0 allows the character that is referred to."""
    hexadecimal, decimal = reference.groups()
    if len(reference[0]) > MAX_REFERENCE:
        return False
    code = int(hexadecimal, 16) if hexadecimal else int(decimal)
    return code in (0x9, 0xA, 0xD) or any(
        first <= code <= last
        for first, last in ((0x20, 0xD7FF), (0xE000, 0xFFFD), (0x10000, 0x10FFFF))
    )
