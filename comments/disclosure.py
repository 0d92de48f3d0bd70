"""What the page "How your comment data is processed" says, drawn from what is in force: the columns
of a comment, the editors' rules, the checks and what each of them sends to whom.

Tests hold it against comments that are really sent: no column is added, and nothing leaves the
site, in silence. The page is data_views.py's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from comments import guests, letters, readers, report_views, taking_back
from comments.models import DiscussionRules, LearnerMode
from comments.spam import Remote, remote_checks_in_force
from comments.spam.akismet import SERVICE
from comments.spam.akismet.sent import KEPT_FOR
from comments.spam.loading import checks_in_force
from comments.spam.names import LEARNER


@dataclass(frozen=True)
class Fact:
    """What is stored with a comment. Shape: `until` says how long, in words that may have `days`;
    `is_public` what every reader sees.
    """

    what: Promise
    until: Promise
    is_public: bool = False


WITH_WORDS = _("until you delete the comment")
WITH_PLACE = _("as long as the comment has its place, even when you delete it")
FOR_DAYS = _("for %(days)s, then cleared")

# Every column of a comment that holds something of the person who wrote it, in the order of the
# form.
STORED = {
    "body": Fact(
        _("your words, as you typed them, and what they read before each edit"), WITH_WORDS, True
    ),
    "author_name": Fact(_("the name you give"), WITH_PLACE, True),
    "author_website": Fact(
        _("the website you give, if any; your name links to it"), WITH_WORDS, True
    ),
    "created_at": Fact(_("when you wrote it, and when you changed it"), WITH_PLACE, True),
    "author_email": Fact(
        _(
            "the e-mail address you give; it is never shown, and nothing goes to it but our letter "
            "and, once you confirmed it, what an editor writes to you about your comment"
        ),
        WITH_WORDS,
    ),
    "email_proved_at": Fact(
        _("when you confirmed that address, by the link we mailed to it"), WITH_PLACE
    ),
    "author": Fact(
        _("your account, if you are signed in"),
        _("until the account is removed; the log keeps its number"),
    ),
    "ip_address": Fact(
        _("the network address your comment came from"),
        _(
            "for %(days)s, then shortened to the network: of 192.0.2.7 there is 192.0.2.0/24 left, "
            "of 2001:db8:1:2::3 there is 2001:db8:1::/48"
        ),
    ),
    "user_agent": Fact(_("what your browser says it is"), FOR_DAYS),
    "referrer": Fact(_("the page your browser says you came from"), FOR_DAYS),
    "honeypot": Fact(
        _("what was written into a field that people do not see, which is to say nothing"),
        FOR_DAYS,
    ),
    "seconds_taken": Fact(
        _("how long the form was open, in seconds; it does not say who you are"), WITH_PLACE
    ),
    "facets": Fact(
        _(
            "what editors look comments up by: the domains you link to, your network, the "
            "language, and which checks spoke up"
        ),
        _("until you delete the comment; of the network, after %(days)s, no more than said above"),
    ),
    "submission_key": Fact(
        _(
            "a digest of the form and what was in it, so that sending it twice makes one comment; "
            "your browser knows your comments by it"
        ),
        WITH_PLACE,
    ),
}
# What is made of these, and goes with them.
DERIVED = {
    "body_html": "body",
    "standing_html": "body",
    "body_digest": "body",
    "meta_html": "author_name",
    "edited_at": "created_at",
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

# What a browser keeps for itself, by the names it has there, and sends nowhere.
ON_THE_DEVICE = {
    "drafts": _("what you typed and have not sent, so that it is not lost"),
    "visits": _("up to where you have read a discussion"),
    "folds": _("which replies you folded away"),
    "reading": _("whether you want keys to move by, and a preview"),
}


def in_force() -> dict[str, Any]:
    """Return the context of the page. Shape: `added_checks` are names of checks not our own.

    Queries: 1.
    """
    rules, remotes = DiscussionRules.in_force(), remote_checks_in_force()
    own, added = _local_checks(rules)
    return {
        **facts(rules),
        "own_checks": own,
        "added_checks": added,
        # It learns all the same while it is not asked.
        "is_learner_asked": CHECKS["comments.spam.learner.check.learnt"] in own,
        "remotes": remotes,
        "told_of_decisions": [str(each.service) for each in remotes if _is_told(each)],
        "sent_days": KEPT_FOR.days,
        "edit_window": span(rules.edit_window(is_proved=False)),
        "proved_edit_window": span(rules.edit_window(is_proved=True)),
        "undo_window": span(taking_back.TIME),
        "letters_to_address": letters.MOST_TO_ADDRESS,
        "link_days": letters.LINK_DAYS,
        "reports_from_network": report_views.MOST_FROM_NETWORK,
        "reports_of_account": report_views.MOST_OF_ACCOUNT,
        "guest_cookie": guests.COOKIE,
        "guest_cookie_days": guests.KEEP // timedelta(days=1),
        "sort_cookie": readers.SORT_COOKIE,
        "on_the_device": list(ON_THE_DEVICE.values()),
    }


def facts(rules: DiscussionRules) -> dict[str, Any]:
    """Return what is stored of a comment, and how long under these rules: public, and not."""
    days = span(timedelta(days=rules.keep_facts_days))
    rows = [(fact, str(fact.until) % {"days": days}) for fact in STORED.values()]
    return {
        "keep_days": days,
        "public_facts": [(fact.what, until) for fact, until in rows if fact.is_public],
        "editors_facts": [(fact.what, until) for fact, until in rows if not fact.is_public],
    }


def _local_checks(rules: DiscussionRules) -> tuple[Sequence[Promise], list[str]]:
    """Return what our own checks look at, and the names of those that the site's owner added."""
    local = [each for each in checks_in_force() if each.remote is None]
    if rules.learner_mode == LearnerMode.OFF:
        local = [each for each in local if each.name != LEARNER]
    own = [CHECKS[each.path] for each in local if each.path in CHECKS]
    return own, [each.name for each in local if each.path not in CHECKS]


def _is_told(remote: Remote) -> bool:
    """Whether a service is told where a person decided otherwise than it did."""
    return str(remote.service) == SERVICE


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
