"""Files on their way in: what one request may put on this machine's disk, whoever sends it.

Beyond that nothing is kept, and all is counted: a form then refuses the file by its size, with
every word that was sent along still in its box.
"""

from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadhandler import TemporaryFileUploadHandler

# More than any form takes: a picture and a cover of ten megabytes each.
MOST_KEPT = 24 * 1024 * 1024


class CappedFileHandler(TemporaryFileUploadHandler):
    """Keeps files in temporary ones. What is cut has the size that it would have had."""

    file: TemporaryUploadedFile

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kept = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.kept < MOST_KEPT:
            self.kept += len(raw_data)
            self.file.write(raw_data)
