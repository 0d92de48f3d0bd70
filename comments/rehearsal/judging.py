"""Judges one comment twice: by the terms in force, and by those to be.

Only the checks that the change concerns are asked both times. Of the others, those that follow from
what editors set are asked once; what the rest said when the comment came stands. Checks are asked
directly: a rehearsal is nothing that the health of a check is told by.
"""

from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings

from comments.models import HeldPeople, Thread
from comments.policy import STATUS_OF_VERDICT
from comments.rehearsal.offers import Offer
from comments.rehearsal.proofs import Proofs
from comments.rehearsal.sources import Sources
from comments.rehearsal.terms import READINGS, CannotTell, Change, Missing, Terms
from comments.spam import Finding, Verdict, load_checks, remote_checks_in_force
from comments.spam.running import worst_of
from comments.status import Status
from comments.submission import Submission

FLOOD = "comments.spam.rules.flood"
NEWCOMERS = "comments.spam.rules.first_time_commenter"


def is_idle(change: Change, thread: Thread | None = None) -> bool:
    """Tell whether a change decides about nothing, in one discussion or in any. Pure."""
    return change.concerns(thread or Thread()).isdisjoint(settings.COMMENTS_CHECKS)


class Judge:
    """Judges comments by the terms in force and by those to be."""

    def __init__(self, change: Change, sources: Sources) -> None:
        self.change, self.sources = change, sources
        # Lists at last: they are long.
        paths = sorted(
            (path for path in settings.COMMENTS_CHECKS if path in READINGS),
            key=lambda path: READINGS[path].is_of_lists,
        )
        self.checks = {each.path: (each.name, each.check) for each in load_checks(tuple(paths))}
        self.has_remote = bool(remote_checks_in_force())
        self._last: dict[int, tuple[Offer, Submission]] = {}
        self._concerned: dict[int, frozenset[str]] = {}
        self._asking: dict[int, bool] = {}
        self.proofs = Proofs()

    def statuses(self, offer: Offer) -> tuple[Status, Status]:
        """Return where a comment would go, and where it would have gone. Raises: CannotTell."""
        old: list[Finding] = []
        new: list[Finding] = []
        judged: set[str] = set()
        for path in self._concerned_in(offer.comment.thread):
            if self._may_differ(path, offer):
                judged.add(path)
                old += self._found(path, self._judged_by(self.change.old, offer, path))
                new += self._found(path, self._judged_by(self.change.new, offer, path))
        before, after = worst_of(old), worst_of(new)
        if before != after:
            rest = self._worst_of_rest(offer, judged, enough=worse(before, after))
            before, after = worse(before, rest), worse(after, rest)
        if before != after and self._is_unasked(offer):
            raise CannotTell(Missing.UNASKED)
        # Where both are the same, they are so whatever else there is.
        return STATUS_OF_VERDICT[before], STATUS_OF_VERDICT[after]

    def _concerned_in(self, thread: Thread) -> frozenset[str]:
        if thread.pk not in self._concerned:
            concerned = self.change.concerns(thread)
            self._concerned[thread.pk] = concerned & self.checks.keys()
        return self._concerned[thread.pk]

    def _may_differ(self, path: str, offer: Offer) -> bool:
        """Tell whether a check might say something else; quickly, for lists are long.

        Raises: CannotTell.
        """
        reading = READINGS[path]
        if self._lacks(path, offer):
            raise CannotTell(reading.needs)
        if not reading.is_of_lists:
            return True
        changed = replace(offer.submission, lists=self.change.lists)
        return bool(self._found(path, changed))

    def _lacks(self, path: str, offer: Offer) -> bool:
        if path == NEWCOMERS and self._asks_for_proof(offer.comment.thread):
            return offer.facts is None or self.proofs.may_be_missing(offer)
        return offer.lacks(READINGS[path].needs, self.change.blurred)

    def _asks_for_proof(self, thread: Thread) -> bool:
        """Tell whether guests are told apart by it, now or then."""
        if thread.pk not in self._asking:
            both = (terms.rulebook_of(thread) for terms in (self.change.old, self.change.new))
            held = {rulebook.held_people for rulebook in both}
            self._asking[thread.pk] = HeldPeople.UNPROVED in held
        return self._asking[thread.pk]

    def _judged_by(self, terms: Terms, offer: Offer, path: str) -> Submission:
        """Raises: CannotTell."""
        if path != FLOOD:
            return self._once_judged_by(terms, offer)
        seconds = terms.rulebook_of(offer.comment.thread).flood_window_seconds
        return terms.judging(self.sources.within(offer, seconds))

    def _once_judged_by(self, terms: Terms, offer: Offer) -> Submission:
        """Return the same for each check of a comment: what one finds in the words, others need."""
        last, submission = self._last.get(id(terms), (None, None))
        if submission is None or last is not offer:
            submission = terms.judging(offer.submission)
            self._last[id(terms)] = offer, submission
        return submission

    def _is_unasked(self, offer: Offer) -> bool:
        """Tell whether another site was not asked, since what is spam is sent to none."""
        return self.has_remote and worst_of(offer.findings) == Verdict.SPAM

    def _worst_of_rest(self, offer: Offer, judged: set[str], enough: Verdict) -> Verdict:
        """Return what all other checks come to; no more than `enough` is asked for.

        Raises: CannotTell.
        """
        worst = Verdict.HAM
        for finding in self._rest(offer, judged):
            worst = worse(worst, worst_of([finding]))
            if worst.weight >= enough.weight:
                break
        return worst

    def _rest(self, offer: Offer, judged: set[str]) -> Iterator[Finding]:
        """Yield what all other checks said, or say where they can be asked again; lists at last.

        Raises: CannotTell.
        """
        if offer.is_import:
            raise CannotTell(Missing.FACTS)
        known = [path for path in self.checks if not self._lacks(path, offer)]
        made = {self.checks[path][0] for path in known}
        yield from (finding for finding in offer.findings if finding.check not in made)
        for path in known:
            if path not in judged:
                yield from self._found(path, self._judged_by(self.change.new, offer, path))

    def _found(self, path: str, submission: Submission) -> list[Finding]:
        """Raises: CannotTell."""
        _name, check = self.checks[path]
        try:
            finding = check(submission)
        except Exception as error:
            # Whatever a check stumbles over, the other comments can be told of.
            raise CannotTell(Missing.FAILED) from error
        return [] if finding is None else [finding]


def worse(one: Verdict, other: Verdict) -> Verdict:
    return max(one, other, key=lambda verdict: verdict.weight)
