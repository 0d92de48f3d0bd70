"""An export of Disqus: XML with threads, then posts, read as a stream.

Posts name their threads by number and threads may stand behind them, so the first pass collects
the threads' addresses.
Source: https://help.disqus.com/en/articles/1717164-comments-export
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax import SAXParseException

from defusedxml.common import DefusedXmlException
from django.template.defaultfilters import linebreaks_filter

from comments.models import Markup
from comments.status import Status
from comments.transfer.formats.disqus_elements import Elements, Part, Refused
from comments.transfer.formats.streams import nothing
from comments.transfer.formats.told import (
    NO_DATE,
    Advance,
    Checked,
    NotReadable,
    Told,
    instant,
    made_up_id,
    yes_or_no,
)
from comments.transfer.formats.xml_bytes import notes_on, xml_bytes
from comments.transfer.formats.xml_repair import Repair

FLAGS = ("isDeleted", "isSpam", "isPending", "isApproved")
BLOCK = re.compile(r"<(p|br|div|ul|ol|blockquote|pre)\b", re.IGNORECASE)
# Its plugin for WordPress names threads "12 https://blog.example/?p=12" and posts "wp_id=903".
ADDRESS = re.compile(r"(?:\d+ )?(https?://\S+)|(/.*)")
WORDPRESS_ID = re.compile(r"wp_id=(\d+)")
EXPORT_AGAIN = "Export it again (Disqus Admin > Moderation > Export)"
MEND = f"{EXPORT_AGAIN}, or mend this place in a text editor"
MAKE_WAY = (
    "the file declares a document type or entities, which no export does and which can be used to "
    "attack. Do not import it unless you know who wrote it"
)


@dataclass(frozen=True, slots=True)
class Thread:
    """Shape: where its page is to be found, the best address first."""

    addresses: tuple[str, ...]
    is_deleted: bool


class Disqus:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.threads: dict[str, Thread] = {}

    def check(self) -> Checked:
        """Read the file to its end. Raises: NotReadable, OSError."""
        repair, forum = Repair(), ""
        for kind, _line, facts in self._parts(repair):
            forum = forum or facts.get("forum", "")
            if kind == "thread":
                self.threads[facts.get("@", "")] = _thread(facts)
        return Checked(f"disqus:{forum}" if forum else "disqus", notes_on(repair.repairs))

    def comments(self, advance: Advance = nothing) -> Iterator[Told]:
        """Yield the posts. After check(), which knows the threads."""
        for kind, line, facts in self._parts(Repair(), advance):
            if kind == "post":
                yield self._told(line, facts)

    def _parts(self, repair: Repair, advance: Advance = nothing) -> Iterator[Part]:
        elements = Elements()
        for chunk in xml_bytes(self.path, repair, advance):
            self._feed(elements, chunk)
            yield from elements.take()
        self._feed(elements, None)
        yield from elements.take()

    def _feed(self, elements: Elements, chunk: bytes | None) -> None:
        parser = elements.parser
        try:
            parser.close() if chunk is None else parser.feed(chunk)
        except Refused as error:
            raise NotReadable(self.path, str(error), parser.getLineNumber()) from error
        except DefusedXmlException as error:
            raise NotReadable(self.path, MAKE_WAY, parser.getLineNumber()) from error
        except SAXParseException as error:
            reason = f"this is not XML ({error.getMessage()}). {MEND}"
            if chunk is None:
                reason = f"the file ends in the middle ({error.getMessage()}). {EXPORT_AGAIN}"
            raise NotReadable(self.path, reason, error.getLineNumber()) from error

    def _told(self, line: int, facts: dict[str, str]) -> Told:
        created_at = instant(facts.get("createdAt", ""))
        thread = self.threads.get(facts.get("thread@", ""))
        skip = "" if created_at else NO_DATE
        if thread is None:
            skip = "its thread is not in the file"
        elif not thread.addresses:
            skip = "its thread has no address"
        wordpress_id = WORDPRESS_ID.fullmatch(facts.get("id", ""))
        return Told(
            external_id=facts.get("@") or made_up_id(sorted(facts.items())),
            parent_id=facts.get("parent@", ""),
            addresses=thread.addresses if thread else (),
            text=_html(facts.get("message", "")),
            markup=Markup.HTML,
            status=_status(facts),
            created_at=created_at,
            name=facts.get("author/name", "") or facts.get("author/username", ""),
            email=facts.get("author/email", ""),
            website=facts.get("author/link", ""),
            ip_address=facts.get("ipAddress", ""),
            line=line,
            skip=skip,
            wordpress_id=wordpress_id[1] if wordpress_id else "",
            is_in_deleted_thread=thread.is_deleted if thread else False,
        )


def _thread(facts: dict[str, str]) -> Thread:
    found = (facts.get("link", ""), _address(facts.get("id", "")))
    is_deleted = yes_or_no(facts.get("isDeleted")) is True
    return Thread(tuple(filter(None, found)), is_deleted)


def _address(identifier: str) -> str:
    """Return the address in the identifier that a page gave its thread, if there is one."""
    found = ADDRESS.fullmatch(identifier)
    return (found[1] or found[2]) if found else ""


def _status(facts: dict[str, str]) -> Status:
    """Deleted counts for most, then spam; what says nothing of approval was let through."""
    says = {name: yes_or_no(facts.get(name)) for name in FLAGS}
    if says["isDeleted"]:
        return Status.DELETED
    if says["isSpam"]:
        return Status.SPAM
    waits = says["isPending"] or says["isApproved"] is False
    return Status.PENDING if waits else Status.APPROVED


def _html(message: str) -> str:
    """Return a message with its lines kept: old ones are plain text with links in it."""
    return message if BLOCK.search(message) else linebreaks_filter(message, autoescape=False)
