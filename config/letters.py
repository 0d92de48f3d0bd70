"""Sends letters that are due, beside the requests of a process: no worker has to be set up for it.

A letter is taken before it is sent, so that it does not matter how many processes do this.
"""

import logging
import threading

from django.db import close_old_connections, connection
from django.utils.module_loading import import_string

EVERY_SECONDS = 15
SENDER = "comments.outgoing.send_due_letters"

logger = logging.getLogger("parley.mail")


def start_sending() -> threading.Thread:
    """Start the thread that looks for due letters as long as the process lives."""
    thread = threading.Thread(target=_keep_sending, name="letters", daemon=True)
    thread.start()
    return thread


def _keep_sending() -> None:
    # Not imported before Django is set up: it knows the models.
    send_due_letters = import_string(SENDER)
    resting = threading.Event()
    while not resting.wait(EVERY_SECONDS):
        close_old_connections()
        try:
            send_due_letters()
        except Exception:
            # A database that is down now may be up at the next look; the thread must not end.
            logger.exception("Letters that are due could not be looked for.")
            connection.close()
