"""The empty form that every stranger gets: rendered once a process, but for what tells forms apart.

Rendering a form takes longer than reading and drawing the comments above it.
"""

from functools import lru_cache
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from comments.forms import CommentForm, token_for
from comments.meta import base_address
from comments.models import Thread

# Stand in the form for what belongs to one thread, and are in no form otherwise.
THREAD_ID, URL, TOKEN = 918273645546372819, "/the-page-it-is-on/", "the-key-of-this-form"


def blank_form(thread: Thread, key: str = "") -> SafeString:
    """Return the HTML of an empty form for a guest of whom nothing is remembered.

    `key`: its hidden key, if not one made now.
    """
    html = _rendered(get_language() or "", settings.COMMENTS_MAX_LENGTH)
    html = html.replace(base_address(THREAD_ID), base_address(thread.handle))
    html = html.replace(str(THREAD_ID), str(thread.pk)).replace(URL, escape(quote(thread.url)))
    # A template's output, with a number, an escaped address and a signed key put into it.
    return mark_safe(html.replace(TOKEN, key or token_for(thread.pk)))


def _render(language: str, max_length: int) -> str:
    thread = Thread(pk=THREAD_ID, url=URL)
    form = CommentForm(thread=thread, user=AnonymousUser(), initial={"token": TOKEN})
    return render_to_string("comments/_form.html", {"thread": thread, "form": form})


_kept = lru_cache(maxsize=8)(_render)


def _rendered(language: str, max_length: int) -> str:
    """With DEBUG, a template that is being worked on is read each time."""
    return (_render if settings.DEBUG else _kept)(language, max_length)
