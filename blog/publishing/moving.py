"""A post's status: each move is one transaction, with its row in the log.

Which moves there are is said in states.py, who may make them in policy.py. A move changes no text
but one: what was written beside a draft is what its author means, and becomes the post as it goes
out. Beside a post that is out stands its next version, which stays there whatever becomes of it.
"""

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from blog import policy
from blog.models import Act, Post, PostStatus
from blog.publishing.around import keep_thread_true, locked
from blog.publishing.copies import take_over
from blog.publishing.log import note_act
from blog.publishing.texts import StalePost, drop_plan, first_published, judge, races_told
from blog.states import MOVES, OUT, READABLE, TWICE_IS_ONCE, IllegalMove, goal_of, refusal

# Whoever picks the present minute sends it a little later.
GRACE = timedelta(minutes=5)
AT_THE_DESK = frozenset([PostStatus.DRAFT, PostStatus.REVIEW])


def move(
    post: Post,
    act: Act,
    *,
    actor: Any,
    at: datetime | None = None,
    reason: str = "",
    seen_version: int | None = None,
    is_undo: bool = False,
) -> Post:
    """Do one of the acts of MOVES; return the post as it is then. Twice is once.

    `at`: the moment to come that a post is scheduled for; the past one that it is published under
    when it comes from elsewhere. `seen_version`: the text that was judged; without it, any.
    `is_undo`: readers get back what they had, and what is written beside it stays there; of what
    went elsewhere in the meantime nothing is undone.

    Raises: IllegalMove; StalePost; ValidationError by field while it is not fit to be read.
    """
    if act == Act.SCHEDULE:
        act, at = _moment(at)
    with races_told(), transaction.atomic():
        current = locked(post)
        if seen_version not in (None, current.text_version):
            raise StalePost(current, seen_version or 0)
        if not _is_done(current, act, at):
            if is_undo and current.status != post.status:
                raise IllegalMove(moved_again())
            _ask_again(actor, post, current, act)
            if not is_undo and _takes_along(current, act):
                take_over(current, actor=actor)
            _move(current, act, actor=actor, at=at, reason=reason)
    return current


def moved_again() -> str:
    return _("It was moved again since.")


def _takes_along(post: Post, act: Act) -> bool:
    """Tell whether what is written beside a post becomes it as it goes to readers or editors."""
    goal = goal_of(act, PostStatus(post.status), is_scheduled=post.is_scheduled())
    return post.status in AT_THE_DESK and goal in OUT | {PostStatus.REVIEW}


def _ask_again(actor: Any, judged: Post, post: Post, act: Act) -> None:
    """Refuse what was allowed of a post that went elsewhere in the meantime, where it is not now.

    What nobody has read yet is thrown away by whoever wrote it; what is before readers is not.
    """
    if actor is not None and post.status != judged.status and not policy.may_move(actor, post, act):
        raise IllegalMove(refusal(act, PostStatus(post.status), is_scheduled=post.is_scheduled()))


def _move(post: Post, act: Act, *, actor: Any, at: datetime | None, reason: str) -> None:
    old, is_scheduled = PostStatus(post.status), post.is_scheduled()
    goal = goal_of(act, old, is_scheduled=is_scheduled)
    if goal is None:
        raise IllegalMove(refusal(act, old, is_scheduled=is_scheduled))
    is_read_already = old in READABLE and not is_scheduled
    if goal not in OUT:
        # What was to become the post stays beside it, of no moment: it has no readers any more.
        drop_plan(post, actor=actor)
    moment = at if act == Act.SCHEDULE else post.published_at if is_scheduled else None
    post.status = goal
    date_by_status(post, at)
    if goal in OUT and not is_read_already:
        _judge(post)
    _store(post)
    detail = moment.isoformat() if moment else ""
    note_act(act, post, actor=actor, old_status=old, detail=detail, reason=reason)


def _is_done(post: Post, act: Act, at: datetime | None) -> bool:
    """Tell whether the post is already what this act makes of it."""
    if act not in TWICE_IS_ONCE or post.status != MOVES[act][1]:
        return False
    if act == Act.SCHEDULE:
        return post.is_scheduled() and post.published_at == at
    return not post.is_scheduled()


def _moment(at: datetime | None) -> tuple[Act, datetime | None]:
    """Return what scheduling for an instant is: publishing, where that is now.

    Raises: ValidationError.
    """
    now = timezone.now()
    if at is None:
        raise ValidationError(_("Say when the post is to be published."))
    if at < now - GRACE:
        raise ValidationError(has_passed())
    return (Act.SCHEDULE, at) if at > now else (Act.PUBLISH, None)


def has_passed() -> str:
    return _("That moment has passed. Choose one to come, or publish now.")


def date_by_status(post: Post, at: datetime | None) -> None:
    """Bring a post's dates to its new status; one that never came was none. Saves nothing."""
    now = timezone.now()
    if post.first_public_at is not None and post.first_public_at > now:
        post.first_public_at = None
        # Nobody knows it by that yet. An id from elsewhere stays.
        if post.feed_id == post.get_absolute_url():
            post.feed_id = ""
    if post.status in READABLE:
        post.published_at = at or first_published(post) or now
        post.first_public_at = post.first_public_at or post.published_at
        post.feed_id = post.feed_id or post.get_absolute_url()
    elif at is None and post.published_at is not None and post.published_at > now:
        # Once it has passed, it would look as if readers had been there.
        post.published_at = post.first_public_at
    post.trashed_at = (post.trashed_at or now) if post.status == PostStatus.TRASH else None


def _judge(post: Post) -> None:
    """Refuse what must not be shown. Raises: ValidationError by field."""
    judge(post)
    if post.status in READABLE and not post.body.strip():
        raise ValidationError({"body": nothing_to_read()})


def nothing_to_read() -> str:
    return _("Write something before you publish.")


def _store(post: Post) -> None:
    post.version += 1
    post.updated_at = timezone.now()
    post.save(
        update_fields=[
            "status", "published_at", "first_public_at", "feed_id", "trashed_at", "version",
            "updated_at",
        ]
    )  # fmt: skip
    keep_thread_true(post)


# --- the acts by their names ------------------------------------------------------------------


def publish(post: Post, *, actor: Any, at: datetime | None = None, reason: str = "") -> Post:
    """Make a post public; its date is that of its first publication. A scheduled one is now.

    `at`: when, if not now. In the past for content that comes from elsewhere; an instant to come
    schedules the post, which is then public by itself.

    Raises: IllegalMove; ValidationError by field while it is not fit to be read.
    """
    act = Act.SCHEDULE if at is not None and at > timezone.now() else Act.PUBLISH
    return move(post, act, actor=actor, at=at, reason=reason)


def unpublish(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Make a draft of a post again, wherever it stands, discussion and all."""
    ways = {PostStatus.TRASH: Act.RESTORE, PostStatus.REVIEW: Act.WITHDRAW}
    with transaction.atomic():
        act = ways.get(PostStatus(locked(post).status), Act.UNPUBLISH)
        return move(post, act, actor=actor, reason=reason)


def schedule(post: Post, *, actor: Any, at: datetime, reason: str = "") -> Post:
    """Let a post become public at a moment to come. Raises: as move()."""
    return move(post, Act.SCHEDULE, actor=actor, at=at, reason=reason)


def withdraw(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Take a draft back from review. Raises: IllegalMove."""
    return move(post, Act.WITHDRAW, actor=actor, reason=reason)


def request_changes(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Give a submitted draft back to its author, with what is wished for. Raises: IllegalMove."""
    return move(post, Act.RETURN, actor=actor, reason=reason)


def unlist(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Let whoever has the address read a post that no list names. Raises: as move()."""
    return move(post, Act.UNLIST, actor=actor, reason=reason)


def make_private(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Show a post at its address to its people and the editors alone. Raises: as move()."""
    return move(post, Act.MAKE_PRIVATE, actor=actor, reason=reason)


def archive(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Keep a post for the record, its discussion closed. Raises: IllegalMove."""
    return move(post, Act.ARCHIVE, actor=actor, reason=reason)


def trash(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Throw a post away, for some weeks in which it can be taken out again. Raises: IllegalMove."""
    return move(post, Act.TRASH, actor=actor, reason=reason)


def recover(post: Post, *, actor: Any, reason: str = "") -> Post:
    """Take a post out of the trash, as a draft. Raises: IllegalMove."""
    return move(post, Act.RESTORE, actor=actor, reason=reason)
