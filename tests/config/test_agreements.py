"""What apps that do not know each other have to agree on."""

import pytest
from django.core.exceptions import ValidationError

from accounts.adapters import READER
from accounts.text import validate_single_line, validate_visible
from blog.roles import ROLES
from comments.forms import validate_name

NAMES = [
    *("Ada", "Łukasz", "森 健二", "O’Neill", "عمر", "🙂", "x\u200dy", "-"),
    *("", " ", "\u200b", "\u00a0", "a\x00", "a\x7fb", "a\x85b", "a\u2028b", "a\u202eb", "a\u2067b"),
    *("\ud800", "\u202a", "a\nb", "\ufeff"),
]


def is_refused(validators, name):
    try:
        for validate in validators:
            validate(name)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_guest_and_an_account_may_have_the_same_names(name):
    by_accounts = is_refused([validate_single_line, validate_visible], name)
    assert is_refused([validate_name], name) == by_accounts


def test_the_role_of_everybody_who_signs_up_is_one_of_the_roles():
    assert READER in ROLES
