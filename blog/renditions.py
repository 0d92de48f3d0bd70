"""Smaller copies of pictures, in formats that weigh less: made beside the requests, never in one.

A picture is taken before it is worked on, so that no two processes make the same; one that was
taken and never finished, since its process died, is taken again. markup_pictures.py offers them.
"""

import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from PIL import Image

from blog import media, storing
from blog.models import Picture, Rendition
from blog.publishing import show_again

logger = logging.getLogger("parley.media")

# One thread each: the machine belongs to the requests.
SAVED_AS: dict[str, tuple[str, dict[str, Any]]] = {
    "avif": ("AVIF", {"quality": 62, "speed": 7, "max_threads": 1}),
    "webp": ("WEBP", {"quality": 80, "method": 4}),
    "jpg": ("JPEG", {"quality": 82, "optimize": True, "progressive": True}),
    "png": ("PNG", {"optimize": True}),
}
MOST_TRIES = 3
# Far longer than any picture takes.
LEASE = timedelta(minutes=10)
# Letters and checks wait behind it: no picture is begun later than this in one look.
SECONDS_A_LOOK = 4.0


def render_due() -> int:
    """Make the copies of some pictures that have none yet; return how many were looked after."""
    return sum(1 for _picture in due_until(time.monotonic() + SECONDS_A_LOOK))


def due_until(deadline: float = float("inf")) -> Iterator[Picture]:
    """Look after one due picture after the other, and yield each when it is done or has failed."""
    _take_back_unfinished()
    last = 0
    while time.monotonic() < deadline:
        picture = due().filter(pk__gt=last).order_by("pk").first()
        if picture is None:
            return
        last = picture.pk
        if taken := _take(picture):
            _render_or_note(taken)
            yield taken


def due() -> QuerySet[Picture]:
    return Picture.objects.filter(rendered_at=None, render_tries__lt=MOST_TRIES)


# --- taken ----------------------------------------------------------------------------------


def _take(picture: Picture) -> Picture | None:
    """Take a picture that nobody else has taken meanwhile."""
    now = timezone.now()
    same = due().filter(pk=picture.pk, render_tries=picture.render_tries)
    if not same.update(rendered_at=now, render_tries=F("render_tries") + 1):
        return None
    picture.rendered_at = now
    picture.render_tries += 1
    return picture


def _take_back_unfinished() -> None:
    """Let what a process took and did not live to finish be due again; see _finish()."""
    before = timezone.now() - LEASE
    unfinished = Picture.objects.filter(render_tries__gt=0, rendered_at__lt=before)
    if unfinished.exists():
        unfinished.update(rendered_at=None)


def _render_or_note(picture: Picture) -> None:
    """Make the copies of a picture; what fails keeps no other from being made."""
    try:
        _finish(picture, _write_all(picture))
    except Exception:
        logger.exception("The copies of picture %s could not be made.", picture.pk)
        _give_back(picture)


def _give_back(picture: Picture) -> None:
    """Leave nothing of what failed, unless somebody else has taken it up meanwhile."""
    if _still_ours(picture).exists() or not Picture.objects.filter(pk=picture.pk).exists():
        storing.remove(media.copy_names(picture))
    _still_ours(picture).update(rendered_at=None)


def _still_ours(picture: Picture) -> QuerySet[Picture]:
    return Picture.objects.filter(pk=picture.pk, rendered_at=picture.rendered_at)


# --- made -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Copy:
    format: str
    width: int
    height: int
    name: str


def _write_all(picture: Picture) -> list[Copy]:
    whole = _opened(picture)
    plain = "png" if whole.mode == "RGBA" or str(picture.file).endswith(".png") else "jpg"
    return [_write(picture, whole, form, width) for form, width in _wanted(picture, plain)]


def _opened(picture: Picture) -> Image.Image:
    """Return the stored picture, which was made by us and has passed all limits."""
    with default_storage.open(str(picture.file)) as file:
        whole: Image.Image = Image.open(BytesIO(file.read()))
    return whole if whole.mode in {"RGB", "RGBA", "L"} else whole.convert("RGB")


def _wanted(picture: Picture, plain: str) -> Iterator[tuple[str, int]]:
    """Yield format and width of each copy; the picture itself stands for one of its own."""
    own = str(picture.file).rpartition(".")[2]
    for width in media.widths_of(picture):
        for form in ("avif", "webp", plain):
            if (form, width) != (own, picture.width):
                yield form, width


def _write(picture: Picture, whole: Image.Image, form: str, width: int) -> Copy:
    height = max(1, round(picture.height * width / picture.width))
    small = whole if width == picture.width else _resized(whole, (width, height))
    saved_as, options = SAVED_AS[form]
    target = BytesIO()
    small.save(target, saved_as, **options)
    name = media.copy_name(picture, form, width)
    default_storage.delete(name)
    default_storage.save(name, ContentFile(target.getvalue()))
    return Copy(form, width, height, name)


def _resized(whole: Image.Image, size: tuple[int, int]) -> Image.Image:
    return whole.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)


def _finish(picture: Picture, copies: list[Copy]) -> None:
    """Note the copies, and typeset the posts that offer them from now on.

    No tries are left on a picture that is done: that tells it from one that is only taken. One
    that was removed meanwhile takes its copies along.
    """
    with transaction.atomic():
        is_done = _still_ours(picture).update(rendered_at=timezone.now(), render_tries=0)
        if is_done:
            Rendition.objects.filter(picture=picture).delete()
            Rendition.objects.bulk_create(
                Rendition(
                    picture=picture, format=each.format, width=each.width,
                    height=each.height, file=each.name,
                )
                for each in copies
            )  # fmt: skip
            show_again(picture)
    if not is_done and not Picture.objects.filter(pk=picture.pk).exists():
        storing.remove(media.copy_names(picture))
