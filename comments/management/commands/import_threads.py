"""`manage.py import_threads FILE --from FORMAT`: comments of another system move in."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from comments.transfer import running
from comments.transfer.addresses import Addresses
from comments.transfer.formats.disqus import Disqus
from comments.transfer.formats.isso import Isso
from comments.transfer.formats.json_lines import JsonLines
from comments.transfer.formats.likeness import require_likeness
from comments.transfer.formats.remark42 import Remark42
from comments.transfer.formats.told import NotReadable
from comments.transfer.threads import take_threads

FORMATS: dict[str, Any] = {
    "disqus": Disqus,
    "isso": Isso,
    "remark42": Remark42,
    "json": JsonLines,
}


class Command(BaseCommand):
    help = (
        "Import the comments of Disqus, Isso, Remark42 or a plain file into the threads of the "
        "pages that are here. A second run changes only what has changed there; one that was "
        "cut off goes on."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--from", dest="format", required=True, choices=sorted(FORMATS))
        parser.add_argument(
            "--site-url",
            metavar="URL",
            default="",
            help="take only threads of this site; without it every host counts as ours",
        )
        running.add_arguments(parser)
        running.add_source(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        path, name = options["file"], options["format"]
        try:
            require_likeness(path, name)
            file = FORMATS[name](path)
            # Read to its end before the first row is written.
            checked = file.check()
            source = options["source"] or checked.source
            with running.running(self, options, format=name, source=source, path=path) as run:
                for line, words in checked.notes:
                    run.report.note(words, line=line)
                addresses = Addresses(options["site_url"])
                take_threads(file.comments(run.advance), run.run, run.report, addresses)
        except (NotReadable, OSError) as error:
            raise CommandError(str(error)) from error
