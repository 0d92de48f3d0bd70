"""An old blog in a folder: its exports, its uploads, and the command that brings them here."""

import json
import re
from pathlib import Path
from typing import Any

from django.core.management import call_command

from blog.models import Picture, Post
from tests.blog.pictures import picture_bytes
from tests.blog.transfer.wordpress_files import HOST, document, item_head

UPLOADS = f"{HOST}/wp-content/uploads/2020/01"
SHOWN = re.compile(r'src="/media/([^"]+)"')


class OldBlog:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uploads = folder / "uploads"
        self.report = folder / "report.json"
        (self.uploads / "2020" / "01").mkdir(parents=True)

    def upload(self, name: str, content: bytes) -> None:
        (self.uploads / "2020" / "01" / name).write_bytes(content)

    def pictures(self, **widths: int) -> None:
        """Put pictures among the uploads. Shape: names as `cat_300x200`, each with its width."""
        for name, width in widths.items():
            self.upload(f"{name.replace('_', '-')}.png", picture_bytes("PNG", (width, 10)))

    def export(self, name: str, *parts: str) -> Path:
        path = self.folder / name
        path.write_text(document(*parts), encoding="utf-8")
        return path

    def bring(self, *parts: str, **options: Any) -> dict[str, Any]:
        """Import one export of these parts, and return its report."""
        return self.bring_files(self.export("export.xml", *parts), **options)

    def bring_files(self, *paths: Path, **options: Any) -> dict[str, Any]:
        self.report.unlink(missing_ok=True)
        call_command("import_wxr", *paths, report=self.report, verbosity=0, **options)
        report: dict[str, Any] = json.loads(self.report.read_text())
        return report


def attachment(id: int, name: str, parent: int = 0, alt: str = "") -> str:
    head = item_head(
        id=id,
        type="attachment",
        status="inherit",
        title=name,
        parent=parent,
        attachment_url=f"{UPLOADS}/{name}",
        meta=[("_wp_attached_file", f"2020/01/{name}"), ("_wp_attachment_image_alt", alt)],
    )
    return f"{head}</item>\n"


def image(name: str) -> str:
    return f'<img src="{UPLOADS}/{name}">'


def widths_in(post: Post) -> list[int]:
    """Return the widths of the pictures that a post shows from here, in order."""
    widths = dict(Picture.objects.values_list("file", "width"))
    return [widths[name] for name in SHOWN.findall(post.body)]
