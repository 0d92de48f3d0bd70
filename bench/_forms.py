"""Comment forms as readers send them: each its own person, words and hidden key.

Every one comes from an address of its own, told by a proxy's header, as comments do; a thousand
from one address would be another story, and the checks would have to count them all.
"""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing

from bench import _load
from bench._seeded import Seeded
from comments.forms import FORM_SALT
from comments.seeding.texts import write_body
from tests.servers import Site

# Nothing is to be refused or held for coming too quickly; and whose words are public at once.
LIMITS = {"COMMENTS_MIN_SECONDS": 0, "COMMENTS_FLOOD_LIMIT": 10**6, "COMMENTS_REFUSE_LIMIT": 10**6}
HELD = "comments.spam.rules.first_time_commenter"
TRUSTING_CHECKS = [check for check in settings.COMMENTS_CHECKS if check != HELD]
TRUSTING_SETTINGS = LIMITS | {"COMMENTS_CHECKS": TRUSTING_CHECKS}
# The same for a server's environment.
WITH_LETTERS = {name: str(value) for name, value in LIMITS.items()} | {"TRUSTED_PROXY_COUNT": "1"}
WITHOUT_LIMITS = WITH_LETTERS | {"EMAIL_URL": "dummymail://"}
TRUSTING = WITHOUT_LIMITS | {"COMMENTS_CHECKS": ",".join(TRUSTING_CHECKS)}
FIRST = 40
_numbers = itertools.count(1)
_rng = Random(4)
_bodies = [write_body(_rng) for _text in range(200)]


def forms(thread: int, key: str) -> Iterator[dict[str, str]]:
    """Yield what forms hold, for ever: every other answers one of the thread's first comments."""
    for number in _numbers:
        form = {
            "name": f"Writer {number}",
            "email": f"writer-{number}@example.org",
            "website": "",
            "subject": "",
            # No two are the same words.
            "body": f"{_rng.choice(_bodies)}\n\nThat is number {number}.",
            "token": token(thread, str(number), key),
        }
        if number % 2:
            form["parent"] = str(_rng.randint(1, FIRST))
        yield form


def token(thread: int, nonce: str, key: str) -> str:
    content = {"thread": thread, "nonce": nonce, "at": time.time() - 60}
    return signing.dumps(content, key=key, salt=FORM_SALT)


def posts(site: Site, thread: Seeded) -> Iterator[bytes]:
    """Yield requests that post these forms to a site, for ever."""
    path = f"/comments/{thread.thread}/"
    origin = f"http://localhost:{site.port}"
    for form in forms(thread.thread, _key_of(site)):
        yield _load.post(
            path,
            site.port,
            urlencode(form).encode(),
            Origin=origin,
            User_Agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            X_Forwarded_For=f"198.19.{_rng.randrange(256)}.{_rng.randrange(1, 255)}",
        )


def _key_of(site: Site) -> str:
    if key := site.env.get("SECRET_KEY"):
        return key
    return Path(site.var_dir, "secret_key").read_text().strip()
