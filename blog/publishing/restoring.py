"""What was written once, written again: a revision of its own, and nothing is taken away for it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from blog import policy
from blog.models import Post, Revision, RevisionKind
from blog.publishing.copies import keep
from blog.publishing.texts import save
from blog.states import OUT
from blog.words import SEVERAL, SINGLE, Words, unpacked, working_copy_of

# A text means nothing without what it is written in.
TOGETHER = {"body": ("body", "markup")}


@dataclass
class Restored:
    """Shape: `gone` are the fields of which something is no longer there to be restored."""

    post: Post
    gone: list[str] = field(default_factory=list)


def restore(
    post: Post,
    revision: Revision,
    names: Iterable[str],
    *,
    actor: Any,
    seen_version: int,
    reason: str = "",
) -> Restored:
    """Write the named fields of a revision into a post whose text is still at `seen_version`.

    Of a post that is out they are changes that readers do not see yet.

    Raises: StalePost; ValidationError by field.
    """
    fields, gone = _still_there(post, revision.words, names)
    post = write_anew(
        post,
        fields,
        actor=actor,
        seen_version=seen_version,
        kind=RevisionKind.RESTORE,
        restored_from=revision.number,
        reason=reason,
    )
    return Restored(post, gone)


def write_anew(
    post: Post, fields: dict[str, Any], *, actor: Any, seen_version: int, **facts: Any
) -> Post:
    """Write fields over what was written last: into a draft, or beside a post that is out.

    What was only kept while somebody was typing is a revision before.

    Raises: StalePost; ValidationError by field.
    """
    with transaction.atomic():
        post = Post.objects.select_for_update(of=("self",)).get(pk=post.pk)
        copy = working_copy_of(post)
        if copy is not None:
            post = _with_copy_kept(post, actor=actor, seen_version=seen_version)
            fields, seen_version = unpacked(copy.words) | fields, post.text_version
        if post.status in OUT:
            facts["is_saved"] = True
            return keep(post, fields, actor=actor, seen_version=seen_version, **facts)
        return save(post, fields, actor=actor, seen_version=seen_version, **facts)


def _with_copy_kept(post: Post, *, actor: Any, seen_version: int) -> Post:
    """Make a revision of what is being written beside a post."""
    return keep(
        post, {}, actor=actor, seen_version=seen_version, is_saved=True, kind=RevisionKind.KEPT
    )


def _still_there(
    post: Post, words: Words, names: Iterable[str]
) -> tuple[dict[str, Any], list[str]]:
    """Return the fields to write, and the names of those of which something is gone."""
    wanted = {each for name in names for each in TOGETHER.get(name, (name,))}
    asked = {name: words[name] for name in wanted & words.keys()}
    fields = unpacked(asked)
    gone = [name for name in SINGLE if asked.get(name) and fields[name] is None]
    for name in gone:
        del fields[name]
    if "coauthors" in fields:
        writers = set(policy.people_to_write_with(post).values_list("pk", flat=True))
        fields["coauthors"] = [person for person in fields["coauthors"] if person.pk in writers]
    gone += [name for name in SEVERAL if len(fields.get(name, ())) < len(asked.get(name, ()))]
    return fields, gone
