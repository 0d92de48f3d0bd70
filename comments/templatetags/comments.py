"""Small things that markup about comments needs: the disc's letters and hue, a number's marks."""

from django import template

from comments.drawing import counted
from comments.meta import hue, initials

register = template.Library()
register.filter("initials", initials)
register.filter("hue", hue)
register.filter("counted", counted)
