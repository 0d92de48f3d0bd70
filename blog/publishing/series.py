"""Series and the order of their parts. Whoever reorders writes no text: no author's form is stale.

What is being written beside a post carries its series along, and follows here too; else it would
bring the old place back once it is published.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When
from django.utils.translation import gettext as _

from blog.models import Post, PostKind, Series, WorkingCopy
from blog.publishing.addresses import leave_series
from blog.publishing.around import locked

logger = logging.getLogger("parley.publishing")

MOST_PARTS = 1000


def parts_of(series: Series) -> QuerySet[Post]:
    """Return all parts of a series in their order, whatever their state."""
    return Post.objects.filter(series=series.pk).order_by("series_position", "pk")


def arrange(series: Series, keys: Sequence[int]) -> None:
    """Give the parts the places 1, 2, 3 in the order of `keys`; what came meanwhile stays behind.

    Queries: up to 7.
    """
    with transaction.atomic():
        places = _places(series)
        known = [key for key in dict.fromkeys(keys) if key in places]
        wanted = [*known, *(key for key in places if key not in known)]
        moved = {key: at for at, key in enumerate(wanted, start=1) if places[key] != at}
        if moved:
            cases = (When(pk=key, then=Value(at)) for key, at in moved.items())
            rows = Post.objects.filter(pk__in=moved)
            rows.update(series_position=Case(*cases), version=F("version") + 1)
            _tell_copies(series, moved)


def add_part(series: Series, post: Post) -> None:
    """Put a post at the end of a series, out of another if need be.

    Queries: up to 10. Raises: ValidationError.
    """
    if post.kind != PostKind.POST:
        raise ValidationError(_("A page stands in no series: only posts do."))
    with transaction.atomic():
        places = _places(series)
        if post.pk in places:
            return
        if len(places) >= MOST_PARTS:
            raise ValidationError(_("This series is full."))
        last = max(places.values(), default=0) + 1
        _place(post.pk, series, last)
        _tell_copies(series, {post.pk: last})


def remove_part(series: Series, key: int) -> None:
    """Take a post out of a series; it stays what it is. Queries: up to 9."""
    with transaction.atomic():
        if key in _places(series):
            _place(key, None, 0)
            _tell_copies(None, {key: 0})


def delete_series(series: Series, *, actor: Any) -> None:
    """Delete a series; its posts stay, in none. Queries: up to 8."""
    with transaction.atomic():
        rows = Post.objects.filter(series=series.pk)
        rows.update(series=None, series_position=0, version=F("version") + 1)
        Series.objects.filter(pk=series.pk).delete()
    who = getattr(actor, "pk", None)
    logger.info("series %s %s was deleted, by account %s.", series.pk, series.slug, who)


def _place(key: int, series: Series | None, position: int) -> None:
    """Make a post part of a series, or of none; where it was before is remembered."""
    post = locked(Post(pk=key))
    old_series, post.series = post.series_id, series
    rows = Post.objects.filter(pk=key)
    rows.update(series=series, series_position=position, version=F("version") + 1)
    leave_series(post, old_series)


def _places(series: Series) -> dict[int, int]:
    """Lock a series; return the place of each of its parts, in their order."""
    Series.objects.select_for_update().get(pk=series.pk)
    return dict(parts_of(series).values_list("pk", "series_position"))


def _tell_copies(series: Series | None, places: dict[int, int]) -> None:
    """Let what is written beside these posts stand where they stand. Queries: 1 or 2."""
    copies = [*WorkingCopy.objects.filter(post__in=places)]
    for copy in copies:
        place = {"series": series and series.pk, "series_position": places[copy.post_id]}
        copy.words = copy.words | place
    WorkingCopy.objects.bulk_update(copies, ["words"], batch_size=50)
