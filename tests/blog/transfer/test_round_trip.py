"""A site that moves: out, into an empty place, and out again is the same site, entry by entry."""

import json
import zipfile
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.utils import timezone

from blog.models import Post
from blog.transfer.site import describing, moving_in
from comments import helpful, openness
from comments.guests import Guest
from comments.models import (
    Comment,
    CommentRevision,
    DiscussionRules,
    HelpfulMark,
    ModerationLogEntry,
    Mute,
    Thread,
)
from comments.readers import Viewer
from comments.ruling import rule_thread, values_of
from comments.transfer.records import ImportMap, ImportRun
from tests.blog.transfer.moves import (
    RULED,
    build_hard_site,
    empty_the_site,
    entries,
    export,
    import_site,
)
from tests.comments.factories import make_comment, make_thread


def difference(one, two):
    """Return which entries differ, and of the first the lines that do."""
    before, after = entries(one), entries(two)
    assert list(before) == list(after)
    names = [name for name in before if before[name] != after[name]]
    lines = [
        pair
        for name in names[:1]
        for pair in zip(before[name].split(b"\n"), after[name].split(b"\n"), strict=False)
        if pair[0] != pair[1]
    ]
    return names, lines[:1]


def derived():
    """Return what is computed from the rest, by names that no database gave."""
    comments = Comment.objects.order_by("thread__url", "path").values_list(
        "thread__url", "path", "depth", "body_html", "body_digest", "living_replies",
        "approved_revision", "standing_html", "meta_html", "helpful_count", "markers_before",
        "score", "email_proved_at",
    )  # fmt: skip
    posts = Post.objects.order_by("slug").values_list("slug", "body_html", "reading_minutes")
    threads = Thread.objects.order_by("url").values_list(
        "url",
        "title",
        "approved_count",
        "marker_count",
        "last_number",
        "public_at",
        "owner__slug",
        "closes_at",
        "last_comment_at",
    )
    return [*comments, *posts, *threads]


@pytest.mark.django_db
def test_a_site_that_moves_is_the_same_site(tmp_path, shared_data):
    naughty = json.loads((shared_data / "naughty-strings/blns.json").read_text("utf-8"))
    build_hard_site([text for text in naughty if "\x00" not in text])
    before = derived()
    export(tmp_path / "one.zip")
    empty_the_site()
    import_site(tmp_path / "one.zip")
    export(tmp_path / "two.zip")
    assert difference(tmp_path / "one.zip", tmp_path / "two.zip") == ([], [])
    changed = [pair for pair in zip(before, derived(), strict=True) if pair[0] != pair[1]]
    assert changed == []


@pytest.mark.django_db
def test_what_readers_see_and_did_comes_back(tmp_path):
    build_hard_site()
    export(tmp_path / "site.zip")
    before = second_thoughts()
    empty_the_site()
    import_site(tmp_path / "site.zip")
    assert second_thoughts() == before
    waiting = Comment.objects.get(body="Twice")
    assert (waiting.status, waiting.approved_revision, waiting.revision) == ("pending", 1, 3)
    assert waiting.public_html == "<p>Approved <em>words</em></p>\n"
    assert "edited" not in waiting.meta_html
    assert waiting.living_replies == 1
    assert waiting.shown_version == Comment.objects.get(body="Below it").shown_version > 0
    assert [text.was_public for text in waiting.revisions.order_by("revision")] == [True, False]
    below = Comment.objects.get(body="<b>Other</b>")
    assert below.is_proved
    assert below.standing_html
    assert Comment.objects.get(body="Above").living_replies == 1
    assert set(below.log.values_list("public_before", flat=True)) == {None, 1}
    late = Comment.objects.get(body__startswith="Once somebody")
    assert (late.helpful_count, late.markers_before, late.thread.marker_count) == (2, 1, 2)
    assert late.score > waiting.score > 0
    thread = late.thread
    assert thread.approved_count == thread.comments.public().count()
    # The next mark finds the counts as they were left.
    helpful.toggle(late, get_user_model().objects.get(slug="mona"))
    late.refresh_from_db()
    assert (late.helpful_count, late.thread.marker_count) == (1, 2)


def second_thoughts():
    """Return what is known of texts, acts and marks, by names that no database gave."""
    mutes = Mute.objects.order_by("user__slug")
    marks = HelpfulMark.objects.order_by("comment__path", "user__slug")
    texts = CommentRevision.objects.order_by("comment__path", "revision")
    log = ModerationLogEntry.objects.order_by("comment__path", "pk")
    return [
        list(mutes.values_list("user__slug", "muted__slug", "created_at")),
        list(marks.values_list("comment__path", "user__slug", "created_at")),
        list(texts.values_list("comment__path", "revision", "body_html", "was_public")),
        list(log.values_list("comment__path", "action", "public_before")),
    ]


@pytest.mark.django_db
def test_two_exports_of_one_site_differ_in_nothing_but_when(tmp_path):
    build_hard_site()
    export(tmp_path / "one.zip")
    export(tmp_path / "two.zip")
    one, two = (zipfile.ZipFile(tmp_path / name) for name in ("one.zip", "two.zip"))
    with one, two:
        assert one.namelist() == two.namelist() == sorted(one.namelist())
        facts = [json.loads(archive.read("site.json")) for archive in (one, two)]
    assert facts[0].pop("exported_at") < facts[1].pop("exported_at")
    assert facts[0] == facts[1]
    assert difference(tmp_path / "one.zip", tmp_path / "two.zip") == ([], [])


@pytest.mark.django_db
def test_a_second_run_changes_nothing(tmp_path):
    build_hard_site()
    export(tmp_path / "site.zip")
    empty_the_site()
    import_site(tmp_path / "site.zip")
    counted = (Post, Comment, ModerationLogEntry, ImportMap, ImportRun, get_user_model())
    rows = [list(model.objects.order_by("pk").values()) for model in counted[:-2]]
    assert "created" not in import_site(tmp_path / "site.zip")
    assert rows == [list(model.objects.order_by("pk").values()) for model in counted[:-2]]
    assert ImportRun.objects.filter(format="site").count() == 2


@pytest.mark.django_db
def test_a_post_that_was_removed_here_comes_again_with_the_next_run(tmp_path):
    build_hard_site()
    export(tmp_path / "one.zip")
    empty_the_site()
    import_site(tmp_path / "one.zip")
    lost = Post.objects.get(slug="about")
    lost.delete()
    lost.thread.delete()
    assert "pages: 3 (1 created, 2 unchanged)" in import_site(tmp_path / "one.zip")
    export(tmp_path / "two.zip")
    names, _lines = difference(tmp_path / "one.zip", tmp_path / "two.zip")
    # The newest of all now; nothing else is another.
    assert set(names) <= {name for name in entries(tmp_path / "one.zip") if "content/" in name}
    assert Post.objects.get(slug="team").parent == Post.objects.get(slug="about")


@pytest.mark.django_db
@pytest.mark.parametrize("after", ["posts", "a batch of comments"])
def test_a_run_that_was_cut_off_goes_on_where_it_was(tmp_path, monkeypatch, after):
    build_hard_site()
    export(tmp_path / "one.zip")
    empty_the_site()
    monkeypatch.setattr("blog.transfer.site.moving_in.COMMENT_BATCH", 10)
    cut = "_take_lists" if after == "posts" else "_with_origins"
    with monkeypatch.context() as patch:
        stop_at(patch, cut, times=3 if after != "posts" else 1)
        with pytest.raises(KeyboardInterrupt):
            import_site(tmp_path / "one.zip")
    assert Post.objects.exists()
    import_site(tmp_path / "one.zip")
    export(tmp_path / "two.zip")
    assert difference(tmp_path / "one.zip", tmp_path / "two.zip") == ([], [])
    assert ImportRun.objects.filter(format="site").count() == 1


def stop_at(patch, name, times):
    """Let a function of moving_in be the point at which somebody pulls the plug."""
    owner = moving_in if hasattr(moving_in, name) else moving_in.MovingIn
    whole, calls = getattr(owner, name), []

    def stopping(*args):
        calls.append(1)
        if len(calls) == times:
            raise KeyboardInterrupt
        return whole(*args)

    patch.setattr(owner, name, stopping)


@pytest.mark.django_db
def test_a_dry_run_writes_nothing_and_says_what_would_be(tmp_path, settings):
    build_hard_site()
    export(tmp_path / "site.zip")
    empty_the_site()
    out = import_site(tmp_path / "site.zip", dry_run=True, report=tmp_path / "report.json")
    assert "Nothing was written" in out
    assert not Post.objects.exists()
    assert not get_user_model().objects.exists()
    assert not ImportRun.objects.exists()
    assert not any(path.is_file() for path in settings.MEDIA_ROOT.rglob("*"))
    report = json.loads((tmp_path / "report.json").read_text())
    with zipfile.ZipFile(tmp_path / "site.zip") as archive:
        counts = json.loads(archive.read("site.json"))["counts"]
    assert report["posts"] == counts["posts"]
    assert sum(report["comments"].values()) == counts["comments"]


@pytest.mark.django_db
def test_a_site_of_its_own_is_not_moved_into(tmp_path, make_post):
    make_post()
    export(tmp_path / "site.zip")
    with pytest.raises(CommandError, match="has posts or comments of its own"):
        call_command("import_site", str(tmp_path / "site.zip"))


@pytest.mark.django_db
def test_a_guests_cookie_names_their_own_comment_at_the_new_place_and_no_other(tmp_path):
    threads = [make_thread(), make_thread()]
    mine = make_comment(threads[1], body="Mine", status="pending")
    make_comment(threads[0], body="Of somebody else", status="pending")
    viewer = Viewer(own=frozenset(Guest().with_comment(mine).own))
    export(tmp_path / "site.zip")
    empty_the_site()
    import_site(tmp_path / "site.zip")
    assert [each.body for each in Comment.objects.all() if viewer.wrote(each)] == ["Mine"]
    assert Comment.objects.get(viewer.own_comments).body == "Mine"


@pytest.mark.django_db
def test_what_an_earlier_import_knew_moves_too(tmp_path):
    build_hard_site()
    export(tmp_path / "site.zip")
    empty_the_site()
    import_site(tmp_path / "site.zip")
    known = ImportMap.objects.filter(source="https://old.example")
    post, comment = known.get(kind="post"), known.get(kind="comment")
    assert (post.external_id, post.position, post.is_made) == ("7", 9, False)
    assert Post.objects.get(pk=post.object_id).slug == "public"
    assert Post.objects.get(pk=post.object_id).version == post.left_at_version
    assert Comment.objects.get(pk=comment.object_id).revision != comment.left_at_version


@pytest.mark.django_db
def test_the_days_until_it_closes_count_from_a_comment_that_is_gone(tmp_path, make_post):
    DiscussionRules(pk=1, close_after_days=30, close_counts_from="comment").save()
    thread = make_post().thread
    Thread.objects.filter(pk=thread.pk).update(last_comment_at=timezone.now())
    thread.refresh_from_db()
    openness.keep_closing_true(thread)
    export(tmp_path / "site.zip")
    empty_the_site()
    import_site(tmp_path / "site.zip")
    moved = Thread.objects.get()
    assert moved.closes_at == thread.closes_at == thread.last_comment_at + timedelta(days=30)


@pytest.mark.django_db
def test_every_rule_moves_and_those_of_one_discussion_too(tmp_path, make_post, mona):
    assert set(values_of(DiscussionRules())) == set(describing.RULES_COLUMNS)
    unset = values_of(DiscussionRules())
    DiscussionRules(pk=1, **RULED).save()
    assert {name for name in RULED if unset[name] == RULED[name]} == set()
    rule_thread(make_post().thread, actor=mona, held_people="unproved", max_links=0)
    export(tmp_path / "site.zip")
    empty_the_site()
    import_site(tmp_path / "site.zip")
    assert values_of(DiscussionRules.objects.get()) == {**unset, **RULED}
    thread = Thread.objects.get()
    assert (thread.held_people, thread.max_links) == ("unproved", 0)
