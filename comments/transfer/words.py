"""Texts from elsewhere -> safe HTML; and that of a whole batch, made before its locks are taken.

Pure. Parsing is the slow part of an import, and on SQLite every other writer waits for whoever
holds the lock.
"""

from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.utils.html import escape, linebreaks

from comments.markup import check_caps, render_comment, strip_controls, strip_overrides
from comments.markup_html import MAX_COMMENT_LENGTH, render_html_comment
from comments.models import Markup
from comments.transfer.arrivals import Arrival

# The parser pays by the square for some marks, so longer Markdown may hold no more of them.
MARKS_AS_IN = 20_000


class Words:
    """The HTML of texts, each made once. What was not made ahead is made when it is asked for."""

    def __init__(self, arrivals: Iterable[Arrival] = ()) -> None:
        self.made: dict[tuple[str, str], tuple[str, bool]] = {}
        for each in arrivals:
            self.shown(each.body, each.markup)
            for earlier in each.earlier:
                self.shown(earlier.body, earlier.markup)

    def shown(self, body: str, markup: Markup | str) -> tuple[str, bool]:
        """Return the HTML of a text, and whether it had to be taken as plain text."""
        if (body, markup) not in self.made:
            self.made[body, markup] = shown(body, markup)
        return self.made[body, markup]


def shown(
    body: str, markup: Markup | str, people: Mapping[str, str] | None = None
) -> tuple[str, bool]:
    """Return the HTML of a text from elsewhere, and whether it had to be taken as plain text.

    `people`: as render_comment() takes them.
    """
    try:
        return rendered(body, markup, people), False
    except ValidationError:
        return linebreaks(escape(strip_overrides(strip_controls(body)))), True


def rendered(body: str, markup: Markup | str, people: Mapping[str, str] | None = None) -> str:
    """Return the HTML of a text from elsewhere. Raises: ValidationError, as the renderers do."""
    if markup == Markup.HTML:
        return render_html_comment(body)
    body = strip_overrides(body)
    if len(body) > MAX_COMMENT_LENGTH:
        check_caps(body, max_length=MAX_COMMENT_LENGTH)
    for start in range(0, max(len(body), 1), MARKS_AS_IN):
        check_caps(body[start : start + MARKS_AS_IN], max_length=MARKS_AS_IN)
    return render_comment(body, people)
