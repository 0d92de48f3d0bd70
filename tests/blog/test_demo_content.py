"""The demo's files are whole: they read, they add up, and every picture they name can be drawn."""

import io
from collections import Counter

import pytest
from PIL import Image

from blog.demo import loader
from blog.demo.drawing import DRAWINGS, draw
from blog.demo.loader import DemoError, depth_of, read_people, read_posts, read_thread

POSTS = read_posts()
SLUGS = [post.slug for post in POSTS]


def test_the_cast_is_there_with_its_roles():
    roles = {person.key: person.role for person in read_people()}
    assert roles["alice"] == "Author"
    assert roles["bob"] == "Reader"
    assert roles["mona"] == "Editor"
    assert all(person.email.endswith("@example.org") for person in read_people())


def test_there_are_eleven_published_posts_and_one_draft():
    assert Counter(post.status for post in POSTS) == {"published": 11, "draft": 1}


@pytest.mark.parametrize("post", POSTS, ids=SLUGS)
def test_a_post_is_of_a_readable_length(post):
    assert 350 <= len(post.body.split()) <= 900


def test_about_two_hundred_comments_of_every_status():
    status = Counter(comment.status for slug in SLUGS for comment in read_thread(slug))
    assert 195 <= status.total() <= 215
    assert status["pending"] == 8
    assert status["spam"] == 8
    assert status["rejected"] == 2


def test_one_thread_is_long_and_eight_deep():
    comments = read_thread("two-hundred-days-by-bicycle")
    assert len(comments) == 120
    assert {comment.status for comment in comments} == {"approved"}
    assert max(depth_of(comments).values()) == 8


def test_one_thread_has_seven_comments_three_deep_with_quotes_and_a_correction():
    comments = read_thread("what-the-swallows-decided")
    assert [comment.status for comment in comments] == ["approved"] * 7
    assert max(depth_of(comments).values()) == 3
    assert any(comment.body.startswith(">") for comment in comments)
    assert [bool(comment.edited) for comment in comments].count(True) == 1


def test_the_correction_was_made_to_a_comment_minutes_old():
    post = next(post for post in POSTS if post.slug == "what-the-swallows-decided")
    (edited,) = (comment for comment in read_thread(post.slug) if comment.edited)
    assert 0 < post.age_minutes - edited.minutes < 30


def test_a_rejected_comment_has_approved_replies_to_stand_over():
    comments = read_thread("the-great-plot-seven-dispute")
    rejected = {comment.id for comment in comments if comment.status == "rejected"}
    assert any(c.parent in rejected and c.status == "approved" for c in comments)


def test_the_draft_and_the_first_post_have_no_comments():
    empty = {slug for slug in SLUGS if not read_thread(slug)}
    assert empty == {"the-radio-in-the-outhouse", "how-to-read-a-tide-table"}


def test_no_address_leads_to_a_real_host():
    addresses = [
        address
        for slug in SLUGS
        for comment in read_thread(slug)
        for address in (comment.email.partition("@")[2], comment.website.partition("//")[2])
        if address
    ]
    hosts = {address.strip("/").split(".", address.count(".") - 1)[-1] for address in addresses}
    assert hosts <= {"example.org", "example.com", "example.net"}


@pytest.mark.parametrize("name", DRAWINGS)
def test_a_drawing_is_1600_wide(name):
    image = Image.open(io.BytesIO(draw(name)))
    assert image.format == "PNG"
    assert image.width == 1600
    assert 700 <= image.height <= 1200


def test_a_drawing_is_the_same_each_time():
    assert draw("sliced_loaf") == draw("sliced_loaf")


def test_every_drawing_is_used():
    used = {post.cover for post in POSTS} | {p.name for post in POSTS for p in post.pictures}
    assert used - {""} == set(DRAWINGS)


@pytest.mark.parametrize(
    ("thread", "fault"),
    [
        ("parent = 4\nminutes = 9", "not an earlier one"),
        ("parent = 0\nminutes = 0", "out of order"),
        ("parent = 0\nminutes = 99999999", "newer than the demo"),
        ('parent = 0\nminutes = 9\nstatus = "lost"', "is 'lost'"),
        ('parent = 0\nminutes = 9\nwords = ["casino"]', "casino"),
    ],
)
def test_a_faulty_thread_is_refused_by_name(thread, fault, tmp_path, monkeypatch):
    path = tmp_path / "faulty.toml"
    path.write_text(f'[[comment]]\nid = 1\nby = "bob"\nbody = "Hello"\n{thread}\n')
    monkeypatch.setattr(loader, "_thread_path", lambda slug: path)
    with pytest.raises(DemoError, match=f"faulty.toml: .*{fault}"):
        read_thread(SLUGS[0])
