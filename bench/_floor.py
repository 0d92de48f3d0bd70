"""The floor: a WSGI program that sends bytes it holds, and does nothing else.

FLOOR_ANSWERS names a file of JSON: by path, the status line, the headers and the body of the
answer, as another server gave it. What gunicorn itself adds is not among them.
"""

import base64
import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def _answers() -> dict[str, tuple[str, list[tuple[str, str]], bytes]]:
    held = json.loads(Path(os.environ["FLOOR_ANSWERS"]).read_text())
    return {
        path: (status, [(name, value) for name, value in headers], base64.b64decode(body))
        for path, (status, headers, body) in held.items()
    }


ANSWERS = _answers()
NOTHING = ("404 Not Found", [("Content-Length", "0")], b"")


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    status, headers, body = ANSWERS.get(environ["PATH_INFO"], NOTHING)
    start_response(status, headers)
    return [body]
