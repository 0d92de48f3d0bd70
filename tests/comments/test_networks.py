"""Networks as they are shortened and shown; how they are listed and looked up, test_lists.py."""

import pytest

from comments.desk.dossier import read_records
from comments.desk.records import read_past
from comments.facets import facets_of
from comments.models import Comment
from comments.networks import as_wide_as_kept, is_shortened, near, shortened, shown
from comments.sanctions import impose, on, targets_of
from tests.comments.factories import make_comment, make_thread


@pytest.mark.parametrize(
    ("address", "kept", "network"),
    [
        ("192.0.2.7", "192.0.2.0", "192.0.2.0/24"),
        ("192.0.2.255", "192.0.2.0", "192.0.2.0/24"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::", "2001:db8:1::/48"),
        ("2001:db8::1", "2001:db8::", "2001:db8::/48"),
    ],
)
def test_what_is_kept_of_an_address_is_known_for_that_and_shown_as_a_network(
    address, kept, network
):
    assert shortened(address) == kept
    assert shortened(kept) == kept
    assert (is_shortened(address), is_shortened(kept)) == (False, True)
    assert (shown(address), shown(kept)) == (address, network)


def test_around_a_shortened_address_is_no_narrower_network_than_is_known():
    assert near("2001:db8:1:2::5") == "2001:db8:1:2::/64"
    assert near("2001:db8:1::") == "2001:db8:1::/48"
    assert near("192.0.2.0") == "192.0.2.0/24"


def test_a_comment_with_a_shortened_address_is_filed_under_no_narrower_network():
    tokens = facets_of(body="A thought.", links=(), ip="2001:db8:1::").split()
    assert [token for token in tokens if token[0] == "n"] == ["n:2001:db8:1::/48"]


@pytest.mark.parametrize(
    ("network", "told"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("192.0.0.0/16", "192.0.0.0/16"),
        ("2001:db8:1:2::/64", "2001:db8:1::/48"),
    ],
)
def test_what_is_told_for_good_is_no_narrower_than_what_is_kept(network, told):
    assert as_wide_as_kept(network) == told


# --- at the desk --------------------------------------------------------------------------------


@pytest.fixture
def old_comment(db):
    thread = make_thread()
    make_comment(thread, ip_address="192.0.2.0", author_name="Somebody else")
    made = make_comment(thread, ip_address="192.0.2.0")
    return Comment.objects.select_related("thread", "author").get(pk=made.pk)


def test_a_measure_by_an_old_comment_is_against_no_single_address(old_comment):
    networks = [each.value for each in targets_of(old_comment) if each.kind == "network"]
    assert networks == ["192.0.2.0/24"]


@pytest.mark.parametrize("address", ["comments/comment/{}/change/", "desk/all/", "desk/{}/people/"])
def test_no_page_shows_what_is_left_of_an_address_as_one(client, mona, old_comment, address):
    client.force_login(mona)
    page = client.get(f"/admin/{address.format(old_comment.pk)}")
    assert page.status_code == 200
    assert "192.0.2.0/24" in page.text
    rest = page.text.replace("192.0.2.0/24", "").replace("192.0.2.0%2F24", "")
    assert "192.0.2.0" not in rest.replace("ip_address=192.0.2.0", "")


@pytest.mark.parametrize(
    ("value", "address", "is_told"),
    [
        ("192.0.2.0/24", "192.0.2.0", True),
        ("192.0.2.0/32", "192.0.2.0", False),
        ("192.0.2.0/32", "192.0.2.7", False),
        ("2001:db8:1::/48", "2001:db8:1::", True),
        ("2001:db8:1::/64", "2001:db8:1::", False),
        ("2001:db8:1::/64", "2001:db8:1::5", True),
    ],
)
def test_a_measure_is_told_of_an_old_comment_where_it_is_known_to_be_of_its_network(
    mona, value, address, is_told
):
    impose("ban", "network", value, actor=mona)
    comment = make_comment(make_thread(), ip_address="203.0.113.5")
    comment.ip_address = address
    assert bool(on([comment])) == is_told


def test_its_record_is_of_the_network_and_names_nobody(old_comment):
    past = read_past([old_comment])[old_comment.pk]
    (record,) = [each for each in past.records if each.source == "ip"]
    assert record.value == "192.0.2.0/24"
    assert "network=192.0.2.0%2F24" in record.address
    assert past.names == []
    (other,) = [each for each in read_records(old_comment) if "ip_address" in each.lookups]
    assert (other.value, dict(other.counts)["approved"]) == ("192.0.2.0/24", 2)
