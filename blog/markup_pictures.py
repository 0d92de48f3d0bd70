"""Pictures of ours in HTML: a <picture> of all that a browser may choose from, and in texts.

What is offered are the rows of Rendition; a picture whose smaller copies are still to be made is
offered as it is. An address is judged by parsing it, wherever it stands.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from django.conf import settings
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from blog.models import Picture
from comments.markup import is_safe_url

# How wide a picture stands: as wide as the text, see --measure and --gutter in parley.css.
SIZES = "(min-width: 42rem) 39rem, 94vw"
# Of little pictures in rows: the library, a gallery.
THUMB_SIZES = "12rem"
MODERN = {"avif": "image/avif", "webp": "image/webp"}
# What every browser shows; the last choice.
PLAIN = frozenset(["jpg", "png"])

FOCAL_CLASS = re.compile("focal-x-(0|[1-9]0|100) focal-y-(0|[1-9]0|100)")
SIZES_VALUE = re.compile(r"[\w\s.,():-]{1,100}")
CANDIDATE = re.compile(r"(\S+) ([0-9]{1,5})w")

Attributes = dict[str, str]


@dataclass(frozen=True)
class Shown:
    """A stored picture as pages show it. Shape: `copies` are (format, width, file name)."""

    name: str
    width: int
    height: int
    alt: str = ""
    credit: str = ""
    focal: tuple[int, int] = (50, 50)
    copies: tuple[tuple[str, int, str], ...] = field(default=(), repr=False)

    @property
    def address(self) -> str:
        return settings.MEDIA_URL + self.name


def shown(picture: Picture, copies: Iterable[dict[str, Any]] | None) -> Shown:
    """Return a picture with the copies that were read along with it, as copies_of() tells them."""
    rows = sorted((each["format"], each["width"], each["file"]) for each in copies or ())
    return Shown(
        name=str(picture.file),
        width=picture.width,
        height=picture.height,
        alt="" if picture.is_decorative else picture.alt,
        credit=picture.credit,
        focal=(picture.focal_x, picture.focal_y),
        copies=tuple(rows),
    )


def pictures_named(names: set[str]) -> dict[str, Shown]:
    """Return those of our pictures that have these file names. Queries: 0 or 1."""
    if not names:
        return {}
    pictures = Picture.objects.filter(file__in=names).with_copies()
    return {str(each.file): shown(each, each.copies) for each in pictures}  # type: ignore[attr-defined]


# --- which addresses are ours ---------------------------------------------------------------


def is_own_media(address: str) -> bool:
    """Tell whether a picture's address is one of ours: no other host, no way out of the folder."""
    path = unquote(address)
    return (
        path.startswith(settings.MEDIA_URL)
        and is_safe_url(address, relative=True)
        and re.fullmatch(r"[\w./-]+", path) is not None
        and ".." not in path
    )


def is_choice(tag: str, name: str, value: str) -> bool:
    """Judge what a <source>, or an <img> that offers several files, may say of them."""
    match (tag, name):
        case ("source" | "img", "srcset"):
            return all(map(_is_own_candidate, value.split(", ")))
        case ("source" | "img", "sizes"):
            return SIZES_VALUE.fullmatch(value) is not None
        case ("source", "type"):
            return value in MODERN.values()
        case ("img", "class"):
            return FOCAL_CLASS.fullmatch(value) is not None
    return False


def _is_own_candidate(candidate: str) -> bool:
    found = CANDIDATE.fullmatch(candidate)
    return found is not None and "," not in found[1] and is_own_media(found[1])


def file_name(address: str) -> str:
    return unquote(address).removeprefix(settings.MEDIA_URL)


# --- as HTML --------------------------------------------------------------------------------


def sources_of(picture: Shown, sizes: str = SIZES) -> list[Attributes]:
    """Return the attributes of each <source>, the smallest files first."""
    offered = ((kind, _srcset(picture, {form})) for form, kind in MODERN.items())
    return [{"type": kind, "srcset": files, "sizes": sizes} for kind, files in offered if files]


def image_of(address: str, alt: str, picture: Shown | None, sizes: str = SIZES) -> Attributes:
    """Return the attributes of the <img>; of a file that is none of ours no more is known."""
    attributes = {"src": address, "alt": alt}
    if picture is not None:
        if files := _srcset(picture, PLAIN):
            attributes |= {"srcset": files, "sizes": sizes}
        attributes |= {"width": str(picture.width), "height": str(picture.height)}
        if picture.focal != (50, 50):
            attributes["class"] = focal_class(*picture.focal)
    return attributes


def _srcset(picture: Shown, formats: Iterable[str]) -> str:
    """Return the copies in these formats, with the picture itself where it is in one of them."""
    if not picture.copies:
        return ""
    files = {width: name for form, width, name in picture.copies if form in formats}
    if picture.name.rpartition(".")[2] in formats:
        files[picture.width] = picture.name
    offered = (f"{settings.MEDIA_URL}{name} {width}w" for width, name in sorted(files.items()))
    return ", ".join(offered)


def focal_class(x: int, y: int) -> str:
    """Return the classes that keep this point of a picture in sight, in steps of ten."""
    return f"focal-x-{round(x / 10) * 10} focal-y-{round(y / 10) * 10}"


def as_html(sources: list[Attributes], image: Attributes) -> SafeString:
    img = format_html("<img{}>", _attributes(image))
    if not sources:
        return img
    choices = format_html_join("", "<source{}>", ((_attributes(each),) for each in sources))
    return format_html("<picture>{}{}</picture>", choices, img)


def _attributes(attributes: Attributes) -> SafeString:
    return format_html_join("", ' {}="{}"', attributes.items())


def body_picture(address: str, alt: str, title: str, picture: Shown | None) -> SafeString:
    """Return a picture within a text. Without words there it says what is known of it here."""
    alt = alt or (picture.alt if picture else "")
    image = image_of(address, alt, picture) | {"loading": "lazy", "decoding": "async"}
    if title:
        image["title"] = title
    return as_html(sources_of(picture) if picture else [], image)


def caption_of(words: str, credit: str) -> SafeString:
    """Return what stands beneath a picture: its caption, and who made it."""
    parts = [format_html("{}", words)] if words else []
    if credit:
        parts.append(format_html('<span class="credit">{}</span>', credit))
    inside = format_html_join(" ", "{}", ((part,) for part in parts))
    return format_html("<figcaption>{}</figcaption>", inside) if parts else SafeString()


# --- in texts -------------------------------------------------------------------------------


def picture_markdown(picture: Picture) -> str:
    """Return the line that puts a picture into a text: a figure, when it stands alone."""
    title = f' "{_escaped(picture.caption)}"' if picture.caption else ""
    return f"![{_escaped(picture.alt)}]({picture.file.url}{title})"


def picture_html(picture: Picture) -> str:
    """Return the same for a text that is HTML."""
    caption = caption_of(picture.caption, picture.credit)
    figure = '<figure><img src="{}" alt="{}">{}</figure>'
    return format_html(figure, picture.file.url, picture.alt, caption)


def _escaped(text: str) -> str:
    return re.sub(r'([\\\[\]"*_`<>&!~^])', r"\\\1", text)
