"""Threads keep the numbers that they had: a comment's permanent address begins with its thread's.

A number that another thread has here cannot be given twice; the report says whose.
"""

from django.db import connection, transaction

from comments.models import Thread
from comments.transfer.report import Report


class ThreadNumbers:
    """The numbers of the threads of one zip. Call keep_off() before the first thread is made."""

    def __init__(self, report: Report) -> None:
        self.report = report

    def free(self, key: str, wanted: int) -> int | None:
        """Return the number that a thread had, or None where another one has it here."""
        if not Thread.objects.filter(pk=wanted).exists():
            return wanted
        self.tell(key, wanted)
        return None

    def tell(self, key: str, wanted: int) -> None:
        self.report.note(
            f"{key}: its discussion was number {wanted}, which another has here: "
            "permanent addresses of its comments that are known elsewhere lead there, or nowhere"
        )


def keep_off(numbers: set[int]) -> None:
    """Let no thread that asks for no number get one of these, nor one that is made meanwhile."""
    if not numbers:
        return
    highest = max(numbers)
    with transaction.atomic():
        if connection.vendor == "postgresql":
            _raise_sequence(highest)
        elif not Thread.objects.filter(pk__gte=highest).exists():
            # SQLite gives no number again that it has given once.
            Thread.objects.create(pk=highest).delete()


def _raise_sequence(highest: int) -> None:
    sequence = f"pg_get_serial_sequence('{Thread._meta.db_table}', '{Thread._meta.pk.column}')"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT nextval({sequence})")
        (at,) = cursor.fetchone()
        if at < highest:
            cursor.execute(f"SELECT setval({sequence}, %s)", [highest])
