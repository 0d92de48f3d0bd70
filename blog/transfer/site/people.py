"""People of a site's zip: found among those who are here, or made without a password.

A row of a file gives rights to nobody who was here before, unless both sides have proved the
address: the account here by a letter, or by being the one superuser of a site that is just being
set up, and the account there by the same. Nobody's password, address or activity is touched.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.db.models import Q

from accounts.text import email_key
from blog.transfer.site.describing import name_of, permission_names
from blog.transfer.site.opened import NotASite
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, Report

Row = dict[str, Any]
PROFILE = ("display_name", "bio", "website", "date_joined")
RIGHTS = ("is_staff", "is_superuser")


def refuse_unproved(emails: Iterable[str], source: str) -> None:
    """Refuse to start while somebody here only says that such an address is theirs.

    Whom a run before this one has brought from the same source is nobody else's.

    Raises: NotASite.
    """
    brought = ImportMap.objects.of(source, "user").values("object_id")
    here = get_user_model().objects.exclude(pk__in=brought).order_by("pk")
    for part in _parts(list(emails)):
        for user in here.filter(email_key__in=part):
            if not is_trusted(user):
                raise NotASite(
                    f"somebody has an account here under {user.email}, which stands in the zip, "
                    "and has not proved that the address is theirs. Remove that account in the "
                    "admin, or let them confirm the address, and run this again"
                )


def _parts(keys: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(keys), 500):
        yield keys[start : start + 500]


def is_trusted(user: Any) -> bool:
    """Tell whether the account here is surely that of whoever reads letters to its address."""
    proofs = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True)
    if proofs.exists():
        return True
    superusers = get_user_model().objects.filter(is_superuser=True)
    return user.is_superuser and superusers.count() == 1


def take_groups(rows: Iterable[Row], report: Report) -> None:
    """Make the groups that are missing. Those that are here keep what they may do."""
    for row in rows:
        group, is_new = Group.objects.get_or_create(name=row["name"])
        report.took("groups", CREATED if is_new else UNCHANGED)
        if is_new:
            group.permissions.set(_permissions(row["permissions"]))
        elif permission_names(group.permissions.select_related("content_type")) != sorted(
            row["permissions"]
        ):
            report.note(f"the group {group.name} may do other things here than in the zip")


def _permissions(names: Iterable[str]) -> list[Permission]:
    """Return the permissions that this site knows by these names."""
    wanted = set(names)
    codes = Q(codename__in={name.partition(".")[2] for name in wanted})
    found = Permission.objects.filter(codes).select_related("content_type") if wanted else []
    return [permission for permission in found if name_of(permission) in wanted]


def take_user(row: Row) -> tuple[Any, bool]:
    """Return the account of a row, and whether it was made."""
    user = get_user_model().objects.filter(email_key=email_key(row["email"])).first()
    if user is None:
        return _new_user(row), True
    if not is_trusted(user):
        raise NotASite(f"the address {user.email} was taken here meanwhile, and is not proved")
    _take_profile(user, row)
    if row["is_proved"]:
        _give_rights(user, row)
    return user, False


def _new_user(row: Row) -> Any:
    names = ("email", "is_active", *PROFILE, *RIGHTS)
    user = get_user_model()(**{name: row[name] for name in names}, slug=_slug(row["slug"]))
    user.set_unusable_password()
    user.save()
    user.groups.set(Group.objects.filter(name__in=row["groups"]))
    user.user_permissions.set(_permissions(row["permissions"]))
    if row["is_proved"]:
        user.confirm_address()
    return user


def _slug(wanted: str, own: int = 0) -> str:
    """Return the short name, or nothing (a new one is made) where somebody else has it."""
    others = get_user_model().objects.filter(slug=wanted).exclude(pk=own)
    return "" if others.exists() else wanted


def _take_profile(user: Any, row: Row) -> None:
    for name in PROFILE:
        setattr(user, name, row[name] or getattr(user, name))
    user.slug = _slug(row["slug"], user.pk) or user.slug
    user.save()


def _give_rights(user: Any, row: Row) -> None:
    for name in RIGHTS:
        setattr(user, name, getattr(user, name) or row[name])
    user.save()
    user.groups.add(*Group.objects.filter(name__in=row["groups"]))
    user.user_permissions.add(*_permissions(row["permissions"]))
