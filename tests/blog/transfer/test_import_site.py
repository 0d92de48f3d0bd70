"""`manage.py import_site`: what it refuses before anything is written, whom it takes for whom."""

import json
import re
import stat
import zipfile
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.management import CommandError
from django.db import IntegrityError

from blog.models import Attachment, Picture, Post
from comments.models import Comment, DiscussionRules, Mute, Thread
from comments.transfer.records import ImportRun
from tests.blog.pictures import picture_bytes
from tests.blog.transfer.moves import (
    build_hard_site,
    empty_the_site,
    entries,
    export,
    import_site,
    rewritten,
)
from tests.cast import make_person

User = get_user_model()
# The zip, once it has been made by the first test that asked for it.
_made: list[bytes] = []


@pytest.fixture
def zipped(tmp_path, db):
    """Return the zip of a site of many things; the site here is empty."""
    path = tmp_path / "site.zip"
    if not _made:
        build_hard_site()
        export(path)
        empty_the_site()
        _made.append(path.read_bytes())
    path.write_bytes(_made[0])
    return path


def changed(zipped, entry, change, *, line=0):
    """Return a zip in which one line of an entry was changed by a function."""
    lines = entries(zipped)[entry].splitlines()
    row = json.loads(lines[line])
    change(row)
    lines[line] = json.dumps(row).encode()
    content = b"\n".join(lines)
    return rewritten(zipped, zipped.with_name("changed.zip"), {entry: content})


def refused(path, *words):
    """Hold that a zip is refused with these words and that nothing at all was written."""
    with pytest.raises(CommandError) as refusal:
        import_site(path)
    for word in words:
        assert word in str(refusal.value)
    for model in (Post, Comment, Thread, Picture, Attachment, ImportRun):
        assert not model.objects.exists()


# ---- Bad zips -----------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 and then nothing"])
@pytest.mark.django_db
def test_what_is_no_zip_is_refused(tmp_path, content):
    (tmp_path / "site.zip").write_bytes(content)
    refused(tmp_path / "site.zip", "cannot be read as a zip")


def test_a_file_that_is_not_there_is_told(tmp_path, db):
    refused(tmp_path / "none.zip", "cannot be read")


def test_a_zip_of_something_else_is_refused(tmp_path, db):
    with zipfile.ZipFile(tmp_path / "photos.zip", "w") as archive:
        archive.writestr("a.jpg", b"x")
    refused(tmp_path / "photos.zip", "site.json is missing")


def test_a_truncated_zip_is_refused(zipped):
    content = zipped.read_bytes()
    zipped.write_bytes(content[: len(content) // 2])
    refused(zipped, "cannot be read as a zip")


def test_a_damaged_entry_is_named(zipped):
    with zipfile.ZipFile(zipped) as archive:
        start = archive.getinfo("data/comments.jsonl").header_offset + 200
    content = bytearray(zipped.read_bytes())
    content[start : start + 40] = b"\0" * 40
    zipped.write_bytes(content)
    refused(zipped, "data/comments.jsonl")


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/passwd", "static/media/../../evil", "a\\b", "C:/x"]
)
def test_a_name_that_leads_out_is_refused(zipped, name):
    with zipfile.ZipFile(zipped, "a") as archive:
        archive.writestr(name, "x")
    refused(zipped, "leads out of the zip")


def test_a_symlink_is_refused(zipped):
    link = zipfile.ZipInfo("static/media/files/2020/01/link.pdf")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(zipped, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refused(zipped, "link.pdf", "not a file")


def test_a_bomb_is_refused_unread(zipped):
    with zipfile.ZipFile(zipped, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("static/media/files/2020/01/bomb.txt", b"\0" * 5_000_000)
    refused(zipped, "bomb.txt", "a bomb")


def test_an_entry_that_stands_twice_is_refused(zipped):
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(zipped, "a") as archive:
        archive.writestr("site.json", "{}")
    refused(zipped, "site.json", "twice")


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("{", "not JSON"),
        ("[]", "does not say"),
        ('{"format": "other"}', "does not say"),
        ('{"format": "parley-site"}', "version None"),
        ('{"format": "parley-site", "version": 2}', "A newer one may read it"),
    ],
)
def test_another_format_or_version_is_refused(zipped, told, words):
    path = rewritten(zipped, zipped.with_name("changed.zip"), {"site.json": told})
    refused(path, "site.json", words)


def mark_of(slug):
    return {"user": slug, "created_at": "2020-01-01T00:00:00+00:00"}


# ---- Bad lines ----------------------------------------------------------------------------------


def test_a_broken_line_is_told_with_entry_and_number(zipped):
    content = entries(zipped)["data/comments.jsonl"].splitlines()
    content[4] = b'{"thread":'
    changes = {"data/comments.jsonl": b"\n".join(content)}
    path = rewritten(zipped, zipped.with_name("changed.zip"), changes)
    refused(path, "data/comments.jsonl, line 5", "not JSON")


@pytest.mark.parametrize(
    ("entry", "values", "words"),
    [
        ("comments", {"status": "fine"}, "status: 'fine' is none"),
        ("comments", {"number": 0}, "number: not a whole number"),
        ("comments", {"number": True}, "number: not a whole number"),
        ("comments", {"parent": 777}, "answers comment 777"),
        ("comments", {"author": "nobody"}, "there is no person 'nobody'"),
        ("comments", {"thread": "posts/none"}, "there is no thread"),
        ("comments", {"author_name": "n" * 81}, "author_name: 81 characters"),
        ("comments", {"author_website": "javascript:alert(1)"}, "not an address of the web"),
        ("comments", {"body": "a\0b"}, "no text has"),
        ("comments", {"body": "\ud800"}, "no text has"),
        ("comments", {"created_at": "2020-01-01T00:00:00"}, "with its zone"),
        ("comments", {"ip_address": "1.2.3.400"}, "ip_address"),
        ("comments", {"log": [{}]}, "log: actor is missing"),
        ("comments", {"earlier": 1}, "not a list"),
        ("comments", {"email_proved_at": "2020"}, "email_proved_at: not a date and time"),
        ("comments", {"approved_revision": 2}, "nobody can be reading revision 2"),
        ("comments", {"status": "spam"}, "nobody can be reading revision 1"),
        ("comments", {"status": "pending", "revision": 2}, "nobody can be reading revision 1"),
        ("comments", {"markers_before": -1}, "markers_before: not a whole number"),
        ("comments", {"helpful": ["mona"]}, "helpful: not an object"),
        ("comments", {"helpful": [mark_of("nobody")]}, "there is no person 'nobody'"),
        ("comments", {"helpful": [mark_of("mona")] * 2}, "helpful: mona for the second time"),
        (
            "comments",
            {"author": "mona", "helpful": [mark_of("mona")]},
            "helpful: nobody marks their own comment",
        ),
        ("threads", {"marker_count": "2"}, "marker_count: not a whole number"),
        ("threads", {"last_comment_at": "then"}, "last_comment_at: not a date"),
        ("mutes", {"muted": "nobody"}, "there is no person 'nobody'"),
        ("mutes", {"muted": "alice"}, "nobody mutes themselves"),
        ("mutes", {"user": "mona", "muted": "alice"}, "for the second time"),
        ("users", {"email": "a@example.org\nBcc: b@example.org"}, "email"),
        ("users", {"website": "javascript:alert(1)"}, "website"),
        ("users", {"groups": ["Admins"]}, "there is no group 'Admins'"),
        ("pictures", {"file": "../secret.png"}, "not the name of a picture"),
        ("pictures", {"file": "pictures/2020/01/a.svg"}, "not the name of a picture"),
        ("threads", {"url": "https://evil.example/"}, "url: not a path of this site"),
        ("threads", {"url": "//evil.example/"}, "url: not a path of this site"),
        ("threads", {"url": "/\\evil.example/"}, "url: not a path of this site"),
        ("threads", {"url": "/\t/evil.example/"}, "url: not a path of this site"),
        ("threads", {"url": "javascript:alert(1)"}, "url: not a path of this site"),
        ("threads", {"number": 0}, "number: not a whole number"),
        ("threads", {"slow_seconds": -1}, "slow_seconds: not a whole number"),
        ("threads", {"close_after_days": 40_000}, "close_after_days: not a whole number"),
        ("threads", {"close_counts_from": "whim"}, "close_counts_from: 'whim' is none"),
        ("threads", {"closing_note": "n" * 201}, "closing_note: 201 characters"),
        ("threads", {"cooled_at": "yesterday"}, "cooled_at: not a date"),
        ("threads", {"pinned_number": 0}, "pinned_number: not a whole number"),
        ("rules", {"edit_minutes": -1}, "edit_minutes: not a whole number"),
        ("attachments", {"file": "files/page.html"}, "not the name of a file"),
        ("attachments", {"picture": "pictures/none.png"}, "there is no picture"),
        ("categories", {"parent": "none"}, "there is no category 'none'"),
        ("lists", {"effect": "burn"}, "'burn' is none"),
    ],
)
def test_a_line_that_no_column_could_hold_is_told(zipped, entry, values, words):
    path = changed(zipped, f"data/{entry}.jsonl", lambda row: row.update(values))
    refused(path, f"data/{entry}.jsonl, line", words)


def test_a_line_that_lacks_something_is_told(zipped):
    path = changed(zipped, "data/comments.jsonl", lambda row: row.pop("status"))
    refused(path, "data/comments.jsonl, line 1: status is missing")


def test_two_tags_of_one_name_are_told(zipped):
    row = json.loads(entries(zipped)["data/tags.jsonl"].splitlines()[-1])
    path = changed(zipped, "data/tags.jsonl", lambda first: first.update(name=row["name"]))
    refused(path, "data/tags.jsonl, line 2", "the name Sea for the second time")


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("content/pages/public.md", b'"kind": "post"', b'"kind": "page"'),
        ("content/posts/public.html", b'"markup": "markdown"', b'"markup": "html"'),
    ],
)
def test_two_posts_at_one_address_are_told(zipped, name, old, new):
    content = entries(zipped)["content/posts/public.md"]
    assert old in content
    content = content.replace(old, new).replace(b"/2009/03/public", b"/x").replace(b"/?p=7", b"/y")
    path = rewritten(zipped, zipped.with_name("changed.zip"), {name: content})
    refused(path, "content/posts/public.", "the slug public for the second time")


def test_two_posts_of_one_form_are_told(zipped):
    own = entries(zipped)
    key = b'"creation_key": "' + b"k" * 64 + b'"'
    assert key in own["content/posts/A_Spelling-Of-Its-Own_.md"]
    name = "content/posts/public.md"
    changes = {name: own[name].replace(b'"creation_key": null', key)}
    path = rewritten(zipped, zipped.with_name("changed.zip"), changes)
    refused(path, name, "creation_key kkk")


def test_what_only_the_database_refuses_is_told_as_well(zipped, monkeypatch):
    def stop(*args, **options):
        raise IntegrityError("UNIQUE constraint failed: blog_post.slug")

    monkeypatch.setattr("blog.publishing.receive", stop)
    with pytest.raises(CommandError, match="two things that cannot both be"):
        import_site(zipped)
    assert not Post.objects.exists()


def test_an_entry_without_a_name_is_refused(zipped):
    with zipfile.ZipFile(zipped, "a") as archive:
        archive.writestr("x", "y")
        archive.filelist[-1].filename = ""
    refused(zipped, "an entry without a name")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'slug: "public"', b'slug: "other"', "this is content/posts/other.md"),
        (b'title: "Public"', b'title: "a\\u0000b"', "no text has"),
        (b'title: "Public"', b"title: Public", "line 2: title is not JSON"),
        (b'"author": "alice"', b'"author": "bob"', "there is no person 'bob'"),
        (b'"status": "published"', b'"status": "secret"', "status: 'secret' is none"),
        (b"params:", b"extra:", "params is missing"),
    ],
)
def test_a_post_that_cannot_be_is_told(zipped, old, new, words):
    name = "content/posts/public.md"
    content = entries(zipped)[name]
    assert old in content
    changes = {name: content.replace(old, new)}
    path = rewritten(zipped, zipped.with_name("changed.zip"), changes)
    refused(path, name, words)


# ---- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<script>alert(1)</script>", "cannot be read as a picture"),
        (picture_bytes("PNG")[:60], "cannot be read as a picture"),
        (picture_bytes("JPEG"), "cannot be read as a picture"),
        (picture_bytes("PNG", size=(10, 10)), "10 by 10 pixels, not 64 by 48"),
    ],
)
def test_a_damaged_picture_is_left_out_and_all_else_comes(zipped, settings, content, words):
    (name,) = (name for name in entries(zipped) if name.endswith(".png"))
    path = rewritten(zipped, zipped.with_name("changed.zip"), {name: content})
    out = import_site(path)
    assert f"{name.removeprefix('static/media/')} is left out, for it is damaged: " in out
    assert words in out
    assert not any(each.suffix == ".png" for each in settings.MEDIA_ROOT.rglob("*"))
    assert Post.objects.get(slug="public").cover == Picture.objects.get()


def test_a_file_that_no_row_speaks_of_must_have_a_name_that_is_taken(zipped):
    changes = {"static/media/pages/evil.html": b"<script>alert(1)</script>"}
    refused(rewritten(zipped, zipped.with_name("changed.zip"), changes), "not the name")


def test_what_a_cut_off_run_left_of_a_file_is_written_again(zipped, settings):
    (name,) = (name for name in entries(zipped) if name.endswith(".png"))
    place = settings.MEDIA_ROOT / name.removeprefix("static/media/")
    place.parent.mkdir(parents=True)
    place.write_bytes(b"half of it")
    import_site(zipped)
    assert place.read_bytes() == entries(zipped)[name]


def test_a_picture_that_was_missing_there_is_missing_here_and_told(zipped):
    (name,) = (name for name in entries(zipped) if name.endswith(".png"))
    path = rewritten(zipped, zipped.with_name("changed.zip"), {name: None})
    assert "is not in the zip" in import_site(path)
    assert Picture.objects.count() == 1


# ---- People -------------------------------------------------------------------------------------


def test_people_come_without_passwords_and_with_what_they_may_do(zipped):
    import_site(zipped)
    mona = User.objects.get(slug="mona")
    assert not mona.has_usable_password()
    assert mona.has_perm("comments.moderate_comment")
    assert EmailAddress.objects.filter(user=mona, verified=True).exists()
    una = User.objects.get(email="unproved@example.org")
    assert not EmailAddress.objects.filter(user=una, verified=True).exists()
    assert not User.objects.get(slug="eve").is_active


def test_an_unproved_account_here_is_given_nothing_and_stops_the_move(zipped):
    squatter = User.objects.create_user("MONA@example.org", "secret", display_name="Mona?")
    refused(zipped, "mona@example.org", "has not proved")
    squatter.refresh_from_db()
    assert not squatter.groups.exists()


def test_a_proved_account_here_is_the_same_person_and_keeps_its_password(zipped):
    mona = make_person("Mona", "Reader")
    import_site(zipped)
    mona.refresh_from_db()
    assert mona.check_password("correct horse battery")
    assert set(mona.groups.values_list("name", flat=True)) == {"Reader", "Editor"}
    assert User.objects.filter(email="mona@example.org").count() == 1


def test_one_who_had_not_proved_their_address_there_brings_no_rights_here(zipped):
    def make_superuser(row):
        row.update(is_superuser=True, is_staff=True, is_proved=False)

    row = json.loads(entries(zipped)["data/users.jsonl"].splitlines()[0])
    assert row["slug"] == "alice"
    alice = make_person("Alice")
    import_site(changed(zipped, "data/users.jsonl", make_superuser))
    alice.refresh_from_db()
    assert not alice.is_superuser
    assert not alice.groups.exists()


def test_the_one_superuser_of_a_new_site_is_who_the_zip_says(zipped):
    admin = User.objects.create_user("alice@example.org", "x", is_superuser=True, is_staff=True)
    import_site(zipped)
    admin.refresh_from_db()
    assert (admin.slug, admin.is_superuser) == ("alice", True)
    assert Post.objects.get(slug="public").author == admin


def test_the_groups_that_are_here_keep_what_they_may_do(zipped):
    def give_all(row):
        row.update(permissions=["accounts.delete_user"])

    rows = entries(zipped)["data/groups.jsonl"].splitlines()
    line = [json.loads(row)["name"] for row in rows].index("Author")
    assert "the group Author may do other things here" in import_site(
        changed(zipped, "data/groups.jsonl", give_all, line=line)
    )
    assert not User.objects.get(slug="alice").has_perm("accounts.delete_user")


def test_whoever_may_do_everything_is_named_in_the_report(zipped):
    def make_superuser(row):
        row.update(is_superuser=True)

    path = changed(zipped, "data/users.jsonl", make_superuser)
    assert "alice@example.org (alice) may do everything here, as in the zip" in import_site(path)


# ---- How discussions run ------------------------------------------------------------------------

RUNNING = ("closed_at", "closing_note", "close_after_days", "close_counts_from", "is_premoderated",
           "slow_seconds", "cooled_at", "cooling_note", "pinned_number")  # fmt: skip


def test_a_zip_from_before_there_were_rules_is_taken(zipped):
    held = entries(zipped)
    changes = {"data/rules.jsonl": None}
    for name, content in held.items():
        if name.startswith("content/"):
            changes[name] = re.sub(rb'"thread": (\{[^}]*\})', without_running, content)
    changes["data/threads.jsonl"] = b"\n".join(
        without(row) for row in held["data/threads.jsonl"].splitlines()
    )
    old = rewritten(zipped, zipped.with_name("old.zip"), changes)
    assert b"slow_seconds" not in b"".join(entries(old).values())
    import_site(old)
    thread = Thread.objects.get(post__slug="public")
    assert (thread.is_premoderated, thread.slow_seconds, thread.pinned_number) == (False, 0, None)
    assert not Thread.objects.get(post__slug="closed").is_open
    assert not Thread.objects.exclude(closes_at=None).exists()
    assert not DiscussionRules.objects.exists()


def without_running(match):
    return b'"thread": ' + without(match[1])


def without(row):
    told = json.loads(row)
    return json.dumps({name: told[name] for name in told if name not in RUNNING}).encode()


NEWER = {
    "approved_revision", "email_proved_at", "helpful", "markers_before", "was_public",
    "public_before",
}  # fmt: skip


def test_a_zip_from_before_readers_kept_an_approved_text_is_taken(zipped):
    rows = map(json.loads, entries(zipped)["data/comments.jsonl"].splitlines())
    lines = b"\n".join(json.dumps(without_newer(row)).encode() for row in rows)
    assert not any(f'"{name}"'.encode() in lines for name in NEWER)
    old = rewritten(
        zipped,
        zipped.with_name("old.zip"),
        {"data/comments.jsonl": lines, "data/mutes.jsonl": None},
    )
    import_site(old)
    assert not Mute.objects.exists()
    waiting = Comment.objects.get(body="Twice")
    assert (waiting.is_public(), waiting.standing_html) == (False, "")
    assert not waiting.revisions.filter(was_public=True).exists()
    assert not Comment.objects.exclude(helpful_count=0, email_proved_at=None).exists()
    for comment in Comment.objects.approved():
        assert comment.approved_revision == comment.revision
    thread = waiting.thread
    assert thread.approved_count == thread.comments.approved().count()


def without_newer(told):
    """Return a line as it was before; a list of lines, too."""
    if isinstance(told, list):
        return [without_newer(each) for each in told]
    if isinstance(told, dict):
        return {name: without_newer(told[name]) for name in told if name not in NEWER}
    return told


def test_discussions_run_as_they_did_there(zipped):
    import_site(zipped)
    twin, public, html = (
        Thread.objects.get(post__slug=slug) for slug in ("of-the-same-instant", "public", "old")
    )
    assert (twin.is_open, twin.closing_note) == (False, "Two\u00a0<b> sides: #1")
    assert (public.slow_seconds, public.cooling_note, public.pinned_number) == (600, "Tempers", 1)
    assert html.closes_at == html.public_at + timedelta(days=30)
    assert twin.closes_at == twin.public_at + timedelta(days=9_000)
    elsewhere = Thread.objects.get(url="/shop/1")
    assert elsewhere.closes_at == elsewhere.last_comment_at + timedelta(days=8_000)


def test_rules_that_somebody_set_here_stay(zipped):
    DiscussionRules(pk=1, edit_minutes=7).save()
    import_site(zipped)
    assert DiscussionRules.objects.get().edit_minutes == 7
    assert Thread.objects.get(post__slug="public").closes_at is None
