"""Small things a comment's markup needs: the disc's letters and hue."""

from django import template

from comments.meta import hue, initials

register = template.Library()
register.filter("initials", initials)
register.filter("hue", hue)
