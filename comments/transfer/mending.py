"""What another system let through and our columns do not hold, mended for one whole comment.

Pure. What cannot be mended becomes empty, and never an error: a comment is its words, and no wrong
website is worth losing them for. Every import passes here.
"""

import re
import unicodedata
from dataclasses import replace
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from comments.markup import is_safe_url
from comments.models import Comment
from comments.status import Status
from comments.transfer.arrivals import Arrival

MOST_ID = 200
# A name may hold none of these: controls, halves of characters, line ends, and what turns the
# words after it around.
NOT_IN_A_LINE = frozenset({"Cc", "Cs", "Zl", "Zp"})
TURNS_DIRECTION = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
INK = frozenset("LNPS")
SURROGATES = re.compile("[\ud800-\udfff]")
WITHOUT_SCHEME = re.compile(r"[\w-]+(\.[\w-]+)+(/\S*)?")


def fitted(each: Arrival) -> Arrival:
    """Return an arrival that every column can hold, and that keeps what a deletion promised."""
    fit = replace(
        each,
        external_id=fitting_id(each.external_id),
        parent_id=fitting_id(each.parent_id),
        body=storable(each.body),
        author_name=_name(each),
        author_email=email_or_nothing(each.author_email),
        author_website=website_or_nothing(each.author_website),
        ip_address=address_or_none(each.ip_address or ""),
        user_agent=_cut(each.user_agent, "user_agent"),
        referrer=_cut(each.referrer, "referrer"),
        honeypot=_cut(each.honeypot, "honeypot"),
        submission_key=_cut(each.submission_key, "submission_key"),
        earlier=tuple(replace(text, body=storable(text.body)) for text in each.earlier),
        revision=max(each.revision, 1),
    )
    if fit.status == Status.DELETED:
        # As moderation.delete leaves it: the words are gone for good, the place is kept.
        fit = replace(fit, body="", author_email="", author_website="", earlier=())
    return fit


def _name(each: Arrival) -> str:
    name = one_line(each.author_name)[: _most("author_name")].rstrip()
    return name or ("" if each.status == Status.DELETED else _("Anonymous"))


def _cut(text: str, field: str) -> str:
    return storable(text)[: _most(field)]


def _most(field: str) -> int:
    return getattr(Comment._meta.get_field(field), "max_length", None) or 0


def storable(text: str) -> str:
    """Leave out what no database holds: NUL, and the halves of characters."""
    return SURROGATES.sub("\ufffd", text.replace("\x00", ""))


def fitting_id(external_id: str) -> str:
    """Return an id that fits its column; a longer one by its digest."""
    external_id = storable(external_id)
    if len(external_id) <= MOST_ID:
        return external_id
    return f"sha256:{sha256(external_id.encode()).hexdigest()}"


def one_line(text: str) -> str:
    """Return a text as it may stand among other words, or nothing where nobody could see it."""
    spaced = "".join(
        " " if unicodedata.category(char) in NOT_IN_A_LINE else char
        for char in text
        if char not in TURNS_DIRECTION
    )
    has_ink = any(unicodedata.category(char)[0] in INK for char in spaced)
    return " ".join(spaced.split()) if has_ink else ""


def email_or_nothing(address: str) -> str:
    address = one_line(address)
    try:
        validate_email(address)
    except ValidationError:
        return ""
    return address if len(address) <= _most("author_email") else ""


def website_or_nothing(address: str) -> str:
    """Return an address that a name may link to. One without a scheme was typed in a hurry."""
    address = one_line(address)
    if WITHOUT_SCHEME.fullmatch(address):
        address = f"http://{address}"
    if " " in address or len(address) > _most("author_website") or not is_safe_url(address):
        return ""
    return address if urlsplit(address).scheme in {"http", "https"} else ""


def address_or_none(address: str) -> str | None:
    """Return a network address that says where somebody was; a machine's own says nothing."""
    try:
        found = ip_address(address.strip())
    except ValueError:
        return None
    if found.is_unspecified or found.is_loopback or getattr(found, "scope_id", None):
        return None
    return str(found)
