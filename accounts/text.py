"""What counts as the same address, and what may stand in a name.

Pure functions over text; forms and models use them, they know of neither.
"""

import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# Characters that turn the direction of text around: in a name they spill over its neighbours.
DIRECTION_OVERRIDES = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# Control, surrogate, line and paragraph separator: nothing of a line of text.
NOT_OF_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Letters, digits, punctuation and symbols: what leaves ink on the page.
INK = frozenset("LNPS")

ADDRESS_MAX_LENGTH = 254


def tidy_address(address: str) -> str:
    """Return the spelling to keep and to write letters to: compatibility forms and case undone.

    That is what a mail program would make of it too. It goes no further: `straße.de` and
    `strasse.de` have different owners, although their keys are equal.
    """
    lowered = unicodedata.normalize("NFKC", address).strip().lower()
    return unicodedata.normalize("NFKC", lowered)


def email_key(address: str) -> str:
    """Return the form under which two spellings of one address are equal.

    NFKC, then case folded, then NFKC again (folding can undo it), as Unicode's identifier
    caseless matching does. Source: Unicode Standard, section 3.13, D146.
    """
    return unicodedata.normalize("NFKC", tidy_address(address).casefold())


def validate_address(value: str) -> None:
    """Refuse what no letter could be sent to, or what has no key that fits its column.

    Django's own validator, told to ignore case, lets a Turkish i pass for an ASCII one.

    Raises: ValidationError.
    """
    mailbox = tidy_address(value).rpartition("@")[0]
    if not mailbox.isascii() or len(email_key(value)) > ADDRESS_MAX_LENGTH:
        raise ValidationError(_("Enter a valid email address."), code="invalid")


def validate_single_line(value: str) -> None:
    """Refuse control, surrogate and direction-turning characters in a one-line text.

    Raises: ValidationError that names the first such character.
    """
    for char in value:
        if unicodedata.category(char) in NOT_OF_A_LINE or char in DIRECTION_OVERRIDES:
            raise ValidationError(
                _("Please remove the invisible character U+%(code)s."),
                code="control_character",
                params={"code": f"{ord(char):04X}"},
            )


def validate_visible(value: str) -> None:
    """Refuse a text of which nothing can be seen, such as one of zero-width characters only.

    Raises: ValidationError.
    """
    if not any(unicodedata.category(char)[0] in INK for char in value):
        raise ValidationError(_("Please use at least one character that can be seen."), "invisible")
