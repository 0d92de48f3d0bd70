from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("spelling", ["Alice@EXAMPLE.org", "alice@ｅｘａｍｐｌｅ.org"])
def test_the_database_holds_one_account_an_address(alice: User, spelling: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user(spelling)


@pytest.mark.parametrize("spelling", ["Alice@EXAMPLE.org", "alice@ｅｘａｍｐｌｅ.org"])
def test_a_form_is_told_that_an_address_is_taken(alice: User, spelling: str) -> None:
    with pytest.raises(ValidationError) as caught:
        User(email=spelling, password="x", slug="other").full_clean()
    assert caught.value.message_dict["email"] == [
        "Somebody with this e-mail address is already here."
    ]


def test_a_sharp_s_and_a_double_s_are_one_address_to_us(make_user: Callable[..., User]) -> None:
    make_user("zoe@strasse.example", "Zoe")
    with pytest.raises(ValidationError, match="already here"):
        User(email="zoe@straße.example", password="x", slug="other").full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_user("zoe@straße.example")


def test_a_person_is_found_by_any_spelling(alice: User) -> None:
    assert User.objects.get_by_natural_key("ＡＬＩＣＥ@example.org") == alice


def test_saving_one_field_keeps_the_key_true(alice: User) -> None:
    alice.email = "New@Example.org"
    alice.save(update_fields=["email"])
    alice.refresh_from_db()
    assert (alice.email, alice.email_key) == ("new@example.org", "new@example.org")


def test_people_of_one_name_have_different_pages(make_user: Callable[..., User]) -> None:
    people = [make_user(f"sam{number}@example.org", "Sam") for number in range(3)]
    assert people[0].slug == "sam"
    assert len({person.slug for person in people}) == 3


def test_a_name_that_leaves_no_letters_still_has_a_page(make_user: Callable[..., User]) -> None:
    assert make_user("wang@example.org", "王小明").slug == "reader"


def test_a_person_without_a_name_is_never_called_by_their_address() -> None:
    user = User.objects.create_user("secret@example.org")
    assert str(user) == f"Reader {user.pk}"


def test_a_superuser_made_in_the_shell_can_sign_in_at_once() -> None:
    user = User.objects.create_superuser("root@example.org", "x", display_name="Root")
    assert EmailAddress.objects.get(user=user).verified
