"""A comment that is here from elsewhere comes no second time, and no id overwrites another's."""

import json
from datetime import UTC, datetime

import pytest

from comments.models import Comment, ImportMap, ImportRun, Markup
from comments.status import Status
from comments.transfer.arrivals import Arrival
from comments.transfer.intake import Intake
from comments.transfer.report import Report
from comments.transfer.reverting import remove_comments
from tests.comments.factories import make_comment, make_thread
from tests.comments.transfer.telling import disqus, lines, post

pytestmark = pytest.mark.django_db

AT = datetime(2013, 10, 10, 19, 20, 29, tzinfo=UTC)
HERE = {"is here already": 1}


@pytest.fixture
def thread():
    return make_thread(url="/a/")


def from_wordpress(thread, **facts):
    """Bring a comment as an export of WordPress would, and return it."""
    whole = {
        "external_id": "903", "parent_id": "", "thread": thread, "position": 1, "number": 903,
        "status": Status.APPROVED, "body": "<p>Words.</p>", "markup": Markup.HTML,
        "created_at": AT, "author_name": "Ann",
    }  # fmt: skip
    run = ImportRun.objects.create(
        format="wxr", source="wordpress:x.example", file_name="x.xml", file_size=1
    )
    intake = Intake(run, Report())
    intake.admit([Arrival(**{**whole, **facts})])
    intake.finish()
    return thread.comments.get(number=903)


def copy(more="", number=1, **facts):
    return post(number, more, **facts).replace("<message>", "<id>wp_id=903</id><message>")


def rows():
    known = ImportMap.objects.order_by("pk").values("source", "external_id", "object_id", "digest")
    return list(Comment.objects.order_by("pk").values()), list(known)


def test_the_copy_that_disqus_has_of_a_comment_from_wordpress_comes_no_second_time(run, thread):
    from_wordpress(thread, body="<p>Other markup of it.</p>")
    told = disqus(copy(), post(2, '<parent dsq:id="1"/>'))
    report = run(told, "disqus")
    assert report["skipped"] == HERE
    reply = thread.comments.get(status=Status.APPROVED, depth=1)
    assert reply.parent.number == 903
    before = rows()
    assert run(told, "disqus")["skipped"] == HERE
    assert rows() == before


def test_a_copy_may_have_another_instant_if_it_has_the_same_words(run, thread):
    from_wordpress(thread, created_at=datetime(2013, 10, 10, 21, 20, 29, tzinfo=UTC))
    assert run(disqus(copy()), "disqus")["skipped"] == HERE


def test_the_number_alone_makes_no_copy(run, thread):
    from_wordpress(thread, created_at=datetime(2011, 1, 1, tzinfo=UTC), body="Other.")
    assert run(disqus(copy()), "disqus")["skipped"] == {}
    assert thread.comments.count() == 2


def test_the_number_of_a_comment_of_another_page_makes_no_copy(run, thread):
    from_wordpress(make_thread(url="/b/"))
    run(disqus(copy()), "disqus")
    assert thread.comments.count() == 1


@pytest.mark.parametrize(
    "message", ["<p>Words.</p>", "Words.", "<p> <em>Words</em> </p>", "W&#111;rds."]
)
def test_a_comment_is_known_by_its_name_its_instant_and_its_words(run, thread, message):
    from_wordpress(thread)
    assert run(disqus(post(1, message=message)), "disqus")["skipped"] == HERE
    assert thread.comments.count() == 1


@pytest.mark.parametrize(
    "facts",
    [{"author_name": "Ben"}, {"body": "Others."}, {"created_at": AT.replace(second=28)}],
)
def test_what_differs_in_one_of_them_is_another_comment(run, thread, facts):
    from_wordpress(thread, **facts)
    run(disqus(post(1)), "disqus")
    assert thread.comments.count() == 2


def test_no_words_are_not_the_same_words(run, thread):
    from_wordpress(thread, body="")
    run(disqus(post(1, message="")), "disqus")
    assert thread.comments.count() == 2


def test_a_comment_has_one_copy_in_a_file(run, thread):
    from_wordpress(thread)
    told = disqus(post(1), post(2))
    for change in ("created", "unchanged"):
        report = run(told, "disqus")
        assert (report["skipped"], report["changes"]) == (HERE, {"comments": {change: 1}})


def test_one_file_may_say_a_thing_twice(run, thread):
    told = lines(*({"parent": parent} for parent in ("", "", "9", "1")))
    for change in ("created", "unchanged"):
        assert run(told, "json")["changes"]["comments"] == {change: 4}


def test_what_a_later_file_says_once_more_is_another_comment(run, thread):
    run(lines({}), "json")
    report = run(lines({}, {}), "json")
    assert report["changes"] == {"comments": {"created": 1, "unchanged": 1}}


def test_a_comment_that_was_written_here_is_known_as_well(run, thread):
    make_comment(thread, body="Words.", author_name="Ann", at=AT)
    assert run(disqus(post(1)), "disqus")["skipped"] == HERE


def test_a_comment_that_was_recognised_stays_as_its_own_source_has_it(run, thread):
    from_wordpress(thread)
    run(disqus(copy()), "disqus")
    report = run(disqus(copy("<isDeleted>true</isDeleted>", message="New.")), "disqus")
    assert thread.comments.get().body == "<p>Words.</p>"
    assert report["notes"] == [
        {"line": 4, "what": "comment 1 is deleted there, and here already as approved"}
    ]


def test_when_what_was_recognised_has_gone_it_comes(run, thread):
    remembered = from_wordpress(thread)
    run(disqus(copy()), "disqus")
    remove_comments(ImportRun.objects.get(format="wxr"), [thread.pk])
    run(disqus(copy()), "disqus")
    assert thread.comments.get().pk != remembered.pk


def test_taking_the_second_import_back_leaves_what_it_only_recognised(run, thread):
    from_wordpress(thread)
    run(disqus(copy(), post(2, '<parent dsq:id="1"/>')), "disqus")
    remove_comments(ImportRun.objects.get(format="disqus"), [thread.pk])
    assert thread.comments.get().number == 903


# --- one id, two comments -----------------------------------------------------------------------


def isso(text, created):
    told = {"id": 1, "author": "Ann", "text": text, "created": created}
    return json.dumps([{"id": "/a/", "title": "A", "comments": [told]}])


def test_the_file_of_another_blog_overwrites_nothing(run, thread):
    run(isso("One.", "2012-01-01 00:00:00"), "isso")
    report = run(isso("Two.", "2013-01-01 00:00:00"), "isso")
    assert sum(report["skipped"].values()) == 1
    assert "--source" in "".join(report["skipped"])
    assert thread.comments.get().body == "One."
    run(isso("Two.", "2013-01-01 00:00:00"), "isso", source="other")
    assert thread.comments.count() == 2


@pytest.mark.parametrize(
    ("text", "created"), [("Two.", "2012-01-01 00:00:00"), ("One.", "2012-01-01 02:00:00")]
)
def test_a_comment_that_changed_there_is_still_the_same(run, thread, text, created):
    run(isso("One.", "2012-01-01 00:00:00"), "isso")
    report = run(isso(text, created), "isso")
    assert report["changes"] == {"comments": {"updated": 1}}
