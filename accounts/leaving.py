"""What others keep of people has to go when their accounts do; who that is, the settings say."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string


@contextmanager
def leaving(user_ids: Sequence[int]) -> Iterator[None]:
    """Delete these accounts within: who keeps something of them is asked before, and clears it away
    after, in the same transaction.
    """
    with transaction.atomic():
        afterwards = [import_string(path)(user_ids) for path in settings.ACCOUNTS_LEAVING]
        yield
        for clear_away in afterwards:
            clear_away()
