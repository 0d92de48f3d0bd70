"""Threads of other systems find posts by the addresses those had before."""

import pytest

from blog.models import OldAddress
from blog.old_paths import normalised
from comments.transfer.addresses import Addresses

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("was", "asked"),
    [
        (("/2011/05/Café/", ""), "https://old.example/2011/05/caf%C3%A9?utm_source=x#comment-3"),
        (("/", "p=7"), "http://old.example/?p=7"),
        (("/", "p=7"), "http://old.example/blog/?p=7"),
    ],
)
def test_an_old_address_leads_to_the_thread_of_its_post(make_post, was, asked):
    post = make_post()
    OldAddress.objects.create(path=normalised(*was), post=post)
    assert Addresses().find([asked]) == post.thread


def test_an_address_that_nobody_had_leads_nowhere(make_post):
    OldAddress.objects.create(path="/archives", post=make_post())
    wrong = ["http://old.example/?p=8", "http://old.example/", "http://old.example/archives/7/"]
    assert Addresses().find(wrong) is None
