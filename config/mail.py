"""Mail of the embedded default: each letter is a file, and the console says which.

The one module that knows how mail leaves; a real server is chosen by EMAIL_URL.
"""

import logging
from collections.abc import Sequence

from django.core.mail.backends.filebased import EmailBackend
from django.core.mail.message import EmailMessage

logger = logging.getLogger("parley.mail")


class FolderBackend(EmailBackend):
    """Write every letter into EMAIL_FILE_PATH and show it in the console."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        sent = super().send_messages(email_messages) or 0
        for message in email_messages:
            logger.info(
                "Mail to %s, written to %s\n%s\n\n%s",
                ", ".join(message.to),
                self._get_filename(),  # type: ignore[attr-defined]  # the stubs lack it
                message.subject,
                message.body,
            )
        return sent
