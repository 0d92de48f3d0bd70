"""The filters of the queues: what each finds, what they say of what they cannot read."""

from datetime import timedelta
from itertools import combinations
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from django.http import QueryDict
from django.urls import reverse
from django.utils import timezone

from comments.desk import queues
from comments.desk.filters import FilterForm, Filters, network_of
from comments.desk.queues import Order, Queue, matching, read_page
from comments.models import Comment
from comments.searching import catch_up
from comments.status import Status
from tests.comments.factories import make_comment, make_thread

pytestmark = pytest.mark.django_db

GERMAN = "Das ist ein Text, der auf Deutsch geschrieben ist und nicht auf Englisch."
ENGLISH = "This is a text that was written in English and not in any other language."


def parse(**query):
    return Filters.parse(QueryDict(urlencode(query)))


def soup(response):
    return BeautifulSoup(response.text, "html5lib")


@pytest.fixture
def made(bob):
    """Make two comments that differ in everything that can be asked for."""
    one, other = make_thread(), make_thread()
    findings = {
        "body": f"{ENGLISH} https://spam.shop.example/buy",
        "author_email": "one@example.org",
        "ip_address": "198.51.100.7",
    }
    first = make_comment(one, status=Status.PENDING, **findings)
    second = make_comment(
        other,
        status=Status.PENDING,
        body=f"{GERMAN} https://example.net/",
        author=bob,
        author_name="Bob",
        author_email="bob@example.org",
        ip_address="2001:db8:1:2::3",
    )
    old = timezone.now() - timedelta(days=10)
    facets = first.facets + " c:too_many_links"
    Comment.objects.filter(pk=first.pk).update(created_at=old, facets=facets)
    catch_up()
    return first, second


def alone(made, bob):
    """Return for each field what finds only the first, and only the second where one can."""
    first, second = made
    return {
        "thread": (first.thread_id, second.thread_id),
        "author": (None, bob.pk),
        "email": ("one@example.org", "bob@example.org"),
        "ip": ("198.51.100.7", "2001:db8:1:2::3"),
        "network": ("198.51.0.0/16", "2001:db8:1::/48"),
        "domain": ("shop.example", "example.net"),
        "check": ("too_many_links", None),
        "language": ("en", "de"),
        "older_days": (5, None),
        "newer_days": (None, 5),
        "words": ("written", "geschrieben"),
    }


def found(queue=Queue.PENDING, **query):
    filters, errors = parse(**query)
    assert errors == {}
    return set(matching(queue, filters).values_list("pk", flat=True))


# --- what each finds ------------------------------------------------------------------------------


@pytest.mark.parametrize("most_keys", [2_000, 0], ids=["rare", "common"])
@pytest.mark.parametrize("field", FilterForm.base_fields)
def test_each_field_alone_finds_its_own(made, bob, monkeypatch, field, most_keys):
    monkeypatch.setattr(queues, "MOST_KEYS", most_keys)
    for comment, value in zip(made, alone(made, bob)[field], strict=True):
        if value is not None:
            assert found(**{field: value}) == {comment.pk}
            assert found(Queue.ALL, **{field: value}) == {comment.pk}
            assert found(Queue.SPAM, **{field: value}) == set()


@pytest.mark.parametrize("most_keys", [2_000, 0], ids=["rare", "common"])
def test_two_fields_find_what_both_find(made, bob, monkeypatch, most_keys):
    monkeypatch.setattr(queues, "MOST_KEYS", most_keys)
    values = alone(made, bob)
    tried = 0
    for one, other in combinations(values, 2):
        for left in (0, 1):
            for right in (0, 1):
                pair = {one: values[one][left], other: values[other][right]}
                if None in pair.values():
                    continue
                wanted = {made[left].pk} if left == right else set()
                assert found(**pair) == wanted, pair
                tried += 1
    assert tried > 100


def test_a_page_of_a_queue_holds_what_the_filters_find(made):
    filters, _errors = parse(language="de")
    page = read_page(Queue.PENDING, Order.OLDEST, filters)
    assert [comment.pk for comment in page.comments] == [made[1].pk]


@pytest.mark.parametrize(
    "typed",
    ["shop.example", "SHOP.example", " shop.example ", "https://shop.example/a/b?c",
     "//shop.example", "spam.shop.example", "shop.example."],
)  # fmt: skip
def test_a_domain_is_found_as_people_write_it(made, typed):
    assert found(domain=typed) == {made[0].pk}


@pytest.mark.parametrize("typed", ["other.shop.example", "op.example", "spam.shop.example.org"])
def test_a_domain_is_no_part_of_another(made, typed):
    assert found(domain=typed) == set()


@pytest.mark.parametrize("typed", ["bücher.example", "BÜCHER.example", "xn--bcher-kva.example"])
def test_a_domain_of_other_letters_is_found_however_it_is_written(typed):
    comment = make_comment(make_thread(), body="Here: https://bücher.example/x")
    coded = make_comment(make_thread(), body="Here: https://xn--bcher-kva.example/x")
    catch_up()
    assert found(Queue.ALL, domain=typed) == {comment.pk, coded.pk}


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("192.0.2.0/24", "192.0.2.0/24"),
        ("192.0.2.77/24", "192.0.2.0/24"),
        ("192.0.2.77", "192.0.2.0/24"),
        ("192.0.2.77/16", "192.0.0.0/16"),
        ("2001:DB8:1:2::3", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::3/64", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::3/48", "2001:db8:1::/48"),
    ],
)
def test_a_network_is_read_as_comments_are_filed_under_it(typed, read):
    assert network_of(typed) == read


# --- what cannot be read --------------------------------------------------------------------------

UNREADABLE = {
    "words": "?!",
    "thread": "x",
    "author": "0",
    "ip": "300.1.1.1",
    "network": "192.0.2.0/25",
    "domain": "no-domain",
    "check": "astrology",
    "language": "tlh",
    "newer_days": "-1",
    "older_days": "36501",
}


@pytest.mark.parametrize("field", UNREADABLE)
def test_what_cannot_be_read_is_told_by_field_and_the_rest_is_in_force(field):
    filters, errors = parse(**{"email": "one@example.org", field: UNREADABLE[field]})
    assert list(errors) == [field]
    assert errors[field].strip().endswith((".", "choices."))
    assert filters == Filters(email="one@example.org")


def test_an_address_that_is_too_long_is_told():
    filters, errors = parse(email="e" * 255, language="de")
    assert (list(errors), filters) == (["email"], Filters(language="de"))


def test_a_page_that_is_none_is_told():
    assert parse(thread=10**9)[1] == {
        "thread": "There is no such page. Give a link to it, or its number."
    }


def test_the_sizes_of_networks_are_told():
    for network, sizes in (("192.0.2.0/8", "/24, /16"), ("2001:db8::/32", "/64, /48")):
        assert sizes in parse(network=network)[1]["network"]


def test_nothing_asked_is_no_filter():
    filters, errors = parse(words="  ", email="", ip="", order="oldest", after="1-2")
    assert (filters.is_empty, errors, filters.as_query()) == (True, {}, "")


# --- bookmarks ------------------------------------------------------------------------------------


def test_an_address_that_is_written_is_read_as_the_same(made, bob):
    values = alone(made, bob)
    values["words"] = ('"two words" and* -ümlaut 100% a&b=c+d #x', None)
    for number in range(1, len(values) + 1):
        for names in combinations(values, number):
            asked = {name: next(v for v in values[name] if v is not None) for name in names}
            filters, errors = parse(**asked)
            assert errors == {}
            assert Filters.parse(QueryDict(filters.as_query())) == (filters, {})
            if number > 2:
                break
    assert len(filters.in_force) == len(values)


def test_a_filter_can_be_left_out_of_the_address():
    filters, _errors = parse(words="pills", language="de")
    assert filters.without("words") == Filters(language="de")


# --- in the page ----------------------------------------------------------------------------------


def test_what_was_typed_and_cannot_be_read_is_text(client, mona):
    client.force_login(mona)
    page = client.get(reverse("admin:desk_queue", args=["all"]), {"network": "<192.0.2>"})
    assert page.status_code == 200
    assert "Type a network such as" in page.text
    assert "&lt;192.0.2&gt;" in page.text


@pytest.mark.parametrize(
    ("field", "typed"), [*UNREADABLE.items(), ("thread", "999999999"), ("author", "999999999")]
)
def test_what_cannot_be_read_lists_nothing_and_is_told_beside_its_field(client, mona, field, typed):
    make_comment(make_thread(), status=Status.PENDING)
    client.force_login(mona)
    asked = {field: typed, "email": "guest@example.org"}
    page = soup(client.get(reverse("admin:desk_queue", args=["pending"]), asked))
    assert not page.select("[data-card]")
    assert not page.select("#bulk")
    assert "Nothing is listed" in page.select_one(".desk-empty [role=alert]").text
    (wrong,) = page.select(".desk-filter [aria-invalid=true]")
    assert wrong["name"] == field
    # A browser shows what was typed in no other.
    assert wrong.name == "select" or wrong["type"] in ("text", "search")
    said = page.find(id=wrong["aria-describedby"].split()[-1])
    assert said.parent == wrong.parent
    assert said.text.strip()
    if wrong.name == "input":
        assert wrong["value"] == typed
    assert page.select_one(".desk-filter [name=email]")["value"] == "guest@example.org"
    ways_on = [link["href"] for link in page.select(".desk-empty a")]
    assert ways_on == [
        "/admin/desk/pending/?email=guest%40example.org",
        "/admin/desk/pending/",
    ]


@pytest.mark.parametrize("typed", ["number", "Bob", "bob@example.org"])
def test_an_account_is_meant_by_its_name_its_number_or_its_address(client, mona, bob, typed):
    thread = make_thread()
    make_comment(thread)
    his = make_comment(thread, author=bob)
    client.force_login(mona)
    asked = str(bob.pk) if typed == "number" else typed
    page = soup(client.get(reverse("admin:desk_queue", args=["all"]), {"author": asked}))
    assert [card["data-card"] for card in page.select("[data-card]")] == [str(his.pk)]
    assert f"Account: {bob}" in page.select_one(".desk-chips").text


@pytest.mark.parametrize("form", ["{pk}", "{url}", "https://blog.example{url}#c", "{permalink}"])
def test_a_page_is_meant_by_its_number_or_a_link_to_it(client, mona, form):
    thread = make_thread(url="/posts/tide-tables/")
    make_comment(make_thread())
    here = make_comment(thread)
    client.force_login(mona)
    typed = form.format(pk=thread.pk, url=thread.url, permalink=here.get_absolute_url())
    page = soup(client.get(reverse("admin:desk_queue", args=["all"]), {"thread": typed}))
    assert [card["data-card"] for card in page.select("[data-card]")] == [str(here.pk)]
    assert page.select_one(".desk-filter [name=thread]")["value"] == typed


def test_filters_that_can_be_read_are_marked_as_wrong_nowhere(client, mona, bob, made):
    client.force_login(mona)
    for asked in ({}, {"author": bob.pk}, {"thread": made[0].thread_id}, {"words": "written"}):
        page = soup(client.get(reverse("admin:desk_queue", args=["all"]), asked))
        assert page.select("[data-card]")
        assert not page.select(".desk-filter [aria-invalid], [role=alert]")


@pytest.mark.parametrize("name", ["desk", "desk_people", "desk_log"])
def test_an_address_is_kept_without_what_is_empty_in_it(client, mona, name):
    client.force_login(mona)
    address = reverse(f"admin:{name}")
    answer = client.get(address, QUERY_STRING="words=&q=a+b&thread=&email=+&order=riskiest&editor")
    assert (answer.status_code, answer.url) == (302, f"{address}?q=a+b&order=riskiest")
    assert client.get(answer.url).status_code == 200
    answer = client.get(address, QUERY_STRING="words=&thread=")
    assert (answer.status_code, answer.url) == (302, address)


def test_the_form_without_a_script_leads_to_an_address_to_keep(client, mona, made):
    client.force_login(mona)
    address = reverse("admin:desk_queue", args=["pending"])
    form = soup(client.get(address)).select_one("form.desk-filter")
    sent = {field["name"]: field.get("value", "") for field in form.select("[name]")}
    assert len(sent) > 10
    answer = client.get(address, {**sent, "language": "de"}, follow=True)
    assert answer.redirect_chain == [(f"{address}?language=de", 302)]
    assert [card["data-card"] for card in soup(answer).select("[data-card]")] == [str(made[1].pk)]


STRINGS = [
    "\x00", "a\x00b", "%", "%s", "%(x)s", "{}", "{{ 7 }}", "'", '"', '"" ""', "\\", "' OR 1=1 --",
    "NEAR(a b)", "a AND", "NOT", "body:x", "^a", "a*b*", "*", "-", "- -", "-a", "--a", '-"a b',
    '"a',
    "🙂", "\u202e", "\ud800", "ﷺ", "İ", "ß", "9" * 30, "1e309", "-1", "0", "1.5", "٣", "１",
    "::", "::/0", "0.0.0.0/0", "fe80::1%eth0", "::ffff:192.0.2.1", "192.0.2.1/33", "1/2/3",
    "http://", "//", "..", ".a", "a..b", "xn--", "xn--a.xn--b", "a" * 300 + ".example", "a.\u3002b",
    "http://[::1", "user@host.example:99999", "\u0130.example", "a\n.example", "x" * 10_000,
    "(((((", ":*", "a:*", "a <-> b", "!a", "a & b", "| ", "\r\n", "\t", "\u2028",
]  # fmt: skip


@pytest.mark.parametrize("field", [*FilterForm.base_fields, "order", "size", "page", "\x00"])
def test_no_address_breaks_the_page(client, mona, field):
    make_comment(make_thread(), status=Status.PENDING)
    client.force_login(mona)
    address = reverse("admin:desk_queue", args=["pending"])
    answers = {
        typed: client.get(
            address, {field: typed.encode("utf-8", "surrogatepass")}, follow=True
        ).status_code
        for typed in STRINGS
    }
    assert {typed: code for typed, code in answers.items() if code != 200} == {}


def test_no_raw_address_breaks_the_page(client, mona):
    client.force_login(mona)
    address = reverse("admin:desk_queue", args=["all"])
    for raw in ("%", "words=%ff%fe", "words", "=", "&&&", "words=a&words=b", "ip[]=1", "words=%00"):
        answer = client.get(address, QUERY_STRING=raw)
        answer = client.get(answer.url) if answer.status_code == 302 else answer
        assert answer.status_code == 200, raw


@pytest.mark.parametrize(
    "typed",
    ["https://Example.com:8080/x", "example.com?x=1", "user@example.com", "example.com#a",
     "*.example.com"],
)  # fmt: skip
def test_a_domain_is_read_out_of_what_was_pasted(typed):
    filters, errors = Filters.parse(QueryDict(urlencode({"domain": typed})))
    assert (filters.domain, errors) == ("example.com", {})
