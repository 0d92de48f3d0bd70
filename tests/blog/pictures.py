"""Pictures for tests, made on the spot."""

from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture_bytes(form: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    mode = options.pop("mode", "RGB")
    target = BytesIO()
    Image.new(mode, size, options.pop("colour", 0)).save(target, form, **options)
    return target.getvalue()


def noise_bytes(form: str = "PNG", size: tuple[int, int] = (400, 400)) -> bytes:
    """Return a picture that no format makes much smaller."""
    target = BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(target, form)
    return target.getvalue()


def upload(content: bytes | None = None, name: str = "picture.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes() if content is None else content)


def files_stored() -> list[str]:
    """Return the names of all files below MEDIA_ROOT."""
    root = Path(settings.MEDIA_ROOT)
    return sorted(str(path.relative_to(root)) for path in root.rglob("*") if path.is_file())
