"""What allauth asks the site: who a new user is, where to go next, what a letter says.

All else is allauth's own; its forms are in forms.py, its pages in templates/account.
"""

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.models import User

logger = logging.getLogger("parley.mail")

# The role of everybody who signs up; the group is made by the app on top, with its permissions.
READER = "Reader"


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        user.display_name = form.cleaned_data["display_name"]
        user = super().save_user(request, user, form, commit)
        if commit:
            user.groups.set(Group.objects.filter(name=READER))
        return user

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Confirm the address, unless another account took it under some spelling meanwhile."""
        try:
            with transaction.atomic():
                return super().confirm_email(request, email_address)
        except IntegrityError:
            self.add_message(
                request,
                messages.ERROR,
                "account/messages/email_confirmation_failed.txt",
                {"email": email_address.email},
            )
            return False

    def is_safe_url(self, url: str) -> bool:
        """Follow `next` on this very host only, not on others that settings happen to trust."""
        return url_has_allowed_host_and_scheme(
            url, {self.request.get_host()}, require_https=self.request.is_secure()
        )

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send a letter; a mail server that is down costs the letter and not the page."""
        try:
            super().send_mail(template_prefix, email, {"site_name": settings.SITE_NAME, **context})
        except (OSError, SMTPException):
            logger.exception("The letter %s could not be sent.", template_prefix)
            messages.error(
                self.request,
                _("Our letter could not be sent just now. Sign in later, and it is sent again."),
            )
