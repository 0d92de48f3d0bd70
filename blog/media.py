"""Uploaded pictures: looked at by content, decoded within limits, written anew under a random name.

What is stored was made by us, not by the sender: no EXIF, no place, no comment, nothing behind the
pixels. config/media.py serves it.
"""

import logging
from dataclasses import dataclass
from io import BytesIO
from secrets import token_hex
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from blog.models import Picture

logger = logging.getLogger("parley.media")

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2400

# What is read -> what is written: format, file ending, Pillow's options.
WRITTEN_AS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "JPEG": ("JPEG", "jpg", {"quality": 85, "optimize": True, "progressive": True}),
    "PNG": ("PNG", "png", {"optimize": True}),
    "WEBP": ("WEBP", "webp", {"quality": 85}),
    # The first frame only: a moving picture beside a text is not for reading.
    "GIF": ("PNG", "png", {"optimize": True}),
}
# Pillow's name for a JPEG with more pictures behind the first, as phones take them.
SEVERAL_JPEGS = "MPO"


@dataclass(frozen=True)
class Accepted:
    """A picture as it will be stored. Shape: `ending` is the file name's, without the dot."""

    content: bytes
    ending: str


def accept(upload: UploadedFile, *, max_bytes: int = MAX_BYTES) -> Accepted:
    """Return what an upload shows, written anew. An import may allow more bytes, never more pixels.

    Raises: ValidationError, with what to do about it, for everything that is not such a picture.
    """
    if upload.size is None or upload.size > max_bytes:
        raise ValidationError(
            _("This file is larger than %(most)s MB. Please make the picture smaller first."),
            code="too_large",
            params={"most": max_bytes // 1024 // 1024},
        )
    content = upload.read(max_bytes)
    _check(content)
    try:
        return _written_anew(content)
    except Exception as error:  # as in _opened
        raise _unreadable(error) from error


def keep(accepted: Accepted, *, uploader: Any, alt: str, caption: str = "") -> Picture:
    """Store an accepted picture; `alt` and `caption` have passed a form."""
    file = ContentFile(accepted.content, name=random_name(accepted.ending))
    return Picture.objects.create(file=file, uploader=uploader, alt=alt, caption=caption)


def random_name(ending: str) -> str:
    """Return a name for a file that nobody can guess and nobody chose."""
    return f"{token_hex(16)}.{ending}"


def describe(picture: Picture, *, alt: str, caption: str) -> None:
    """Give a picture other words. Posts that show it as their cover are saved by the caller."""
    if (picture.alt, picture.caption) != (alt, caption):
        picture.alt, picture.caption = alt, caption
        picture.save(update_fields=["alt", "caption"])


def _check(content: bytes) -> None:
    """Look at the header alone, then at the file's soundness; nothing is decoded yet."""
    picture = _opened(content)
    if picture.width * picture.height > MAX_PIXELS:
        raise ValidationError(
            _("This picture has more than %(most)s million pixels. Please make it smaller first."),
            code="too_many_pixels",
            params={"most": MAX_PIXELS // 1_000_000},
        )
    try:
        picture.verify()
    except Exception as error:  # as in _opened
        raise _unreadable(error) from error


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content), formats=list(WRITTEN_AS))
    # Pillow's readers meet bytes made to break them and raise whatever that leads to.
    except Exception as error:
        raise _unreadable(error) from error


def _unreadable(error: Exception) -> ValidationError:
    logger.info("An upload was refused: %s: %s", type(error).__name__, error)
    return ValidationError(
        _("This is not a picture that can be read here. JPEG, PNG, WebP and GIF can."),
        code="unreadable",
    )


def _written_anew(content: bytes) -> Accepted:
    picture = _opened(content)
    read = "JPEG" if picture.format == SEVERAL_JPEGS else picture.format
    form, ending, options = WRITTEN_AS[read or ""]
    picture = _in_srgb(ImageOps.exif_transpose(picture))
    picture = _in_plain_mode(picture, has_alpha=form != "JPEG")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    # Comments, profiles and the like travel in `info`; some writers would write them back.
    picture.info.clear()
    target = BytesIO()
    picture.save(target, form, **options)
    return Accepted(target.getvalue(), ending)


def _in_srgb(picture: Image.Image) -> Image.Image:
    """Bring a camera's wider colours into the web's, since their profile will not be kept."""
    profile = picture.info.get("icc_profile")
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _in_plain_mode(picture: Image.Image, *, has_alpha: bool) -> Image.Image:
    if has_alpha and picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in {"RGB", "L"} else picture.convert("RGB")
