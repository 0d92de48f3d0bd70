"""A line of the log, without what opens something: addresses that are secrets are shortened.

Whoever reads a log, or is sent one, could otherwise open a draft or take over an account. Every
refused request is written down by Django with its address, a live one too.
"""

import logging
import re

SECRETS = re.compile(
    r"(/(?:drafts|comments/mine|comments/akismet|password/reset/key|confirm-email)/)[^/\s\"]+"
    r"|(/comments/[0-9]+-)[0-9a-f]+"
)


class WithoutSecrets(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return SECRETS.sub(lambda found: f"{found[1] or found[2]}…", super().format(record))
