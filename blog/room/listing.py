"""The list of posts: whose, in which state, narrowed to what; a row says what can be done."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, Q, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from blog import policy
from blog.models import Category, Post, PostStatus, Revision, Series, Tag, WorkingCopy
from blog.room.answers import state_of
from blog.room.deeds import MOST_AT_ONCE, deeds_of
from blog.room.filters import ListForm, Tab, Wanted
from blog.room.finding import MOST_COUNTED, Found, counted, find
from blog.room.guards import for_authors
from blog.states import FINDABLE, OUT

# What a box offers to choose from while one types.
MOST_OFFERED = 100
MOST_TO_GO_ON = 3
TEXTS = (
    "body", "body_html", "author_note", "author_note_html", "source_line_html",
    "working_copy__words",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A post as the list tells of it."""

    post: Post
    state: str
    is_editable: bool

    @property
    def copy(self) -> WorkingCopy | None:
        return getattr(self.post, "working_copy", None)

    @property
    def title(self) -> str:
        """Return what it is called by whoever wrote last; readers may know it by another."""
        return (self.copy and self.copy.title) or str(self.post)

    @property
    def has_changes(self) -> bool:
        return self.copy is not None and self.post.status in OUT

    @property
    def changed_at(self) -> Any:
        kept = self.copy.saved_at if self.copy else self.post.updated_at
        return max(kept, self.post.updated_at)

    @property
    def changed_by(self) -> str:
        if self.copy and self.copy.editor and self.copy.saved_at >= self.post.updated_at:
            return self.copy.editor.get_short_name()
        return self.post.last_writer or self.post.author.get_short_name()  # type: ignore[attr-defined]

    @property
    def planned_at(self) -> Any:
        change = getattr(self.post, "scheduled_change", None)
        return change and change.publish_at

    @property
    def days_left(self) -> int:
        """Return in how many days it is removed for good. One without a date stays."""
        gone_at = (self.post.trashed_at or timezone.now()) + timedelta(days=settings.TRASH_DAYS)
        return max(0, -((timezone.now() - gone_at) // timedelta(days=1)))


@require_safe
@for_authors
def my_posts(request: HttpRequest) -> HttpResponse:
    sees_all = policy.sees_all(request.user)
    form = ListForm(request.GET, sees_all=sees_all)
    wanted = form.wanted(request.user)
    after = request.GET.get("after", "")
    found = find(wanted, after) if wanted else Found([])
    context = {
        "form": form,
        "wanted": wanted,
        "rows": rows_of(found.keys, request.user),
        "found": found,
        "after": after,
        "sees_all": sees_all,
        "may_publish": policy.may_publish_at_all(request.user),
        "tabs": tabs(form, wanted or Wanted(person=request.user.pk), request.user),
        "query": form.as_query(),
        "mine_query": form.as_query(whose="", author=""),
        "all_query": form.as_query(whose="all", author=""),
        "narrowing": form.narrowing(),
        "is_open": bool(form.errors) or bool(wanted and (wanted.is_narrowed or wanted.sort)),
        "deeds": deeds_of(request.user),
        "most_at_once": f"{MOST_AT_ONCE:,}",
        "is_first": wanted == Wanted(person=request.user.pk) and not after,
        "to_go_on": to_go_on(request.user) if wanted and not (after or wanted.is_narrowed) else [],
        "offered": offered(request.user),
        "trash_days": settings.TRASH_DAYS,
    }
    return render(request, "blog/my_posts.html", context)


def rows_of(keys: list[int], person: Any) -> list[Row]:
    """Return what the list tells of these posts, in this order. Queries: 0, or 2."""
    if not keys:
        return []
    posts = _told(Post.objects.filter(pk__in=keys)).in_bulk()
    own = policy.editable_by(person).filter(pk__in=keys).values_list("pk", flat=True)
    editable = set(own)
    return [Row(posts[key], state_of(posts[key]), key in editable) for key in keys if key in posts]


def _told(posts: Any) -> Any:
    newest = Revision.objects.filter(post=OuterRef("pk")).order_by("-number")
    related = ("author", "thread", "working_copy__editor", "scheduled_change")
    writer = Subquery(newest.values("actor_name")[:1])
    return posts.select_related(*related).defer(*TEXTS).annotate(last_writer=writer)


def tabs(form: ListForm, wanted: Wanted, person: Any) -> list[dict[str, Any]]:
    """Return the states to choose from, with how many posts are in each. Queries: 1."""
    counts = counted(wanted.person, get_user_model()._default_manager.filter(pk=person.pk))
    return [
        {
            "label": tab.label,
            "count": counts[tab.value],
            "is_more": counts[tab.value] >= MOST_COUNTED,
            "is_current": wanted.state == tab.value,
            "query": form.as_query(state=tab.value),
        }
        for tab in Tab
        if counts[tab.value] or tab in {Tab.ALL, Tab.DRAFT, Tab.PUBLISHED, wanted.state}
    ]


def to_go_on(person: Any) -> list[WorkingCopy]:
    """Return what somebody was writing last and has not saved into a post. Queries: 1."""
    posts = policy.editable_by(person).exclude(status=PostStatus.TRASH)
    # Asked of each copy in turn, the last first, until there are enough.
    own = WorkingCopy.objects.filter(Exists(posts.filter(pk=OuterRef("post"))), editor=person.pk)
    return list(own.defer("words").order_by("-saved_at")[:MOST_TO_GO_ON])


def offered(person: Any) -> dict[str, list[str]]:
    """Return names of labels to choose from. Queries: 3."""
    return {
        "tag": _first(_tags_known_to(person), "name"),
        "category": _first(Category.objects.all(), "name"),
        "series": _first(Series.objects.all(), "title"),
    }


def _first(rows: Any, name: str) -> list[str]:
    return list(rows.order_by(name).values_list(name, flat=True)[:MOST_OFFERED])


def _tags_known_to(person: Any) -> Any:
    """Return tags that a post has which this person may know of: a draft's may tell of it."""
    if policy.sees_all(person):
        return Tag.objects.all()
    public = Q(post__status__in=FINDABLE, post__published_at__lte=timezone.now())
    tagged = Post.tags.through.objects.filter(public | Q(post__author=person), tag=OuterRef("pk"))
    return Tag.objects.filter(Exists(tagged))
