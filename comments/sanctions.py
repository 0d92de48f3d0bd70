"""Measures against people: taken, lifted, and found again for the comments they bear on.

A measure is against an account, an address, an e-mail domain or a network, each written as it is
compared. It is one transaction with the letter that tells of it and with the change that makes
every process read the measures anew. Whom they stop, barring.py knows; nothing here moderates.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.barring import (
    MAY_MODERATE,
    Banned,
    banned_by,
    measures_against,
    refuse_banned,
)
from comments.barring import held as measures_held
from comments.held import OF_MEASURES, count_change
from comments.letters import mailbox
from comments.measure_letters import queue_letter, withdraw_letters_of
from comments.models import Comment, Sanction, SanctionKind, SanctionTarget
from comments.networks import as_wide_as_kept, is_shortened, near, network_of
from comments.reasons import is_kept
from comments.spam.lists import fold_domain
from comments.turns import turn

__all__ = [
    "Banned",
    "CannotSanction",
    "Target",
    "banned_by",
    "impose",
    "in_words",
    "lift",
    "lift_batch",
    "measures_against",
    "on",
    "refuse_banned",
    "targets_of",
    "whom",
]

LONGEST = timedelta(days=3660)
# Nobody is warned twice for one thing, by two editors or by a click too many.
WARNED_LATELY = timedelta(days=1)
NOTE, MESSAGE = 1000, 2000


class CannotSanction(ValueError):
    """The measure cannot be taken or lifted. Its words are for the editor."""


@dataclass(frozen=True)
class Target:
    """Whom a measure can be against. Shape: `is_proved` where it is known to be the person's."""

    kind: SanctionTarget
    value: str
    label: str
    is_proved: bool


# --- taking and lifting -------------------------------------------------------------------------


def impose(
    kind: str,
    target: str,
    value: Any,
    *,
    actor: Any,
    reason: str = "",
    note: str = "",
    message: str = "",
    ends_at: datetime | None = None,
    batch: UUID | None = None,
    user: Any = None,
    to: str = "",
) -> Sanction:
    """Take a measure, and tell the person of it if there is something to say and an address.

    `user`: the account whose own address `value` is. `to`: where the person can be written to;
    an account's own address where it is not given.
    Raises: CannotSanction. Queries: 3, and some to learn who the person is.
    """
    what, whom = _known(SanctionKind, kind), _known(SanctionTarget, target)
    value = canonical(whom, value)
    account = _account(value) if whom == SanctionTarget.ACCOUNT else user
    _refuse_texts(reason, note, message)
    _refuse_end(what, ends_at)
    _refuse_whom(actor, whom, value, account)
    measure = Sanction(
        kind=what,
        target=whom,
        value=value,
        user=account,
        reason=reason,
        note=note,
        message=message,
        ends_at=ends_at,
        actor=actor,
        actor_name=actor.get_short_name()[:80],
        batch=batch,
    )
    with turn():
        count_change(OF_MEASURES)
        _refuse_again(measure)
        measure.save()
        if account is not None and whom == SanctionTarget.ACCOUNT:
            to = to or getattr(account, account.get_email_field_name())
        queue_letter(measure, to)
    return measure


def lift(measure: Sanction, *, actor: Any) -> Sanction:
    """End a measure before its time; a letter about it that still waits is not sent.

    Raises: CannotSanction. Queries: 4.
    """
    _refuse_whom(actor, SanctionTarget(measure.target), measure.value, measure.user)
    with turn():
        count_change(OF_MEASURES)
        if not _lift(Sanction.objects.filter(pk=measure.pk), actor):
            raise CannotSanction(_("This measure is not in force any more: nothing was changed."))
        withdraw_letters_of([measure.pk])
    measure.refresh_from_db()
    return measure


def lift_batch(batch: UUID, *, actor: Any) -> list[Sanction]:
    """End what was taken in one act and is in force; return it. Measures against somebody whom
    `actor` may not sanction stay. Queries: 1, and 4 where there is any.
    """
    of_batch = Sanction.objects.in_force().filter(batch=batch).select_related("user")
    ours = [row for row in of_batch if _may(actor, row)]
    if not ours:
        return []
    keys = [row.pk for row in ours]
    with turn():
        count_change(OF_MEASURES)
        _lift(Sanction.objects.filter(pk__in=keys), actor)
        withdraw_letters_of(keys)
    return ours


def _lift(measures: Any, actor: Any) -> int:
    name = actor.get_short_name()[:80]
    lifted: int = measures.in_force().update(lifted_at=timezone.now(), lifted_by_name=name)
    return lifted


def _may(actor: Any, measure: Sanction) -> bool:
    try:
        _refuse_whom(actor, SanctionTarget(measure.target), measure.value, measure.user)
    except CannotSanction:
        return False
    return True


def in_words(measure: Sanction) -> str:
    """Say what a measure is and whom it is against, an account by its name."""
    return f"{whom(measure)}: {measure.get_kind_display()}"


def whom(measure: Sanction) -> str:
    is_named = measure.target == SanctionTarget.ACCOUNT and measure.user is not None
    return str(measure.user) if is_named else measure.value


# --- finding them again -------------------------------------------------------------------------


def targets_of(comment: Comment) -> list[Target]:
    """Return whom a measure could be against by this comment, the narrowest first."""
    found = []
    if comment.author is not None:
        name = f"{comment.author} (#{comment.author_id})"
        found.append(Target(SanctionTarget.ACCOUNT, str(comment.author_id), name, True))
    if email := comment.author_email:
        is_proved = comment.author_id is not None or comment.email_proved_at is not None
        for kind in (SanctionTarget.EMAIL, SanctionTarget.DOMAIN):
            try:
                value = canonical(kind, email)
            except CannotSanction:
                continue
            found.append(Target(kind, value, value, is_proved))
    if comment.ip_address:
        single, wide = str(network_of(comment.ip_address)), near(comment.ip_address)
        if not is_shortened(comment.ip_address):
            found.append(Target(SanctionTarget.NETWORK, single, comment.ip_address, False))
        found.append(Target(SanctionTarget.NETWORK, wide, wide, False))
    return found


def on(comments: Sequence[Comment]) -> dict[int, list[Sanction]]:
    """Return what is in force against the authors of some comments, by the comments' ids.

    Shape: the newest first; comments whose author nothing is against are missing. Queries: 1, and
    1 after a change (held.py).
    """
    if not comments:
        return {}
    in_force = measures_held.at()
    found = {}
    for comment in comments:
        measures = in_force.of_account(comment.author_id)
        shared = in_force.shared(comment.author_id, comment.author_email, comment.ip_address)
        measures += [each for each in shared if not _is_beyond_what_is_kept(each, comment)]
        if measures:
            found[comment.pk] = sorted(measures, key=_age, reverse=True)
    return found


def _is_beyond_what_is_kept(measure: Sanction, comment: Comment) -> bool:
    """Whether it is against a narrower network than a comment's address was shortened to."""
    is_of_network = measure.target == SanctionTarget.NETWORK
    return (
        is_of_network
        and comment.is_address_shortened
        and as_wide_as_kept(measure.value) != measure.value
    )


def _age(measure: Sanction) -> tuple[datetime, int]:
    return measure.created_at, measure.pk


# --- what is refused ----------------------------------------------------------------------------


def _known(choices: Any, value: str) -> Any:
    try:
        return choices(value)
    except ValueError as error:
        raise CannotSanction(_("That measure is not known here.")) from error


def canonical(target: SanctionTarget, value: Any) -> str:
    """Return whom a measure is against as it is compared. Raises: CannotSanction."""
    text = str(value).strip()[:300]
    if target == SanctionTarget.ACCOUNT:
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            raise CannotSanction(_("That account is not known here."))
        return str(int(text))
    if target == SanctionTarget.NETWORK:
        try:
            return str(network_of(text))
        except ValueError as error:
            raise CannotSanction(str(error)) from error
    domain = fold_domain(text.rpartition("@")[2])
    if target == SanctionTarget.DOMAIN:
        return _as_address(f"x@{domain}", _("That is no e-mail domain."))[2:]
    return mailbox(_as_address(text, _("That is no e-mail address.")))


def _as_address(text: str, otherwise: str) -> str:
    try:
        validate_email(text)
    except ValidationError as error:
        raise CannotSanction(otherwise) from error
    return text


def _account(value: str) -> Any:
    found = get_user_model()._default_manager.filter(pk=int(value)).first()
    if found is None:
        raise CannotSanction(_("That account is not known here."))
    return found


def _refuse_texts(reason: str, note: str, message: str) -> None:
    if len(note) > NOTE or len(message) > MESSAGE:
        raise CannotSanction(_("The note or the text for the person is too long."))
    if reason and not is_kept(reason):
        raise CannotSanction(_("That reason is not known here."))


def _refuse_end(kind: SanctionKind, ends_at: datetime | None) -> None:
    if kind == SanctionKind.SUSPEND and ends_at is None:
        raise CannotSanction(_("Say until when the person is suspended, or ban them."))
    now = timezone.now()
    if ends_at is not None and not now < ends_at <= now + LONGEST:
        raise CannotSanction(_("The end must lie ahead, and within ten years."))


def _refuse_whom(actor: Any, target: SanctionTarget, value: str, account: Any) -> None:
    """Nobody acts on themselves, and of those who moderate only a superuser acts on others."""
    if not actor.has_perm(MAY_MODERATE):
        raise CannotSanction(_("Only editors take measures against people."))
    for person in _people_meant(target, value, account):
        if person.pk == actor.pk:
            raise CannotSanction(_("That is yourself: another editor has to decide."))
        if person.has_perm(MAY_MODERATE) and not actor.is_superuser:
            raise CannotSanction(
                _("%(name)s moderates here: only an administrator can do that.")
                % {"name": person.get_short_name()}
            )


def _people_meant(target: SanctionTarget, value: str, account: Any) -> Iterator[Any]:
    """Yield the accounts that a measure is against by name: not those in a network or a domain."""
    if account is not None:
        yield account
    if target == SanctionTarget.EMAIL:
        people = get_user_model()
        with suppress(people.DoesNotExist):
            yield people._default_manager.get_by_natural_key(value)


def _refuse_again(measure: Sanction) -> None:
    same = Sanction.objects.in_force().filter(
        kind=measure.kind, target=measure.target, value=measure.value
    )
    if measure.kind == SanctionKind.WARN:
        same = same.filter(created_at__gt=timezone.now() - WARNED_LATELY)
    if (earlier := same.first()) is not None:
        raise CannotSanction(
            _("%(measure)s already, by %(name)s. Lift that measure first to change it.")
            % {"measure": in_words(earlier), "name": earlier.actor_name}
        )
