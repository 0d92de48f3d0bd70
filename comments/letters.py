"""The one letter a guest gets for a comment: it brings the comment to any device of theirs.

The address was only typed and may be a stranger's: so letters are few, hold none of the comment's
words but a short excerpt without addresses, and the link in them changes nothing by being opened.
own.py has the page it opens.
"""

import logging
import re
import unicodedata
from datetime import timedelta
from hashlib import sha256
from ipaddress import ip_network
from smtplib import SMTPException

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from comments.models import Comment
from comments.network import client_ip
from comments.quoting import cut
from comments.status import Status

logger = logging.getLogger("parley.mail")

SALT = "comments.letters"
LINK_DAYS = 30
# Letters to one address, and letters that one network address has sent.
MOST_TO_ADDRESS, ADDRESS_SECONDS = 3, 60 * 60 * 24
MOST_FROM_NETWORK, NETWORK_SECONDS = 10, 60 * 60
# After a failure no further reader waits for a mail server that does not answer.
PAUSE_SECONDS = 60
PAUSED = "comments:letters:paused"
# Controls, halves of characters, and what has no meaning but a private one.
UNSEEN = frozenset(["Cc", "Cs", "Co"])
EXCERPT = 160
LOOKED_AT = 4 * EXCERPT
TITLE = 100
# What a mail program would make a link of, in a word.
ADDRESS_LIKE = re.compile(r"//|@|[^\W_]\.[^\W\d_]{2}")


def send_link(request: HttpRequest, comment: Comment) -> None:
    """Send a guest the link to their comment, if a letter is due. Never raises.

    To be called when the comment is stored for good: a mail server may take its time.
    """
    if not is_due(comment) or cache.get(PAUSED) or not is_within_limits(comment, request):
        return
    try:
        letter_about(comment, f"{request.scheme}://{request.get_host()}").send()
    except (OSError, SMTPException, ValueError):
        cache.set(PAUSED, True, PAUSE_SECONDS)
        logger.exception("The letter about comment %s could not be sent.", comment.pk)


def is_due(comment: Comment) -> bool:
    """Tell whether a comment's author is told: a guest with an address, who is no robot."""
    is_guest = comment.author_id is None and bool(comment.author_email)
    return is_guest and comment.status != Status.SPAM and not comment.honeypot


def is_within_limits(comment: Comment, request: HttpRequest) -> bool:
    """Count a letter that is about to be sent, and tell whether it may be."""
    network = network_of(client_ip(request))
    return counted(f"from:{network}", NETWORK_SECONDS) <= MOST_FROM_NETWORK and (
        counted(f"to:{mailbox(comment.author_email)}", ADDRESS_SECONDS) <= MOST_TO_ADDRESS
    )


def counted(what: str, seconds: int) -> int:
    """Return how many letters there were, this one too. What is counted is kept as a digest."""
    key = f"comments:letters:{sha256(what.encode('utf-8', 'replace')).hexdigest()[:32]}"
    if cache.add(key, 1, seconds):
        return 1
    try:
        return cache.incr(key)
    except ValueError:  # it ran out just now
        return 1


def network_of(address: str | None) -> str:
    """Return what one sender has in common: of IPv6 they have a whole network of addresses."""
    if address is None:
        return "unknown"
    return str(ip_network((address, 64), strict=False)) if ":" in address else address


def mailbox(address: str) -> str:
    """Return an address as the box it leads to: whatever its case, and without its +tag."""
    local, _at, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}".casefold()


# --- the letter -----------------------------------------------------------------------------


def letter_about(comment: Comment, site: str) -> EmailMessage:
    """`site`: scheme and host, as the reader's browser has them."""
    title = one_line(comment.thread.title, TITLE)
    address = reverse("comments:claim", args=[make_token(comment)])
    context = {
        "title": title,
        "excerpt": excerpt_of(comment),
        "claim_url": f"{site}{address}",
        "page_url": f"{site}{comment.thread.url}",
        "days": LINK_DAYS,
        "site_name": settings.SITE_NAME,
        "site_url": f"{site}/",
    }
    return EmailMessage(
        subject=_("Your comment on “%(title)s”") % {"title": title},
        body=render_to_string("comments/email/claim_message.txt", context),
        to=[comment.author_email],
        headers={"Auto-Submitted": "auto-generated"},
    )


def excerpt_of(comment: Comment) -> str:
    """Return the first words of a comment on one line, without anything that leads elsewhere.

    As they were typed: the letter is no HTML either.
    """
    return one_line(without_addresses(comment.body[:LOOKED_AT]), EXCERPT)


def without_addresses(text: str) -> str:
    """Return a text as one line in which nothing leads elsewhere.

    Word by word: one pattern for the whole looks at a long word anew from each of its letters.
    """
    words = one_line(text, len(text)).split(" ")
    return " ".join("[…]" if ADDRESS_LIKE.search(word) else word for word in words)


def one_line(text: str, most: int) -> str:
    """Return a text as one line that can be seen, cut where it is too long."""
    plain = " ".join(text.split())
    if not plain.isprintable():
        plain = "".join(char for char in plain if unicodedata.category(char) not in UNSEEN)
    return plain if len(plain) <= most else cut(plain, most)


# --- the link -------------------------------------------------------------------------------


def make_token(comment: Comment) -> str:
    """Return what the link names the comment by: its key, which nobody else has seen."""
    return signing.dumps(comment.submission_key, salt=SALT)


def read_token(token: str) -> str:
    """Return the key of the comment that a link is about.

    Raises: signing.SignatureExpired for an old one, signing.BadSignature for a forged one.
    """
    return signing.loads(token, salt=SALT, max_age=timedelta(days=LINK_DAYS))
