"""The check itself: asks Akismet about a comment, once there is a key, and believes it.

Akismet's "discard" is a word in the finding and no more: what is spam is kept among the spam,
where editors find it. Whatever is no verdict holds the comment, to be asked about again.
"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.egress import sending
from comments.spam.akismet import CHECK, SERVICE
from comments.spam.akismet.callback import callback_url
from comments.spam.akismet.client import SECONDS, Fields
from comments.spam.akismet.failures import AkismetFailed
from comments.spam.akismet.fields import CALLBACK, KEY_FIELD, SENDS, fields_of
from comments.spam.akismet.protocol import Said, comment_check, is_on
from comments.spam.akismet.verifying import verify
from comments.spam.findings import CheckFailed, Finding, Told, Verdict
from comments.spam.health import note_alert
from comments.spam.remote import remote
from comments.submission import Submission

# The client keeps to its own time; the hook's is for when it does not.
DEADLINE = SECONDS + 0.5
# What a finding says of spam that Akismet would throw away.
BLATANT = "discard"


@remote(
    service=SERVICE,
    host="COMMENTS_AKISMET_HOST",
    sends=SENDS,
    why=gettext_lazy("to be told whether it is spam"),
    deadline=DEADLINE,
    is_on=is_on,
    verify=verify,
)
def akismet(submission: Submission) -> Finding | None:
    """What Akismet says; unsure where it could not be asked. Raises: CheckFailed."""
    if not is_on():
        return None
    if submission.ip_address is None:
        message = _("Akismet was not asked: it is not known where the comment came from.")
        return Finding("akismet", Verdict.UNSURE, message)
    fields = fields_of(submission)
    said = _asked(submission, fields)
    told = Told(SERVICE, fields, _answer(said), said.guid)
    if said.recheck_after is not None:
        raise CheckFailed(_("Akismet is still looking at it."), said.recheck_after, told)
    return _finding(said, told)


def _asked(submission: Submission, fields: Fields) -> Said:
    """Return what Akismet says, with the question written down before it. Raises: CheckFailed."""
    asked = {**fields, **_beside()}
    with sending(submission, akismet, [KEY_FIELD, *asked]) as sent:
        try:
            said = comment_check(asked)
        except AkismetFailed as failed:
            # Not when to ask again: who is busy is busy for every comment, as the breaker knows.
            raise CheckFailed(failed.in_words) from None
        sent.answer = _answer(said)
    note_alert(CHECK, said.notice)
    return said


def _beside() -> dict[str, str]:
    url = callback_url()
    return {CALLBACK: url} if url else {}


def _answer(said: Said) -> str:
    """Return what Akismet said in a word, for the ledger and for reports to it."""
    return "spam" if said.is_spam else "ham"


def _finding(said: Said, told: Told) -> Finding:
    if said.is_blatant:
        message = _("Akismet is sure that this is spam, and would throw it away.")
        return Finding("akismet", Verdict.SPAM, message, BLATANT, told=told)
    if said.is_spam:
        return Finding("akismet", Verdict.SPAM, _("Akismet says that this is spam."), told=told)
    return Finding("akismet", Verdict.HAM, _("Akismet sees no spam in this."), told=told)
