"""What can be done with many posts from the list: each deed says who may, and does it to one.

Moves from one state to another can be taken back where another move leads there; so that nobody
takes back what somebody else did since, it is done only to what is still where it was put.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Max, TextChoices
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from blog import policy, publishing
from blog.models import Act, Category, Post, PostStatus, Series
from blog.room.filters import key_meant
from blog.states import MOVES, way_back
from blog.words import Words
from comments.desk.meant import account_meant

MOST_AT_ONCE = 1_000


class Deed(TextChoices):
    PUBLISH = Act.PUBLISH.value, gettext_lazy("Publish")
    UNPUBLISH = Act.UNPUBLISH.value, gettext_lazy("Take back as a draft")
    UNLIST = Act.UNLIST.value, gettext_lazy("Take out of all lists")
    MAKE_PRIVATE = Act.MAKE_PRIVATE.value, gettext_lazy("Make private")
    ARCHIVE = Act.ARCHIVE.value, gettext_lazy("Archive")
    TRASH = Act.TRASH.value, gettext_lazy("Put into the trash")
    RESTORE = Act.RESTORE.value, gettext_lazy("Take out of the trash")
    ADD_TAG = "add-tag", gettext_lazy("Add the tag …")
    REMOVE_TAG = "remove-tag", gettext_lazy("Remove the tag …")
    ADD_CATEGORY = "add-category", gettext_lazy("Put into the category …")
    REMOVE_CATEGORY = "remove-category", gettext_lazy("Take out of the category …")
    SET_SERIES = "series", gettext_lazy("Put at the end of the series …")
    SET_AUTHOR = "author", gettext_lazy("Hand over to …")


MOVES_HERE = frozenset([
    Deed.PUBLISH, Deed.UNPUBLISH, Deed.UNLIST, Deed.MAKE_PRIVATE, Deed.ARCHIVE, Deed.TRASH,
    Deed.RESTORE,
])  # fmt: skip
# What whoever writes may do with their own that nobody has read yet; policy.py judges each post.
OF_WRITERS = frozenset([Deed.TRASH, Deed.RESTORE])
LABELS = frozenset([
    Deed.ADD_TAG, Deed.REMOVE_TAG, Deed.ADD_CATEGORY, Deed.REMOVE_CATEGORY, Deed.SET_SERIES,
])  # fmt: skip


class Refused(Exception):
    """Nothing was done with this post; the words say why."""


def deeds_of(person: Any) -> list[Deed]:
    """Return what this person may do with many posts at once."""
    return [deed for deed in Deed if is_open_to(person, deed)]


def is_open_to(person: Any, deed: Deed) -> bool:
    if deed == Deed.SET_AUTHOR:
        return policy.sees_all(person)
    if deed in LABELS:
        return True
    return deed in OF_WRITERS or policy.may_publish_at_all(person)


# --- moves --------------------------------------------------------------------------------------


def move(post: Post, deed: str, *, actor: Any) -> Post:
    """Bring one post from its state into another. Raises: Refused."""
    act = Act(deed)
    if _is_there(post, MOVES[act][1]):
        raise Refused(_("It is %(state)s already.") % {"state": post.get_status_display()})
    _require(post, act, actor)
    return in_words(partial(publishing.move, post, act, actor=actor))


def _is_there(post: Post, target: str) -> bool:
    return post.status == target and not post.is_scheduled()


def _require(post: Post, act: Act, actor: Any) -> None:
    if not policy.may_move(actor, post, act):
        raise Refused(_("This is not yours to do with this post."))


def move_back(post: Post, old: str, at: datetime | None, *, actor: Any) -> Post:
    """Bring a post back into the state that it was in; from the trash, to the desk.

    `at`: when it was published, or was to be. Raises: Refused.
    """
    act = way_back(PostStatus(old), PostStatus(post.status))
    if act is None:
        refusal = _("From here there is no way back to where it was (%(state)s).")
        raise Refused(refusal % {"state": PostStatus(old).label})
    if act == Act.PUBLISH and at is not None and at > timezone.now():
        act = Act.SCHEDULE
    _require(post, act, actor)
    moment = at if act == Act.SCHEDULE else None
    return in_words(partial(publishing.move, post, act, actor=actor, at=moment, is_undo=True))


def in_words(do: Callable[[], Any]) -> Any:
    """Do it, and say in words why not. Raises: Refused."""
    try:
        return do()
    except Post.DoesNotExist as gone:
        raise Refused(_("It is not there any more.")) from gone
    except ValidationError as error:
        raise Refused(" ".join(error.messages)) from error


# --- labels and authors -------------------------------------------------------------------------


@dataclass(frozen=True)
class Meant:
    """What was typed beside a deed, understood once for all posts."""

    deed: Deed
    value: Any = None

    def do(self, post: Post, *, actor: Any) -> Post:
        """Do it to one post. Raises: Refused."""
        if self.deed not in LABELS and self.deed != Deed.SET_AUTHOR:
            return move(post, self.deed, actor=actor)
        if self.deed == Deed.SET_AUTHOR:
            done = in_words(partial(publishing.hand_over, post, self.value, actor=actor))
        else:
            change = partial(CHANGES[self.deed], value=self.value)
            done = in_words(partial(publishing.relabel, post, change, actor=actor))
        if not done:
            raise Refused(_("It is so already."))
        return post


def meant(deed: Deed, typed: str) -> Meant:
    """Return a deed with what it needs. Queries: 0 to 2. Raises: ValidationError."""
    typed = " ".join(typed.split())
    if deed in MOVES_HERE:
        return Meant(deed)
    if not typed:
        raise ValidationError(_("Say which one."))
    if deed in {Deed.ADD_TAG, Deed.REMOVE_TAG}:
        return Meant(deed, _one_tag(typed))
    if deed == Deed.SET_AUTHOR:
        return Meant(deed, _who_writes(typed))
    if deed == Deed.SET_SERIES:
        return Meant(deed, key_meant(Series, "title", typed, _("There is no such series.")))
    return Meant(deed, key_meant(Category, "name", typed, _("There is no such category.")))


def _one_tag(typed: str) -> str:
    names = publishing.parse_tags([typed])
    if not names or "," in typed:
        raise ValidationError(_("Give one tag at a time."))
    return names[0]


def _who_writes(typed: str) -> Any:
    person = account_meant(typed)
    if not policy.people_who_write().filter(pk=person.pk).exists():
        raise ValidationError(_("This person does not write here."))
    return person


def _add_tag(words: Words, value: str) -> Words:
    return {"tags": [*_without_tag(words, value), value]} if not _has(words, value) else {}


def _remove_tag(words: Words, value: str) -> Words:
    return {"tags": list(_without_tag(words, value))}


def _has(words: Words, name: str) -> bool:
    return name.casefold() in {tag.casefold() for tag in words["tags"]}


def _without_tag(words: Words, name: str) -> Iterator[str]:
    return (tag for tag in words["tags"] if tag.casefold() != name.casefold())


def _add_category(words: Words, value: int) -> Words:
    return {"categories": sorted({*words["categories"], value})}


def _remove_category(words: Words, value: int) -> Words:
    return {"categories": sorted({*words["categories"]} - {value})}


def _set_series(words: Words, value: int) -> Words:
    if words["series"] == value:
        return {}
    last = Post.objects.filter(series=value).aggregate(last=Max("series_position"))["last"]
    return {"series": value, "series_position": (last or 0) + 1}


CHANGES: dict[str, Callable[..., Words]] = {
    Deed.ADD_TAG: _add_tag,
    Deed.REMOVE_TAG: _remove_tag,
    Deed.ADD_CATEGORY: _add_category,
    Deed.REMOVE_CATEGORY: _remove_category,
    Deed.SET_SERIES: _set_series,
}
