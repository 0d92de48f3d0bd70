"""What texts may hold before a parser sees them: judged by forms, publishing and imports alike."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from comments.markup import check_caps

BODY_MAX_LENGTH = 200_000
EXCERPT_MAX_LENGTH = 1000
NOTE_MAX_LENGTH = 2000
MAX_FOOTNOTES = 500


def validate_body(value: str) -> None:
    """Refuse what no author typed. Thousands of notes take the parsers minutes, not seconds."""
    check_caps(value, max_length=BODY_MAX_LENGTH)
    if value.count("[^") > MAX_FOOTNOTES:
        raise ValidationError(
            _("There are more than %(most)s footnotes and references to them."),
            code="cap",
            params={"most": MAX_FOOTNOTES},
        )


def validate_html(value: str) -> None:
    """Refuse what no database keeps; HTML of any length is shown, and none of it is to be lost."""
    if "\x00" in value:
        raise ValidationError(_("There is a NUL byte in the text; please remove it."), code="nul")


def validate_note(value: str) -> None:
    check_caps(value, max_length=NOTE_MAX_LENGTH)
