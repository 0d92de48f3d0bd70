"""Every page at the door: who may see it, and that it keeps to the site's rules."""

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from bs4 import BeautifulSoup, Tag
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.door import ask_for_new_password, link_in_last_letter
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

SIGN_IN = "to the sign-in"
HOME = "to the home page"

# Each page, what a stranger gets there, and what somebody signed in gets.
PAGES = [
    ("account_login", 200, HOME),
    ("account_signup", 200, HOME),
    ("account_logout", HOME, 200),
    ("account_inactive", 200, 200),
    ("account_reset_password", 200, 200),
    ("account_reset_password_done", 200, 200),
    ("account_reset_password_from_key_done", 200, 200),
    ("account_email_verification_sent", 200, 200),
    ("account_email", SIGN_IN, 200),
    ("account_change_password", SIGN_IN, 200),
    ("account_set_password", SIGN_IN, "account_change_password"),
    ("account_reauthenticate", SIGN_IN, 200),
    ("accounts:profile", SIGN_IN, 200),
]


@pytest.mark.parametrize(("name", "stranger", "signed_in"), PAGES)
def test_who_gets_which_page(
    client: Client, alice: User, name: str, stranger: int | str, signed_in: int | str
) -> None:
    assert _outcome(client, name) == stranger
    client.force_login(alice)
    assert _outcome(client, name) == signed_in


def _outcome(client: Client, name: str) -> int | str:
    answer = client.get(reverse(name))
    if answer.status_code != 302:
        return answer.status_code
    if answer.url == f"{reverse('account_login')}?next={reverse(name)}":
        return SIGN_IN
    targets = {reverse("blog:home"): HOME} | {reverse(page): page for page, *_ in PAGES}
    return targets[answer.url]


# ---- What every page keeps to -------------------------------------------------------------------


def for_strangers(name: str) -> Callable[[Client], HttpResponse]:
    return lambda client: client.get(reverse(name))


def for_alice(name: str) -> Callable[[Client], HttpResponse]:
    def get(client: Client) -> HttpResponse:
        client.force_login(User.objects.get())
        return client.get(reverse(name))

    return get


def wrong_sign_in(client: Client) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": "alice@example.org", "password": "no"})


def empty_sign_up(client: Client) -> HttpResponse:
    return client.post(reverse("account_signup"), {})


def confirm(client: Client) -> HttpResponse:
    address = EmailAddress.objects.create(user=User.objects.get(), email="new@example.org")
    return client.get(reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]))


def confirm_too_late(client: Client) -> HttpResponse:
    return client.get(reverse("account_confirm_email", args=["stale"]))


def confirm_what_is_taken(client: Client) -> HttpResponse:
    EmailAddress.objects.create(
        user=User.objects.create_user("new@example.org"), email="new@example.org", verified=True
    )
    alice = User.objects.get(display_name="Alice")
    address = EmailAddress.objects.create(user=alice, email="new@example.org")
    return client.get(reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key]))


def new_password(client: Client) -> HttpResponse:
    ask_for_new_password(client, "alice@example.org")
    return client.get(link_in_last_letter(), follow=True)


def new_password_too_late(client: Client) -> HttpResponse:
    return client.get(reverse("account_reset_password_from_key", args=["1", "stale"]))


def first_password(client: Client) -> HttpResponse:
    alice = User.objects.get()
    alice.set_unusable_password()
    alice.save()
    client.force_login(alice)
    return client.get(reverse("account_set_password"))


def waiting_for_another_address(client: Client) -> HttpResponse:
    EmailAddress.objects.create(user=User.objects.get(), email="new@example.org")
    return for_alice("account_email")(client)


def too_short_a_password(client: Client) -> HttpResponse:
    client.force_login(User.objects.get())
    data = {"oldpassword": PASSWORD, "password1": "short", "password2": "short"}
    return client.post(reverse("account_change_password"), data)


VISITS = {
    **{name: for_strangers(name) for name, stranger, _ in PAGES if stranger == 200},
    **{name: for_alice(name) for name, stranger, _ in PAGES if stranger == SIGN_IN},
    "account_logout": for_alice("account_logout"),
    "account_set_password": first_password,
    **{
        visit.__name__: visit
        for visit in (
            wrong_sign_in,
            empty_sign_up,
            confirm,
            confirm_too_late,
            confirm_what_is_taken,
            new_password,
            new_password_too_late,
            waiting_for_another_address,
            too_short_a_password,
        )
    },
}


@pytest.fixture(params=VISITS)
def answer(request: pytest.FixtureRequest, client: Client, alice: User) -> HttpResponse:
    return VISITS[request.param](client)


@pytest.fixture
def page(answer: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(answer.content, "html5lib")


def test_every_page_is_ours_and_says_what_it_is(answer: HttpResponse, page: BeautifulSoup) -> None:
    assert answer.status_code == 200
    assert any(template.name == "base.html" for template in answer.templates)
    assert len(page.find_all("h1")) == 1
    assert page.title.text.strip().startswith(page.h1.text.strip())


def test_every_page_keeps_to_the_content_security_policy(
    answer: HttpResponse, page: BeautifulSoup
) -> None:
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not page.find_all("style")
    assert all(script.get("src", "").startswith("/") for script in page.find_all("script"))
    attributes = {name for tag in page.find_all(True) for name in tag.attrs}
    assert not {name for name in attributes if name == "style" or name.startswith("on")}


def test_every_form_has_its_token_and_labels(page: BeautifulSoup) -> None:
    for form in page.main.find_all("form"):
        assert form["method"] == "post"
        assert len(form.select("input[name=csrfmiddlewaretoken]")) == 1
        for field in form.select("input:not([type=hidden]), textarea"):
            assert form.select(f"label[for={field['id']}]"), field


def test_every_description_and_error_is_linked_to_its_field(page: BeautifulSoup) -> None:
    for field in page.main.select("[aria-describedby]"):
        for described_by in field["aria-describedby"].split():
            assert page.find(id=described_by), described_by
    for field in page.main.select("[aria-invalid=true]"):
        assert _error_of(page, field)


def _error_of(page: BeautifulSoup, field: Tag) -> str:
    ids = [name for name in field["aria-describedby"].split() if name.endswith("_error")]
    return page.find(id=ids[0]).text.strip()


def test_the_first_wrong_field_has_the_focus(client: Client) -> None:
    page = BeautifulSoup(empty_sign_up(client).content, "html5lib")
    assert [field["name"] for field in page.select("[autofocus]")] == ["display_name"]
    assert {field["name"] for field in page.select("[aria-invalid=true]")} == {
        "display_name",
        "email",
        "password1",
    }


def test_the_sign_in_tells_guests_that_they_may_comment_without_an_account(client: Client) -> None:
    assert "comment without one" in client.get(reverse("account_login")).content.decode()


def test_a_form_without_its_token_is_refused(alice: User) -> None:
    client = Client(enforce_csrf_checks=True)
    data = {"login": alice.email, "password": PASSWORD}
    assert client.post(reverse("account_login"), data).status_code == 403
    token = client.get(reverse("account_login")).cookies["csrftoken"].value
    data["csrfmiddlewaretoken"] = token
    assert client.post(reverse("account_login"), data).status_code == 302


def test_next_is_carried_from_the_sign_in_to_the_sign_up(client: Client) -> None:
    page = client.get(reverse("account_login"), {"next": "/posts/one/"}).content.decode()
    assert f"{reverse('account_signup')}?next=%2Fposts%2Fone%2F" in page
    assert '<input type="hidden" name="next" value="/posts/one/">' in page
