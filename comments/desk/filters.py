"""The filters of the queues: read from an address and written into one, so that each is a bookmark.

What a filter finds is asked in two ways: of a comment (tests()), and of its own index (finders());
queues.py chooses.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.http import QueryDict
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from comments.desk.forms import show_as_typed
from comments.desk.meant import account_meant, thread_meant
from comments.facets import PREFIXES
from comments.language import LANGUAGES
from comments.models import Comment
from comments.searching import (
    BadSearch,
    catch_up,
    keys_with_token,
    keys_with_words,
    parse_search,
    with_token,
    with_words,
)
from comments.spam.lists import fold_domain
from comments.spam.names import name_of
from comments.status import Status

Finder = Callable[[int], list[int] | None]
Test = Q | RawSQL

MOST_DAYS = 36_500
# Columns of their own, each with an index; what is rarest as a rule first.
COLUMNS = {"ip": "ip_address", "email": "author_email", "author": "author", "thread": "thread"}
# Tokens of facets.py.
TOKENS = {"domain": "d", "network": "n", "check": "c", "language": "l"}


def _checks() -> list[tuple[str, str]]:
    codes = [path.rpartition(".")[2] for path in settings.COMMENTS_CHECKS]
    return [("", "—"), *((code, name_of(code)) for code in codes)]


def knows_check(code: str) -> bool:
    """Tell whether the filter offers a check: those of other days and sites are in the log, too."""
    return code in dict(_checks()[1:])


def _languages() -> list[tuple[str, str]]:
    return [("", "—"), *((code, code) for code in LANGUAGES)]


class FilterForm(forms.Form):
    """The panel. What cannot be read is told beside its field, and then nothing is listed."""

    words = forms.CharField(label=gettext_lazy("Words"), required=False, max_length=200)
    thread = forms.CharField(
        label=gettext_lazy("Page"),
        required=False,
        max_length=2_000,
        help_text=gettext_lazy("A link to it, or its number."),
    )
    author = forms.CharField(
        label=gettext_lazy("Account"),
        required=False,
        max_length=254,
        help_text=gettext_lazy("Name, e-mail address or account number."),
    )
    email = forms.CharField(label=gettext_lazy("E-mail address"), required=False, max_length=254)
    ip = forms.GenericIPAddressField(label=gettext_lazy("IP address"), required=False)
    network = forms.CharField(
        label=gettext_lazy("Network"),
        required=False,
        max_length=50,
        help_text=gettext_lazy("As 192.0.2.0/24, or any address in it."),
    )
    domain = forms.CharField(
        label=gettext_lazy("Linked domain"),
        required=False,
        max_length=253,
        help_text=gettext_lazy("Its subdomains too."),
    )
    check = forms.ChoiceField(
        label=gettext_lazy("Check that fired"), required=False, choices=_checks
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=_languages)
    newer_days = forms.IntegerField(
        label=gettext_lazy("Not older than (days)"),
        required=False,
        min_value=1,
        max_value=MOST_DAYS,
    )
    older_days = forms.IntegerField(
        label=gettext_lazy("Older than (days)"), required=False, min_value=1, max_value=MOST_DAYS
    )

    def clean(self) -> dict[str, Any]:
        show_as_typed(self)
        return super().clean() or {}

    def clean_words(self) -> str:
        words = self.cleaned_data["words"].strip()
        if words:
            try:
                parse_search(words)
            except BadSearch as bad:
                raise ValidationError(str(bad)) from bad
        return words

    def clean_thread(self) -> int | None:
        typed = self.cleaned_data["thread"]
        return thread_meant(typed) if typed else None

    def clean_author(self) -> int | None:
        typed = self.cleaned_data["author"]
        return account_meant(typed).pk if typed else None

    def clean_email(self) -> str:
        return self.cleaned_data["email"].strip()

    def clean_network(self) -> str:
        typed = self.cleaned_data["network"].strip()
        return network_of(typed) if typed else ""

    def clean_domain(self) -> str:
        typed = self.cleaned_data["domain"].strip()
        try:
            host = urlsplit(f"//{typed.rpartition('//')[2]}").hostname or ""
        except ValueError:
            host = ""
        domain = fold_domain(host.removeprefix("*."))
        if typed and ("." not in domain or any(char.isspace() for char in domain)):
            raise ValidationError(_("Type a domain such as example.com."))
        return domain if typed else ""


def network_of(typed: str) -> str:
    """Return a network as comments are filed under it. Raises: ValidationError."""
    try:
        network = ip_network(typed, strict=False)
    except ValueError as bad:
        raise ValidationError(_("Type a network such as 192.0.2.0/24, or an address.")) from bad
    sizes = PREFIXES[network.version]
    if network.prefixlen == network.max_prefixlen and "/" not in typed:
        return str(ip_network((ip_address(typed), sizes[0]), strict=False))
    if network.prefixlen not in sizes:
        known = ", ".join(f"/{size}" for size in sizes)
        raise ValidationError(_("Networks are looked up by these sizes: %s.") % known)
    return str(network)


@dataclass(frozen=True)
class Filters:
    """What a queue is narrowed to; nothing where a field is empty. All of them must hold."""

    words: str = ""
    thread: int | None = None
    author: int | None = None
    email: str = ""
    ip: str = ""
    network: str = ""
    domain: str = ""
    check: str = ""
    language: str = ""
    newer_days: int | None = None
    older_days: int | None = None

    @classmethod
    def parse(cls, query: QueryDict) -> tuple["Filters", dict[str, str]]:
        """Read an address. Shape: the filters that can be read, and by field why others cannot.

        Queries: 1 or 2 where a page is named, and where an account is.
        """
        form = FilterForm(query)
        form.is_valid()
        known = {name: value for name, value in form.cleaned_data.items() if value}
        errors = {name: str(each[0]) for name, each in form.errors.items() if each}
        return cls(**known), errors

    @property
    def in_force(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value}

    @property
    def is_empty(self) -> bool:
        return not self.in_force

    @property
    def asks_index(self) -> bool:
        """Tell whether the index for searching is asked, which may be behind."""
        return bool(self.words or self._tokens())

    def as_query(self) -> str:
        return urlencode(self.in_force)

    def without(self, name: str) -> "Filters":
        return replace(self, **{name: getattr(Filters(), name)})

    def tests(self) -> Iterator[Test]:
        """Yield a condition for each filter in force."""
        for name, column in COLUMNS.items():
            if value := getattr(self, name):
                yield Q(**{column: value})
        for token in self._tokens():
            yield with_token(token)
        if self.newer_days or self.older_days:
            yield self._written()
        if self.words:
            yield with_words(parse_search(self.words))

    def finders(self) -> Iterator[Finder]:
        """Yield, for each filter with an index, what finds the keys of its comments."""
        for name, column in COLUMNS.items():
            if value := getattr(self, name):
                yield partial(_keys_with, Q(**{column: value}))
        if self.words:
            yield partial(keys_with_words, parse_search(self.words))
        for token in self._tokens():
            yield partial(keys_with_token, token)
        if self.newer_days or self.older_days:
            # Instants have an index within each status only.
            yield partial(_keys_with, Q(status__in=Status.values) & self._written())

    def _written(self) -> Q:
        """Return a condition on when a comment was written."""
        now, written = timezone.now(), Q()
        if self.newer_days:
            written &= Q(created_at__gte=now - timedelta(days=self.newer_days))
        if self.older_days:
            written &= Q(created_at__lt=now - timedelta(days=self.older_days))
        return written

    def _tokens(self) -> list[str]:
        return [
            f"{kind}:{value}" for name, kind in TOKENS.items() if (value := getattr(self, name))
        ]


def prepare(filters: Filters) -> str:
    """Bring the index for searching up to date where these filters ask it.

    Return what to say while it is not, or nothing. Queries: none where it is not asked; 2 where
    nothing happened since.
    """
    if not filters.asks_index:
        return ""
    progress = catch_up()
    if progress.is_whole:
        return ""
    words = _(
        "The index for searching is still being made: %(done)s of %(total)s entries of the log "
        "are read. Newer comments are not found yet; load the page again to go on."
    )
    return words % {"done": f"{progress.done:,}", "total": f"{progress.total:,}"}


def _keys_with(condition: Q, most: int) -> list[int] | None:
    """Return the keys of comments like this; None where there are more than `most`."""
    rows = Comment.objects.filter(condition).order_by()
    keys = list(rows.values_list("pk", flat=True)[: most + 1])
    return keys if len(keys) <= most else None
