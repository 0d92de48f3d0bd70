"""Bytes that somebody sent -> text, or in words what is wrong with them. Pure."""

from typing import IO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

MAX_BYTES = 2_000_000
BOM = b"\xef\xbb\xbf"
# How files begin that people take for text, by what they are told.
WIDE = (b"\xff\xfe", b"\xfe\xff")
BINARY = (
    b"%PDF",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\xd0\xcf\x11\xe0",
    b"{\\rtf",
)


def text_of(file: IO[bytes]) -> str:
    """Return a file's text, with line ends of one kind. Raises: ValidationError."""
    found = file.read(MAX_BYTES + 1)
    if len(found) > MAX_BYTES:
        raise ValidationError(too_large())
    if found.startswith(WIDE):
        raise ValidationError(
            _("The file is in UTF-16. Please save it as UTF-8 and send it again.")
        )
    found = found.removeprefix(BOM)
    if found.startswith(BINARY) or b"\x00" in found:
        raise ValidationError(_("This is no text file. Please send Markdown as plain text."))
    try:
        text = found.decode("utf-8")
    except UnicodeDecodeError as error:
        line = found.count(b"\n", 0, error.start) + 1
        message = _(
            "The file is not in UTF-8: line %(line)s has a character that is not. Please save it "
            "as UTF-8 and send it again."
        )
        raise ValidationError(message % {"line": line}) from error
    if not text.strip():
        raise ValidationError(_("The file is empty."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


def too_large() -> str:
    return _("The file is larger than %(most)s MB. No post is that long.") % {
        "most": MAX_BYTES // 1_000_000
    }
