"""The migration made the roles exactly as roles.py says."""

import pytest
from django.apps import apps
from django.contrib.auth.models import Group

from blog.roles import ROLES

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ROLES)
def test_a_role_has_its_permissions_and_no_other(name):
    rows = Group.objects.get(name=name).permissions.values_list(
        "content_type__app_label", "codename"
    )
    assert {f"{label}.{codename}" for label, codename in rows} == ROLES[name]


def test_there_are_no_other_roles():
    assert set(Group.objects.values_list("name", flat=True)) == set(ROLES)


def test_the_permissions_have_the_names_that_django_gives_them():
    permission = Group.objects.get(name="Reader").permissions.get()
    assert permission.name == "Can add comment"
    assert permission.content_type.model_class() is apps.get_model("comments.Comment")


def test_nobody_is_in_a_role_by_being_there(eve):
    assert not any(eve.has_perm(permission) for may in ROLES.values() for permission in may)
