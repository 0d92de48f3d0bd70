"""Which thread a page's address means, however it was written down.

Threads know the paths of our own pages. Where a page was to be read before, others know: the
functions in settings.COMMENTS_THREAD_FINDERS, each `(path, query) -> Thread | None`.
"""

import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

from comments.models import Thread
from comments.transfer.mending import storable

INDEX = re.compile(r"/index\.(html?|php)\Z", re.IGNORECASE)
# What is hung behind an address to see who came from where, or to reply without a script.
TRACKING = re.compile(r"utm_.*|fbclid|gclid|msclkid|mc_[ce]id|replytocom|ref|source", re.IGNORECASE)


class Addresses:
    """Looks up threads. Queries: 1 at its making, those of the finders once for each address."""

    def __init__(self, site_url: str = "") -> None:
        self.host = _host(_split(site_url)) if site_url else ""
        self.finders = [import_string(path) for path in settings.COMMENTS_THREAD_FINDERS]
        self.threads: dict[str, Thread] = {}
        for thread in Thread.objects.only("pk", "url").order_by("pk").iterator():
            if parts := _split(thread.url):
                self.threads.setdefault(normalised(parts), thread)
        self.found: dict[str, Thread | None] = {}

    def find(self, addresses: Iterable[str]) -> Thread | None:
        """Return the thread of the first address that has one."""
        for address in addresses:
            if address not in self.found:
                self.found[address] = self._find(address)
            if (thread := self.found[address]) is not None:
                return thread
        return None

    def is_ours(self, addresses: Iterable[str]) -> bool:
        """Tell whether one of them may be ours: of the host that was named, or of none."""
        hosts = {_host(_split(address)) for address in addresses}
        return not self.host or bool(hosts & {self.host, ""})

    def _find(self, address: str) -> Thread | None:
        parts = _split(address)
        if parts is None or not self.is_ours([address]):
            return None
        plain = parts._replace(query="")
        return (
            self.threads.get(normalised(parts))
            or self._of_a_finder(parts)
            or self.threads.get(normalised(plain))
        )

    def _of_a_finder(self, parts: SplitResult) -> Thread | None:
        for finder in self.finders:
            if thread := finder(parts.path, parts.query):
                return thread
        return None


def _split(address: str) -> SplitResult | None:
    """Return the parts of an address on the web, or of a path; None for any other."""
    try:
        parts = urlsplit(storable(address).strip())
        host = parts.hostname
    except ValueError:
        return None
    if parts.scheme not in {"", "http", "https"} or (parts.scheme and not host):
        return None
    return parts


def _host(parts: SplitResult | None) -> str:
    return (parts.hostname or "").removeprefix("www.") if parts else ""


def page_of(address: str) -> str:
    """Return the one spelling of the page that an address means, whatever its host."""
    parts = _split(address)
    return normalised(parts) if parts else address


def normalised(parts: SplitResult) -> str:
    """Return path and query as all their spellings have them."""
    path = unicodedata.normalize("NFC", unquote(parts.path))
    path = INDEX.sub("/", re.sub("/+", "/", f"/{path}"))
    return quote(path.rstrip("/") or "/", safe="/") + _query(parts.query)


def _query(query: str) -> str:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=50)
    except ValueError:
        return ""
    kept = sorted(pair for pair in pairs if not TRACKING.fullmatch(pair[0]))
    return f"?{urlencode(kept)}" if kept else ""
