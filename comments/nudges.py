"""Asking once, before anything is stored, whether a comment is meant as it stands.

The hints are slips that their writer can see once told. None is what a check found: whoever is
asked has lost nothing and left no trace, and may ask as often as they like, so no answer depends
on the site's limits and lists, on the learner, or on what others wrote. What comes back with the
form's mark goes through all checks as any other.
"""

import re
from collections.abc import Callable
from datetime import timedelta

from django.core.signing import Signer
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext_lazy as _

from comments.forms import CommentForm
from comments.markup import parsed
from comments.models import Comment
from comments.readers import Viewer
from comments.submission import Submission

SALT = "comments.nudges"
FIELD = "asked"
LEAST_LETTERS, SHOUTED_SHARE = 20, 0.7
MOST_LINKS = 5
LEAST_CHARACTERS = 3
# Shorter texts ("+1", "Thank you!") are rightly written again.
LEAST_REPEATED = 25
OF_LATE = timedelta(days=30)

FENCE = re.compile(r"^ {0,3}(?:`{3,}|~{3,})", re.MULTILINE)
CODE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?(?:^ {0,3}\1|\Z)|`[^`\n]*`", re.MULTILINE | re.DOTALL)
ADDRESS_OF_PAGE = re.compile(r"https?://\S+|www\.\S+", re.IGNORECASE)
EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# As people write one: from a plus or a nought on, and not in the middle of a word or a number.
PHONE = re.compile(r"(?<![\w+./-])(?:\+|\(?0)\d[\d ()/.-]{6,18}\d(?![\w-])")
DIGITS = range(9, 16)


# --- the question -----------------------------------------------------------------------------


def slips_in(submission: Submission, form: CommentForm, viewer: Viewer) -> list[str]:
    """Return what to ask whoever sent this about, if they were not asked yet.

    Queries: none; 1 where somebody posted the same words of late.
    """
    if not submission.rules.nudges or was_asked(form) or _is_beyond_asking(submission):
        return []
    slips = [str(words) for is_so, words in SLIPS if is_so(submission)]
    if _is_own_again(submission, viewer):
        slips.append(str(_("You have posted these very words before.")))
    return slips


def _is_beyond_asking(submission: Submission) -> bool:
    """Whether it is an editor's, or stored already, or will not be taken."""
    is_taken = submission.twin_id is not None
    return is_taken or submission.is_trusted or not submission.thread.accepts_comments()


def was_asked(form: CommentForm) -> bool:
    """Tell whether this form came back from a question."""
    return constant_time_compare(str(form.data.get(FIELD, "")), mark_of(form))


def mark_of(form: CommentForm) -> str:
    """Return what the form carries once it was asked about, so that it never is again."""
    token = str(form.data.get("token", ""))
    return Signer(salt=SALT).signature(f"{form.thread.pk}:{token}")


# --- the slips --------------------------------------------------------------------------------


def _said(submission: Submission) -> str:
    """Return the words without what is rightly odd: code, and addresses of pages."""
    return ADDRESS_OF_PAGE.sub(" ", CODE.sub(" ", submission.body))


def is_shouted(submission: Submission) -> bool:
    letters = [char for char in _said(submission) if char.lower() != char.upper()]
    shouted = sum(char.isupper() for char in letters)
    return len(letters) >= LEAST_LETTERS and shouted > SHOUTED_SHARE * len(letters)


def has_many_links(submission: Submission) -> bool:
    return len(submission.links) > MOST_LINKS


def is_next_to_nothing(submission: Submission) -> bool:
    """Two signs or fewer, unless they are pictures, as a thumb is."""
    signs = "".join(submission.body.split())
    return len(signs) < LEAST_CHARACTERS and max(signs, default="") < "\u2190"


def is_all_quoted(submission: Submission) -> bool:
    """Whether no words of one's own are left; a line right after a quotation belongs to it."""
    blocks = {token.type for token in parsed(submission.body) if token.level == 0}
    return blocks == {"blockquote_open", "blockquote_close"}


def is_code_open(submission: Submission) -> bool:
    return len(FENCE.findall(submission.body)) % 2 == 1


def has_email(submission: Submission) -> bool:
    return EMAIL.search(_said(submission)) is not None


def has_phone(submission: Submission) -> bool:
    found = PHONE.findall(_said(submission))
    return any(sum(char.isdigit() for char in each) in DIGITS for each in found)


def _is_own_again(submission: Submission, viewer: Viewer) -> bool:
    """Whether whoever writes posted these words themselves: what others wrote is not told."""
    own, is_short = viewer.own_comments, len(submission.body) < LEAST_REPEATED
    if not submission.same_text_before or own is None or is_short:
        return False
    since = submission.submitted_at - OF_LATE
    same = Comment.objects.filter(own, body_digest=submission.body_digest, created_at__gte=since)
    return same.exists()


SLIPS: list[tuple[Callable[[Submission], bool], object]] = [
    (is_shouted, _("Most of it is in capital letters, which reads as shouting.")),
    (has_many_links, _("It has many links; readers may take it for advertising.")),
    (is_next_to_nothing, _("It has next to no words.")),
    (
        is_all_quoted,
        _("All of it is a quotation. Leave an empty line between one and your own words."),
    ),
    (is_code_open, _("Code begins in it (```) and does not end, so all that follows is code.")),
    (has_email, _("It has an e-mail address, which everybody will be able to read.")),
    (has_phone, _("It seems to have a telephone number, which everybody will be able to read.")),
]
