"""What the lists of this admin have in common: who is let in, and texts as links."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from comments.desk.case import MAY_MODERATE

EVERY_STATUS = "all"


def may_moderate(self: admin.ModelAdmin, request: HttpRequest, obj: Model | None = None) -> bool:
    return request.user.has_perm(MAY_MODERATE)


def never(self: admin.ModelAdmin, request: HttpRequest, obj: Model | None = None) -> bool:
    return False


def linked(address: str, text: str) -> SafeString:
    """Return `text` as a link, or alone when there is no address that may be one."""
    if not address:
        return format_html("<bdi>{}</bdi>", text)
    return format_html('<a href="{}"><bdi>{}</bdi></a>', address, text)
