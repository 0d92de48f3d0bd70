"""Names of people in a thread that a text calls with an @: who they are, by their latest comment.

markup.py makes links of them when a comment is written; nobody is told by this.
"""

import re

from django.db.models import Max

from comments.meta import base_address
from comments.models import Thread

# A name may have blanks in it, so up to so many words after an @ may be one.
MOST_WORDS = 4
MOST_CALLS = 20
CALL = re.compile(r"(?<![\w@/.])@(\w[^\s@,;:!?()\[\]<>*`\"]*(?: [^\s@,;:!?()\[\]<>*`\"]+){0,3})")


def people_called(thread: Thread, text: str) -> dict[str, str]:
    """Return {name: address of their latest public comment} of those in the thread whom a text
    calls. Queries: 1, and none for a text without an @.
    """
    names = names_called(text)
    if not names:
        return {}
    latest = (
        thread.comments.public()
        .filter(author_name__in=names)
        .order_by()
        .values_list("author_name")
        .annotate(Max("number"))
    )
    base = base_address(thread.pk)
    return {name: f"{base}{number}/" for name, number in latest}


def names_called(text: str) -> set[str]:
    """Return everything after an @ that could be a name: "@Bob van Dam" may call Bob, too."""
    names = set()
    for call in CALL.findall(text)[:MOST_CALLS]:
        words = call.split(" ")
        for count in range(1, min(len(words), MOST_WORDS) + 1):
            name = " ".join(words[:count])
            names |= {name, name.rstrip(".’'-")}
    return names
