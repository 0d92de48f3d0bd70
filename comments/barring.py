"""Whom a measure stops: asked of every comment, edit and report, and answered from memory.

Every process keeps the measures in force until one of them changes (held.py); when one ends is
compared with the clock. An account is stopped by its own measures, and by those against a domain
or a network; a typed address proves nothing, so what is against an address alone stops guests who
type it, and the account that it was taken from. sanctions.py takes and lifts measures.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.held import OF_MEASURES, Held
from comments.letters import mailbox
from comments.models import Sanction, SanctionKind, SanctionTarget
from comments.networks import Networks
from comments.reasons import label_for
from comments.spam.lists import fold_domain
from comments.submission import Submission

MAY_MODERATE = "comments.moderate_comment"
STOPPING = (SanctionKind.BAN, SanctionKind.SUSPEND)
ASKED_FOR = (*STOPPING, SanctionKind.PREMODERATE)


class Banned(Exception):
    """This person may not write here (for now). Shape: `sanction` is why."""

    def __init__(self, sanction: Sanction) -> None:
        super().__init__(f"Stopped by measure {sanction.pk}.")
        self.sanction = sanction

    @property
    def in_words(self) -> str:
        """Say who is stopped, until when and why, and never what editors wrote for themselves.

        Queries: 1 where there is a reason.
        """
        said = [str(WHO_IS_STOPPED[SanctionTarget(self.sanction.target)]), self._end]
        if reason := label_for(self.sanction.reason):
            said.append(_("The reason given: %(reason)s.") % {"reason": reason})
        return " ".join(said)

    @property
    def _end(self) -> str:
        if self.sanction.ends_at is None:
            return _("This has no end set.")
        until = date_format(timezone.localtime(self.sanction.ends_at), "j F Y, H:i")
        return _("This ends on %(until)s.") % {"until": until}


WHO_IS_STOPPED = {
    SanctionTarget.ACCOUNT: gettext_lazy("The editors do not take words from your account now."),
    SanctionTarget.EMAIL: gettext_lazy("The editors do not take words under this address now."),
    SanctionTarget.DOMAIN: gettext_lazy(
        "The editors do not take words under addresses of this e-mail service now."
    ),
    SanctionTarget.NETWORK: gettext_lazy(
        "The editors do not take words from the network that you use now."
    ),
}


# --- what is kept ---------------------------------------------------------------------------


@dataclass
class InForce:
    """The measures by whom they are against, folded as they are compared."""

    accounts: dict[str, list[Sanction]] = field(default_factory=lambda: defaultdict(list))
    mailboxes: dict[str, list[Sanction]] = field(default_factory=lambda: defaultdict(list))
    domains: dict[str, list[Sanction]] = field(default_factory=lambda: defaultdict(list))
    networks: Networks[Sanction] = field(default_factory=lambda: Networks(()))

    def of_account(self, author_id: int | None) -> list[Sanction]:
        """Return what is against an account itself."""
        return _not_over(self.accounts.get(str(author_id), ()))

    def shared(self, author_id: int | None, email: str, ip: str | None) -> list[Sanction]:
        """Return what is against the network, the domains and the address of somebody."""
        found = [measure for _network, measure in self.networks.of(ip)]
        for domain in domains_of(email):
            found += self.domains.get(domain, ())
        for measure in self.mailboxes.get(mailbox(email), ()) if email else ():
            if author_id is None or measure.user_id == author_id:
                found.append(measure)
        return _not_over(found)


def _not_over(measures: Iterable[Sanction]) -> list[Sanction]:
    return [measure for measure in measures if measure.is_in_force]


def read_in_force() -> InForce:
    """Queries: 1."""
    rows = Sanction.objects.in_force().order_by()
    found, networks = InForce(), []
    for row in rows.defer("note", "message"):
        if row.target == SanctionTarget.ACCOUNT:
            found.accounts[row.value].append(row)
        elif row.target == SanctionTarget.EMAIL:
            found.mailboxes[row.value].append(row)
        elif row.target == SanctionTarget.DOMAIN:
            found.domains[row.value].append(row)
        else:
            networks.append((row.value, row))
    found.networks = Networks(networks)
    return found


held = Held(read_in_force, OF_MEASURES)


# --- who is stopped -------------------------------------------------------------------------


def measures_against(
    *, author: Any, email: str, ip: str | None, number: int | None = None
) -> list[Sanction]:
    """Return what is in force against somebody. `number`: of changes, as a submission knows it.

    Those who moderate share their networks and domains with others: only what is against their
    account is against them. Queries: as Held.at(); who moderates is asked only where it matters.
    """
    measures, author_id = held.at(number), author.pk if author is not None else None
    own = _asked_for(measures.of_account(author_id))
    shared = _asked_for(measures.shared(author_id, email, ip))
    if shared and author is not None and author.has_perm(MAY_MODERATE):
        shared = []
    return [*own, *shared]


def _asked_for(measures: list[Sanction]) -> list[Sanction]:
    return [measure for measure in measures if measure.kind in ASKED_FOR]


def domains_of(email: str) -> list[str]:
    """Return the domain of an address and all above it, the longest first, folded."""
    labels = fold_domain(email.rpartition("@")[2]).split(".")
    return [".".join(labels[start:]) for start in range(len(labels))] if email else []


def banned_by(
    *, author: Any, email: str, ip: str | None, number: int | None = None
) -> Sanction | None:
    """Return the measure that keeps somebody from writing the longest, or None."""
    against = measures_against(author=author, email=email, ip=ip, number=number)
    return max((each for each in against if each.kind in STOPPING), key=_how_long, default=None)


def _how_long(measure: Sanction) -> tuple[bool, float]:
    ends_at = measure.ends_at
    return (ends_at is None, ends_at.timestamp() if ends_at else 0.0)


def refuse_banned(*, author: Any, email: str, ip: str | None, number: int | None = None) -> None:
    """Refuse whoever is banned, or suspended for now. Raises: Banned. Queries: as Held.at()."""
    if (measure := banned_by(author=author, email=email, ip=ip, number=number)) is not None:
        raise Banned(measure)


def refuse_banned_meanwhile(submission: Submission, ip: str | None = None) -> None:
    """Refuse the same of whom editors banned while other sites were asked about the submission,
    which takes seconds. Raises: Banned. Queries: 1, and those of reading what changed.
    """
    refuse_banned_author(replace(submission, lists_version=None), ip)


def refuse_banned_author(submission: Submission, ip: str | None = None) -> None:
    """Refuse a submission of somebody who is banned. `ip`: where it is sent from, if it was first
    sent from elsewhere. Raises: Banned. Queries: none of a gathered one, but after a change.
    """
    refuse_banned(
        author=submission.author,
        email=submission.author_email,
        ip=ip or submission.ip_address,
        number=submission.lists_version,
    )
