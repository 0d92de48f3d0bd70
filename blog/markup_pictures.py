"""Pictures of ours in a post's text: which addresses are theirs, and how they are written down."""

import re
from urllib.parse import unquote

from django.conf import settings
from django.utils.html import format_html

from blog.models import Picture
from comments.markup import is_safe_url


def is_own_media(address: str) -> bool:
    """Tell whether a picture's address is one of ours: no other host, no way out of the folder."""
    path = unquote(address)
    return (
        path.startswith(settings.MEDIA_URL)
        and is_safe_url(address, relative=True)
        and re.fullmatch(r"[\w./-]+", path) is not None
        and ".." not in path
    )


def file_name(address: str) -> str:
    return unquote(address).removeprefix(settings.MEDIA_URL)


# --- written down ---------------------------------------------------------------------------


def picture_markdown(picture: Picture) -> str:
    """Return the line that puts a picture into a text: a figure, when it stands alone."""
    title = f' "{_escaped(picture.caption)}"' if picture.caption else ""
    return f"![{_escaped(picture.alt)}]({picture.file.url}{title})"


def picture_html(picture: Picture) -> str:
    """Return the same for a text that is HTML."""
    caption = format_html("<figcaption>{}</figcaption>", picture.caption) if picture.caption else ""
    figure = '<figure><img src="{}" alt="{}">{}</figure>'
    return format_html(figure, picture.file.url, picture.alt, caption)


def _escaped(text: str) -> str:
    return re.sub(r'([\\\[\]"*_`<>&!~^])', r"\\\1", text)
