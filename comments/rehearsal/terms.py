"""Terms: what comments are judged by, in force or not yet saved; and which checks read what of it.

Pure. Only the checks named here follow from what editors set; what all others said of a comment,
those that ask other sites among them, stands as it was said.
"""

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from functools import cached_property

from comments.models import DiscussionRules, ListKind, Thread
from comments.networks import KEPT, network_of, shortened
from comments.rulebook import Rulebook, compose
from comments.spam.lists import Lists, Row, lists_of, read_rows
from comments.submission import Submission


class Missing(StrEnum):
    """Why it cannot be told any more what a check would have said."""

    # Its author deleted it, and the words with it.
    WORDS = "words"
    # It came before such facts were kept, or from elsewhere.
    FACTS = "facts"
    # Its network address was cleared or shortened.
    ADDRESS = "address"
    # The account that it was written with was deleted.
    ACCOUNT = "account"
    # The learner gave it no score.
    SCORE = "score"
    # Another site was not asked, for it was spam already.
    UNASKED = "unasked"
    # The check broke.
    FAILED = "failed"


class CannotTell(Exception):
    def __init__(self, why: Missing) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True)
class Terms:
    """Shape: `threads` are discussions, by key, whose own rules are not as they are stored."""

    rules: DiscussionRules
    entries: tuple[Row, ...]
    threads: Mapping[int, Thread] = field(default_factory=dict)

    @classmethod
    def in_force(cls) -> "Terms":
        """Queries: 2."""
        return cls(DiscussionRules.in_force(), tuple(read_rows()))

    @cached_property
    def lists(self) -> Lists:
        return lists_of(self.entries)

    def rulebook_of(self, thread: Thread) -> Rulebook:
        return compose(self.rules, self.threads.get(thread.pk, thread))

    def judging(self, submission: Submission) -> Submission:
        """Return a submission that is judged by these."""
        rulebook = self.rulebook_of(submission.thread)
        judged = replace(submission, rulebook=rulebook, lists=self.lists)
        # Links are found by parsing the words, which are the same.
        judged.__dict__["links"] = submission.links
        return judged


# --- which check reads what ---------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What a check reads. Shape: `of` are fields of a Rulebook or kinds of entries."""

    of: frozenset[str]
    needs: Missing
    is_of_lists: bool


KINDS = frozenset(ListKind.values)


def _reads(*of: str, needs: Missing) -> Reading:
    return Reading(frozenset(of), needs, KINDS.issuperset(of))


_RULES, _LISTS = "comments.spam.rules.", "comments.spam.lists."
READINGS = {
    f"{_RULES}too_fast": _reads("min_seconds", needs=Missing.FACTS),
    f"{_RULES}too_many_links": _reads("max_links", needs=Missing.WORDS),
    f"{_RULES}flood": _reads("flood_limit", "flood_window_seconds", needs=Missing.FACTS),
    f"{_RULES}old_page": _reads("hold_after_days", needs=Missing.FACTS),
    f"{_LISTS}listed_words": _reads(ListKind.WORD, needs=Missing.WORDS),
    f"{_LISTS}listed_domains": _reads(ListKind.DOMAIN, needs=Missing.WORDS),
    f"{_LISTS}listed_networks": _reads(ListKind.NETWORK, needs=Missing.ADDRESS),
    f"{_LISTS}listed_patterns": _reads(ListKind.REGEX, needs=Missing.WORDS),
    f"{_RULES}first_time_commenter": _reads(
        "held_people", "newcomer_approvals", needs=Missing.FACTS
    ),
    "comments.spam.learner.check.learnt": _reads(
        "learner_mode", "ham_cutoff", "spam_cutoff", needs=Missing.SCORE
    ),
}


@dataclass(frozen=True)
class Change:
    """Terms in force, and those that are to be."""

    old: Terms
    new: Terms

    @cached_property
    def entries(self) -> tuple[Row, ...]:
        """The entries that are in one of both only; the same with another effect is in each."""
        old, new = ({row[1:]: row for row in terms.entries} for terms in (self.old, self.new))
        return tuple(row for key, row in (old | new).items() if (key in old) != (key in new))

    @cached_property
    def lists(self) -> Lists:
        return lists_of(self.entries)

    @cached_property
    def blurred(self) -> frozenset[str]:
        """What is left, after some weeks, of the addresses in networks narrower than that."""
        patterns = (
            pattern
            for terms in (self.old, self.new)
            for _pk, kind, pattern, _effect in terms.entries
            if kind == ListKind.NETWORK
        )
        return frozenset(kept for pattern in patterns if (kept := _left_of(pattern)))

    def concerns(self, thread: Thread) -> frozenset[str]:
        """Return the checks that may judge otherwise than before in a discussion."""
        old, new = self.old.rulebook_of(thread), self.new.rulebook_of(thread)
        changed = {f.name for f in fields(old) if getattr(old, f.name) != getattr(new, f.name)}
        changed |= {kind for _pk, kind, _pattern, _effect in self.entries}
        return frozenset(path for path, reading in READINGS.items() if reading.of & changed)


def _left_of(pattern: str) -> str | None:
    """Return what is kept of the addresses in a network, where that is too little to know them."""
    try:
        network = network_of(pattern)
    except ValueError:
        return None
    is_narrow = network.prefixlen > KEPT[network.version]
    return shortened(str(network.network_address)) if is_narrow else None


def change_of_lists(pk: int | None, *rows: Row) -> Change:
    """Return the change of one entry to these: to another, or to none. Queries: 2."""
    terms = Terms.in_force()
    others = tuple(row for row in terms.entries if row[0] != pk)
    return Change(terms, replace(terms, entries=(*others, *rows)))


def change_of_rules(rules: DiscussionRules) -> Change:
    """Return the change of the site's rules to these, saved or not. Queries: 2."""
    terms = Terms.in_force()
    return Change(terms, replace(terms, rules=rules))


def change_of_thread(thread: Thread, *, held_people: str, max_links: int | None) -> Change:
    """Return the change of one discussion's own rules to these. Queries: 2."""
    terms, changed = Terms.in_force(), copy(thread)
    changed.held_people, changed.max_links = held_people, max_links
    return Change(terms, replace(terms, threads={thread.pk: changed}))
