"""Why Akismet could not be asked, in words for an editor. None of them holds the key."""

from datetime import timedelta
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Failure(StrEnum):
    """Shape: everything that can go wrong with one question, from the inside out."""

    SETTINGS = "settings"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    SLOW = "slow"
    BROKEN = "broken"
    TOO_LARGE = "too_large"
    SERVER = "server"
    BUSY = "busy"
    KEY = "key"
    ACCOUNT = "account"
    UNREADABLE = "unreadable"


IN_WORDS: dict[Failure, Promise] = {
    Failure.SETTINGS: _("COMMENTS_AKISMET_HOST is not the name of a host, or its port."),
    Failure.UNREACHABLE: _("Akismet could not be reached."),
    Failure.CERTIFICATE: _("What answered in Akismet’s place has no right certificate."),
    Failure.SLOW: _("Akismet took too long to answer."),
    Failure.BROKEN: _("Akismet’s answer broke off."),
    Failure.TOO_LARGE: _("Akismet’s answer was too large to be one."),
    Failure.SERVER: _("Akismet is out of order."),
    Failure.BUSY: _("Akismet asks to be left alone for a while."),
    Failure.KEY: _("Akismet does not know the key, or not for this site."),
    Failure.ACCOUNT: _("Akismet does not serve this key any more."),
    Failure.UNREADABLE: _("Akismet’s answer could not be understood."),
}
# What an administrator has to see to; all else passes by itself.
LASTING = frozenset({Failure.SETTINGS, Failure.CERTIFICATE, Failure.KEY, Failure.ACCOUNT})


class AkismetFailed(Exception):
    """Akismet was asked and did not tell. Shape: `said` is its own word on it, cut short."""

    def __init__(
        self, failure: Failure, said: str = "", *, retry_after: timedelta | None = None
    ) -> None:
        super().__init__(f"{failure}: {said}" if said else str(failure))
        self.failure = failure
        self.said = said
        self.retry_after = retry_after

    @property
    def in_words(self) -> str:
        words = str(IN_WORDS[self.failure])
        return f"{words} ({self.said})" if self.said else words
