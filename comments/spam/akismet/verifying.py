"""Whether Akismet would serve this site: asked by an administrator, with no comment involved."""

from django.conf import settings
from django.utils.translation import gettext as _

from comments.spam.akismet import CHECK
from comments.spam.akismet.failures import AkismetFailed
from comments.spam.akismet.fields import home
from comments.spam.akismet.protocol import is_on, verify_key


def verify() -> str:
    """Return in words what is wrong, or nothing where all is well. Asks Akismet, if there is a key:
    up to three seconds. Sends the key and the address of the site.
    """
    if not is_on():
        return _("There is no key: Akismet is asked nothing (COMMENTS_AKISMET_KEY).")
    if CHECK not in settings.COMMENTS_CHECKS:
        return _("COMMENTS_CHECKS does not name Akismet’s check: nothing is asked.")
    try:
        verify_key(home())
    except AkismetFailed as failed:
        return failed.in_words
    return ""
