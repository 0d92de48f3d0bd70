"""The calls that Akismet knows, and what its answers mean. Adds the key; quotes it nowhere.

Source: akismet.com/developers (verify-key, comment-check, submit-spam, submit-ham, errors) and
Akismet's own plugin, for what only that tells: `X-akismet-error` comes with an answer that looks
like a verdict and is none (a suspended key gets "false"), and `X-akismet-recheck-after` with a
"false" that may change.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.conf import settings

from comments.spam.akismet.client import Answer, Fields, post
from comments.spam.akismet.failures import AkismetFailed, Failure
from comments.spam.akismet.fields import KEY_FIELD

THANKS = "Thanks for making the web a better place."
# An answer that is not understood is quoted so far.
MOST_QUOTED = 80
MOST_NOTICE = 300
# When to ask again is Akismet's to say, within reason.
SOONEST, LATEST = timedelta(seconds=30), timedelta(days=1)


class Call(StrEnum):
    VERIFY_KEY = "verify-key"
    COMMENT_CHECK = "comment-check"
    SUBMIT_SPAM = "submit-spam"
    SUBMIT_HAM = "submit-ham"


@dataclass(frozen=True)
class Said:
    """What Akismet says of a comment. Shape: `guid` is its own name for the question; `notice`
    is for whoever runs the site.
    """

    is_spam: bool
    is_blatant: bool = False
    recheck_after: timedelta | None = None
    guid: str = ""
    notice: str = ""


def is_on() -> bool:
    return bool(settings.COMMENTS_AKISMET_KEY)


def verify_key(blog: str) -> None:
    """Ask whether Akismet knows the key and serves this site. Raises: AkismetFailed."""
    _ask(Call.VERIFY_KEY, {"key": settings.COMMENTS_AKISMET_KEY, "blog": blog}, ("valid",))


def comment_check(fields: Fields) -> Said:
    """Ask whether a comment is spam. Raises: AkismetFailed."""
    answer = _ask(Call.COMMENT_CHECK, _with_key(fields), ("true", "false"))
    is_spam = answer.text == "true"
    return Said(
        is_spam,
        is_blatant=is_spam and answer.headers.get("x-akismet-pro-tip", "").lower() == "discard",
        recheck_after=None if is_spam else _time_in(answer, "x-akismet-recheck-after"),
        guid=answer.headers.get("x-akismet-guid", "")[:200],
        notice=notice_in(answer),
    )


def report(fields: Fields, *, is_spam: bool) -> None:
    """Tell Akismet that it was wrong about a comment. Raises: AkismetFailed."""
    _ask(Call.SUBMIT_SPAM if is_spam else Call.SUBMIT_HAM, _with_key(fields), (THANKS,))


def _with_key(fields: Fields) -> Fields:
    return {KEY_FIELD: settings.COMMENTS_AKISMET_KEY, **fields}


def _ask(call: Call, fields: Fields, expected: tuple[str, ...]) -> Answer:
    """Return an answer that is one of those `expected`. Raises: AkismetFailed."""
    answer = post(f"/1.1/{call}", fields)
    _refuse_status(answer)
    if error := answer.headers.get("x-akismet-error"):
        raise AkismetFailed(Failure.ACCOUNT, _quoted(notice_in(answer) or error))
    if answer.text == "invalid":
        said = answer.headers.get("x-akismet-debug-help", "")
        raise AkismetFailed(Failure.KEY, _quoted(notice_in(answer) or said))
    if answer.text not in expected:
        raise AkismetFailed(Failure.UNREADABLE, _quoted(answer.text))
    return answer


def _refuse_status(answer: Answer) -> None:
    if answer.status in {429, 503}:
        again = _time_in(answer, "retry-after")
        raise AkismetFailed(Failure.BUSY, str(answer.status), retry_after=again)
    if answer.status >= 500:
        raise AkismetFailed(Failure.SERVER, str(answer.status))
    if answer.status != 200:
        raise AkismetFailed(Failure.UNREADABLE, str(answer.status))


def notice_in(answer: Answer) -> str:
    """Return what Akismet wants whoever runs the site to know, such as a used-up plan."""
    code = answer.headers.get("x-akismet-alert-code", "")
    message = answer.headers.get("x-akismet-alert-msg", "")
    return _quoted(f"{message} ({code})" if message and code else message or code, MOST_NOTICE)


def _time_in(answer: Answer, header: str) -> timedelta | None:
    seconds = answer.headers.get(header, "")
    if not (seconds.isascii() and seconds.isdigit()):
        return None
    return min(max(timedelta(seconds=int(seconds[:9])), SOONEST), LATEST)


def _quoted(text: str, most: int = MOST_QUOTED) -> str:
    """Return what Akismet says as it may be shown: in one line, in short, without the key."""
    line = " ".join("".join(x if x.isprintable() else " " for x in text[: 4 * most]).split())
    return line.replace(settings.COMMENTS_AKISMET_KEY or "\0", "…")[:most]
