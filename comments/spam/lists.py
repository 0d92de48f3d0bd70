"""The editors' lists of words and domains, matched as whole words and as whole domain labels.

The lists are read from the database at most once a minute per process. A text is looked up word
by word in a dictionary, so the cost grows with the text and not with the list.
"""

import re
import unicodedata
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.core.cache import cache
from django.utils.translation import gettext as _

from comments.models import ListEffect, ListEntry, ListKind
from comments.spam import Finding, Verdict
from comments.submission import Submission

CACHE_KEY = "comments.lists"
CACHE_SECONDS = 60
LONGEST_PHRASE_WORDS = 8

VERDICTS = {ListEffect.HOLD: Verdict.UNSURE, ListEffect.SPAM: Verdict.SPAM}
WORD = re.compile(r"\w+")


def listed_words(submission: Submission) -> Finding | None:
    """Report the worst listed word or phrase in the body, the name, the address or the website."""
    effects = entries(ListKind.WORD)
    fields = (
        submission.body,
        submission.author_name,
        submission.author_email,
        submission.author_website,
    )
    found = [
        (effects[word], word, span if text is submission.body else None)
        for text in fields
        for word, span in listed_in(text, effects)
    ]
    if not found:
        return None
    effect, word, span = max(found, key=lambda row: VERDICTS[ListEffect(row[0])].weight)
    return Finding(
        "listed_words",
        VERDICTS[ListEffect(effect)],
        _("Holds a listed word: %(word)s.") % {"word": word},
        word,
        span=span,
    )


def listed_domains(submission: Submission) -> Finding | None:
    """Report the worst link to a listed domain or below it, in the body or as the website."""
    addresses = [*submission.links, submission.author_website]
    effects = entries(ListKind.DOMAIN) if any(addresses) else {}
    found = [
        (effects[domain], domain)
        for address in addresses
        for domain in domain_and_parents(address)
        if domain in effects
    ]
    if not found:
        return None
    effect, domain = max(found, key=lambda row: VERDICTS[ListEffect(row[0])].weight)
    message = _("Links to a listed domain: %(domain)s.") % {"domain": domain}
    return Finding("listed_domains", VERDICTS[ListEffect(effect)], message, domain)


def entries(kind: ListKind) -> dict[str, str]:
    """Return folded pattern -> effect of one kind. Queries: 1, or none within a minute."""
    rows = cache.get(CACHE_KEY)
    if rows is None:
        rows = [
            (of_kind, FOLDS[ListKind(of_kind)](pattern), effect)
            for of_kind, pattern, effect in ListEntry.objects.values_list(
                "kind", "pattern", "effect"
            )
        ]
        cache.set(CACHE_KEY, rows, CACHE_SECONDS)
    return {pattern: effect for of_kind, pattern, effect in rows if of_kind == kind}


def forget_lists() -> None:
    """Call after the lists changed, so that this process sees it at once."""
    cache.delete(CACHE_KEY)


def fold(text: str) -> str:
    """Return `text` as it is compared: NFKC, case folded, its words one space apart."""
    return " ".join(WORD.findall(unicodedata.normalize("NFKC", text).casefold()))


def fold_domain(domain: str) -> str:
    """Return a domain as it is compared: its labels in lower case, other scripts as IDNA."""
    lowered = unicodedata.normalize("NFKC", domain).strip().strip(".").casefold()
    try:
        return lowered.encode("idna").decode("ascii")
    except UnicodeError:
        return lowered


FOLDS = {ListKind.WORD: fold, ListKind.DOMAIN: fold_domain}


def listed_in(text: str, listed: dict[str, str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each listed word or phrase of up to LONGEST_PHRASE_WORDS words, with its span."""
    if not listed:
        return
    beginnings = {phrase.partition(" ")[0] for phrase in listed}
    # Without other letters there is nothing to be normalised in a word.
    folded = str.casefold if text.isascii() else fold
    words = [(folded(match.group()), match.span()) for match in WORD.finditer(text)]
    for first, (beginning, _span) in enumerate(words):
        if beginning.partition(" ")[0] not in beginnings:
            continue
        phrase = ""
        for word, (_start, end) in words[first : first + LONGEST_PHRASE_WORDS]:
            phrase = f"{phrase} {word}".strip()
            if phrase in listed:
                yield phrase, (words[first][1][0], end)


def domain_and_parents(address: str) -> list[str]:
    """Return the host of an address and every domain above it, the longest first, folded."""
    try:
        host = urlsplit(address).hostname or ""
    except ValueError:
        return []
    labels = fold_domain(host).split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]
