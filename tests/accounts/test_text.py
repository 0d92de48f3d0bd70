import pytest
from django.core.exceptions import ValidationError

from accounts.text import (
    email_key,
    tidy_address,
    validate_address,
    validate_single_line,
    validate_visible,
)

SAME_ADDRESS = [
    ("alice@example.org", "ALICE@Example.ORG"),
    ("alice@example.org", "ａｌｉｃｅ＠ｅｘａｍｐｌｅ．ｏｒｇ"),
    ("alice@example.org", "  alice@example.org\n"),
    ("fiona@example.org", "ﬁona@example.org"),
    ("alice@strasse.example", "alice@straße.example"),
    ("zoe@caf\u00e9.example", "zoe@cafe\u0301.example"),
    ("k@example.org", "\u212a@example.org"),
]


@pytest.mark.parametrize(("one", "other"), SAME_ADDRESS)
def test_two_spellings_of_one_address_have_one_key(one: str, other: str) -> None:
    assert email_key(one) == email_key(other)


def test_different_addresses_have_different_keys() -> None:
    assert email_key("alice@example.org") != email_key("alice+blog@example.org")


def test_a_key_is_its_own_key() -> None:
    for pair in SAME_ADDRESS:
        for address in pair:
            assert email_key(email_key(address)) == email_key(address)


def test_a_tidied_address_still_leads_to_its_own_host() -> None:
    assert tidy_address("Alice@Straße.example") == "alice@straße.example"


@pytest.mark.parametrize("address", ["alıce@example.org", f"a@{'ß' * 63}.{'ß' * 63}.example"])
def test_an_address_no_letter_could_reach_is_refused(address: str) -> None:
    with pytest.raises(ValidationError):
        validate_address(address)


@pytest.mark.parametrize("char", ["\0", "\n", "\x7f", "\u2028", "\u202e", "\u2066", "\ud800"])
def test_a_line_with_a_hostile_character_is_refused_by_its_number(char: str) -> None:
    with pytest.raises(ValidationError, match=f"U\\+{ord(char):04X}"):
        validate_single_line(f"Eve{char}nhoj")


@pytest.mark.parametrize("name", ["Zoë", "王小明", "عائشة", "क्‍ष", "👩‍💻", "O'Brien <b>"])
def test_names_of_all_the_world_pass(name: str) -> None:
    validate_single_line(name)
    validate_visible(name)


@pytest.mark.parametrize("name", ["\u200b", "\u200d\u200d", " \u00a0 ", "\u2060\ufeff"])
def test_a_name_of_which_nothing_is_seen_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        validate_visible(name)
