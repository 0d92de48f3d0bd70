"""Bytes from a stranger -> a picture in memory: small enough, upright, in the web's colours.

What is no such picture is refused with what to do about it, by its header where that can tell.
One is decoded at a time in each process, so that many at once take no more memory than one.
"""

import logging
import subprocess
import sys
import threading
from io import BytesIO
from pathlib import Path

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from PIL import Image, ImageCms, ImageOps

from blog import avif_child

logger = logging.getLogger("parley.media")

MAX_PIXELS = 40_000_000
LONGEST_SIDE = 2400
# A picture that comes in finer and finer has a dozen; each may cost a pass over all its pixels.
MOST_SCANS = 100
CHILD_SECONDS = 40

# What Pillow may try. Of moving ones the first frame only: what moves beside a text is not read.
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
# Pillow's name for a JPEG with more pictures behind the first, as phones take them.
SEVERAL_JPEGS = "MPO"
APPLE_BRANDS = frozenset(
    [b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"]
)

_one_at_a_time = threading.Lock()


def decoded(content: bytes) -> tuple[Image.Image, str]:
    """Return the picture and the name of the format it came in.

    Raises: ValidationError for everything that is not such a picture.
    """
    _refuse_by_kind(content)
    with _one_at_a_time:
        if _brands(content) & {b"avif", b"avis"}:
            return _made_plain(_opened(_avif_as_png(content))), "AVIF"
        picture = _checked(content)
        form = "JPEG" if picture.format == SEVERAL_JPEGS else str(picture.format)
        return _made_plain(_opened(content)), form


def _refuse_by_kind(content: bytes) -> None:
    if _is_svg(content):
        raise ValidationError(
            _(
                "An SVG is a program as much as a picture: it may hold scripts and call other "
                "sites, so it is not taken. Save the picture as a PNG, then choose that."
            ),
            code="svg",
        )
    brands = _brands(content)
    if brands & APPLE_BRANDS and not brands & {b"avif", b"avis"}:
        raise ValidationError(
            _(
                "This is a HEIC picture, as iPhones take them, and most browsers cannot show it. "
                "Save or share it as a JPEG, then choose that."
            ),
            code="heic",
        )


def _is_svg(content: bytes) -> bool:
    # Also where each character has two bytes.
    head = content[:4000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()
    return head.startswith(b"<") and b"<svg" in head


def _brands(content: bytes) -> set[bytes]:
    """Return what a file of the family of HEIC and AVIF says it is; nothing for any other."""
    if content[4:8] != b"ftyp":
        return set()
    end = min(int.from_bytes(content[:4], "big"), 200)
    return {content[8:12], *(content[at : at + 4] for at in range(16, end, 4))}


def _checked(content: bytes) -> Image.Image:
    """Look at the header alone, then at the file's soundness; nothing is decoded yet."""
    picture = _opened(content)
    if picture.width * picture.height > MAX_PIXELS:
        raise _too_many_pixels()
    if picture.format in {"JPEG", SEVERAL_JPEGS} and content.count(b"\xff\xda") > MOST_SCANS:
        raise _unreadable(ValueError("too many scans"))
    try:
        picture.verify()
    except Exception as error:  # as in _opened
        raise _unreadable(error) from error
    return picture


def _opened(content: bytes) -> Image.Image:
    try:
        return Image.open(BytesIO(content), formats=list(FORMATS))
    # Pillow's readers meet bytes made to break them and raise whatever that leads to.
    except Exception as error:
        raise _unreadable(error) from error


def _too_many_pixels() -> ValidationError:
    return ValidationError(
        _("This picture has more than %(most)s million pixels. Please make it smaller first."),
        code="too_many_pixels",
        params={"most": MAX_PIXELS // 1_000_000},
    )


def _unreadable(error: Exception) -> ValidationError:
    logger.info("An upload was refused: %s: %s", type(error).__name__, error)
    return ValidationError(
        _("This is not a picture that can be read here. JPEG, PNG, WebP, AVIF and GIF can."),
        code="unreadable",
    )


def _avif_as_png(content: bytes) -> bytes:
    command = [sys.executable, "-I", str(Path(avif_child.__file__)), str(MAX_PIXELS)]
    try:
        done = subprocess.run(  # noqa: S603 - our own script, and numbers
            [*command, str(LONGEST_SIDE)], input=content, capture_output=True, timeout=CHILD_SECONDS
        )
    except subprocess.TimeoutExpired as error:
        raise _unreadable(error) from error
    if done.returncode == avif_child.TOO_MANY_PIXELS:
        raise _too_many_pixels()
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip()
        raise _unreadable(ValueError(said.rpartition("\n")[2][:200]))
    return done.stdout


# --- made plain -----------------------------------------------------------------------------


def _made_plain(picture: Image.Image) -> Image.Image:
    try:
        return _plain(picture)
    except Exception as error:  # as in _opened
        raise _unreadable(error) from error


def _plain(picture: Image.Image) -> Image.Image:
    """Return the pixels alone: comments, places and profiles travel in `info`, and go with it."""
    info = dict(picture.info)
    if picture.mode not in {"RGB", "RGBA", "L", "CMYK"}:
        picture = _in_plain_mode(picture)
    # Smaller first: the rest is done with few pixels, and a JPEG is not even unfolded whole.
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    picture = _in_srgb(ImageOps.exif_transpose(picture), info.get("icc_profile"))
    picture = _in_plain_mode(picture)
    picture.info.clear()
    return picture


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """Bring a camera's wider colours into the web's, since their profile will not be kept."""
    if not profile or picture.mode not in {"RGB", "RGBA", "CMYK"}:
        return picture
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(picture, source, target, outputMode=mode) or picture
    except (ImageCms.PyCMSError, OSError):
        return picture


def _in_plain_mode(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        picture = _in_eight_bits(picture)
    if picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture if picture.mode in {"RGB", "L"} else picture.convert("RGB")


def _in_eight_bits(picture: Image.Image) -> Image.Image:
    """Return the greys of sixteen bits as they look: what is only converted is cut off at white.

    One of them that stands for nothing is shown, since eight bits cannot tell it from others.
    """
    picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    picture.info.pop("transparency", None)
    return picture
