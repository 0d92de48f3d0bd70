import pytest
from bs4 import BeautifulSoup
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

HOSTILE_NAMES = ["Al\u202eecila", "Al\0ice", "Al\nice", "Al\u2067ice", "Al\x1bice", "\u200b"]


@pytest.fixture
def alice_client(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


def test_a_profile_is_saved(alice_client: Client, alice: User) -> None:
    data = {"display_name": "Alicia", "bio": "Writes about\nradios.", "website": "example.org/a"}
    answer = alice_client.post(reverse("accounts:profile"), data)
    assert answer.url == reverse("accounts:profile")
    assert [str(note) for note in get_messages(answer.wsgi_request)] == ["Your profile is saved."]
    alice.refresh_from_db()
    assert (alice.display_name, alice.website) == ("Alicia", "https://example.org/a")
    assert alice.slug == "alice", "links to the page keep working"


def test_a_profile_changes_nothing_else(alice_client: Client, alice: User, bob: User) -> None:
    data = {"display_name": "Alice", "pk": bob.pk, "id": bob.pk, "email": "eve@example.org"}
    alice_client.post(reverse("accounts:profile"), data | {"is_superuser": "on", "slug": "x"})
    alice.refresh_from_db()
    bob.refresh_from_db()
    assert (alice.email, alice.slug, alice.is_superuser) == ("alice@example.org", "alice", False)
    assert bob.display_name == "Bob"


@pytest.mark.parametrize("website", ["javascript:alert(1)", "data:text/html,x", "ftp://a.example"])
def test_a_website_is_a_web_address(alice_client: Client, website: str) -> None:
    answer = alice_client.post(
        reverse("accounts:profile"), {"display_name": "Alice", "website": website}
    )
    assert answer.context["form"].errors["website"]


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_a_hostile_name_is_refused_and_all_that_was_typed_is_kept(
    alice_client: Client, alice: User, name: str
) -> None:
    data = {"display_name": name, "bio": "A long text.", "website": ""}
    answer = alice_client.post(reverse("accounts:profile"), data)
    assert answer.context["form"].errors["display_name"]
    assert "A long text." in answer.content.decode()
    assert answer.wsgi_request.user.display_name == "Alice", "the header shows the saved name"
    alice.refresh_from_db()
    assert alice.display_name == "Alice"


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_nobody_signs_up_under_a_hostile_name(client: Client, name: str) -> None:
    data = {"display_name": name, "email": "Eve@Example.org", "password1": PASSWORD}
    answer = client.post(reverse("account_signup"), data)
    assert answer.context["form"].errors["display_name"]
    assert 'value="Eve@Example.org"' in answer.content.decode()
    assert not User.objects.exists()


@pytest.mark.parametrize(
    "email", ["", "eve", "e\0ve@example.org", "evé@example.org", f"{'e' * 300}@example.org"]
)
def test_nobody_signs_up_with_an_address_that_is_none(client: Client, email: str) -> None:
    data = {"display_name": "Eve", "email": email, "password1": PASSWORD}
    answer = client.post(reverse("account_signup"), data)
    assert answer.context["form"].errors["email"]
    assert 'value="Eve"' in answer.content.decode()


def test_markup_in_a_name_is_text(alice_client: Client) -> None:
    name = "<img src=x onerror=alert(1)>"
    answer = alice_client.post(reverse("accounts:profile"), {"display_name": name}, follow=True)
    assert name not in answer.content.decode()
    assert "&lt;img src=x" in answer.content.decode()


def test_the_profile_page_asks_little(
    alice_client: Client, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        alice_client.get(reverse("accounts:profile"))


# ---- Lost sign-ins ------------------------------------------------------------------------------

TYPED = {"display_name": "Ali <b>", "bio": "A long\ntext.", "website": "example.org/a"}


def assert_kept(answer: HttpResponse) -> None:
    form = BeautifulSoup(answer.content, "html5lib").select_one("main form")
    assert form is not None
    boxes = {str(box["name"]): box.get("value") for box in form.select("input[name]")}
    boxes |= {str(box["name"]): box.text.removeprefix("\n") for box in form.select("textarea")}
    assert {name: boxes[name] for name in TYPED} == TYPED


def test_who_was_signed_out_meanwhile_keeps_every_word(client: Client) -> None:
    answer = client.post(reverse("accounts:profile"), TYPED)
    assert answer.status_code == 403
    assert_kept(answer)
    assert reverse("account_login") in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_who_signed_in_anew_keeps_every_word(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    answer = client.post(reverse("accounts:profile"), TYPED)
    assert answer.status_code == 403
    assert_kept(answer)
    alice.refresh_from_db()
    assert alice.display_name == "Alice"
    token = {"csrfmiddlewaretoken": str(answer.context["csrf_token"])}
    assert client.post(reverse("accounts:profile"), TYPED | token).status_code == 302


def test_another_sites_form_is_refused(alice_client: Client, alice: User) -> None:
    for header in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = alice_client.post(reverse("accounts:profile"), TYPED, headers=header)
        assert answer.status_code == 403
        assert b"A long" not in answer.content
    alice.refresh_from_db()
    assert alice.display_name == "Alice"
