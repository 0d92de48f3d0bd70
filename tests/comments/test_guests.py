"""A guest's cookie: it names comments by what moves with them, and is small enough to be kept."""

from secrets import token_hex

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpResponse

from comments import guests
from comments.guests import Guest, read_guest, remember_guest, viewer_of
from tests.comments.factories import make_comment, make_thread


def request_with(rf, value):
    request = rf.get("/")
    request.COOKIES[guests.COOKIE] = value
    request.user = AnonymousUser()
    return request


def kept(guest):
    response = HttpResponse()
    remember_guest(response, guest)
    return response.cookies[guests.COOKIE].value


@pytest.mark.django_db
def test_an_id_alone_makes_no_comment_theirs_for_it_may_be_somebody_elses_by_now(rf):
    comment = make_comment(make_thread())
    before = signing.dumps([[comment.pk], "Gus", "gus@example.org", ""], salt=guests.SALT)
    request = request_with(rf, before)
    assert not viewer_of(request).wrote(comment)
    assert read_guest(request).name == "Gus"


@pytest.mark.django_db
def test_a_comment_stays_theirs_under_another_id(rf):
    comment = make_comment(make_thread())
    viewer = viewer_of(request_with(rf, kept(Guest().with_comment(comment))))
    comment.pk += 1000
    assert viewer.wrote(comment)


def test_the_most_that_a_browser_keeps_fits_into_one_cookie(rf):
    own = tuple(token_hex(32) for _ in range(guests.MOST_REMEMBERED))
    whole = Guest(own, name="名" * 80, email=token_hex(121)[:242] + "@example.org",
                  website="https://" + token_hex(96))  # fmt: skip
    value = kept(whole)
    assert len(value) < 4000
    assert read_guest(request_with(rf, value)) == whole
