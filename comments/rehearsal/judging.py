"""Judges one comment twice: by the terms in force, and by those to be.

Only the checks that the change concerns are asked both times. Of the others, those that follow from
what editors set are asked once; what the rest said when the comment came stands. Checks are asked
directly: a rehearsal is nothing that the health of a check is told by.
"""

from collections.abc import Iterator
from dataclasses import replace

from django.conf import settings

from comments.models import Thread
from comments.policy import STATUS_OF_VERDICT
from comments.rehearsal.offers import Offer
from comments.rehearsal.terms import READINGS, Change, Missing
from comments.spam import Finding, Verdict, load_checks, remote_checks_in_force
from comments.spam.running import worst_of
from comments.status import Status
from comments.submission import Submission


class CannotTell(Exception):
    def __init__(self, why: Missing) -> None:
        super().__init__(why)
        self.why = why


class Judge:
    """Judges comments by the terms in force and by those to be."""

    def __init__(self, change: Change) -> None:
        self.change = change
        paths = [path for path in settings.COMMENTS_CHECKS if path in READINGS]
        self.checks = {each.path: (each.name, each.check) for each in load_checks(tuple(paths))}
        self.has_remote = bool(remote_checks_in_force())
        self._concerned: dict[int, frozenset[str]] = {}

    def is_idle(self, thread: Thread | None) -> bool:
        """Tell whether the change decides about nothing, in one discussion or in any."""
        return not self._concerned_in(thread or Thread())

    def statuses(self, offer: Offer) -> tuple[Status, Status]:
        """Return where a comment would go, and where it would have gone. Raises: CannotTell."""
        old: list[Finding] = []
        new: list[Finding] = []
        judged: set[str] = set()
        for path in self._concerned_in(offer.comment.thread):
            if self._may_differ(path, offer):
                judged.add(path)
                old += self._found(path, self.change.old.judging(offer.submission))
                new += self._found(path, self.change.new.judging(offer.submission))
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
        changed = replace(offer.submission, lists=self.change.lists)
        return not reading.is_of_lists or bool(self._found(path, changed))

    def _lacks(self, path: str, offer: Offer) -> bool:
        return offer.lacks(READINGS[path].needs, self.change.blurred)

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
        submission = self.change.new.judging(offer.submission)
        for path in sorted(known, key=lambda path: READINGS[path].is_of_lists):
            if path not in judged:
                yield from self._found(path, submission)

    def _found(self, path: str, submission: Submission) -> list[Finding]:
        """Raises: CannotTell."""
        _name, check = self.checks[path]
        try:
            finding = check(submission)
        except Exception as error:
            raise CannotTell(Missing.FAILED) from error
        return [] if finding is None else [finding]


def worse(one: Verdict, other: Verdict) -> Verdict:
    return max(one, other, key=lambda verdict: verdict.weight)
