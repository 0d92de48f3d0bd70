"""Who may do what with which post: the one place that knows. Permissions are the roles' (roles.py).

Views ask here before they look at anything else, templates show what is answered here, and
publishing/ performs what was allowed without asking again. A post's author and its co-authors are
"its people". A co-author writes and publishes as the author does, but who writes along, and
whether the post is thrown away, stays with its author and the editors.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q, QuerySet

from blog.models import Picture, Post, PostQuerySet
from blog.states import Act, PostStatus, acts_from
from blog.words import FIELDS

# What somebody who may not publish writes in: once others read it, it is no more theirs alone.
UNPUBLISHED = (PostStatus.DRAFT, PostStatus.REVIEW)

# What asks for no right to publish: who writes in a post may do it.
_OF_WRITERS = frozenset([Act.SUBMIT, Act.WITHDRAW])
_OF_REVIEWERS = frozenset([Act.RETURN])
_OF_OWNERS = frozenset([Act.TRASH, Act.RESTORE])


# --- which posts ------------------------------------------------------------------------------


def readable_by(user: Any) -> PostQuerySet:
    """Return the posts that this person sees in the writing room, whatever their state."""
    posts = Post.objects.all()
    if user.has_perm("blog.edit_others_posts"):
        return posts
    return posts.of(user) if user.has_perm("blog.change_post") else posts.none()


def editable_by(user: Any) -> PostQuerySet:
    """Return the posts that this person may write in."""
    posts = readable_by(user)
    return posts if may_publish_at_all(user) else posts.filter(_never_out())


def waiting_for_review(user: Any) -> PostQuerySet:
    """Return what others have submitted and this person may decide about, longest waiting first."""
    posts = Post.objects.filter(status=PostStatus.REVIEW).order_by("updated_at", "pk")
    return posts if may_review(user) else posts.none()


def _never_out() -> Q:
    """Return what nobody has published; of the trash, what came there from a desk."""
    thrown_away = Q(status=PostStatus.TRASH, first_public_at=None)
    return Q(status__in=UNPUBLISHED) | thrown_away


# --- what somebody may do at all --------------------------------------------------------------


def may_write_at_all(user: Any) -> bool:
    return user.has_perm("blog.add_post")


def sees_all(user: Any) -> bool:
    """Tell whether this person writes in the posts of everybody, and so has a list of all."""
    return user.has_perm("blog.edit_others_posts")


def may_publish_at_all(user: Any) -> bool:
    return user.has_perm("blog.publish_post")


def may_upload(user: Any) -> bool:
    return user.has_perm("blog.add_picture")


def pictures_of(user: Any) -> QuerySet[Picture]:
    """Return the pictures that this person may use, describe and remove."""
    pictures = Picture.objects.all()
    if not may_upload(user):
        return pictures.none()
    return pictures if user.has_perm("blog.edit_others_posts") else pictures.filter(uploader=user)


def may_edit_labels(user: Any) -> bool:
    """Tell whether this person renames and merges what the posts of all are found by."""
    return user.has_perm("blog.edit_others_posts")


def may_review(user: Any) -> bool:
    """Tell whether this person decides about what others submit."""
    return user.has_perm("blog.edit_others_posts") and may_publish_at_all(user)


# --- what somebody may do with a post ---------------------------------------------------------


def is_of(user: Any, post: Post) -> bool:
    """Tell whether a post is this person's, alone or with others. Queries: none for one read
    with its co-authors.
    """
    if user.pk is None:
        return False
    return post.author_id == user.pk or user.pk in post.coauthor_ids()


def may_read_draft(user: Any, post: Post) -> bool:
    """Tell whether this person sees a post that readers do not, or its next version."""
    if user.has_perm("blog.edit_others_posts"):
        return True
    return user.has_perm("blog.change_post") and is_of(user, post)


def may_write(user: Any, post: Post) -> bool:
    """Tell of one post what editable_by() tells of all."""
    if post._state.adding:
        return may_write_at_all(user)
    if not may_read_draft(user, post):
        return False
    is_thrown_away = post.status == PostStatus.TRASH and post.first_public_at is None
    return may_publish_at_all(user) or post.status in UNPUBLISHED or is_thrown_away


def may_move(user: Any, post: Post, act: Act) -> bool:
    """Tell whether an act of MOVES is this person's to do, where the post's state allows it."""
    if not may_write(user, post):
        return False
    if post.status == PostStatus.TRASH and not _is_owner(user, post):
        return False
    if act in _OF_WRITERS:
        return True
    if act in _OF_REVIEWERS:
        return may_review(user)
    if act in _OF_OWNERS:
        return _is_owner(user, post) and (may_publish_at_all(user) or post.first_public_at is None)
    return may_publish(user, post)


def acts_open_to(user: Any, post: Post) -> list[Act]:
    """Return what this person may do with a post as it stands: its buttons."""
    possible = acts_from(PostStatus(post.status), is_scheduled=post.is_scheduled())
    return [act for act in possible if may_move(user, post, act)]


def may_submit(user: Any, post: Post) -> bool:
    return may_move(user, post, Act.SUBMIT)


def may_publish(user: Any, post: Post) -> bool:
    return may_publish_at_all(user) and may_write(user, post)


def may_note(user: Any, post: Post) -> bool:
    """Tell whether this person leaves notes on a draft, and puts them aside."""
    return may_write(user, post)


def may_share(user: Any, post: Post) -> bool:
    """Tell whether this person lets outsiders read a draft. What is thrown away is nobody's."""
    return may_write(user, post) and post.status != PostStatus.TRASH


def may_choose_coauthors(user: Any, post: Post) -> bool:
    return _is_owner(user, post) and may_write(user, post)


def _is_owner(user: Any, post: Post) -> bool:
    return post.author_id == user.pk or user.has_perm("blog.edit_others_posts")


# --- who writes, and what ---------------------------------------------------------------------


def fields_open_to(user: Any, post: Post) -> frozenset[str]:
    """Return which of a post's words this person may change, by whatever way: form, merge, file."""
    closed = set() if may_choose_coauthors(user, post) else {"coauthors"}
    return frozenset(FIELDS) - closed


def people_who_write() -> QuerySet[Any]:
    """Return those who can be authors and co-authors: whoever may start a post."""
    return _people_who("add_post")


def people_to_write_with(post: Post) -> QuerySet[Any]:
    """Return those who can be co-authors of a post."""
    return people_who_write().exclude(pk=post.author_id)


def people_who_review() -> QuerySet[Any]:
    """Return those who are told of what is submitted: see may_review()."""
    reviewers = _people_who("edit_others_posts")
    return reviewers.filter(pk__in=_people_who("publish_post").values("pk"))


def _people_who(codename: str) -> QuerySet[Any]:
    """Return those who have a permission of this app, by their role or by themselves."""
    may = {"codename": codename, "content_type__app_label": "blog"}
    by_role = Q(**{f"groups__permissions__{name}": value for name, value in may.items()})
    by_themselves = Q(**{f"user_permissions__{name}": value for name, value in may.items()})
    may_do_it = by_role | by_themselves | Q(is_superuser=True)
    return get_user_model().objects.filter(may_do_it, is_active=True).distinct()
