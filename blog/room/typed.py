"""What stands in the boxes of a post's form, taken as it is: for what is kept and not yet judged.

Texts of any kind are words that somebody may need again. A choice that is none is left out.
"""

from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from blog.forms import PostForm, plain_breaks
from blog.models import Post
from blog.words import TEXTS

CHOICES = ("categories", "coauthors", "series", "series_position")


def version_in(request: HttpRequest) -> int:
    """Return the version of the text that the sender had before them; 0 is none."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def typed_fields(request: HttpRequest, post: Post) -> dict[str, Any]:
    """Return the boxes' words as publishing.keep() takes them."""
    data = request.POST
    fields: dict[str, Any] = {name: plain_breaks(data[name]) for name in TEXTS if name in data}
    if not fields.get("slug", "").strip():
        # Nothing is asked for: the address follows the title, or stays.
        fields.pop("slug", None)
    if "tags" in data:
        fields["tags"] = tag_names(data["tags"])
    return fields | chosen(request, post)


def tag_names(text: str) -> list[str]:
    """Return the names as typed, each once: what they may not be is told when they are saved."""
    names = (" ".join(name.split()) for name in text.split(","))
    return list({name.casefold(): name for name in names if name}.values())


def chosen(request: HttpRequest, post: Post) -> dict[str, Any]:
    """Return the choices that the form offers and that can be read."""
    form = PostForm(request.POST, instance=copy(post))
    found: dict[str, Any] = {}
    for name in CHOICES:
        field = form.fields.get(name)
        if field is None or field.widget.value_omitted_from_data(form.data, form.files, name):
            continue
        if form.is_as_opened(name):
            continue
        try:
            found[name] = field.clean(field.widget.value_from_datadict(form.data, form.files, name))
        except ValidationError:
            continue
    if "series_position" in found:
        found["series_position"] = found["series_position"] or 0
    return found
