"""Who may do what with which post: the one place that knows. Permissions are the roles' (roles.py).

Views ask here before they look at anything else, templates show what is answered here, and
publishing/ performs what was allowed without asking again.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from blog.models import Post, PostQuerySet
from blog.states import PostStatus

# What somebody who may not publish writes in: once others read it, it is no more theirs alone.
UNPUBLISHED = (PostStatus.DRAFT, PostStatus.REVIEW)


def editable_by(user: Any) -> PostQuerySet:
    """Return the posts that this person may write in."""
    posts = Post.objects.all()
    if user.has_perm("blog.edit_others_posts"):
        return posts
    if not user.has_perm("blog.change_post"):
        return posts.none()
    own = posts.of(user)
    return own if may_publish_at_all(user) else own.filter(status__in=UNPUBLISHED)


def may_publish_at_all(user: Any) -> bool:
    return user.has_perm("blog.publish_post")


def may_upload(user: Any) -> bool:
    return user.has_perm("blog.add_picture")


def may_review(user: Any) -> bool:
    """Tell whether this person decides about what others submit."""
    return user.has_perm("blog.edit_others_posts") and may_publish_at_all(user)


def people_who_write() -> Any:
    """Return those who can be authors and co-authors: whoever may start a post."""
    may = Q(
        groups__permissions__codename="add_post",
        groups__permissions__content_type__app_label="blog",
    )
    return get_user_model().objects.filter(may | Q(is_superuser=True), is_active=True).distinct()
