"""Lines that another release has rendered: right on the page at once, and renewed by a command."""

import pytest
from django.core.management import call_command

from comments.models import Comment
from tests.comments.factories import fragment_of, make_comment, make_thread

pytestmark = pytest.mark.django_db


def test_old_lines_are_right_on_the_page_and_renewed_for_good_by_the_command(capsys):
    thread = make_thread()
    for number in range(3):
        make_comment(thread, author_name=f"Reader {number}")
    Comment.objects.filter(number__lt=3).update(meta_html="old", meta_stamp="another")
    assert fragment_of(thread).count("<bdi>Reader") == 3
    assert Comment.objects.filter(meta_html="old").count() == 2, "reading writes nothing"
    call_command("renew_comments")
    assert "2 comments" in capsys.readouterr().out
    assert not Comment.objects.filter(meta_html="old").exists()
    call_command("renew_comments")
    assert capsys.readouterr().out == ""


def test_another_language_or_time_zone_is_another_line(settings):
    thread = make_thread()
    make_comment(thread)
    settings.TIME_ZONE = "Asia/Tokyo"
    call_command("renew_comments", verbosity=0)
    assert "+09:00" in Comment.objects.get().meta_html
