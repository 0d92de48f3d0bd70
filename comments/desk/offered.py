"""The reasons as the desk's pages offer them. Each card has them; they are drawn once a page."""

from collections.abc import Iterator
from functools import cached_property

from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from comments import reasons
from comments.models import Reason


class Offered:
    """The reasons in their order. Queries: 1, when they are first asked for."""

    @cached_property
    def reasons(self) -> list[Reason]:
        return reasons.offered()

    def __iter__(self) -> Iterator[Reason]:
        return iter(self.reasons)

    @cached_property
    def buttons(self) -> SafeString:
        return render_to_string("admin/comments/desk/_reason_buttons.html", {"reasons": self})

    @cached_property
    def options(self) -> SafeString:
        """The options of a menu in which none is chosen."""
        return render_to_string("admin/comments/desk/_reason_options.html", {"reasons": self})
