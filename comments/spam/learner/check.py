"""The learner's check: what this site's own decisions say of a comment.

It advises until it has seen enough of both kinds, and while it stands down; then it passes, holds,
or files as spam. It never rejects, and where it cannot judge, the rules beside it decide alone.
"""

import logging

from django.db import DatabaseError
from django.utils.translation import gettext as _

from comments.learning.checkpoints import Version
from comments.learning.memory import Judgement, memory
from comments.learning.record import DAMAGED
from comments.learning.thresholds import as_share, in_force
from comments.learning.upkeep import stand_down
from comments.models import LearnerMode
from comments.spam import Finding, Verdict
from comments.spam.learner.cutoffs import Cutoffs
from comments.spam.learner.features import Written
from comments.spam.learner.model import ENOUGH
from comments.spam.learner.pointing import Looked
from comments.spam.learner.state import DamagedModel
from comments.spam.names import LEARNER
from comments.submission import Submission

logger = logging.getLogger("parley.spam")


def learnt(submission: Submission) -> Finding | None:
    """Ham, unsure or spam by what the learner has learnt; nothing while that is nothing.

    Queries: none; 1 where there are new decisions, 2 in a process that knows of none yet.
    """
    if submission.rules.learner_mode == LearnerMode.OFF:
        return None
    if submission.learner_said is not None:
        return _said_again(submission, submission.learner_said)
    if submission.learner_number == 0:
        # Nobody has decided anything here that could be learnt from.
        return None
    written = Written(submission.body, submission.author_name, submission.author_website)
    looked = Looked.at(written)
    try:
        judgement = memory.judge(looked.features, _version(submission))
    except DamagedModel as error:
        return _stood_down(error)
    except DatabaseError:
        logger.exception("The learner could not be asked.")
        return None
    # Who has seen but one kind knows nothing of the other.
    if judgement is None or not (judgement.ham and judgement.spam):
        return None
    return _finding(submission, looked, judgement)


def _said_again(submission: Submission, judgement: Judgement) -> Finding | None:
    """Return what follows under other rules. Pure."""
    if not (judgement.ham and judgement.spam):
        return None
    verdict = judgement.verdict(in_force(judgement.cutoffs, submission.rules))
    return Finding(LEARNER, verdict, "", is_advice=_is_advice(submission, judgement))


def _version(submission: Submission) -> Version | None:
    if submission.learner_number is None or submission.learner_epoch is None:
        return None
    return Version(submission.learner_number, submission.learner_epoch)


def _finding(submission: Submission, looked: Looked, judgement: Judgement) -> Finding:
    cutoffs = in_force(judgement.cutoffs, submission.rules)
    verdict = judgement.verdict(cutoffs)
    return Finding(
        LEARNER,
        verdict,
        _message(submission, judgement, verdict),
        round(as_share(judgement.score), 4),
        round(as_share(_threshold(cutoffs, verdict)), 4),
        _place(looked, verdict),
        is_advice=_is_advice(submission, judgement),
        made_of=judgement.as_kept(),
    )


def _is_advice(submission: Submission, judgement: Judgement) -> bool:
    acts = submission.rules.learner_mode == LearnerMode.ACT
    return not acts or judgement.cutoffs is None or bool(submission.learner_stands_down)


def _threshold(cutoffs: Cutoffs, verdict: Verdict) -> float:
    """Return the cut-off that the score is below, or the one that it has reached."""
    return cutoffs.spam if verdict == Verdict.SPAM else cutoffs.ham


def _place(looked: Looked, verdict: Verdict) -> tuple[int, int] | None:
    """Return the place that speaks most for spam. Of what is good, nobody looks for it."""
    return memory.strongest(looked) if verdict != Verdict.HAM else None


def _message(submission: Submission, judgement: Judgement, verdict: Verdict) -> str:
    said = {
        Verdict.HAM: _("Reads like what editors approved here."),
        Verdict.UNSURE: _("Reads partly like what editors approved here, partly like spam."),
        Verdict.SPAM: _("Reads like what editors marked as spam here."),
    }[verdict]
    return f"{said} {_remark(submission, judgement)}".strip()


def _remark(submission: Submission, judgement: Judgement) -> str:
    """Say why it is advice, or that newer decisions are not in it."""
    if judgement.cutoffs is None:
        seen = {"ham": judgement.ham, "spam": judgement.spam, "enough": ENOUGH}
        return (
            _(
                "Advice only: it has learnt from %(ham)s approved and %(spam)s spam, and acts from "
                "%(enough)s of each on."
            )
            % seen
        )
    if submission.learner_stands_down:
        return _("Advice only: it stands down.")
    return _("The newest decisions are not in this yet.") if judgement.is_older else ""


def _stood_down(error: DamagedModel) -> Finding:
    """Write down that the stored model is of no use, and let the rules decide."""
    try:
        stand_down(DAMAGED)
    except DatabaseError:
        logger.exception("It could not be written down that the learner stands down.")
    logger.error("The stored model of the learner is of no use: %s", error)
    message = _("The learner stands down: its stored model is damaged.")
    return Finding(LEARNER, Verdict.UNSURE, message, is_advice=True)
