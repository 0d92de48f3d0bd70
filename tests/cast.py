"""The fixed cast, in their roles, and posts for them: fixtures that every test may ask for.

Alice writes, Carl writes and may not publish, Bob reads with an account, Mona edits, Ada looks
after the people besides, Eve has an account and no role at all. pytest reads this before Django is
set up, so what needs Django is imported when a fixture is used.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.plugin import blocking_manager_key

if TYPE_CHECKING:
    from django.contrib.auth.models import Group, Permission

    from accounts.models import User
    from blog.models import Post

PASSWORD = "correct horse battery"

_numbers = count(1)


def make_person(name: str, role: str | None = None, **fields: Any) -> "User":
    """Return a new person with a confirmed address, in the group of their role."""
    from django.contrib.auth import get_user_model

    email = f"{name.lower()}@example.org"
    person = get_user_model().objects.create_user(email, PASSWORD, display_name=name, **fields)
    if role is not None:
        person.groups.set([_group_of(role)])
    person.confirm_address()
    return person


def make_roles() -> None:
    """Make the migration's groups again, where a transactional test has emptied every table."""
    from blog.roles import ROLES

    for role in ROLES:
        _group_of(role)


def make_reasons() -> None:
    """Make the migration's reasons again, as make_roles() does with the roles."""
    from comments.models import Reason

    migration = import_module("comments.migrations.0012_desk")
    for position, (code, label, key) in enumerate(migration.REASONS, start=1):
        fields = {"label": label, "key": key, "position": position}
        Reason.objects.get_or_create(code=code, defaults=fields)


def _group_of(role: str) -> "Group":
    """Return the migration's group, or make it again."""
    from django.contrib.auth.models import Group, Permission

    from blog.roles import ROLES

    group, made = Group.objects.get_or_create(name=role)
    if made:
        permissions = Permission.objects.select_related("content_type")
        group.permissions.set(p for p in permissions if _full_name(p) in ROLES[role])
    return group


def _full_name(permission: "Permission") -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Give back what migrations had made, the roles and reasons, after a test that emptied all."""
    yield
    if nextitem is None:  # the database is gone with the last test
        return
    marker = item.get_closest_marker("django_db")
    is_emptied = marker is not None and marker.kwargs.get("transaction", False)
    if is_emptied or "transactional_db" in getattr(item, "fixturenames", ()):
        with item.config.stash[blocking_manager_key].unblock():
            make_roles()
            make_reasons()


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """Forget what the process keeps of lists, checks and decisions: each test has its own."""
    from comments import held
    from comments.learning.memory import memory
    from comments.spam import breaker, health

    held.forget()
    health.forget()
    breaker.known.forget()
    memory.forget()


@pytest.fixture
def alice(db: None) -> "User":
    return make_person("Alice", "Author")


@pytest.fixture
def bob(db: None) -> "User":
    return make_person("Bob", "Reader")


@pytest.fixture
def mona(db: None) -> "User":
    return make_person("Mona", "Editor")


@pytest.fixture
def carl(db: None) -> "User":
    return make_person("Carl", "Contributor")


@pytest.fixture
def ada(db: None) -> "User":
    return make_person("Ada", "Administrator", is_staff=True)


@pytest.fixture
def eve(db: None) -> "User":
    return make_person("Eve")


@pytest.fixture
def make_post(db: None, request: pytest.FixtureRequest) -> "Callable[..., Post]":
    """Return a function that makes a post through the one door: `make_post(published=True, ...)`.

    Its author is Alice unless another is given.
    """
    from blog import publishing

    def make(*, published: bool = True, author: "User | None" = None, **fields: Any) -> "Post":
        author = author or request.getfixturevalue("alice")
        text = {"title": f"Post {next(_numbers)}", "body": "A paragraph."}
        post = publishing.create_draft(author, **(text | fields))
        return publishing.publish(post, actor=author) if published else post

    return make
