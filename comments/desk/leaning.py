"""What the learner makes of one comment by now, and why: the strongest parts of it each way.

Worked out when the comment's page is drawn, by the model that this process holds. Of a page of
cards that would be too much: there the finding's own place is marked.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from comments.learning.memory import memory
from comments.learning.texts import written_in
from comments.learning.thresholds import as_share
from comments.models import Comment, LearnerMode
from comments.rulebook import rulebook_of
from comments.spam.learner.features import features_of
from comments.spam.learner.reasons import Reasons, Span
from comments.spam.learner.state import DamagedModel

LONGEST = 80
# What has no place in the text.
OTHERS = {
    "author": _("the name"),
    "website": _("the website"),
    "shape": _("length, layout and signs"),
    "disguised": _("letters in disguise"),
}


@dataclass(frozen=True)
class Cause:
    """A part of the comment. Shape: `text` is its own words, `name` what has none."""

    weight: float
    text: str = ""
    name: str = ""


@dataclass(frozen=True)
class Leaning:
    """Shape: `share` from 0, surely good, to 1, surely spam; causes the strongest first."""

    share: float
    for_spam: list[Cause]
    for_good: list[Cause]

    @property
    def is_to_spam(self) -> bool:
        return self.share > 0.5


def leaning_of(comment: Comment) -> Leaning | None:
    """Return what the learner makes of a comment, or None where it has nothing to say.

    Queries: 1, and 1 or 2 where something is new.
    """
    if not comment.body or rulebook_of(comment.thread).learner_mode == LearnerMode.OFF:
        return None
    written = written_in(comment)
    try:
        judgement = memory.judge(features_of(written))
    except DamagedModel:
        return None
    if judgement is None or not (judgement.ham and judgement.spam):
        return None
    reasons = memory.reasons(written)
    causes = sorted(_causes(comment.body, reasons), key=lambda cause: -abs(cause.weight))
    return Leaning(
        as_share(judgement.score),
        [cause for cause in causes if cause.weight > 0],
        [cause for cause in causes if cause.weight < 0],
    )


def _causes(text: str, reasons: Reasons | None) -> Iterator[Cause]:
    if reasons is None:
        return
    yield from _placed(text, (*reasons.for_spam, *reasons.for_ham))
    for kind, weight in reasons.others:
        yield Cause(weight, name=str(OTHERS.get(kind, kind)))


def _placed(text: str, spans: Iterable[Span]) -> Iterator[Cause]:
    for span in spans:
        words = text[span.start : span.end]
        yield Cause(span.weight, words if len(words) <= LONGEST else f"{words[: LONGEST - 1]}…")
