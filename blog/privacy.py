"""What the privacy page says, drawn from what is in force: the model's columns and the settings."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from blog import unlocking
from comments import guests, letters, report_views, taking_back
from comments.models import DiscussionRules

# Every column of a comment that holds something of the person who wrote it, in the order of the
# form. A test holds this against the model, so that no column is ever added in silence.
STORED = {
    "body": _("your words, as you typed them, and what they read before each edit"),
    "author_name": _("the name you give"),
    "author_email": _(
        "the e-mail address you give; it is never shown, and nothing goes to it but our letter "
        "and, once you confirmed it, what an editor writes to you about your comment"
    ),
    "email_proved_at": _("when you confirmed that address, by the link we mailed to it"),
    "author_website": _("the website you give, if any; your name links to it"),
    "author": _("your account, if you are signed in"),
    "ip_address": _("the network address your comment came from"),
    "user_agent": _("what your browser says it is"),
    "referrer": _("the page your browser says you came from"),
    "seconds_taken": _("how long the form was open"),
    "honeypot": _("what was written into a field that people do not see, which is to say nothing"),
    "facets": _(
        "what editors look comments up by: the domains you link to, your network, the language, "
        "and which checks spoke up"
    ),
    "created_at": _("when you wrote it, and when you changed it"),
}

# What each check of ours looks at. A check that is not named here was added by the site's owner.
CHECKS = {
    "comments.spam.rules.premoderated_thread": _(
        "whether every comment in this discussion waits for an editor"
    ),
    "comments.spam.sanctions.premoderated_person": _(
        "whether your comments wait for an editor, because one asked for that"
    ),
    "comments.spam.rules.old_page": _("how long ago the page was published"),
    "comments.spam.rules.honeypot": _("whether a field that people do not see was filled in"),
    "comments.spam.rules.too_fast": _("whether the form came back faster than a person types"),
    "comments.spam.rules.too_many_links": _("how many links there are"),
    "comments.spam.rules.repeated_text": _("whether the same words were posted before"),
    "comments.spam.rules.flood": _("how much came from one account or network address just now"),
    "comments.spam.lists.listed_words": _("words on a list kept by the editors"),
    "comments.spam.lists.listed_domains": _("links to domains on a list kept by the editors"),
    "comments.spam.lists.listed_networks": _("whether they come from a network on such a list"),
    "comments.spam.lists.listed_patterns": _("patterns of words on a list kept by the editors"),
    "comments.spam.learner.check.learnt": _(
        "how much your words, name and website are like those of comments that editors approved "
        "here before, or marked as spam"
    ),
    "comments.spam.rules.first_time_commenter": _(
        "whether you have been let through before, and whether you confirmed your address"
    ),
}


def span(length: timedelta) -> str:
    """Say how long something is, in the largest whole unit; nothing for no time at all."""
    minutes = length // timedelta(minutes=1)
    if minutes and minutes % 1440 == 0:
        return ngettext("%(count)s day", "%(count)s days", minutes // 1440) % {
            "count": minutes // 1440
        }
    if minutes and minutes % 60 == 0:
        return ngettext("%(count)s hour", "%(count)s hours", minutes // 60) % {
            "count": minutes // 60
        }
    if minutes:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return ""


def in_force() -> dict[str, Any]:
    """Return the context of the page. Shape: `added_checks` are names of checks not our own."""
    paths, rules = settings.COMMENTS_CHECKS, DiscussionRules.in_force()
    return {
        "stored": list(STORED.values()),
        "own_checks": [CHECKS[path] for path in paths if path in CHECKS],
        "added_checks": [path.rpartition(".")[2] for path in paths if path not in CHECKS],
        "edit_window": span(rules.edit_window(is_proved=False)),
        "proved_edit_window": span(rules.edit_window(is_proved=True)),
        "undo_window": span(taking_back.TIME),
        "letters_to_address": letters.MOST_TO_ADDRESS,
        "link_days": letters.LINK_DAYS,
        "reports_from_network": report_views.MOST_FROM_NETWORK,
        "reports_of_account": report_views.MOST_OF_ACCOUNT,
        "guest_cookie": guests.COOKIE,
        "guest_cookie_days": guests.KEEP // timedelta(days=1),
        "unlocked_cookie": unlocking.COOKIE,
        "unlocked_cookie_days": unlocking.KEEP // timedelta(days=1),
        "session_cookie": settings.SESSION_COOKIE_NAME,
        "csrf_cookie": settings.CSRF_COOKIE_NAME,
        "session_days": settings.SESSION_COOKIE_AGE // 86_400,
    }
