"""New words for a comment: they pass the same checks, and the old ones are kept."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils import timezone

from comments.finding import locked_thread
from comments.markup import MARKUP_VERSION, render_comment
from comments.mentions import people_called
from comments.models import Comment, CommentRevision, Markup
from comments.moderation.seen import Seen
from comments.moderation.storing import compare_and_set, count, write_log
from comments.policy import decide
from comments.publicity import publicity_of
from comments.status import Action, IllegalTransition, Status, allowed
from comments.submission import Submission, gather
from comments.turns import turn

# What the line above the words is made of.
META_OF = (
    "thread_id",
    "number",
    "kind",
    "author_name",
    "author_website",
    "author_mark",
    "created_at",
)


def edit(
    comment: Comment,
    body: str,
    *,
    actor: Any,
    actor_name: str,
    seen: Seen,
    at: datetime | None = None,
) -> Comment:
    """Give a comment new words; they pass the same checks, and the old ones are kept.

    `body` has passed markup.check_caps. An edit never makes a comment more public than it was.
    `at`: when it was done, if not now (content that comes from elsewhere).
    Raises: StaleComment, IllegalTransition.
    """
    body_html = render_comment(body, people_called(comment.thread, body))
    now = at or timezone.now()
    offered = replace(Submission.from_comment(comment), body=body, submitted_at=now)
    decision = decide(gather(offered))
    with turn():
        thread = locked_thread(comment.thread_id)
        old = Comment.objects.select_related("thread").get(pk=comment.pk)
        new_status = _status_after_edit(seen.status, decision.status, old.is_public())
        changed = Comment(
            **{name: getattr(old, name) for name in (*META_OF, "approved_revision")},
            status=new_status,
            revision=seen.revision + 1,
            edited_at=now,
        )
        compare_and_set(
            comment,
            seen,
            status=new_status,
            revision=changed.revision,
            body=body,
            markup=Markup.MARKDOWN,
            body_html=body_html,
            markup_version=MARKUP_VERSION,
            body_digest=offered.body_digest,
            edited_at=now,
            **(_standing(old) if _stands(old, new_status) else publicity_of(changed)),
        )
        _keep_replaced(old, now)
        comment = Comment.objects.get(pk=comment.pk)
        write_log(
            comment,
            action=Action.EDIT,
            old_status=seen.status,
            actor=actor,
            actor_name=actor_name,
            findings=decision.findings_as_json(),
            at=now,
            public_before=old.approved_revision,
        )
        count(thread, comment, was_public=old.is_public())
    return comment


def _keep_replaced(old: Comment, now: datetime) -> None:
    """Keep the words that an edit replaces, and whether readers saw them."""
    CommentRevision.objects.create(
        comment=old,
        revision=old.revision,
        body=old.body,
        markup=old.markup,
        body_html=old.body_html,
        replaced_at=now,
        was_public=old.approved_revision == old.revision,
    )


def _status_after_edit(before: Status, decided: Status, was_public: bool) -> Status:
    goals = allowed(before, Action.EDIT)
    if not goals:
        raise IllegalTransition(f"A comment that is {before} cannot be edited.")
    if was_public and decided == Status.SPAM:
        # Readers keep what an editor let through; what it was to become is the queue's to judge.
        return Status.PENDING
    return decided if decided in goals else before


def _stands(old: Comment, new_status: Status) -> bool:
    """Tell whether readers keep seeing the text that was approved while the new one waits."""
    return old.is_public() and new_status == Status.PENDING


def _standing(old: Comment) -> dict[str, Any]:
    return {
        "approved_revision": old.approved_revision,
        "standing_html": old.standing_html or old.body_html,
    }
