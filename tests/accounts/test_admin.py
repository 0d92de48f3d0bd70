from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group, Permission
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.accounts.door import is_signed_in, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def root_client(client: Client, root: User) -> Client:
    client.force_login(root)
    return client


@pytest.fixture
def clerk_client(make_user: Callable[..., User], reader_role: Group) -> Client:
    """Somebody of the staff, a reader like all, who may change people, and no more."""
    clerk = make_user("clerk@example.org", "Clerk", is_staff=True)
    clerk.groups.set([reader_role])
    clerk.user_permissions.set(
        Permission.objects.filter(codename__in=["view_user", "change_user", "delete_user"])
    )
    client = Client()
    client.force_login(clerk)
    return client


def change_page(user: User) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def fields_of(client: Client, user: User) -> dict[str, object]:
    """Return what the change form holds, to be sent back altered."""
    form = client.get(change_page(user)).context["adminform"].form
    values = {name: form[name].value() for name in form.fields if name != "password"}
    return {name: value for name, value in values.items() if value}


def act(client: Client, action: str, *people: User) -> HttpResponse:
    data = {"action": action, "_selected_action": [person.pk for person in people]}
    return client.post(reverse("admin:accounts_user_changelist"), data)


def test_people_are_listed_and_found(root_client: Client, alice: User, bob: User) -> None:
    url = reverse("admin:accounts_user_changelist")
    assert "alice@example.org" in root_client.get(url).content.decode()
    found = root_client.get(url, {"q": "alic"}).content.decode()
    assert "alice@example.org" in found
    assert "bob@example.org" not in found


def test_the_list_of_people_asks_the_same_however_many_they_are(
    root_client: Client,
    make_user: Callable[..., User],
    django_assert_max_num_queries: object,
) -> None:
    for number in range(20):
        make_user(f"sam{number}@example.org", "Sam")
    with django_assert_max_num_queries(10):  # type: ignore[operator]
        root_client.get(reverse("admin:accounts_user_changelist"))


def test_a_person_is_added_and_has_to_confirm(root_client: Client) -> None:
    data = {
        "email": "New@Example.org",
        "display_name": "New",
        "usable_password": "true",
        "password1": "a good long phrase",
        "password2": "a good long phrase",
    }
    answer = root_client.post(reverse("admin:accounts_user_add"), data)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    stranger = Client()
    sign_in(stranger, "new@example.org", "a good long phrase")
    assert not is_signed_in(stranger)


def test_a_second_person_of_one_address_is_refused_on_the_form(
    root_client: Client, alice: User, bob: User
) -> None:
    data = fields_of(root_client, bob) | {"email": "ALICE@ｅｘａｍｐｌｅ.org"}
    answer = root_client.post(change_page(bob), data)
    assert answer.context["adminform"].form.errors["email"]


def test_an_address_changed_here_has_to_be_confirmed_and_the_old_one_opens_nothing(
    root_client: Client, alice: User
) -> None:
    data = fields_of(root_client, alice) | {"email": "alicia@example.org"}
    assert root_client.post(change_page(alice), data).status_code == 302
    stranger = Client()
    sign_in(stranger, "alice@example.org")
    sign_in(stranger, "alicia@example.org")
    assert not is_signed_in(stranger)
    assert not EmailAddress.objects.filter(user=alice, verified=True).exists()


def test_people_are_locked_out_and_let_in_again(
    root_client: Client, root: User, alice: User
) -> None:
    act(root_client, "deactivate", alice, root)
    assert set(User.objects.filter(is_active=True)) == {root}, "nobody locks themselves out"
    act(root_client, "activate", alice)
    assert User.objects.get(pk=alice.pk).is_active


def test_an_address_is_taken_as_confirmed(
    root_client: Client, make_user: Callable[..., User]
) -> None:
    carol = make_user("carol@example.org", "Carol", confirmed=False)
    act(root_client, "confirm_addresses", carol)
    stranger = Client()
    sign_in(stranger, "carol@example.org")
    assert is_signed_in(stranger)


def test_a_password_is_changed_here(root_client: Client, alice: User) -> None:
    data = {"password1": "a good long phrase", "password2": "a good long phrase"}
    url = reverse("admin:auth_user_password_change", args=[alice.pk])
    assert root_client.post(url, data).status_code == 302
    assert User.objects.get(pk=alice.pk).check_password("a good long phrase")


# ---- Who may ------------------------------------------------------------------------------------


def test_staff_hand_out_no_rights(clerk_client: Client, bob: User) -> None:
    data = fields_of(clerk_client, bob) | {"is_superuser": "on", "is_staff": "on"}
    answer = clerk_client.post(change_page(bob), data | {"display_name": "Bobby"})
    assert answer.status_code == 302
    bob.refresh_from_db()
    assert (bob.display_name, bob.is_staff, bob.is_superuser) == ("Bobby", False, False)


def test_staff_touch_no_superuser(clerk_client: Client, root: User) -> None:
    password_page = reverse("admin:auth_user_password_change", args=[root.pk])
    data = {"password1": "a good long phrase", "password2": "a good long phrase"}
    assert clerk_client.post(password_page, data).status_code == 403
    assert clerk_client.post(change_page(root), {"email": "x@example.org"}).status_code == 403
    delete_page = reverse("admin:accounts_user_delete", args=[root.pk])
    assert clerk_client.post(delete_page, {"post": "yes"}).status_code == 403
    act(clerk_client, "deactivate", root)
    assert User.objects.get(pk=root.pk).is_active


@pytest.mark.parametrize("who", ["alice", "bob", "mona", "eve"])
def test_no_role_sees_the_list_of_people(
    client: Client, request: pytest.FixtureRequest, who: str
) -> None:
    client.force_login(request.getfixturevalue(who))
    for page in ("changelist", "add"):
        answer = client.get(reverse(f"admin:accounts_user_{page}"), follow=True)
        assert answer.status_code == 403


@pytest.mark.parametrize("who", ["mona", "locked_out_mona", "another_of_the_staff"])
def test_staff_touch_nobody_who_may_more_than_they(
    clerk_client: Client,
    make_user: Callable[..., User],
    mona: User,
    who: str,
) -> None:
    person = mona
    if who == "another_of_the_staff":
        person = make_user("admin@example.org", "Admin", is_staff=True)
        person.user_permissions.set(Permission.objects.filter(codename="add_user"))
    User.objects.filter(pk=person.pk).update(is_active=who != "locked_out_mona")
    password_page = reverse("admin:auth_user_password_change", args=[person.pk])
    data = {"password1": "a good long phrase", "password2": "a good long phrase"}
    assert clerk_client.post(password_page, data).status_code == 403
    assert clerk_client.post(change_page(person), {"email": "x@example.org"}).status_code == 403
    delete_page = reverse("admin:accounts_user_delete", args=[person.pk])
    assert clerk_client.post(delete_page, {"post": "yes"}).status_code == 403
    act(clerk_client, "activate" if who == "locked_out_mona" else "deactivate", person)
    assert User.objects.get(pk=person.pk).is_active is (who != "locked_out_mona")


def test_staff_touch_those_who_may_no_more_than_they(clerk_client: Client, bob: User) -> None:
    act(clerk_client, "deactivate", bob)
    assert not User.objects.get(pk=bob.pk).is_active


# ---- An administrator, who is no superuser ------------------------------------------------------


@pytest.fixture
def ada_client(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


def give_roles(client: Client, person: User, *roles: str, **more: object) -> HttpResponse:
    groups = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    data = {name: value for name, value in fields_of(client, person).items() if name != "groups"}
    return client.post(change_page(person), data | {"groups": groups} | more)


def roles_of(person: User) -> list[str]:
    return sorted(person.groups.values_list("name", flat=True))


@pytest.mark.parametrize("role", ["Contributor", "Author", "Editor", "Administrator"])
def test_an_administrator_hands_out_every_role_up_to_their_own(
    ada_client: Client, bob: User, role: str
) -> None:
    assert give_roles(ada_client, bob, "Reader", role).status_code == 302
    assert roles_of(bob) == sorted(["Reader", role])
    assert give_roles(ada_client, bob, "Reader").status_code == 302
    assert roles_of(bob) == ["Reader"]


def test_an_administrator_hands_out_no_role_that_holds_more(ada_client: Client, bob: User) -> None:
    above = Group.objects.create(name="Above")
    above.permissions.set(Permission.objects.filter(codename="delete_group"))
    answer = give_roles(ada_client, bob, "Reader", "Above")
    assert answer.status_code == 200
    assert "not one of the available choices" in answer.content.decode()
    assert roles_of(bob) == ["Reader"]


def test_an_administrator_makes_no_superuser_no_staff_and_gives_no_single_right(
    ada_client: Client, bob: User
) -> None:
    right = Permission.objects.get(codename="delete_group")
    forged = {"is_superuser": "on", "is_staff": "on", "user_permissions": [right.pk]}
    assert give_roles(ada_client, bob, "Reader", **forged).status_code == 302
    bob.refresh_from_db()
    assert (bob.is_superuser, bob.is_staff) == (False, False)
    assert not bob.user_permissions.exists()


def test_an_administrator_touches_no_superuser(ada_client: Client, root: User) -> None:
    assert ada_client.post(change_page(root), {"email": "x@example.org"}).status_code == 403


def test_nobody_shuts_themselves_out_by_their_own_roles(ada_client: Client, ada: User) -> None:
    assert give_roles(ada_client, ada, "Reader").status_code == 302
    assert roles_of(ada) == ["Administrator"]


def test_a_clerk_hands_out_the_readers_role_alone(clerk_client: Client, eve: User) -> None:
    assert give_roles(clerk_client, eve, "Author").status_code == 200
    assert give_roles(clerk_client, eve, "Reader").status_code == 302
    assert roles_of(eve) == ["Reader"]


def test_an_editor_sees_no_list_of_people(client: Client, mona: User) -> None:
    client.force_login(mona)
    assert client.get(reverse("admin:accounts_user_changelist")).status_code == 403
