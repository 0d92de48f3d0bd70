"""What an editor means by what they type: a comment or a page by its number or a link to it, an
account by its number, its e-mail address or its name.
"""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.urls import Resolver404, get_script_prefix, resolve
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from comments.models import Comment, Thread
from comments.moderation import moved_from

LARGEST_NUMBER = 2**31 - 1
# A card of the desk, and a comment on its page.
CARD = re.compile(r"#?card-([0-9]{1,18})", re.ASCII)
ANCHOR = re.compile(r"comment-([0-9]{1,10})", re.ASCII)


def is_key(text: str) -> bool:
    """Tell whether a text is a number that a row may have."""
    return text.isascii() and text.isdecimal() and len(text) < 19


# --- a comment ----------------------------------------------------------------------------------


def comment_meant(typed: str) -> int:
    """Return the key of the comment that is meant. Queries: 1 to 3. Raises: ValidationError."""
    if is_key(typed.removeprefix("#")):
        key = int(typed.removeprefix("#"))
    elif (found := _linked(typed)) is None:
        raise ValidationError(_("Give the number of a comment, or a link to it."))
    else:
        key = found
    if not Comment.objects.filter(pk=key).exists():
        raise ValidationError(_("There is no such comment."))
    return key


def _linked(address: str) -> int | None:
    """Return the key of the comment that an address leads to, whatever host it names."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    if card := CARD.fullmatch(parts.fragment or parts.path):
        return int(card[1])
    if anchor := ANCHOR.fullmatch(parts.fragment):
        thread = Thread.objects.filter(url=parts.path).values_list("pk", flat=True).first()
        return _numbered(thread, int(anchor[1])) if thread else None
    asked = parse_qs(parts.query).get("comment", [""])[0]
    return int(asked) if is_key(asked) else _of_page(parts.path)


def _of_page(path: str) -> int | None:
    """Return the key of the comment that one of our own pages is about."""
    about = _keywords(path)
    if "comment_id" in about:
        return int(about["comment_id"]) if is_key(str(about["comment_id"])) else None
    if {"thread_id", "number"} <= set(about):
        return _numbered(about["thread_id"], about["number"])
    return None


def _keywords(path: str) -> dict[str, Any]:
    """Return what an address of ours names; nothing for one that is not."""
    try:
        return resolve(f"/{path.removeprefix(get_script_prefix())}").kwargs
    except Resolver404:
        return {}


def _numbered(thread: int, number: int) -> int | None:
    """Return the key of the comment with this number in a thread, now or before it was moved."""
    if not is_key(str(thread)) or number > LARGEST_NUMBER:
        return None
    here = Comment.objects.filter(thread=thread, number=number).values_list("pk", flat=True)
    if (key := here.first()) is not None:
        return int(key)
    moved = moved_from(thread, number)
    return moved.pk if moved else None


# --- a page -------------------------------------------------------------------------------------


def thread_meant(typed: str) -> int:
    """Return the key of the page's discussion that is meant. Queries: 1. Raises: ValidationError.

    A link may be to the page or to any of its comments, whatever host it names.
    """
    if is_key(typed):
        threads = Thread.objects.filter(pk=int(typed))
    else:
        try:
            path = urlsplit(typed).path
        except ValueError:
            path = ""
        about = _keywords(path).get("thread_id", "")
        is_ours = is_key(str(about))
        threads = Thread.objects.filter(pk=about) if is_ours else Thread.objects.filter(url=path)
    found = threads.values_list("pk", flat=True).first()
    if found is None:
        raise ValidationError(_("There is no such page. Give a link to it, or its number."))
    return int(found)


# --- an account ---------------------------------------------------------------------------------


def account_meant(typed: str) -> Any:
    """Return the one account that is meant. Queries: 1 or 2.

    Raises: ValidationError, which names those that could be meant.
    """
    found = _accounts(typed)
    if len(found) == 1:
        return found[0]
    if not found:
        raise ValidationError(_("No account has this name, number or e-mail address."))
    named = "; ".join(f"{one.pk}: {one}, {getattr(one, one.EMAIL_FIELD)}" for one in found)
    message = _("Several accounts are called so; give the number of one: %(people)s")
    raise ValidationError(message % {"people": named})


def name_of(key: int) -> str:
    """Return the name of an account that may be gone. Queries: 1."""
    account = get_user_model()._default_manager.filter(pk=key).first()
    return str(account) if account else _("account %(number)s") % {"number": key}


def _accounts(typed: str) -> list[Any]:
    people = get_user_model()
    if is_key(typed) and (found := list(people._default_manager.filter(pk=int(typed)))):
        return found
    if "@" in typed:
        try:
            return [people._default_manager.get_by_natural_key(typed)]
        except people.DoesNotExist:
            pass
    return list(import_string(settings.COMMENTS_NAME_FINDER)(typed))
