"""Pictures and files of a site's zip: looked at as strictly as an upload, kept to the byte.

What media.py once wrote anew is not written anew again, or the site would not be the same: it is
decoded instead, and refused if that fails.
"""

from io import BytesIO
from typing import IO

from django.core.files import File
from django.core.files.storage import default_storage
from PIL import Image

from blog import media
from blog.models import Attachment, Picture
from blog.transfer.site.layout import FILE_NAME

MAX_PICTURE = 64 * 1024 * 1024
CHUNK = 256 * 1024
# Pillow's format of what each ending promises.
FORMATS = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP"}


def check_picture(file: IO[bytes], name: str, size: tuple[int, int]) -> None:
    """Decode a picture. Raises: ValueError for what is none, or another than its name says."""
    content = file.read(MAX_PICTURE + 1)
    if len(content) > MAX_PICTURE:
        raise ValueError(f"{name} is larger than {MAX_PICTURE // 1024 // 1024} MB")
    try:
        actual = _decoded_size(content, FORMATS[name.rpartition(".")[2]])
    except Exception as error:  # Pillow raises whatever hostile bytes lead it to
        raise ValueError(f"{name} cannot be read as a picture") from error
    if actual != size:
        raise ValueError(f"{name} is {actual[0]} by {actual[1]} pixels, not {size[0]} by {size[1]}")


def _decoded_size(content: bytes, form: str) -> tuple[int, int]:
    picture = Image.open(BytesIO(content), formats=[form])
    if picture.width * picture.height > media.MAX_PIXELS:
        raise ValueError("too many pixels")
    picture.verify()
    whole = Image.open(BytesIO(content), formats=[form])
    whole.load()
    return whole.size


def check_file(file: IO[bytes], name: str) -> None:
    """Read a file to its end, so that it is known to be whole. Raises: ValueError by its name."""
    if not FILE_NAME.fullmatch(name):
        raise ValueError("not the name of a picture or file that is taken")
    while file.read(CHUNK):
        pass


def keep(file: IO[bytes], name: str) -> None:
    """Store a file under its own name, over what a run that was cut off left of it.

    Raises: ValueError where another file of that name is in use here.
    """
    if default_storage.exists(name):
        with default_storage.open(name) as here:
            if _is_equal(here, file):
                return
        if is_used(name):
            raise ValueError(f"another file called {name} is in use here")
        default_storage.delete(name)
        file.seek(0)
    kept = default_storage.save(name, File(file))
    if kept != name:
        default_storage.delete(kept)
        raise ValueError(f"{name} cannot be stored under its own name")


def _is_equal(one: IO[bytes], other: IO[bytes]) -> bool:
    while True:
        part = one.read(CHUNK)
        if part != other.read(CHUNK):
            return False
        if not part:
            return True


def is_used(name: str) -> bool:
    """Tell whether a row of this site speaks of a file."""
    return (
        Picture.objects.filter(file=name).exists() or Attachment.objects.filter(file=name).exists()
    )
