"""`manage.py seed_threads`: made-up threads that nothing tells from those that came by the door."""

import json
from collections import Counter
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max

from blog.models import Post
from comments.models import PATH_LEVELS, PATH_SEGMENT, Comment, ModerationLogEntry, Thread
from comments.seeding.texts import FEWEST_WORDS, MOST_WORDS
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

# What two comments of the same words and place need not share, or cannot.
OWN = {"id", "thread_id", "parent_id", "submission_key", "meta_html"}


def seed(*arguments):
    """Run the command and return the threads that it tells of."""
    out = StringIO()
    call_command("seed_threads", *arguments, "--json", stdout=out)
    return [Thread.objects.get(pk=each["thread"]) for each in json.loads(out.getvalue())]


def by_the_door(thread):
    """Admit the comments of a thread once more, one by one, into another."""
    other = make_thread(version=1)
    admitted = {}
    for each in thread.comments.order_by("number"):
        admitted[each.pk] = make_comment(
            Thread.objects.get(pk=other.pk),
            admitted.get(each.parent_id) and Comment.objects.get(pk=admitted[each.parent_id].pk),
            each.body,
            at=each.created_at,
            author_name=each.author_name,
            author_email=each.author_email,
            ip_address=each.ip_address,
            seconds_taken=each.seconds_taken,
        )
    return Thread.objects.get(pk=other.pk)


def comparable(thread):
    """Return all columns of a thread's comments and log, but for what is each one's own."""
    comments = []
    for each in thread.comments.select_related("parent").order_by("number"):
        row = {f.column: getattr(each, f.column) for f in Comment._meta.concrete_fields}
        row = {name: value for name, value in row.items() if name not in OWN}
        row["answers"] = each.parent and each.parent.number
        row["meta"] = each.meta_html.replace(f"/comments/{thread.pk}/", "/comments/_/")
        comments.append(row)
    log = ModerationLogEntry.objects.filter(comment__thread=thread).order_by("comment__number")
    # What a comment was judged by is not made up: a rehearsal counts those that are as unknown.
    left_out = {"id", "comment", "detail"}
    columns = [f.name for f in ModerationLogEntry._meta.fields if f.name not in left_out]
    return comments, list(log.values("comment__number", *columns))


@pytest.mark.parametrize("arguments", [["60"], ["--chain", "60"]])
def test_every_column_is_what_the_one_door_would_have_written(arguments):
    (thread,) = seed(*arguments)
    admitted = by_the_door(thread)
    for made, expected in zip(comparable(thread), comparable(admitted), strict=True):
        assert made == expected
    for name in ("approved_count", "last_number", "last_comment_at", "marker_count"):
        assert getattr(thread, name) == getattr(admitted, name), name
    newest = thread.comments.aggregate(newest=Max("shown_version"))["newest"]
    assert thread.version >= newest, "readers would see what is older as new"


def test_a_thread_that_only_fills_up_is_as_true_as_the_one_it_is_copied_from():
    (first,) = seed("10", "--total", "3010")
    fillers = Thread.objects.exclude(pk=first.pk).order_by("pk")
    assert [thread.approved_count for thread in fillers] == [1000] * 3
    assert Comment.objects.count() == ModerationLogEntry.objects.count() == 3010
    original, *copies = fillers
    for each in copies:
        assert comparable(each) == comparable(original)
        assert each.comments.filter(parent__isnull=False).exclude(parent__thread=each).count() == 0
        assert (each.version, each.last_number) == (original.version, original.last_number)
        comment = each.comments.get(number=7)
        assert f'href="{comment.get_absolute_url()}"' in comment.meta_html


def test_counters_and_what_lives_below_each_comment_are_true():
    for thread in seed("1", "50", "700", "--chain", "90"):
        comments = list(thread.comments.order_by("path"))
        assert thread.approved_count == thread.last_number == len(comments)
        assert thread.last_comment_at == max(comment.created_at for comment in comments)
        below = Counter(path for comment in comments for path in comment.ancestor_paths())
        assert [comment.living_replies for comment in comments] == [
            below[comment.path] for comment in comments
        ]


def test_six_of_ten_answer_the_page_and_the_others_go_eight_levels_deep():
    (thread,) = seed("1000")
    depths = Counter(thread.comments.values_list("depth", flat=True))
    assert depths[0] == 600
    assert max(depths) == 8
    early = thread.comments.filter(number__lte=500, depth=0).count()
    assert 250 < early < 350, "all along, not only in the sum"


def test_texts_have_twenty_to_a_hundred_and_fifty_words_and_some_have_links():
    (thread,) = seed("400")
    texts = list(thread.comments.values_list("body", "body_html"))
    counts = [len(body.split()) for body, _html in texts]
    assert min(counts) >= FEWEST_WORDS
    assert max(counts) <= MOST_WORDS
    assert 0.05 < sum("<a href=" in html for _body, html in texts) / len(texts) < 0.3


def test_a_chain_is_as_deep_as_paths_go_and_everybody_answers_the_last():
    (thread,) = seed("--chain", "100")
    comments = thread.comments.select_related("parent").order_by("number")
    assert [c.parent.number for c in comments[1:]] == [*range(1, 100)]
    assert max(len(comment.path) for comment in comments) == PATH_SEGMENT * PATH_LEVELS


def test_the_same_seed_makes_the_same_people_say_the_same_things():
    said = ("number", "path", "author_name", "author_email", "ip_address", "body")
    (one,), (same,), (other,) = seed("80"), seed("80"), seed("80", "--seed", "8")
    contents = [
        list(thread.comments.order_by("number").values(*said)) for thread in (one, same, other)
    ]
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_posts_are_published_and_can_be_read(client):
    out = StringIO()
    call_command("seed_threads", "10", "250", "--json", stdout=out)
    for each in json.loads(out.getvalue()):
        post = Post.objects.get(thread=each["thread"])
        assert each["url"] == post.get_absolute_url()
        answer = client.get(each["url"])
        assert answer.status_code == 200
        assert answer.content.count(b'id="comment-') >= min(each["comments"], 200)


def test_without_json_the_addresses_are_lines_for_people(capsys):
    call_command("seed_threads", "10", "--total", "1500")
    told = capsys.readouterr()
    assert "10  /posts/a-discussion-of-10-comments/" in told.out
    assert "1,490  in 2 further threads" in told.out
    assert told.err == "", "progress is for terminals"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "Say how many comments"),
        (["0"], "'0' is no number of comments"),
        (["-5"], "-5"),
        (["ten"], "'ten' is no number of comments"),
        (["1.5"], "'1.5' is no number of comments"),
        (["٣"], "is no number of comments"),
        (["9" * 60], "is no number of comments"),
        (["10", "--chain", "0"], "'0' is no number of comments"),
        (["10", "--total", "-1"], "-1"),
        (["10", "--total", "9"], "too few"),
        (["10", "--seed", "x"], "x"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words_and_nothing_is_made(arguments, told):
    with pytest.raises(CommandError, match=told):
        call_command("seed_threads", *arguments)
    assert not Post.objects.exists()


def test_a_total_below_what_is_there_is_refused():
    seed("30")
    with pytest.raises(CommandError, match="30 comments are there already"):
        call_command("seed_threads", "--total", "20")


def test_what_is_held_waits_as_if_the_checks_had_held_it():
    call_command("seed_threads", "30", "--held", "20", "--json", stdout=StringIO())
    counts = Counter(Comment.objects.values_list("status", flat=True))
    assert counts == {"approved": 30, "pending": 20, "spam": 10, "rejected": 10}
    pending = Comment.objects.filter(status="pending").first()
    assert pending.log.get().findings[0]["check"] == "first_time_commenter"
    reported = Comment.objects.exclude(reported_at=None)
    assert reported.count() == 2
    assert all(each.open_reports == each.reports.open().count() for each in reported)
