"""What people do at the door, as a browser would."""

import re

from django.core import mail
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.cast import PASSWORD


def sign_up(client: Client, email: str, display_name: str = "Carol") -> HttpResponse:
    data = {"email": email, "display_name": display_name, "password1": PASSWORD}
    return client.post(reverse("account_signup"), data)


def sign_in(client: Client, email: str, password: str = PASSWORD, **data: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password, **data})


def ask_for_new_password(client: Client, email: str) -> HttpResponse:
    return client.post(reverse("account_reset_password"), {"email": email})


def is_signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_in_last_letter() -> str:
    """Return the path of the last letter's first link: what its reader would click."""
    found = re.search(r"https?://testserver(/accounts/\S+)", mail.outbox[-1].body)
    assert found, mail.outbox[-1].body
    return found[1]
