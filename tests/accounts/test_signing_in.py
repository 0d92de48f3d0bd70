"""From the sign-up to the forgotten password, through the real pages and letters."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts import forms
from accounts.models import User
from tests.accounts.door import (
    ask_for_new_password,
    is_signed_in,
    link_in_last_letter,
    sign_in,
    sign_up,
)
from tests.cast import PASSWORD
from tests.servers import free_port

pytestmark = pytest.mark.django_db


# ---- The way in and out -------------------------------------------------------------------------


def test_a_life_at_the_door(client: Client, reader_role: Group) -> None:
    assert sign_up(client, "Carol@Example.org").url == reverse("account_email_verification_sent")
    carol = User.objects.get()
    assert (carol.email, carol.display_name, carol.slug) == ("carol@example.org", "Carol", "carol")
    assert list(carol.groups.all()) == [reader_role]
    assert mail.outbox[-1].to == ["carol@example.org"]

    link = link_in_last_letter()
    assert client.get(link).status_code == 200
    assert not EmailAddress.objects.get().verified, "opening a link is not yet confirming"
    assert client.post(link).url == reverse("account_login")
    assert EmailAddress.objects.get().verified

    assert sign_in(client, "carol@example.org").url == reverse("blog:home")
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)

    ask_for_new_password(client, "carol@example.org")
    page = client.get(link_in_last_letter(), follow=True)
    new = {"password1": "another good horse", "password2": "another good horse"}
    done = client.post(page.redirect_chain[-1][0], new)
    assert done.url == reverse("account_reset_password_from_key_done")
    sign_in(client, "carol@example.org", PASSWORD)
    assert not is_signed_in(client)
    sign_in(client, "carol@example.org", new["password1"])
    assert is_signed_in(client)


def test_signing_up_works_before_any_role_exists(client: Client) -> None:
    Group.objects.all().delete()
    sign_up(client, "carol@example.org")
    assert not User.objects.get().groups.exists()


def test_who_has_not_confirmed_cannot_sign_in(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("carol@example.org", "Carol", confirmed=False)
    answer = sign_in(client, "carol@example.org")
    assert answer.url == reverse("account_email_verification_sent")
    assert not is_signed_in(client)
    assert "/accounts/confirm-email/" in link_in_last_letter()


def test_who_is_locked_out_cannot_sign_in_nor_stay(client: Client, alice: User) -> None:
    client.force_login(alice)
    User.objects.update(is_active=False)
    assert client.get(reverse("accounts:profile")).status_code == 302
    assert sign_in(client, alice.email).url == reverse("account_inactive")


@pytest.mark.parametrize(
    "spelling", ["ALICE@Example.org", "ａｌｉｃｅ@example.org", " alice@EXAMPLE.org "]
)
def test_any_spelling_opens_the_account(client: Client, alice: User, spelling: str) -> None:
    sign_in(client, spelling)
    assert client.session["_auth_user_id"] == str(alice.pk)


def test_a_ligature_opens_the_account(client: Client, make_user: Callable[..., User]) -> None:
    make_user("fiona@example.org", "Fiona")
    sign_in(client, "ﬁona@example.org")
    assert is_signed_in(client)


def test_a_link_for_a_new_password_goes_to_the_owner_however_it_was_asked_for(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("zoe@strasse.example", "Zoe")
    ask_for_new_password(client, "zoe@straße.example")
    assert mail.outbox[-1].to == ["zoe@strasse.example"], "never to the host that was typed"
    assert "/accounts/password/reset/key/" in link_in_last_letter()


def test_a_link_for_a_new_password_works_once(client: Client, alice: User) -> None:
    ask_for_new_password(client, alice.email)
    link = link_in_last_letter()
    alice.set_password("changed meanwhile")
    alice.save()
    assert "no longer works" in client.get(link, follow=True).content.decode()


def test_guessing_passwords_is_soon_refused_however_the_address_is_spelled(
    client: Client, alice: User
) -> None:
    for spelling in ["alice", "ALICE", "aLice", "alIce", "aliCe"]:
        sign_in(client, f"{spelling}@example.org", "wrong guess")
    answer = sign_in(client, "alicE@example.org")
    assert "Too many failed login attempts" in answer.content.decode()
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example/",
        "https:evil.example",
        r"\\evil.example",
        "javascript:alert(1)",
        "http://testserver@evil.example/",
        "https://trusted.example/",
    ],
)
def test_next_never_leads_off_the_site(
    client: Client, alice: User, settings: Any, target: str
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://trusted.example"]
    assert sign_in(client, alice.email, next=target).url == reverse("blog:home")
    assert client.post(reverse("account_logout"), {"next": target}).url == reverse("blog:home")


def test_next_leads_on_within_the_site(client: Client, alice: User) -> None:
    assert sign_in(client, alice.email, next="/posts/one/#respond").url == "/posts/one/#respond"


# ---- Nobody learns who has an account -----------------------------------------------------------


@pytest.mark.parametrize("spelling", ["alice@example.org", "ALICE@ｅｘａｍｐｌｅ.org"])
def test_signing_up_with_a_known_address_looks_like_signing_up(
    client: Client, alice: User, spelling: str
) -> None:
    known = sign_up(client, spelling)
    assert User.objects.count() == 1
    assert mail.outbox[-1].to == [alice.email]
    assert "already" in mail.outbox[-1].subject

    stranger = Client()
    unknown = sign_up(stranger, "nobody@example.org")
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert _page(client, known.url) == _page(stranger, unknown.url)


def test_asking_for_a_new_password_looks_the_same_for_everybody(
    client: Client, alice: User
) -> None:
    known = ask_for_new_password(client, "ALICE@ｅｘａｍｐｌｅ.org")
    stranger = Client()
    unknown = ask_for_new_password(stranger, "nobody@example.org")
    assert known.url == unknown.url
    assert _page(client, known.url) == _page(stranger, unknown.url)
    assert [letter.to for letter in mail.outbox] == [[alice.email], ["nobody@example.org"]]
    assert reverse("account_signup") in mail.outbox[-1].body


def test_a_wrong_password_is_refused_in_the_same_words_for_everybody(
    client: Client, alice: User
) -> None:
    def refusal(email: str) -> str:
        return sign_in(client, email, "wrong guess").context["form"].errors.as_json()

    assert refusal(alice.email) == refusal("nobody@example.org")


def test_an_account_spelled_with_a_double_s_is_found_by_a_sharp_one(
    client: Client, make_user: Callable[..., User]
) -> None:
    make_user("zoe@strasse.example", "Zoe")
    sign_up(client, "zoe@straße.example")
    assert User.objects.count() == 1
    assert mail.outbox[-1].to == ["zoe@strasse.example"]
    assert "strasse" not in _page(client, reverse("account_email_verification_sent"))


def _page(client: Client, url: str) -> str:
    """Return what is said to the person, without what changes from page to page."""
    page = client.get(url)
    return page.content.decode().partition("<main")[2].partition("</main>")[0]


# ---- Two at once --------------------------------------------------------------------------------


def test_an_address_taken_while_the_form_was_being_checked_is_no_error(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _before_saving(
        monkeypatch, lambda: User.objects.with_address("carol@example.org").exists()
        or User.objects.create_user("Carol@example.org")
    )  # fmt: skip
    assert sign_up(client, "carol@example.org").url == reverse("account_email_verification_sent")
    assert User.objects.count() == 1
    assert "already" in mail.outbox[-1].subject


def test_a_short_name_taken_meanwhile_is_no_error(
    client: Client, monkeypatch: pytest.MonkeyPatch, make_user: Callable[..., User]
) -> None:
    make_user("first@example.org", "Carol")
    free = iter(["carol", "carol-2"])
    monkeypatch.setattr(User, "_free_slug", lambda user: next(free))
    assert sign_up(client, "carol@example.org").status_code == 302
    assert User.objects.get(email="carol@example.org").slug == "carol-2"


@pytest.mark.django_db(transaction=True)
def test_of_two_simultaneous_sign_ups_one_makes_the_account(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both_checked = threading.Barrier(2, timeout=30)
    first_try = threading.local()

    def wait_once() -> None:
        if not getattr(first_try, "over", False):
            first_try.over = True
            both_checked.wait()

    _before_saving(monkeypatch, wait_once)
    answers: list[Any] = []

    def one(email: str) -> None:
        try:
            answers.append(sign_up(Client(), email))
        except Exception as error:
            answers.append(error)
        finally:
            connection.close()

    spellings = ["carol@strasse.example", "carol@straße.example"]
    threads = [threading.Thread(target=one, args=[email]) for email in spellings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [getattr(answer, "status_code", answer) for answer in answers] == [302, 302]
    assert User.objects.count() == 1


def _before_saving(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Do something between a sign-up's check and its saving."""
    really = forms.SignupForm._try_save

    def try_save(form: forms.SignupForm, request: Any) -> Any:
        act()
        return really(form, request)

    monkeypatch.setattr(forms.SignupForm, "_try_save", try_save)


# ---- Another address ----------------------------------------------------------------------------


@pytest.fixture
def alice_client(client: Client, alice: User) -> Client:
    """Alice, who has just given her password for what comes next."""
    sign_in(client, alice.email)
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def ask_to_change_to(client: Client, email: str) -> Any:
    return client.post(reverse("account_email"), {"email": email, "action_add": ""})


def test_an_address_changes_once_the_new_one_is_confirmed(alice_client: Client) -> None:
    ask_to_change_to(alice_client, "Alicia@Example.org")
    assert User.objects.get().email == "alice@example.org"
    alice_client.post(link_in_last_letter())
    assert User.objects.get().email == "alicia@example.org"
    assert [address.email for address in EmailAddress.objects.all()] == ["alicia@example.org"]
    assert mail.outbox[-1].to == ["alice@example.org"], "the old address is told"


def test_changing_the_address_asks_for_the_password_first_and_then_goes_on(
    client: Client, alice: User
) -> None:
    sign_in(client, alice.email)
    question = ask_to_change_to(client, "alicia@example.org").url
    assert question.startswith(reverse("account_reauthenticate"))
    next_url = {"next": reverse("account_email")}
    client.post(question, {"password": "wrong guess", **next_url})
    assert not mail.outbox
    client.post(question, {"password": PASSWORD, **next_url})
    assert mail.outbox[-1].to == ["alicia@example.org"]


def test_an_address_somebody_asked_for_is_not_theirs_yet(alice_client: Client, alice: User) -> None:
    ask_to_change_to(alice_client, "carol@example.org")
    ask_for_new_password(Client(), "carol@example.org")
    assert "No account" in mail.outbox[-1].subject

    stranger = Client()
    link = confirmation_link(EmailAddress.objects.get(email="carol@example.org"))
    sign_up(stranger, "carol@example.org")
    carol = User.objects.get(email="carol@example.org")
    answer = alice_client.post(link)
    assert "belongs to another account" in str(list(get_messages(answer.wsgi_request))[-1])
    alice.refresh_from_db()
    assert (alice.email, carol.email) == ("alice@example.org", "carol@example.org")


def test_changing_to_a_known_address_tells_nothing(alice_client: Client, bob: User) -> None:
    known = ask_to_change_to(alice_client, "BOB@example.org")
    assert known.url == reverse("account_email")
    assert mail.outbox[-1].to == [bob.email]
    alice_client.post(link_in_last_letter())
    assert User.objects.get(display_name="Alice").email == "alice@example.org"


def test_the_change_can_be_called_off(alice_client: Client) -> None:
    ask_to_change_to(alice_client, "alicia@example.org")
    alice_client.post(
        reverse("account_email"), {"email": "alicia@example.org", "action_remove": ""}
    )
    assert [address.email for address in EmailAddress.objects.all()] == ["alice@example.org"]


def confirmation_link(address: EmailAddress) -> str:
    return reverse("account_confirm_email", args=[EmailConfirmationHMAC(address).key])


def test_a_mail_server_that_is_down_costs_the_letter_and_not_the_page(
    client: Client, settings: Any
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    response = sign_up(client, "carol@example.org")
    assert response.status_code == 302
    told = [str(message) for message in get_messages(response.wsgi_request)]
    assert any("could not be sent" in message for message in told)

    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.clear()  # "later": a second letter at once would be one too many
    sign_in(client, "carol@example.org")
    assert mail.outbox[-1].to == ["carol@example.org"]


def test_too_many_tries_are_told_in_our_own_words(client: Client) -> None:
    responses = [sign_in(client, "carol@example.org", "wrong") for _try in range(40)]
    refused = [response for response in responses if response.status_code == 429]
    assert refused
    assert "That was too often" in refused[0].content.decode()
