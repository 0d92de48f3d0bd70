"""Uploaded pictures: decoded within limits (decoding.py), written anew, kept, described, removed.

What is stored was made by us, not by the sender: no EXIF, no place, no comment, nothing behind the
pixels, under a random name. Rows and files come and go together (storing.py); smaller copies are
renditions.py's, config/media.py serves all of them.
"""

import logging
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from io import BytesIO
from secrets import token_hex
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, InterfaceError, transaction
from django.utils.translation import gettext as _
from PIL import Image

from blog import storing
from blog.decoding import MAX_PIXELS, decoded
from blog.models import Picture

logger = logging.getLogger("parley.media")

__all__ = ["MAX_BYTES", "MAX_PIXELS", "Accepted", "accept", "delete", "describe", "keep"]

MAX_BYTES = 10 * 1024 * 1024
# Of smaller copies, see renditions.py.
WIDTHS = (480, 800, 1200, 1600)
COPIED_AS = ("avif", "webp", "jpg", "png")

JPEG: tuple[str, str, dict[str, Any]] = (
    "JPEG", "jpg", {"quality": 85, "optimize": True, "progressive": True}
)  # fmt: skip
PNG: tuple[str, str, dict[str, Any]] = ("PNG", "png", {"optimize": True})
WEBP: tuple[str, str, dict[str, Any]] = ("WEBP", "webp", {"quality": 85})


@dataclass(frozen=True)
class Accepted:
    """A picture as it will be stored. Shape: `ending` is the file name's, without the dot."""

    content: bytes
    ending: str

    @property
    def digest(self) -> str:
        return sha256(self.content).hexdigest()


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
    picture, read = decoded(upload.read(max_bytes))
    form, ending, options = _written_as(read, picture)
    target = BytesIO()
    picture.save(target, form, **options)
    return Accepted(target.getvalue(), ending)


def _written_as(read: str, picture: Image.Image) -> tuple[str, str, dict[str, Any]]:
    """Return format, file ending and Pillow's options: every browser shows what is stored."""
    if read in {"PNG", "GIF"} or (read == "AVIF" and picture.mode == "RGBA"):
        return PNG
    return WEBP if read == "WEBP" else JPEG


# --- kept -----------------------------------------------------------------------------------


def keep(
    accepted: Accepted,
    *,
    uploader: Any,
    alt: str = "",
    caption: str = "",
    credit: str = "",
    is_decorative: bool = False,
) -> Picture:
    """Store an accepted picture; the words have passed a form.

    What somebody sent before is not stored again, unless it comes with other words: other posts
    show it with those that it has.

    Raises: ValidationError when it cannot be stored; then there is neither row nor file.
    """
    words = {"alt": alt, "caption": caption, "credit": credit}
    twin = _twin(accepted, uploader, words, is_decorative=is_decorative)
    if twin is not None:
        return twin
    picture = Picture(uploader=uploader, is_decorative=is_decorative, **words)
    measure(picture, accepted)
    path = _write(picture, accepted)
    try:
        picture.save()
    except BaseException:
        storing.remove({path})
        raise
    return picture


def measure(picture: Picture, accepted: Accepted) -> None:
    """Note on a row what its file is known by."""
    picture.digest, picture.size = accepted.digest, len(accepted.content)


def _twin(
    accepted: Accepted, uploader: Any, words: dict[str, str], *, is_decorative: bool
) -> Picture | None:
    """Return this person's very picture, if it says all that is said now and its file is there."""
    same = Picture.objects.filter(digest=accepted.digest, uploader=uploader).order_by("pk")
    says = {name: words[name] for name in words if words[name]}
    if is_decorative:
        says["is_decorative"] = True  # type: ignore[assignment]
    for picture in same.filter(**says)[:1]:
        return picture if default_storage.exists(str(picture.file)) else None
    return None


def _write(picture: Picture, accepted: Accepted) -> str:
    """Write the file and return its path. Raises: ValidationError."""
    name = random_name(accepted.ending)
    path = picture.file.field.generate_filename(picture, name)
    storing.expect(path)
    try:
        # Set before it is saved: a row learns its picture's width and height from that.
        picture.file = ContentFile(accepted.content, name)
        picture.file.save(name, picture.file.file, save=False)
    except Exception as error:  # each kind of storage raises its own
        logger.exception("A picture could not be stored.")
        storing.remove({path})
        raise ValidationError(
            _("The picture could not be stored just now. Please send it again in a while."),
            code="not_stored",
        ) from error
    return path


def random_name(ending: str) -> str:
    """Return a name for a file that nobody can guess and nobody chose."""
    return f"{token_hex(16)}.{ending}"


# --- described, removed ---------------------------------------------------------------------


def describe(picture: Picture, **words: Any) -> bool:
    """Give a picture other words; tell whether they are. Posts that show it are the caller's."""
    changed = [name for name, value in words.items() if getattr(picture, name) != value]
    for name in changed:
        setattr(picture, name, words[name])
    if changed:
        picture.save(update_fields=changed)
    return bool(changed)


def delete(picture: Picture) -> None:
    """Remove a picture with its copies: the rows now, the files once that has come to stay."""
    with transaction.atomic():
        names = files_of(picture)
        picture.delete()
        transaction.on_commit(partial(storing.remove, names), robust=True)


def kept(names: set[str]) -> set[str]:
    """Return those files that a picture's row speaks of, as unkept_on_failure() asks."""
    try:
        return set(Picture.objects.filter(file__in=names).values_list("file", flat=True))
    except (DatabaseError, InterfaceError):  # nothing was committed there
        return set()


def files_of(picture: Picture) -> set[str]:
    """Return the names of all files that a picture may have, its copies noted yet or not."""
    noted = picture.renditions.values_list("file", flat=True)
    return {str(picture.file), *noted} | copy_names(picture)


def copy_names(picture: Picture) -> set[str]:
    widths = widths_of(picture)
    names = {copy_name(picture, form, width) for form in COPIED_AS for width in widths}
    return names - {str(picture.file)}


def widths_of(picture: Picture) -> list[int]:
    """Return in which widths pages offer a picture: never more than its own."""
    return [*(width for width in WIDTHS if width < picture.width), picture.width]


def copy_name(picture: Picture, form: str, width: int) -> str:
    """Return where a copy stands: always there, so that making it again leaves nothing behind."""
    return f"{str(picture.file).rpartition('.')[0]}-{width}.{form}"
