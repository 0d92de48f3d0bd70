"""Tags and categories under other names, or several as one: posts and addresses follow.

Each act is one transaction of a bounded number of queries, however many posts it touches. Versions
of posts are raised, so that what is kept of them is made anew; what authors write is not, and no
form of theirs is stale after it.
"""

import logging
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Min, Model, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import trees
from blog.models import (
    Category,
    FormerLabel,
    FormerSlug,
    Post,
    PostKind,
    Series,
    Tag,
    WorkingCopy,
)
from blog.publishing.addresses import give_up, kind_of, refuse_slug
from blog.publishing.around import touch_posts_of
from comments.transfer.records import ImportMap

logger = logging.getLogger("parley.publishing")

Label = Tag | Category


def rename(row: Label | Series, *, actor: Any) -> None:
    """Store a row that has its new words and slug already, and see to what shows it.

    Queries: up to 12. Raises: ValidationError, by field where it has one.
    """
    try:
        with transaction.atomic():
            before = _as_it_stands(row)
            row.save()
            if row.slug != before.slug:
                refuse_slug(row)
                give_up(row, before.slug, was_public=bool(ever_public([row])))
            if isinstance(row, Tag) and row.key != before.key:
                _keep_meaning([before], row)
            touch_posts_of(row)
    except IntegrityError as error:
        message = _("Somebody took this name or address just now. Please send again.")
        raise ValidationError(message) from error
    _log("%s (%s, before %s) was changed", row, row.slug, before.slug, actor=actor)


def _as_it_stands(row: Label | Series) -> Any:
    """Return a row as it is stored, held until the transaction ends. Raises: ValidationError."""
    found = type(row)._default_manager.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if found is None:
        raise ValidationError(_("This is gone: somebody merged or deleted it just now."))
    return found


def merge(rows: Sequence[Label], target: Label, *, actor: Any) -> int:
    """Make several labels one: posts and addresses become the target's. Return how many posts.

    Queries: up to 21. Raises: ValidationError when one of them is gone meanwhile.
    """
    model, kind = type(target), kind_of(type(target))
    with transaction.atomic():
        others = _locked_beside(rows, target)
        public = ever_public(others)
        posts = _posts_under(others)
        count = Post.objects.filter(pk__in=posts).update(version=F("version") + 1)
        _hand_over(others, target)
        FormerSlug.objects.filter(**{f"{kind}__in": others}).update(**{kind: target})
        shown = [row for row in others if row.pk in public]
        FormerSlug.objects.bulk_create(
            (FormerSlug(kind=kind, slug=row.slug, **{kind: target}) for row in shown),
            ignore_conflicts=True,
        )
        _keep_meaning(others, target)
        _keep_memory(others, target)
        if isinstance(target, Category):
            _hang_below(others, target)
            _tell_copies(others, target)
        model._default_manager.filter(pk__in=[row.pk for row in others]).delete()
    names = ", ".join(row.slug for row in others)
    _log("%s %s now stands for %s too, on %s posts", target, target.slug, names, count, actor=actor)
    return count


def delete_unused(rows: Sequence[Label], *, actor: Any) -> int:
    """Delete those that no post has and no shelf stands within; return how many. Queries: up to 8.

    One that was public before keeps its former addresses to itself: they end with it.
    """
    if not rows:
        return 0
    model = type(rows[0])
    with transaction.atomic():
        keys = [row.pk for row in rows]
        locked = model._default_manager.select_for_update(of=("self",)).filter(pk__in=keys)
        found: QuerySet[Any] = locked.order_by("pk").filter(posts=None)
        unused = [*(found.filter(children=None) if model is Category else found)]
        model._default_manager.filter(pk__in=[row.pk for row in unused]).delete()
    for row in unused:
        _log("%s %s was deleted: no post had it", row, row.slug, actor=actor)
    return len(unused)


def ever_public(rows: Sequence[Label | Series]) -> set[int]:
    """Return the keys of those on whose page a post ever stood before readers.

    That is judged by the posts that they have now. Queries: 1, or 2 for categories.
    """
    if not rows:
        return set()
    keys = [row.pk for row in rows]
    posts = Post.objects.filter(kind=PostKind.POST, first_public_at__lte=timezone.now())
    if isinstance(rows[0], Series):
        return set(posts.filter(series__in=keys).values_list("series", flat=True))
    through, kind = _shown(type(rows[0]))
    shown = through.filter(post__in=posts.values("pk"))
    if isinstance(rows[0], Tag):
        shown = shown.filter(tag__in=keys)
    used = set(shown.values_list(kind, flat=True).distinct())
    return used if isinstance(rows[0], Tag) else _with_those_above(used)


def _with_those_above(used: Collection[int]) -> set[int]:
    """Return shelves and those they stand within, whose pages show what stands on them."""
    categories = trees.all_categories()
    below = [each for each in categories if each.pk in used]
    above = {row.pk for each in below for row in trees.chain_above(each, categories)}
    return above.union(used)


def _shown(model: type[Model]) -> tuple[QuerySet[Any], str]:
    """Return the rows that say which post has which label, and what these are called there."""
    through = Post.tags.through if model is Tag else Post.categories.through
    return through._default_manager.all(), kind_of(model).value


def _posts_under(rows: Sequence[Label]) -> QuerySet[Any]:
    through, kind = _shown(type(rows[0]))
    return through.filter(**{f"{kind}__in": [row.pk for row in rows]}).values("post")


def _locked_beside(rows: Sequence[Label], target: Label) -> list[Label]:
    """Lock the rows, the target too, and return all but that one as they are now.

    The posts first and in order, as whoever saves one does: nobody waits for each other.
    """
    model = type(target)
    keys = {row.pk for row in rows} - {target.pk}
    posts = Post.objects.filter(Q(pk__in=_posts_under(rows)) | Q(pk__in=_written_under(rows)))
    if keys:
        len(posts.select_for_update().order_by("pk").values_list("pk"))
    found = model._default_manager.select_for_update().filter(pk__in={*keys, target.pk})
    locked = [*found.order_by("pk")]
    if not keys:
        raise ValidationError(_("Choose at least one more, to become this one."))
    if len(locked) != len(keys) + 1:
        raise ValidationError(
            _("One of these is gone: somebody merged or deleted it just now. Nothing was changed.")
        )
    return [row for row in locked if row.pk != target.pk]


def _hand_over(others: Sequence[Label], target: Label) -> None:
    """Put the target in the place of others on each post, once. Queries: 3."""
    through, kind = _shown(type(target))
    theirs = through.filter(**{f"{kind}__in": [row.pk for row in others]})
    has_it = through.filter(**{kind: target.pk}).values("post")
    theirs.filter(post__in=has_it).delete()
    first = theirs.order_by().values("post").annotate(first=Min("pk")).values("first")
    theirs.exclude(pk__in=first).delete()
    theirs.update(**{kind: target.pk})


def _keep_meaning(before: Sequence[Label], now: Label) -> None:
    """Let whatever was written with these labels mean the one that they are now. Queries: 2."""
    kind = kind_of(type(now))
    FormerLabel.objects.filter(**{f"{kind}__in": before}).update(**{kind: now})
    names = {row.key if isinstance(row, Tag) else str(row.pk) for row in before}
    FormerLabel.objects.bulk_create(
        (FormerLabel(kind=kind, known_by=name, **{kind: now}) for name in sorted(names)),
        update_conflicts=True,
        unique_fields=["kind", "known_by"],
        update_fields=[kind],
    )


def _keep_memory(others: Sequence[Label], target: Label) -> None:
    """Let what imports know of others be known of the target, which none of them made.

    Addresses of lists elsewhere lead by it too.
    """
    keys = [row.pk for row in others]
    known = ImportMap.objects.filter(kind=kind_of(type(target)), object_id__in=keys)
    known.update(object_id=target.pk, is_made=False)


def _tell_copies(others: Sequence[Label], target: Label) -> None:
    """Let what is written beside posts stand on the target: a form ticks only what is there.

    Queries: 2, and 1 for each 50.
    """
    gone = {row.pk for row in others}
    copies = [*WorkingCopy.objects.filter(post__in=_written_under(others))]
    for copy in copies:
        left = {*copy.words["categories"]} - gone
        copy.words = copy.words | {"categories": sorted({*left, target.pk})}
    WorkingCopy.objects.bulk_update(copies, ["words"], batch_size=50)


def _written_under(rows: Sequence[Label]) -> list[int]:
    """Return the posts beside which something is written that has one of these. Queries: 0 or 1.

    Only of categories: a tag is written by its name, which goes on to mean it.
    """
    if not isinstance(rows[0], Category):
        return []
    keys = {row.pk for row in rows}
    written = WorkingCopy.objects.values_list("post", "words__categories")
    return [post for post, categories in written if keys.intersection(categories or ())]


def _hang_below(others: Sequence[Label], target: Category) -> None:
    """Hang what stood within others below the target, and it below what is left. Queries: few.

    What the target itself stood within goes up instead: else it would stand within itself.
    """
    gone = {row.pk for row in others}
    categories = trees.all_categories()
    above = {row.pk for row in trees.chain_above(target, categories)} | {target.pk}
    for row in categories:
        if row.parent_id in gone and row.pk in above - gone:
            left = [each for each in trees.chain_above(row, categories) if each.pk not in gone]
            Category.objects.filter(pk=row.pk).update(parent=left[-1] if left else None)
    moved = Category.objects.filter(parent__in=gone).exclude(pk__in=above | gone)
    moved.update(parent=target)


def _log(message: str, row: Any, *facts: Any, actor: Any) -> None:
    kind = kind_of(type(row))
    line = f"{message}, by account %s."
    logger.info(line, f"{kind} {row.pk}", *facts, getattr(actor, "pk", None))
