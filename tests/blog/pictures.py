"""Pictures for tests, made on the spot."""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image


def picture_bytes(form: str = "JPEG", size: tuple[int, int] = (64, 48), **options: Any) -> bytes:
    mode = options.pop("mode", "RGB")
    target = BytesIO()
    Image.new(mode, size, options.pop("colour", 0)).save(target, form, **options)
    return target.getvalue()


def upload(content: bytes | None = None, name: str = "picture.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, picture_bytes() if content is None else content)
