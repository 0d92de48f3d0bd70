"""Small things a comment's markup needs: the disc's letters and hue, and how its row stands."""

from django import template

from comments.meta import hue, initials
from comments.reading import INDENT_LEVELS, Row

register = template.Library()

register.filter("initials", initials)
register.filter("hue", hue)


@register.filter
def alone(row: Row) -> list[Row]:
    """Return a list of this row alone: a single comment is drawn by the loop that draws threads."""
    return [row]


@register.filter
def indents_replies(row: Row) -> bool:
    return row.level + 1 < INDENT_LEVELS
