"""`manage.py import_wxr FILE…`: a WordPress blog moves in, once or as often as one likes."""

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from blog.transfer.downloading import Download, host_named
from blog.transfer.files import Folder
from blog.transfer.wordpress.identity import Identities
from blog.transfer.wordpress.importing import Export, WordPressImport, by_blog, source_of
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
            "--download-host",
            metavar="HOST",
            action="append",
            default=[],
            help="a host besides the blog's own that has its files (NAME.files.wordpress.com)",
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
            identities = Identities(options["source"])
            summaries = {path: identities.check(path) for path in options["files"]}
            self._import(summaries, owners, options)
        except (wxr.NotReadable, BadAuthorMap, OSError) as error:
            raise CommandError(str(error)) from error

    def _import(
        self, summaries: dict[Path, wxr.Summary], owners: dict[str, Any], options: dict[str, Any]
    ) -> None:
        source_from = _source_from(options)
        others = set(map(_host, options["download_host"]))
        files = [
            (options["source"] or source_of(summary.header, path), path)
            for path, summary in summaries.items()
        ]
        with running.running_all(self, options, format="wxr", files=files) as all_:
            exports = [
                Export(each, path, summaries[path].header)
                for each, path in zip(all_, summaries, strict=True)
            ]
            for export in exports:
                _tell_of_repairs(summaries[export.path], export.running.report)
            _tell_of_nobody(owners, summaries, exports[0].running.report)
            for blog in by_blog(exports):
                hosts = others.union(*(export.hosts for export in blog))
                with source_from(hosts) as source:
                    WordPressImport(
                        blog,
                        files=source,
                        hosts=hosts,
                        owners=owners,
                        types=frozenset(options["type"]),
                    ).take()


def _source_from(options: dict[str, Any]) -> Callable[[set[str]], Any]:
    """Return what gives, for a blog's hosts, where its files come from: a context.

    That is a folder, the old host, or nowhere. Raises: CommandError.
    """
    folder = options["media"]
    if folder and not folder.is_dir():
        raise CommandError(f"{folder} is no folder.")
    if folder:
        return lambda _hosts: nullcontext(Folder(folder))
    return Download if options["download"] else lambda _hosts: nullcontext(None)


def _host(name: str) -> str:
    """Return a host as it is compared. Raises: CommandError."""
    if host := host_named(name):
        return host
    raise CommandError(f"{name} is no host: write it as in myname.files.wordpress.com")


def _tell_of_repairs(summary: wxr.Summary, report: running.Report) -> None:
    repairs = summary.repairs
    if repairs.control_characters:
        report.note(
            f"{repairs.control_characters} characters that no text holds were left out",
            line=repairs.first_line,
        )
    for oddity in summary.oddities:
        report.note(oddity.what, line=oddity.line)


def _tell_of_nobody(
    owners: dict[str, Any], summaries: dict[Path, wxr.Summary], report: running.Report
) -> None:
    """Tell of logins in the author map that no file has: they are most often misspelt."""
    found = set().union(*(summary.logins for summary in summaries.values()))
    for login in sorted(owners.keys() - found):
        report.note(f"the author map says whose {login} is; no file has an author of that login")
