"""The files of imported attachments: found in a folder, kept as pictures or as files of ours.

downloading.py is the other place they come from. What they belong to, and whether they are wanted
at all, the importer knows. An export is written by a stranger: an address in it may name anything.
"""

import html
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.utils.crypto import salted_hmac

from blog import media, storing
from blog.models import Attachment, Picture
from blog.transfer.lines import tidy_line
from blog.transfer.text.picture_addresses import COPY

MAX_BYTES = 20 * 1024 * 1024
NAME_MAX_LENGTH = 150
WORDS_MAX_LENGTH = 300

PICTURES = frozenset({"jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "avif"})
# Kept as they are and only ever downloaded: nothing that a browser takes for a page or a program.
FILES = frozenset(
    (
        *("pdf", "txt", "csv", "zip", "gpx", "epub"),
        *("doc", "docx", "xls", "xlsx", "ppt", "pptx", "odt", "ods", "odp"),
        *("mp3", "m4a", "ogg", "oga", "wav", "flac", "mp4", "m4v", "mov", "webm", "ogv"),
    )
)

TOO_LARGE = f"larger than {MAX_BYTES // 1024 // 1024} MB"
NOT_THERE = "its file is not in the media folder"
NOT_TAKEN = "not a kind of file that is taken"
NO_PICTURE = "cannot be read as a picture"
TOO_MANY_PIXELS = f"a picture of more than {media.MAX_PIXELS // 1_000_000} million pixels"


class Unavailable(Exception):
    """Why a file does not come in, in words that fit a report's "skipped"."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Found:
    """A file's bytes. Shape: `name` is its own, without folders, on one line.

    `url` is the address of the very file: another than was asked for where that is a copy of it.
    """

    content: bytes
    name: str
    url: str = field(default="", compare=False)


class Source(Protocol):
    """Where files come from: a folder, or the web."""

    def get(self, url: str, attached_file: str = "") -> Found:
        """Return the file that stood at this address. Raises: Unavailable."""


# ---- A folder -----------------------------------------------------------------------------------


class Folder:
    """A copy of WordPress's uploads: itself, or a folder that has it inside.

    It answers for paths alone: whether an address is one of the blog's own, the importer knows.
    """

    def __init__(self, root: Path) -> None:
        inside = (root / "wp-content" / "uploads", root / "uploads")
        self.root = next((path for path in inside if path.is_dir()), root).resolve()
        self._names: dict[Path, dict[str, list[str]]] = {}

    def get(self, url: str, attached_file: str = "") -> Found:
        """Return the file that an address, or WordPress's own note of its place, stands for.

        Raises: Unavailable.
        """
        for path in _paths(url, attached_file):
            if file := self._file(path):
                return Found(_content(file), tidy_name(path[-1]), _url_of(path[-1], url))
        raise Unavailable(NOT_THERE)

    def _file(self, path: list[str]) -> Path | None:
        """Return what stands there, if that is a plain file."""
        place: Path | None = self.root
        for part in path:
            place = place and self._below(place, part)
        return place if place and place.is_file() else None

    def _below(self, folder: Path, name: str) -> Path | None:
        """Return what has this name there, in whatever spelling the disk or an archive gave it.

        A link is followed within the uploads, and never out of them.
        """
        names = self._listing(folder).get(_key(name))
        if not names:
            return None
        try:
            place = (folder / (name if name in names else names[0])).resolve()
        except (OSError, RuntimeError):  # a link that leads to itself
            return None
        return place if place.is_relative_to(self.root) else None

    def _listing(self, folder: Path) -> dict[str, list[str]]:
        if folder not in self._names:
            by_key = self._names[folder] = {}
            try:
                names = sorted(path.name for path in folder.iterdir())
            except OSError:
                names = []
            for name in names:
                by_key.setdefault(_key(name), []).append(name)
        return self._names[folder]


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def _paths(url: str, attached_file: str) -> Iterator[list[str]]:
    """Yield where a file may be below the uploads: itself first, then what it is a copy of."""
    try:
        address = unquote(urlsplit(url).path)
    except ValueError:
        address = ""
    for path in (_below_uploads(attached_file), _below_uploads(address)):
        if path and not any(part in {".", ".."} or "\0" in part for part in path):
            yield path
            original = COPY.sub("", path[-1])
            stem, dot, ending = original.rpartition(".")
            yield [*path[:-1], original]
            yield [*path[:-1], f"{stem}-scaled{dot}{ending}"]


def _url_of(name: str, url: str) -> str:
    """Return the address of the file of this name beside another; nothing but a path says which."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path = f"{parts.path.rpartition('/')[0]}/{quote(name)}"
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))


def _below_uploads(path: str) -> list[str]:
    # wordpress.com serves its uploads from a host of their own, with no folder before the year.
    _before, uploads, after = f"/{path}".partition("/uploads/")
    return [part for part in (after if uploads else path).split("/") if part]


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(MAX_BYTES + 1)
    except OSError as error:
        raise Unavailable("its file in the media folder cannot be read") from error
    if len(content) > MAX_BYTES:
        raise Unavailable(TOO_LARGE)
    return content


def tidy_name(name: str) -> str:
    """Return a file's name as one short line that keeps its ending."""
    stem, dot, ending = tidy_line(name.replace("/", " "), 1000).rpartition(".")
    if not dot or len(ending) > 10:
        stem, dot, ending = stem + dot + ending, "", ""
    return (stem[: NAME_MAX_LENGTH - len(ending) - 1] + dot + ending).strip(". ") or "file"


# ---- Kept ---------------------------------------------------------------------------------------


def keep(found: Found, *, alt: str, caption: str, uploader: Any, attachment: Attachment) -> None:
    """Make a picture of ours, or a file, for an attachment; the caller saves that.

    Its own `alt` and `caption` stay as they are; the picture's are cut to one line.

    Raises: Unavailable.
    """
    ending = found.name.rpartition(".")[2].lower() if "." in found.name else ""
    if ending in FILES:
        name = _expect(attachment, ending, found.content, attachment.source_url)
        attachment.file.save(name, ContentFile(found.content), save=False)
        return
    accepted = _accepted(found, is_called_picture=ending in PICTURES)
    picture = Picture(uploader=uploader, **_words(alt, caption))
    media.measure(picture, accepted)
    name = _expect(picture, accepted.ending, accepted.content, attachment.source_url)
    picture.file = ContentFile(accepted.content, name)
    picture.save()
    attachment.picture = picture


def name_picture(picture: Picture, alt: str, caption: str) -> None:
    """Say what a picture shows that was kept before anybody said it."""
    if not (picture.alt or picture.caption):
        Picture.objects.filter(pk=picture.pk).update(**_words(alt, caption))


def _words(alt: str, caption: str) -> dict[str, str]:
    return {
        "alt": tidy_line(alt, WORDS_MAX_LENGTH),
        "caption": tidy_line(_without_tags(caption), WORDS_MAX_LENGTH),
    }


def _accepted(found: Found, *, is_called_picture: bool) -> media.Accepted:
    upload = UploadedFile(BytesIO(found.content), "picture", size=len(found.content))
    try:
        return media.accept(upload, max_bytes=MAX_BYTES)
    except ValidationError as error:
        reasons = {"too_large": TOO_LARGE, "too_many_pixels": TOO_MANY_PIXELS}
        otherwise = NO_PICTURE if is_called_picture else NOT_TAKEN
        raise Unavailable(reasons.get(str(error.code), otherwise)) from error


def _without_tags(text: str) -> str:
    return html.unescape(re.sub(r"</?[a-zA-Z!][^<>]*>", " ", text))


# ---- Named -----------------------------------------------------------------------------------


def _expect(row: Attachment | Picture, ending: str, content: bytes, source_url: str) -> str:
    """Return the name that a row's file is to have, noted before anything is written under it."""
    field = row._meta.get_field("file")
    name = f"{_key_of(source_url, content)}.{ending}"
    path = field.generate_filename(row, name)
    if default_storage.exists(path):
        if type(row)._default_manager.filter(file=path).exists():
            name = media.random_name(ending)
            path = field.generate_filename(row, name)
        else:  # left behind by a run that was killed
            default_storage.delete(path)
    storing.expect(path)
    return name


def _key_of(source_url: str, content: bytes) -> str:
    """Return what only this site can know, and the same in each run over an export."""
    seed = sha256(content).digest() + source_url.encode("utf-8", "replace")
    return salted_hmac("parley.imported-files", seed, algorithm="sha256").hexdigest()[:32]
