"""The making of copies, killed in its middle: kill -9 on a real process, a real database."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import ROOT, Site

MAKE = """
import json
from io import BytesIO
from PIL import Image
from django.core.files.uploadedfile import SimpleUploadedFile
from blog import media, publishing
from blog.markup_pictures import picture_markdown
alice = User.objects.create_user("alice@example.org", "x", display_name="Alice")
target = BytesIO()
Image.effect_noise((2000, 1500), 90).convert("RGB").save(target, "JPEG")
upload = SimpleUploadedFile("a.jpg", target.getvalue())
picture = media.keep(media.accept(upload), uploader=alice, alt="Noise")
publishing.create_draft(alice, title="Noise", body=picture_markdown(picture))
print("MADE" + picture.file.name)
"""
LOOK = """
import json
post = Post.objects.get()
names = [Picture.objects.get().file.name, *Rendition.objects.values_list("file", flat=True)]
print("MADE" + json.dumps([sorted(names), post.body_html.count("<source")]))
"""
TIME_PASSES = """
from datetime import timedelta
from django.db.models import F
Picture.objects.filter(render_tries__gt=0).update(rendered_at=F("rendered_at") - timedelta(hours=1))
"""


@pytest.fixture
def site(server_url: str | None) -> Iterator[Site]:
    site = Site(server_url=server_url)
    yield site
    site.close()


def files_of(site: Site) -> list[str]:
    media = site.var_dir / "media"
    return sorted(str(path.relative_to(media)) for path in media.rglob("*") if path.is_file())


def render_until_killed(site: Site, files: int) -> None:
    """Start making copies, and kill the process once so many files stand there."""
    command = [sys.executable, str(Path(ROOT) / "manage.py"), "render_pictures"]
    process = subprocess.Popen(command, env=site.env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 120
    while len(files_of(site)) < files and process.poll() is None:
        assert time.monotonic() < until
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL


def test_what_was_killed_is_done_again_and_leaves_nothing_behind(site: Site) -> None:
    name = site.shell(MAKE).rpartition("MADE")[2].strip()
    for files in (3, 7):
        render_until_killed(site, files)
        assert len(files_of(site)) >= files
        assert json.loads(site.shell(LOOK).rpartition("MADE")[2]) == [[name], 0]
        # Nobody else may know that it died, until it must have.
        assert "0 pictures made ready" in site.manage("render_pictures")
        site.shell(TIME_PASSES)
    assert "1 pictures made ready" in site.manage("render_pictures")
    names, sources = json.loads(site.shell(LOOK).rpartition("MADE")[2])
    assert (names, sources) == (files_of(site), 2)
