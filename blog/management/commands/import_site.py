"""`manage.py import_site`: a site that `manage.py export` wrote, brought into an empty one."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blog.transfer.site.checking import check
from blog.transfer.site.moving_in import MovingIn, refuse_own_content
from blog.transfer.site.opened import NotASite, SiteFile
from blog.transfer.site.people import refuse_unproved
from comments.transfer.running import add_arguments, running


class Command(BaseCommand):
    help = "Bring a site that was exported by Parley into this one, which must be empty."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the zip that manage.py export wrote")
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with SiteFile(options["file"]) as site:
                self._import(site, options)
        except NotASite as refusal:
            raise CommandError(f"{options['file'].name}: {refusal}") from refusal

    def _import(self, site: SiteFile, options: dict[str, Any]) -> None:
        refuse_own_content(site.source)
        contents = check(site)
        refuse_unproved(contents.emails, site.source)
        facts: dict[str, Any] = {"format": "site", "source": site.source, "path": options["file"]}
        with running(self, options, **facts) as run:
            MovingIn(site, contents, run, is_dry=options["dry_run"]).move_in()
