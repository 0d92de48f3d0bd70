"""`manage.py import_wxr FILE…`: a WordPress blog moves in, once or as often as one likes."""

from argparse import ArgumentParser
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blog.transfer.downloading import Download, own_hosts_of
from blog.transfer.files import Folder
from blog.transfer.wordpress.importing import WordPressImport, source_of
from blog.transfer.wordpress.people import BadAuthorMap, read_author_map
from blog.transfer.wxr import reading as wxr
from comments.transfer import running


class Command(BaseCommand):
    help = (
        "Import the posts, pages, comments and people of a WordPress export (Tools > Export). "
        "A second run changes only what has changed there; one that was cut off goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("files", metavar="FILE", nargs="+", type=Path)
        media = parser.add_mutually_exclusive_group()
        media.add_argument("--media", metavar="DIR", type=Path, help="a copy of wp-content/uploads")
        media.add_argument(
            "--download", action="store_true", help="fetch pictures from the old blog's own host"
        )
        parser.add_argument(
            "--author-map",
            metavar="FILE",
            type=Path,
            help="lines of login,address: whose account here is which author's there",
        )
        parser.add_argument(
            "--type",
            metavar="NAME",
            action="append",
            default=[],
            help="take items of this type (a plugin's, such as portfolio) as posts too",
        )
        running.add_arguments(parser)
        running.add_source(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            owners = read_author_map(options["author_map"]) if options["author_map"] else {}
            # Every file is read to its end before the first row is written.
            summaries = [(path, wxr.check(path)) for path in options["files"]]
            for path, summary in summaries:
                self._import(path, summary, owners, options)
        except (wxr.NotReadable, BadAuthorMap, OSError) as error:
            raise CommandError(str(error)) from error

    def _import(
        self, path: Path, summary: wxr.Summary, owners: dict[str, Any], options: dict[str, Any]
    ) -> None:
        source = options["source"] or source_of(summary.header, path)
        with (
            self._files(summary, options) as files,
            running.running(self, options, format="wxr", source=source, path=path) as under_way,
        ):
            _tell_of_repairs(summary, under_way.report)
            WordPressImport(
                under_way,
                path,
                summary.header,
                files=files,
                owners=owners,
                types=frozenset(options["type"]),
            ).take()

    def _files(self, summary: wxr.Summary, options: dict[str, Any]) -> Any:
        """Return where files come from, as a context: a folder, the old host, or nowhere."""
        header = summary.header
        if options["media"]:
            if not options["media"].is_dir():
                raise CommandError(f"{options['media']} is no folder.")
            return nullcontext(Folder(options["media"]))
        if options["download"]:
            hosts = own_hosts_of(header.base_blog_url, header.base_site_url, header.link)
            return Download(hosts)
        return nullcontext(None)


def _tell_of_repairs(summary: wxr.Summary, report: running.Report) -> None:
    repairs = summary.repairs
    if repairs.control_characters:
        report.note(
            f"{repairs.control_characters} characters that no text holds were left out",
            line=repairs.first_line,
        )
