"""What the queues are filtered by: tokens of what a comment links to, came from and speaks."""

import pytest
from django.core.management import call_command

from comments.facets import MOST_DOMAINS, NONE, facets_of, network_tokens, risk_of
from comments.models import Comment
from comments.moderation import Seen, edit
from comments.status import Status
from tests.comments.factories import make_comment, make_thread

ENGLISH = "This is a text that was written in English and not in any other language."


def tokens(**fields):
    return facets_of(**({"body": "", "links": []} | fields)).split()


def test_nothing_known_is_told_from_what_was_not_looked_at():
    assert facets_of(body="Hm.", links=[]) == NONE != ""


def test_a_link_is_filed_under_its_domain_and_those_above_it():
    assert tokens(links=["https://a.b.example.com/x"]) == [
        "d:a.b.example.com",
        "d:b.example.com",
        "d:example.com",
    ]


def test_the_website_of_an_author_is_a_link():
    assert tokens(website="https://example.net/") == ["d:example.net"]


def test_a_domain_is_filed_once_and_in_small_letters():
    links = ["https://EXAMPLE.com/1", "http://example.com:8080/2", "https://user@example.com/"]
    assert tokens(links=links) == ["d:example.com"]


@pytest.mark.parametrize(
    "link", ["", "mailto:a@b", "https://", "http://[::1", "javascript:x", "https://a b.example/"]
)
def test_a_link_without_a_domain_breaks_nothing(link):
    assert all(" " not in token for token in tokens(links=[link]))


def test_of_a_text_made_of_links_the_first_are_filed():
    links = [f"https://site{number}.example/" for number in range(1_000)]
    found = tokens(links=links)
    assert found[0] == "d:site0.example"
    assert len(found) == MOST_DOMAINS + ("d:example" in found)


def test_a_domain_of_a_kilobyte_is_left_out():
    assert tokens(links=["https://" + "a" * 1_000 + ".example/"]) in ([NONE], ["d:example"])


def test_checks_are_filed_by_their_names_once():
    findings = [{"check": "too_many_links"}, {"check": "flood"}, {"check": "flood"}]
    assert tokens(findings=findings) == ["c:too_many_links", "c:flood"]


@pytest.mark.parametrize(
    ("ip", "networks"),
    [
        ("192.0.2.7", ["n:192.0.2.0/24", "n:192.0.0.0/16"]),
        ("2001:db8:1:2::3", ["n:2001:db8:1:2::/64", "n:2001:db8:1::/48"]),
        (None, []),
        ("", []),
        ("somewhere", []),
    ],
)
def test_an_address_is_filed_under_two_networks(ip, networks):
    assert network_tokens(ip) == networks
    assert tokens(ip=ip) == (networks or [NONE])


def test_a_language_is_filed_where_one_is_known():
    assert tokens(body=ENGLISH) == ["l:en"]
    assert tokens(body="1234") == [NONE]


@pytest.mark.parametrize(
    ("verdicts", "risk"),
    [([], 0), (["unsure"], 1), (["spam", "unsure"], 11), (["ok", None], 0), (["spam"] * 200, 999)],
)
def test_the_risk_is_what_the_checks_had_against_a_comment(verdicts, risk):
    assert risk_of([{"verdict": verdict} for verdict in verdicts]) == risk


# --- in the rows ----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_comment_is_filed_when_it_is_made():
    comment = make_comment(make_thread(), body=f"{ENGLISH} https://example.com/")
    kept = Comment.objects.get(pk=comment.pk).facets.split()
    assert {"d:example.com", "n:192.0.2.0/24", "l:en"} <= set(kept)


@pytest.mark.django_db
def test_rows_of_an_older_release_are_filed_by_the_command_as_new_ones_are(capsys):
    thread = make_thread()
    for number in range(3):
        body = f"{ENGLISH} https://site{number}.example/ " + "https://example.com/ " * 9
        make_comment(thread, body=body, status=Status.PENDING)
    fields = ("pk", "facets", "risk")
    wanted = list(Comment.objects.order_by("pk").values_list(*fields))
    Comment.objects.exclude(pk=wanted[0][0]).update(facets="", risk=0)
    call_command("renew_comments")
    assert "2 comments can be found" in capsys.readouterr().out
    assert list(Comment.objects.order_by("pk").values_list(*fields)) == wanted


@pytest.mark.django_db
def test_a_second_run_of_the_command_changes_nothing(capsys, django_assert_max_num_queries):
    make_comment(make_thread())
    Comment.objects.update(facets="")
    call_command("renew_comments")
    before = list(Comment.objects.values())
    capsys.readouterr()
    with django_assert_max_num_queries(8):
        call_command("renew_comments")
    assert capsys.readouterr().out == ""
    assert list(Comment.objects.values()) == before


@pytest.mark.django_db
def test_other_words_are_filed_anew(bob):
    comment = make_comment(make_thread(), body="See https://old.example/", author=bob)
    words = "See https://new.example/"
    edit(comment, words, actor=bob, actor_name="Bob", seen=Seen.of(comment))
    kept = Comment.objects.get(pk=comment.pk).facets.split()
    assert "d:new.example" in kept
    assert "d:old.example" not in kept
