"""`manage.py export`: the whole site as one zip, or as a file that WordPress reads."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from blog.transfer.site.writing import Written, write_site
from blog.transfer.wxr.export import write_wxr

MOST_NAMED = 20
PRIVATE = (
    "This file holds people's e-mail and network addresses. "
    "Keep it as you would keep their letters."
)


class Command(BaseCommand):
    help = "Write the whole site into one zip that people, Hugo and import_site can read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--to",
            metavar="FILE",
            type=Path,
            help="the zip to write (by default site.zip in this folder)",
        )
        parser.add_argument(
            "--wxr", metavar="FILE", type=Path, help="write a WordPress export (WXR 1.2) instead"
        )
        parser.add_argument("--force", action="store_true", help="replace the file if it exists")
        parser.add_argument(
            "--base-url",
            metavar="URL",
            default="",
            help="where the site is to be read, for the addresses in a WordPress export",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        force = options["force"]
        if options["wxr"]:
            base_url = _base_url(options["base_url"])
            self._tell(options["wxr"], write_wxr(options["wxr"], base_url, force=force))
        if options["to"] or not options["wxr"]:
            target = options["to"] or Path("site.zip")
            self._tell(target, write_site(target, force=force))

    def _tell(self, target: Path, written: Written) -> None:
        self.stdout.write(f"Wrote {target} ({target.stat().st_size:,} bytes):")
        for name, count in sorted(written.counts.items()):
            self.stdout.write(f"  {name}: {count:,}")
        self._tell_some("missing on the disk", written.missing)
        self._tell_some("damaged on the disk", written.damaged)
        for note in written.notes:
            self.stdout.write(f"  {note}")
        self.stdout.write(self.style.WARNING(PRIVATE))

    def _tell_some(self, fault: str, files: list[str]) -> None:
        for name in files[:MOST_NAMED]:
            self.stdout.write(f"  {fault}: {name}")
        if len(files) > MOST_NAMED:
            self.stdout.write(f"  ... and {len(files) - MOST_NAMED:,} files more")


def _base_url(given: str) -> str:
    """Return where the site is to be read, without a slash at its end. Raises: CommandError."""
    address = given or _own_address()
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise CommandError(f"--base-url {given}: write it as https://example.org")
    return address.rstrip("/")


def _own_address() -> str:
    host = next((host for host in settings.ALLOWED_HOSTS if host.strip("*.")), "localhost")
    return f"{'https' if settings.HTTPS else 'http'}://{host.removeprefix('.')}"
