"""A site's zip, opened with suspicion: what its directory says is judged before anything is read.

It may come from anywhere. Entries are read as streams, their names are matched and never used as
paths of this machine.
"""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as ZlibError

from blog.transfer.site import layout
from blog.transfer.site.json_lines import BadLine, read_lines
from blog.transfer.site.origins import SITE

MB = 1024 * 1024
MAX_ENTRIES = 2_000_000
MAX_SMALL_ENTRY = 16 * MB
MAX_FILE = 512 * MB
# What is packed closer than this is no text that people wrote, but a bomb.
MAX_RATIO = 300


class NotASite(Exception):
    """The zip cannot be taken; nothing was written. Shape: `where` is an entry, or nothing."""

    def __init__(self, reason: str, where: str = "", line: int | None = None) -> None:
        place = f"{where}, line {line}: " if line else f"{where}: " if where else ""
        super().__init__(f"{place}{reason}")


class SiteFile:
    """An open zip whose directory is sound. Raises: NotASite."""

    def __init__(self, path: Path) -> None:
        try:
            self.zip = ZipFile(path)
        except (BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise NotASite(f"{path} cannot be read as a zip: {error}") from error
        self.entries: dict[str, ZipInfo] = {}
        self.ignored: list[str] = []
        try:
            self._judge()
        except NotASite:
            self.zip.close()
            raise
        self.source = f"{SITE}{self._digest()}"

    def __enter__(self) -> "SiteFile":
        return self

    def __exit__(self, *error: object) -> None:
        self.zip.close()

    def _judge(self) -> None:
        infos = self.zip.infolist()
        if len(infos) > MAX_ENTRIES:
            raise NotASite(f"more than {MAX_ENTRIES:,} entries")
        for info in infos:
            if not info.filename:
                raise NotASite("an entry without a name")
            if info.filename in self.entries:
                raise NotASite("stands in the zip twice", _shown(info))
            if not info.is_dir() and self._is_ours(info):
                self.entries[info.filename] = info
        for name in (layout.SITE, *layout.DATA):
            if name not in self.entries and name not in layout.ADDED:
                raise NotASite(f"{name} is missing: this is no site that was exported by Parley")

    def _is_ours(self, info: ZipInfo) -> bool:
        _refuse_dangers(info)
        name = info.filename
        if name in {layout.SITE, *layout.DATA} or layout.CONTENT.fullmatch(name):
            if name not in layout.DATA and info.file_size > MAX_SMALL_ENTRY:
                raise NotASite(f"larger than {MAX_SMALL_ENTRY // MB} MB", _shown(info))
            return True
        if name.startswith(layout.MEDIA):
            if info.file_size > MAX_FILE:
                raise NotASite(f"larger than {MAX_FILE // MB} MB", _shown(info))
            return True
        if name not in {layout.README, layout.HUGO}:
            self.ignored.append(_shown(info))
        return False

    def _digest(self) -> str:
        """Return what tells this file from every other: its names and what is under them."""
        lines = (f"{name} {info.CRC} {info.file_size}" for name, info in self.entries.items())
        return sha256("\n".join(sorted(lines)).encode("utf-8", "surrogatepass")).hexdigest()

    # --- reading --------------------------------------------------------------------------------

    @contextmanager
    def open(self, name: str) -> Iterator[IO[bytes]]:
        """Open an entry; what is damaged in it is told in words. Raises: NotASite."""
        try:
            with self.zip.open(self.entries[name]) as entry:
                yield entry
        except BadLine as error:
            raise NotASite(error.reason, name, error.line) from error
        except (BadZipFile, ZlibError, EOFError, OSError, NotImplementedError) as error:
            raise NotASite(f"the zip is damaged here ({error})", name) from error

    def rows(self, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the lines of an entry with their numbers. Raises: NotASite."""
        if name not in self.entries:
            return
        with self.open(name) as entry:
            yield from read_lines(entry)

    def text(self, name: str) -> str:
        with self.open(name) as entry:
            content = entry.read()
        try:
            return content.decode("utf-8")
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise NotASite("not UTF-8", name, line) from error

    def content(self) -> list[str]:
        return sorted(name for name in self.entries if layout.CONTENT.fullmatch(name))

    def media(self) -> list[str]:
        """Return the storage names of the pictures and files."""
        start = len(layout.MEDIA)
        return sorted(name[start:] for name in self.entries if name.startswith(layout.MEDIA))


def _refuse_dangers(info: ZipInfo) -> None:
    name = info.filename
    parts = name.split("/")
    is_path = name.startswith("/") or "\\" in name or ":" in parts[0] or "\0" in info.orig_filename
    if is_path or ".." in parts:
        raise NotASite("a name that leads out of the zip", _shown(info))
    mode = info.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        raise NotASite("a link or a device, not a file", _shown(info))
    if info.flag_bits & 0x1:
        raise NotASite("encrypted", _shown(info))
    if info.compress_type not in {ZIP_STORED, ZIP_DEFLATED}:
        raise NotASite("packed in a way that is not taken: zip it again, in the usual way", name)
    if info.file_size > MB and info.file_size > MAX_RATIO * max(info.compress_size, 1):
        raise NotASite("packed closer than any text or picture can be: a bomb", _shown(info))


def _shown(info: ZipInfo) -> str:
    return repr(info.filename[:200])[1:-1]
