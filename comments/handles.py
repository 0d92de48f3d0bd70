"""What names a discussion in addresses: its number, and of an unlisted page's a key besides.

Numbers are counted by whoever likes, and would lead strangers to a page that no list names. The key
is not to be guessed; who has the page or a letter has it from there. It is made of the number and
the site's secret alone, so it is never stored, and stays as it is for good.
"""

from functools import lru_cache

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

SALT = "comments.handle"
KEY_LENGTH = 20


class Known(int):
    """The number of a discussion, given by somebody who has its key."""


def with_key(thread_id: int) -> str:
    return f"{thread_id}-{_key_of(thread_id, settings.SECRET_KEY)}"


@lru_cache(maxsize=512)
def _key_of(thread_id: int, secret: str | bytes) -> str:
    made = salted_hmac(SALT, str(thread_id), secret=secret, algorithm="sha256")
    return made.hexdigest()[:KEY_LENGTH]


class HandleConverter:
    """A number, or a number with its key; with any other key it is the address of nothing."""

    regex = f"[0-9]+(?:-[0-9a-f]{{{KEY_LENGTH}}})?"

    def to_python(self, value: str) -> int:
        number, _dash, key = value.partition("-")
        if not key:
            return int(number)
        secrets = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
        if not any(constant_time_compare(key, _key_of(int(number), each)) for each in secrets):
            raise ValueError("not the key of this discussion")
        return Known(number)

    def to_url(self, value: int | str) -> str:
        return str(value)
