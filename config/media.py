"""Uploaded files, served by the site itself in the embedded default; nginx may do it later."""

from pathlib import PurePosixPath
from posixpath import normpath

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.views.static import serve

LOCKED = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
# What media.py has written anew. All else came from elsewhere as it was: it is only downloaded.
PICTURES = "pictures"
# Said here: not every machine knows the younger ones, and no browser may guess.
TYPES = {
    ".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp", ".avif": "image/avif",
}  # fmt: skip


def serve_media(request: HttpRequest, path: str) -> HttpResponse | FileResponse:
    """Serve a file below MEDIA_ROOT, never as a page: names are random, so it may be kept long."""
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["Content-Security-Policy"] = LOCKED
    response["X-Content-Type-Options"] = "nosniff"
    file = PurePosixPath(normpath(path).lstrip("/"))
    if file.parts[:1] == (PICTURES,):
        response["Content-Type"] = TYPES.get(file.suffix, "application/octet-stream")
    else:
        response["Content-Disposition"] = (
            content_disposition_header(True, file.name) or "attachment"
        )
    return response
