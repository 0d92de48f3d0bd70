"""People beside the cast, and the role that signing up gives.

pytest reads this before Django is set up, so the models come through the registry.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.apps import apps

from tests.cast import PASSWORD

if TYPE_CHECKING:
    from django.contrib.auth.models import Group

    from accounts.models import User


@pytest.fixture
def make_user(db: None) -> "Callable[..., User]":
    def make(email: str, display_name: str, *, confirmed: bool = True, **fields: object) -> "User":
        people = apps.get_model("accounts.User").objects
        user = people.create_user(email, PASSWORD, display_name=display_name, **fields)
        if confirmed:
            user.confirm_address()
        return user

    return make


@pytest.fixture
def reader_role(db: None) -> "Group":
    return apps.get_model("auth.Group").objects.get_or_create(name="Reader")[0]


@pytest.fixture
def root(make_user: "Callable[..., User]") -> "User":
    return make_user("root@example.org", "Root", is_staff=True, is_superuser=True)
