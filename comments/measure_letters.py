"""The letter that tells a person of a measure: it waits like others, and lifting withdraws it."""

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from comments.letters import one_line
from comments.models import OutgoingLetter, Sanction, SanctionKind
from comments.outgoing import delay
from comments.reasons import label_for


def queue_letter(measure: Sanction, to: str) -> None:
    """Write to whom a measure is against, if they can be written to and there is something to say.

    A warning that nobody hears of is none, so it has words of its own. Queries: 1 or 2, or none.
    """
    if not to or not (measure.message or measure.kind == SanctionKind.WARN):
        return
    OutgoingLetter.objects.create(
        sanction=measure,
        to=to,
        subject=_("About your comments on %(site)s") % {"site": one_line(settings.SITE_NAME, 80)},
        body="\n\n".join(_paragraphs(measure)),
        due_at=timezone.now() + delay(),
    )


def _paragraphs(measure: Sanction) -> list[str]:
    said = [measure.message] if measure.message else []
    if measure.kind == SanctionKind.WARN:
        said.append(_("This is a warning by the editors; you can go on writing."))
    elif measure.kind == SanctionKind.PREMODERATE:
        said.append(_("Your comments wait for an editor before others see them."))
    else:
        said.append(_("Your comments are not taken."))
    if measure.ends_at is not None and measure.kind != SanctionKind.WARN:
        until = date_format(timezone.localtime(measure.ends_at), "j F Y, H:i")
        said.append(_("This ends on %(until)s.") % {"until": until})
    if label := label_for(measure.reason):
        said.append(_("The reason given: %(reason)s.") % {"reason": label})
    return [*said, settings.SITE_NAME]


def withdraw_letters_of(measures: Sequence[int]) -> None:
    """Keep letters about measures that are lifted from being sent, where that is still possible.

    Queries: 1.
    """
    waiting = OutgoingLetter.objects.filter(sent_at=None, withdrawn_at=None)
    waiting.filter(sanction__in=measures).update(withdrawn_at=timezone.now())
