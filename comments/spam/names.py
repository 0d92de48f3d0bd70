"""What the checks, and what they say, are called where people read of them.

The log, the settings and addresses have a check's code.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

# The code of the learner, which learns from what others than itself say.
LEARNER = "learnt"
NAMES = {
    "premoderated_thread": _("Discussion under review"),
    "premoderated_person": _("Person under review"),
    "old_page": _("Old page"),
    "honeypot": _("Hidden field"),
    "too_fast": _("Written very fast"),
    "too_many_links": _("Many links"),
    "repeated_text": _("Repeated text"),
    "flood": _("Many in a short time"),
    "listed_words": _("Listed word"),
    "listed_domains": _("Listed domain"),
    "listed_networks": _("Listed network"),
    "listed_patterns": _("Listed expression"),
    "first_time_commenter": _("Guest or newcomer"),
    LEARNER: _("Learner"),
    # Said where a comment is checked again (rechecking.py).
    "orphaned": _("Answers nothing"),
    # With comments from elsewhere, too.
    "akismet": _("Akismet"),
}

VERDICTS = {"ham": _("good"), "unsure": _("unsure"), "spam": _("spam")}


def name_of(code: Any) -> str:
    """Return the name of a check; one that has none here, such as a site's own, is its code.

    `code` is as a finding has it, which may be anybody's.
    """
    return str(NAMES.get(str(code), code))


def verdict_in_words(verdict: Any) -> str:
    """Return a verdict as people read it, of a finding from elsewhere as it has it."""
    return str(VERDICTS.get(str(verdict), verdict))
