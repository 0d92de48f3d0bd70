"""A site with one of every hard case, the way out of it and into an empty one, for the tests."""

import re
import shutil
import zipfile
from datetime import UTC, datetime, timedelta
from io import StringIO
from unittest import mock
from uuid import UUID

from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.text import validate_single_line, validate_visible
from blog import media, publishing
from blog.models import (
    Attachment,
    Category,
    Claim,
    FormerSlug,
    OldAddress,
    Picture,
    Post,
    Revision,
    Series,
    Tag,
)
from comments import helpful, moderation, openness
from comments.models import (
    Comment,
    CommentMove,
    CommentRevision,
    DiscussionRules,
    HelpfulMark,
    LearnerExample,
    ListEntry,
    ModerationLogEntry,
    Mute,
    OutgoingLetter,
    Reason,
    Report,
    RulesChange,
    Sanction,
    Thread,
    ThreadVisit,
)
from comments.moderation import Seen
from comments.policy import Decision
from comments.publicity import make_true
from comments.retention import clear_due_facts
from comments.status import Action, Status
from comments.transfer.records import ImportMap, ImportRun
from tests.blog.pictures import picture_bytes
from tests.blog.transfer.desk_site import make_desk
from tests.cast import make_person
from tests.comments.factories import make_comment

LONG_AGO = datetime(2009, 3, 1, 8, 30, tzinfo=UTC)
# Children before what they hang on: rows are deleted without looking at each other.
TABLES = (
    ImportMap, ImportRun, HelpfulMark, ThreadVisit, Mute, OutgoingLetter, Sanction, Report,
    CommentMove, LearnerExample, RulesChange, Reason, ModerationLogEntry, CommentRevision, Comment,
    OldAddress, FormerSlug, Revision, Attachment, Post.tags.through, Post.categories.through,
    Post.pictures.through, Post.coauthors.through, Post, Thread, Picture, Tag, Series, Category,
    ListEntry, DiscussionRules, EmailAddress, get_user_model().groups.through,
    get_user_model().user_permissions.through, get_user_model(),
)  # fmt: skip


def export(target, **options):
    """Write the site to `target`, and return what the command printed."""
    out = StringIO()
    call_command("export", to=target, stdout=out, **options)
    return out.getvalue()


def import_site(path, **options):
    out = StringIO()
    call_command("import_site", str(path), stdout=out, **options)
    return out.getvalue()


def entries(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name != "site.json"}


def rewritten(path, target, changes):
    """Write a zip with other entries: `changes` by name, None for one that is to go."""
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(target, "w") as archive:
        for name in source.namelist():
            if name not in changes:
                archive.writestr(name, source.read(name))
        for name, content in changes.items():
            if content is not None:
                archive.writestr(name, content)
    return target


def empty_the_site():
    """Take away every row and file but the groups."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL parley.reverting = 'on'")
    for model in TABLES:
        model._default_manager.all()._raw_delete(connection.alias)
    shutil.rmtree(settings.MEDIA_ROOT, ignore_errors=True)


# ---- The site -----------------------------------------------------------------------------------


def build_hard_site(strings=()):
    """Make a site that has one of everything; `strings` become titles, texts and names."""
    alice, mona = make_person("Alice", "Author", bio="Two\nlines."), make_person("Mona", "Editor")
    make_person("Eve", None, is_active=False)
    get_user_model().objects.create_user("unproved@example.org", display_name="Una")
    club = Group.objects.get_or_create(name="Book club")[0]
    alice.groups.add(club)
    posts = make_posts(alice)
    make_part(posts["public"], mona)
    make_files(posts["public"], alice)
    make_discussion(posts["public"], alice, mona)
    make_hostile(strings, alice, posts["public"].thread)
    make_memories(posts["public"])
    ListEntry.objects.create(kind="word", pattern="casino", effect="spam", note="seen often")
    thread = Thread.objects.create(title="Elsewhere", url="/shop/1", owner=mona, is_open=False)
    make_open(thread)
    make_rules(posts, thread, mona)
    odd = {"author_name": "Jean  Luc\u00a0P.", "ip_address": "127.0.0.1"}
    make_comment(thread, body="On a page that is none of ours.", at=LONG_AGO, **odd)
    make_desk(alice, mona)
    # As on every site that runs: what its old comments came with is gone before it moves.
    clear_due_facts()
    return posts


# Each otherwise than where nobody has set it.
RULED = {
    "held_people": "everyone", "newcomer_approvals": 3, "hold_after_days": 400, "max_links": 0,
    "min_seconds": 2.5, "flood_limit": 4, "flood_window_seconds": 300, "nudges": True,
    "learner_mode": "advise", "ham_cutoff": 0.125, "spam_cutoff": 0.9, "keep_facts_days": 7,
}  # fmt: skip


def make_rules(posts, elsewhere, mona):
    """Let discussions run each in its own way."""
    rules = DiscussionRules(pk=1, edit_minutes=30, close_after_days=9_000, **RULED)
    rules.save()
    openness.follow_site_rules(rules)
    openness.close(posts["twin"].thread, actor=mona, note="Two\u00a0<b> sides: #1")
    openness.close_by_itself(posts["html"].thread, actor=mona, days=30, counts_from="comment")
    cooled = {"is_premoderated": True, "slow_seconds": 600, "note": "Tempers"}
    openness.cool(posts["public"].thread, actor=mona, **cooled)
    openness.pin(posts["public"].thread.comments.get(number=1), actor=mona)
    Thread.objects.filter(pk=elsewhere.pk).update(held_people="unproved", max_links=0)
    openness.close_by_itself(elsewhere, actor=mona, days=8_000, counts_from="comment")


def make_open(thread):
    Thread.objects.filter(pk=thread.pk).update(public_at=LONG_AGO, is_open=True)
    thread.refresh_from_db()


def received(author, title, tags=(), categories=(), **fields):
    facts = {"body": "Words.", "created_at": LONG_AGO, "updated_at": LONG_AGO}
    thread = fields.pop("thread", None)
    post = Post(author=author, title=title, **(facts | fields))
    if thread:
        post.thread = thread
    shelved = {"tags": publishing.tags_named(tags), "categories": categories}
    return publishing.receive(post, **shelved)


def make_part(post, mona):
    """Let a post stand in a series, by two people, and all of it have had other addresses."""
    series = Series.objects.create(title="On <ships>", slug="ships", description="A\nB")
    for position, part in ((30, post), (7, Post.objects.get(title="Later"))):
        Post.objects.filter(pk=part.pk).update(series=series, series_position=position)
    post.refresh_from_db()
    post.coauthors.set([mona])
    owners = {"post": post, "tag": post.tags.first(), "series": series, "author": mona}
    owners["category"] = post.categories.first()
    for kind, row in owners.items():
        given_up = {"slug": f"Former_{kind}", "created_at": LONG_AGO}
        FormerSlug.objects.create(kind=kind, **{kind: row}, **given_up)


def make_posts(alice):
    soon = timezone.now() + timedelta(days=400)
    top = Category.objects.create(name="Travel", slug="travel")
    inner = Category.objects.create(name="By sea", slug="a-by-sea", parent=top, description="A\nB")
    public = {"status": "published", "published_at": LONG_AGO}
    posts = {
        "public": received(
            alice,
            "Public",
            ["Sea", "Éire"],
            [top, inner],
            is_sticky=True,
            excerpt="Short",
            **public,
        ),
        "twin": received(alice, "Of the same instant", **public),
        "scheduled": received(alice, "Later", status="published", published_at=soon),
        "secret": received(alice, "Secret", password=make_password("open"), **public),
        "html": received(alice, "Old", markup="html", body="<p>Hi <b>there</b>\r\n</p>", **public),
        "closed": received(alice, "Closed", thread=Thread(is_open=False), **public),
        "about": received(alice, "About", kind="page", position=3, **public),
        "index": received(alice, "index", kind="page", slug="index", **public),
    }
    posts["team"] = received(alice, "Team", kind="page", parent=posts["about"], **public)
    for status in ("unlisted", "archived"):
        posts[status] = received(alice, status, **public | {"status": status})
    for status in ("draft", "review", "private", "trash"):
        posts[status] = received(alice, status, status=status, body="---\n\n---\n\n")
    typed = {"title": "Typed", "slug": "A_Spelling-Of-Its-Own_", "author_note": "A *note*"}
    posts["typed"] = publishing.create_draft(alice, creation_key="k" * 64, **typed)
    for path, claim in {"/2009/03/public": Claim.LINK, "/?p=7": Claim.FORMER}.items():
        facts = {"post": posts["public"], "claim": claim, "created_at": LONG_AGO}
        OldAddress.objects.create(path=path, **facts)
    return posts


def make_files(post, alice):
    upload = SimpleUploadedFile("a.png", picture_bytes("PNG"), content_type="image/png")
    picture = media.keep(media.accept(upload), uploader=alice, alt="A line", caption="Drawn")
    media.describe(picture, credit="Zoe", focal_x=20, focal_y=80)
    post.cover = picture
    post.save()
    Attachment.objects.create(
        post=post, picture=picture, source_url="https://old.example/a.png", title="A", alt="x"
    )
    paper = Attachment(post=None, title="Paper", uploaded_at=LONG_AGO)
    paper.file.save("0123456789abcdef.pdf", ContentFile(b"%PDF-1.4 not much"))
    Attachment.objects.create(source_url="https://old.example/lost.gif", caption="Two\nlines")


def make_discussion(post, alice, mona):
    thread = post.thread
    chain = None
    for level in range(43):
        chain = make_comment(thread, chain, body=f"Level {level}", at=LONG_AGO)
    first = make_comment(thread, body="First words", author=alice, author_name="Alice")
    changed = moderation.edit(
        first, "Second *words*", actor=alice, actor_name="Alice", seen=Seen.of(first)
    )
    entry = moderation.moderate(
        changed, Action.REJECT, actor=mona, seen=Seen.of(changed), reason="abuse", note="Why\nnot"
    )
    moderation.undo(entry, actor=mona)
    gone = make_comment(thread, body="To be removed", author=alice, author_name="Alice")
    make_comment(thread, gone, body="A reply that stays")
    moderation.delete(gone, actor=alice, actor_name="Alice", seen=Seen.of(gone))
    many = [make_comment(thread, body=f"Bulk {at}") for at in range(3)]
    batch = moderation.moderate_many(
        [(each, Seen.of(each)) for each in many], Action.MARK_SPAM, actor=mona
    ).batch
    assert isinstance(batch, UUID)
    moderation.undo_many(batch, actor=mona)
    for status in (Status.PENDING, Status.SPAM):
        make_comment(
            thread, body=str(status), status=status, seconds_taken=0.1, honeypot="x",
            user_agent="Agent", referrer="https://example.org/", ip_address="2001:db8::1",
            author_website="https://example.org/",
        )  # fmt: skip
    ping, html = (
        make_comment(thread, body="<p>[&#8230;] from there</p>"),
        "<p>[&#8230;] from there</p>",
    )
    ping.body_html, ping.kind, ping.markup = html, "pingback", "html"
    make_true(ping)
    ping.save()
    make_second_thoughts(thread, alice, mona)
    Thread.objects.filter(pk=thread.pk).update(last_number=900)


def make_second_thoughts(thread, alice, mona):
    """Make comments that readers see other than as they stand, and what readers did with them."""
    above = make_comment(thread, body="Approved *words*", author=alice, author_name="Alice")
    make_comment(thread, above, body="Below it")
    below = make_comment(thread, make_comment(thread, body="Above", at=LONG_AGO), body="Under it")
    for comment, texts in {above: ["Once", "Twice"], below: ["<b>Other</b>"]}.items():
        for text in texts:
            waits = mock.patch(
                "comments.moderation.editing.decide", return_value=Decision(Status.PENDING)
            )
            comment.refresh_from_db()
            with waits:
                moderation.edit(comment, text, actor=None, actor_name="Gus", seen=Seen.of(comment))
    moderation.prove_address(below)
    below.refresh_from_db()
    entry = moderation.moderate(below, Action.MARK_SPAM, actor=mona, seen=Seen.of(below))
    moderation.undo(entry, actor=mona)
    helpful.toggle(above, mona)
    late = make_comment(thread, body="Once somebody had marked something")
    for reader in (alice, mona):
        helpful.toggle(late, reader)
    gone = make_comment(thread, body="Marked, then removed")
    helpful.toggle(gone, alice)
    moderation.delete(gone, actor=None, actor_name="Gus", seen=Seen.of(gone))
    Mute.objects.create(user=mona, muted=alice, created_at=LONG_AGO)
    Mute.objects.create(user=alice, muted=mona)
    ThreadVisit.objects.create(
        user=mona, thread=thread, since_version=1, seen_version=2, seen_at=LONG_AGO
    )


def make_hostile(strings, alice, thread):
    """Put texts that break things into bodies, comments, names and titles that a form would take.

    Ten strings share a text: texts are typeset, and that takes its time.
    """
    for start in range(0, len(strings), 10):
        # What turns lines around no form takes, and every page leaves out.
        text = re.sub("[\u202d\u202e]", "", "\n".join(strings[start : start + 10]))
        received(alice, f"Hostile {start}", body=text, status="private", markup="html")
        make_comment(thread, body=text, user_agent=text[:400], honeypot=text[:200], at=LONG_AGO)
    for text in filter(is_a_line, strings[::15]):
        received(alice, text[:200], body="Words.", source_line=text[:500], status="draft")
        make_comment(thread, author_name=text[:80], at=LONG_AGO)


def is_a_line(text):
    """Tell whether a form would take it as a title."""
    try:
        validate_single_line(text[:200])
        validate_visible(text[:80])
    except ValidationError:
        return False
    return True


def make_memories(post):
    """Let the site remember that a post and a comment came from another system once."""
    run = ImportRun.objects.create(format="wxr", source="https://old.example", file_size=1)
    comment = post.thread.comments.order_by("number").first()
    facts = {"run": run, "digest": "d" * 64, "position": 9, "source": run.source}
    post.refresh_from_db()
    ImportMap.objects.create(
        kind="post", external_id="7", object_id=post.pk, left_at_version=post.version, **facts
    )
    ImportMap.objects.create(
        kind="comment", external_id="881", object_id=comment.pk, left_at_version=99, **facts
    )
    own = facts | {"source": "site:" + "0" * 64}
    ImportMap.objects.create(kind="post", external_id="posts/x", object_id=post.pk, **own)
