"""What is done beside the requests of a process: no worker has to be set up for it.

One thread in each web process looks after all jobs. Each job takes what it works on before it
works, so that it does not matter how many processes do this.
"""

import logging
import threading
from collections.abc import Callable, Iterable

from django.db import close_old_connections, connection
from django.utils.module_loading import import_string

EVERY_SECONDS = 15
# Called in this order at each look. A job returns soon: those after it wait.
JOBS = (
    "comments.outgoing.send_due_letters",
    "comments.spam.health.flush",
    "comments.rechecking.recheck_due",
    "comments.spam.akismet.feedback.send_due_reports",
    "comments.learning.upkeep.catch_up",
    "comments.retention.clear_due_facts",
    "comments.spam.akismet.sent.forget_old",
    "blog.publishing.scheduling.appear_due",
    "blog.publishing.scheduling.publish_due_changes",
    "blog.publishing.purging.purge_trash",
    "blog.room.presence.forget_those_gone",
    "blog.publishing.again.renew_outdated",
    "blog.renditions.render_due",
)

logger = logging.getLogger("parley.background")


def start_working() -> threading.Thread:
    """Start the thread that does what is due as long as the process lives."""
    thread = threading.Thread(target=_keep_working, name="background", daemon=True)
    thread.start()
    return thread


def _keep_working() -> None:
    # Not imported before Django is set up: they know the models.
    jobs = [import_string(path) for path in JOBS]
    resting = threading.Event()
    while not resting.wait(EVERY_SECONDS):
        close_old_connections()
        do_all(jobs)


def do_all(jobs: Iterable[Callable[[], object]]) -> None:
    """Do each; one that fails keeps no other from being done, and is done again at the next look.

    A database that is down now may be up by then; the thread must not end.
    """
    for job in jobs:
        try:
            job()
        except Exception:
            logger.exception("What is due could not be done: %s.", job)
            connection.close()
