"""What a rehearsal says above a form, in words: how many would have moved, and which to look at.

Only words and addresses. rehearsal/ finds out; the pages of rules, lists and discussions ask.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.utils.text import Truncator, get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, ngettext_lazy

from comments.barring import MAY_MODERATE
from comments.desk.notices import comment_address
from comments.models import Comment
from comments.rehearsal import DAYS, Fate, Missing, Move, Rehearsal
from comments.status import Status

TRY = "_rehearse"
MOST_SHOWN = 50
SALT = "comments.rehearsed"
TIME_TO_SAVE = timedelta(hours=1)
# A change that nobody tried is remarked on where it moves so many, and this share of all.
LEAST_WARNED, SHARE_WARNED = 5, 0.1
OPENING_LENGTH = 140

Changes = Mapping[str, Any]

PENDING, APPROVED, SPAM = Status.PENDING, Status.APPROVED, Status.SPAM
# In the order in which they are told.
MOVED = {
    (APPROVED, PENDING): ngettext_lazy("%(count)s more held", "%(count)s more held", "count"),
    (APPROVED, SPAM): ngettext_lazy(
        "%(count)s more filed as spam", "%(count)s more filed as spam", "count"
    ),
    (PENDING, SPAM): ngettext_lazy(
        "%(count)s filed as spam instead of held",
        "%(count)s filed as spam instead of held",
        "count",
    ),
    (PENDING, APPROVED): ngettext_lazy("%(count)s fewer held", "%(count)s fewer held", "count"),
    (SPAM, PENDING): ngettext_lazy(
        "%(count)s held instead of filed as spam",
        "%(count)s held instead of filed as spam",
        "count",
    ),
    (SPAM, APPROVED): ngettext_lazy(
        "%(count)s fewer filed as spam, and public at once",
        "%(count)s fewer filed as spam, and public at once",
        "count",
    ),
}
DECIDED = {
    Fate.APPROVED: (gettext_lazy("approved"), gettext_lazy("approved %(count)s")),
    Fate.REJECTED: (gettext_lazy("rejected"), gettext_lazy("rejected %(count)s")),
    Fate.SPAM: (gettext_lazy("marked as spam"), gettext_lazy("marked %(count)s as spam")),
    Fate.HELD: (gettext_lazy("held"), gettext_lazy("held %(count)s")),
}
LEFT = {
    Status.APPROVED: gettext_lazy("public, nobody decided"),
    Status.PENDING: gettext_lazy("waits for a decision"),
    Status.SPAM: gettext_lazy("in the spam, nobody decided"),
}
UNKNOWN = {
    Missing.FACTS: ngettext_lazy(
        "%(count)s came from elsewhere, or before such facts were kept",
        "%(count)s came from elsewhere, or before such facts were kept",
        "count",
    ),
    Missing.WORDS: ngettext_lazy(
        "%(count)s was deleted by its author", "%(count)s were deleted by their authors", "count"
    ),
    Missing.ADDRESS: ngettext_lazy(
        "of %(count)s the network address is no longer kept",
        "of %(count)s the network addresses are no longer kept",
        "count",
    ),
    Missing.ACCOUNT: ngettext_lazy(
        "the account behind %(count)s was deleted",
        "the accounts behind %(count)s were deleted",
        "count",
    ),
    Missing.SCORE: ngettext_lazy(
        "%(count)s has no score of the learner", "%(count)s have no score of the learner", "count"
    ),
    Missing.UNASKED: ngettext_lazy(
        "about %(count)s no other site was asked, for it was spam anyway",
        "about %(count)s no other site was asked, for they were spam anyway",
        "count",
    ),
    Missing.FAILED: ngettext_lazy(
        "a check failed on %(count)s", "a check failed on %(count)s", "count"
    ),
}


@dataclass(frozen=True)
class Row:
    """One comment to look at."""

    address: str
    comment: Comment
    opening: str
    fate: str


@dataclass(frozen=True)
class Group:
    """Those that would have gone the same way. Shape: `more` are not among `rows`."""

    title: str
    rows: list[Row]
    more: int


@dataclass(frozen=True)
class Told:
    """A rehearsal as _rehearsal.html shows it. Shape: `seal` goes along with what is saved."""

    about: str
    unknown: str
    groups: list[Group]
    is_idle: bool
    is_known: bool
    seal: str = ""


def told(rehearsal: Rehearsal, viewer: Any, seal: str = "") -> Told:
    """Say what a rehearsal found out, to somebody who may have decided some of it.

    Whoever may not read what waits is told the figures alone.
    """
    most = MOST_SHOWN if viewer.has_perm(MAY_MODERATE) else 0
    return Told(
        about=_about(rehearsal.known, is_cut=rehearsal.is_cut),
        unknown=_unknown(rehearsal.unknown),
        groups=list(_groups(rehearsal.moves, viewer, most)),
        is_idle=rehearsal.is_idle,
        is_known=rehearsal.known > 0,
        seal=seal,
    )


# --- what is saved after it -----------------------------------------------------------------------


def sealed(rehearsal: Rehearsal, changes: Changes) -> str:
    """Return what a form carries, so that what was told is kept with the changes it was about."""
    kept = {"of": changes, "told": rehearsal.as_json()}
    return signing.dumps(kept, salt=SALT, compress=True)


def kept_of(seal: str, changes: Changes) -> dict[str, Any] | None:
    """Return what was told of just these changes, of late; nothing where that is not so."""
    try:
        kept = signing.loads(seal, salt=SALT, max_age=TIME_TO_SAVE)
    except signing.BadSignature:
        return None
    return kept["told"] if kept["of"] == changes else None


def kept_in_words(kept: Mapping[str, Any] | None) -> str:
    """Return what was told before a change was saved, in short; nothing where it was not tried."""
    if not kept:
        return ""
    moved = [
        MOVED[before, after] % {"count": sum(kept["moves"][f"{before}-{after}"].values())}
        for before, after in MOVED
        if f"{before}-{after}" in kept["moves"]
    ]
    told_then = "; ".join(moved) or _("all treated just the same")
    return _("Tried first: %(told)s.") % {"told": told_then}


def warning(rehearsal: Rehearsal) -> str:
    """Return what to say after a change that nobody tried, where it moves many; else nothing."""
    count = len(rehearsal.moves)
    if count < LEAST_WARNED or count < rehearsal.known * SHARE_WARNED:
        return ""
    said = ngettext(
        "It would have treated %(count)s of the last %(known)s comments otherwise.",
        "It would have treated %(count)s of the last %(known)s comments otherwise.",
        count,
    )
    return said % {"count": f"{count:,}", "known": f"{rehearsal.known:,}"}


# --- on how many it was tried ---------------------------------------------------------------------


def _about(count: int, *, is_cut: bool) -> str:
    if is_cut:
        said = ngettext(
            "Tried on the newest comment of the last %(days)s days; there are more.",
            "Tried on the newest %(count)s comments of the last %(days)s days; there are more.",
            count,
        )
    else:
        said = ngettext(
            "Tried on the one comment of the last %(days)s days that could be.",
            "Tried on %(count)s comments of the last %(days)s days.",
            count,
        )
    return said % {"count": f"{count:,}", "days": DAYS}


def _unknown(unknown: Counter[Missing]) -> str:
    if not unknown:
        return ""
    count = unknown.total()
    reasons = [UNKNOWN[why] % {"count": number} for why, number in unknown.most_common()]
    said = ngettext(
        "Of one more it cannot be told: %(reasons)s.",
        "Of %(count)s more it cannot be told: %(reasons)s.",
        count,
    )
    return said % {"count": f"{count:,}", "reasons": "; ".join(reasons)}


# --- those that would have moved ------------------------------------------------------------------


def _groups(moves: Sequence[Move], viewer: Any, left: int) -> Iterator[Group]:
    for way in MOVED:
        group = [move for move in moves if (move.before, move.after) == way]
        if group:
            rows = [_row(move, viewer) for move in group[:left]]
            yield Group(_title(way, group, viewer), rows, len(group) - len(rows))
            left -= len(rows)


def _title(way: tuple[Status, Status], moves: Sequence[Move], viewer: Any) -> str:
    """Return "14 more held, of which you had approved 12"."""
    moved = MOVED[way] % {"count": len(moves)}
    decided = [move for move in moves if move.fate in DECIDED]
    if not decided:
        return moved
    fates = Counter(move.fate for move in decided)
    is_all_one = len(decided) == len(moves) and len(fates) == 1
    said = {
        "moved": moved,
        "who": _who(decided, viewer),
        "done": get_text_list(list(_done(fates, counted=not is_all_one)), _("and")),
    }
    if not is_all_one:
        return _("%(moved)s, of which %(who)s had %(done)s") % said
    all_of = ngettext(
        "%(moved)s, which %(who)s had %(done)s",
        "%(moved)s, all of which %(who)s had %(done)s",
        len(moves),
    )
    return all_of % said


def _who(decided: Sequence[Move], viewer: Any) -> str:
    return _("you") if {move.judge_id for move in decided} == {viewer.pk} else _("editors")


def _done(fates: Counter[Fate], *, counted: bool) -> Iterator[str]:
    for fate, (alone, with_count) in DECIDED.items():
        if fates[fate]:
            yield with_count % {"count": fates[fate]} if counted else str(alone)


def _row(move: Move, viewer: Any) -> Row:
    opening = Truncator(" ".join(move.comment.body.split())).chars(OPENING_LENGTH)
    return Row(comment_address(move.comment), move.comment, opening, _fate(move, viewer))


def _fate(move: Move, viewer: Any) -> str:
    if move.fate == Fate.DELETED:
        return _("its author deleted it")
    if move.fate == Fate.LEFT:
        return str(LEFT.get(Status(move.comment.status), ""))
    said = _("%(done)s by you") if move.judge_id == viewer.pk else _("%(done)s by an editor")
    return said % {"done": DECIDED[move.fate][0]}
