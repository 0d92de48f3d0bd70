"""The check that makes every comment of one person wait. Whom editors banned never comes so far."""

from django.utils.translation import gettext as _

from comments.barring import measures_against
from comments.models import SanctionKind
from comments.spam import Finding, Verdict
from comments.submission import Submission


def premoderated_person(submission: Submission) -> Finding | None:
    """Unsure while an editor wants to see all that comes from this person first."""
    against = measures_against(
        author=submission.author,
        email=submission.author_email,
        ip=submission.ip_address,
        number=submission.lists_version,
    )
    measure = next((each for each in against if each.kind == SanctionKind.PREMODERATE), None)
    if measure is None:
        return None
    message = _("Every comment of this person waits for an editor (%(target)s).")
    target = str(measure.get_target_display())
    return Finding("premoderated_person", Verdict.UNSURE, message % {"target": target}, target)
