"""Whether Akismet can be asked and would serve this site: with no comment involved."""

from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from comments.spam.akismet import CHECK
from comments.spam.akismet.client import host_and_port
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


def faults_of_settings() -> list[str]:
    """Return in words what is wrong with the settings, whatever Akismet says. Asks nobody."""
    if not is_on():
        return []
    faults = []
    try:
        host_and_port()
    except AkismetFailed as failed:
        faults.append(failed.in_words)
    blog = urlsplit(home())
    if blog.scheme not in {"http", "https"} or not blog.netloc:
        faults.append(_("COMMENTS_AKISMET_BLOG is not an address: https://blog.example.org/"))
    authorities = settings.COMMENTS_AKISMET_CA_FILE
    if authorities and not Path(authorities).is_file():
        faults.append(_("COMMENTS_AKISMET_CA_FILE is not a file that can be read."))
    return faults
