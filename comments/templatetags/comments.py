"""Small things that markup about comments needs: the disc's letters and hue, a number's marks,
what its thread goes by in addresses.
"""

from django import template

from comments.drawing import counted
from comments.meta import as_called, hue, initials

register = template.Library()
register.filter("initials", initials)
register.filter("hue", hue)
register.filter("counted", counted)
register.filter("as_called", as_called)
