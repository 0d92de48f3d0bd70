"""Which accounts a name means."""

import pytest

from accounts import finding
from accounts.finding import people_called
from tests.cast import make_person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["Bob", "bob", "BOB"])
def test_a_name_is_found_in_any_letters(bob, alice, typed):
    assert people_called(typed) == [bob]


def test_a_name_of_other_letters_is_found_as_it_is_written(alice):
    anna = make_person("Änne")
    assert people_called("Änne") == [anna]


def test_a_short_name_is_found_though_the_display_name_is_another(bob):
    type(bob).objects.filter(pk=bob.pk).update(display_name="Robert")
    assert people_called("bob") == [bob]


@pytest.mark.parametrize("typed", ["Bo", "bob@example.org", "%", "B_b", ""])
def test_a_part_of_a_name_or_a_sign_means_nobody(bob, typed):
    assert people_called(typed) == []


def test_of_many_with_one_name_a_few_are_found(bob, monkeypatch):
    monkeypatch.setattr(finding, "MOST_FOUND", 2)
    for number in range(3):
        make_person(f"Other{number}")
    type(bob).objects.update(display_name="Bob")
    assert len(people_called("Bob")) == 2
