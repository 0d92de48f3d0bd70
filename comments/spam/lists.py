"""The editors' lists: words as whole words, domains as whole labels, networks, regular expressions.

Every process keeps them until they change (held.py). A text is looked up word by word in a
dictionary, so the cost grows with the text and not with the list. What was found is counted once a
comment is stored, by moderation/, and never where it is only tried how checks would judge.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from comments.held import OF_LISTS, Held, count_change
from comments.models import ListEffect, ListEntry, ListKind
from comments.networks import Networks, as_wide_as_kept
from comments.spam import Finding, Verdict
from comments.spam.expressions import found_in
from comments.submission import Submission

LONGEST_PHRASE_WORDS = 8
MOST_LATE_NAMED = 3

VERDICTS = {ListEffect.HOLD: Verdict.UNSURE, ListEffect.SPAM: Verdict.SPAM}
WORD = re.compile(r"\w+")


# --- what is kept ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Listed:
    """What is listed in one way of writing it, or several. Shape: `effect` the worst of theirs."""

    effect: str
    entries: tuple[int, ...]

    @property
    def verdict(self) -> Verdict:
        return VERDICTS[ListEffect(self.effect)]

    def with_another(self, other: "Listed") -> "Listed":
        worst = max(self, other, key=lambda each: each.verdict.weight)
        return Listed(worst.effect, self.entries + other.entries)


@dataclass
class Lists:
    """All entries, folded as they are compared. Shape: `beginnings` are first words of `words`."""

    words: dict[str, Listed] = field(default_factory=dict)
    domains: dict[str, Listed] = field(default_factory=dict)
    expressions: dict[str, Listed] = field(default_factory=dict)
    networks: Networks[Listed] = field(default_factory=lambda: Networks(()))
    beginnings: frozenset[str] = frozenset()


Row = tuple[int, str, str, str]


def read_rows() -> list[Row]:
    """Return the entries. Shape: key, kind, pattern, effect. Queries: 1."""
    return list(ListEntry.objects.values_list("pk", "kind", "pattern", "effect"))


def read_lists() -> Lists:
    """Queries: 1."""
    return lists_of(read_rows())


def lists_of(rows: Iterable[Row]) -> Lists:
    """Return what would be kept if these were the entries. Pure."""
    lists, networks = Lists(), []
    for pk, kind, pattern, effect in rows:
        listed = Listed(effect, (pk,))
        if kind == ListKind.WORD:
            _add(lists.words, fold(pattern), listed)
        elif kind == ListKind.DOMAIN:
            _add(lists.domains, fold_domain(pattern), listed)
        elif kind == ListKind.REGEX:
            _add(lists.expressions, pattern, listed)
        else:
            networks.append((pattern, listed))
    lists.networks, lists.beginnings = Networks(networks), beginnings_of(lists.words)
    return lists


def _add(to: dict[str, Listed], pattern: str, listed: Listed) -> None:
    if pattern:
        to[pattern] = to[pattern].with_another(listed) if pattern in to else listed


held = Held(read_lists, OF_LISTS)


def forget_lists() -> None:
    """Call after the lists changed, in the same transaction: every process reads them anew.

    Queries: 1.
    """
    count_change(OF_LISTS)
    held.kept = None


def count_hits(entries: Collection[int]) -> None:
    """Count that a comment was stored in which these were found. Queries: 1, or none."""
    if entries:
        hit = {"hits": F("hits") + 1, "last_hit_at": timezone.now()}
        ListEntry.objects.filter(pk__in=entries).update(**hit)


# --- the checks -----------------------------------------------------------------------------

Found = tuple[str, Listed, tuple[int, int] | None]


def _lists_for(submission: Submission) -> Lists:
    """Return what a submission is looked up in: the lists in force, or those of a rehearsal."""
    return submission.lists or held.at(submission.lists_version)


def listed_words(submission: Submission) -> Finding | None:
    """Report the worst listed word or phrase in the body, the name, the address or the website."""
    lists = _lists_for(submission)
    found: list[Found] = [
        (word, lists.words[word], span if text is submission.body else None)
        for text in _texts(submission)
        for word, span in listed_in(text, lists.words, lists.beginnings)
    ]
    return _worst("listed_words", _("Holds a listed word: %(found)s."), found)


def listed_domains(submission: Submission) -> Finding | None:
    """Report the worst link to a listed domain or below it, in the body or as the website."""
    addresses = [each for each in (*submission.links, submission.author_website) if each]
    domains = _lists_for(submission).domains if addresses else {}
    found: list[Found] = [
        (domain, domains[domain], None)
        for address in addresses
        for domain in domain_and_parents(address)
        if domain in domains
    ]
    return _worst("listed_domains", _("Links to a listed domain: %(found)s."), found)


def listed_networks(submission: Submission) -> Finding | None:
    """Report the worst listed network that the comment came from.

    No narrower than addresses are kept in the end (retention.py): the log keeps what is found.
    """
    networks = _lists_for(submission).networks
    found: list[Found] = [
        (as_wide_as_kept(network), listed, None)
        for network, listed in networks.of(submission.ip_address)
    ]
    return _worst("listed_networks", _("Came from a listed network: %(found)s."), found)


def listed_patterns(submission: Submission) -> Finding | None:
    """Report the worst listed expression that is found where words are looked for.

    Unsure for one that took too long to look for: it blocks nothing, and lets nothing through.
    """
    expressions = _lists_for(submission).expressions
    if not expressions:
        return None
    matches = list(found_in(_texts(submission), expressions))
    found: list[Found] = [
        (match.expression, expressions[match.expression], match.span if not match.field else None)
        for match in matches
        if match.span is not None
    ]
    late = [match.expression for match in matches if match.span is None]
    worst = _worst("listed_patterns", _("Fits a listed expression: %(found)s."), found)
    if not late:
        return worst
    message = _("Looking for a listed expression took too long: %(found)s.")
    message %= {"found": ", ".join(late[:MOST_LATE_NAMED])}
    if worst is not None:
        return replace(worst, message=f"{worst.message} {message}")
    return Finding("listed_patterns", Verdict.UNSURE, message, late[0])


def _texts(submission: Submission) -> tuple[str, ...]:
    """Return what words are looked for in: the body first."""
    return (
        submission.body,
        submission.author_name,
        submission.author_email,
        submission.author_website,
    )


def _worst(check: str, message: str, found: list[Found]) -> Finding | None:
    """Return a finding that names the worst of what was found, and counts for all of it."""
    if not found:
        return None
    pattern, listed, span = max(found, key=lambda row: row[1].verdict.weight)
    return Finding(
        check,
        listed.verdict,
        message % {"found": pattern},
        pattern,
        span=span,
        entries=tuple({pk for _pattern, each, _span in found for pk in each.entries}),
    )


# --- how they are compared ------------------------------------------------------------------


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


def beginnings_of(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(phrase.partition(" ")[0] for phrase in phrases)


def listed_in(
    text: str, listed: Collection[str], beginnings: frozenset[str]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each listed word or phrase of up to LONGEST_PHRASE_WORDS words, with its span."""
    if not listed:
        return
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
