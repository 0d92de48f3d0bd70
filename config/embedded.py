"""What the embedded default makes for itself: a folder of its own and a secret key in it.

Knows nothing of Django's settings; settings.py calls it while it is being read.
"""

import os
import secrets
from pathlib import Path


def read_or_make_secret_key(folder: Path) -> str:
    """Return the key kept in `folder/secret_key`, making both on the first call.

    The file is readable by its owner only (mode 0600). Two processes that start at once
    agree on one key: a whole file is linked into place, and the first one there wins.
    """
    path = folder / "secret_key"
    folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        mine = folder / f".secret_key.{secrets.token_hex(8)}"
        handle = os.open(mine, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
        try:
            os.link(mine, path)
        except FileExistsError:
            pass
        finally:
            mine.unlink()
    return path.read_text().strip()
