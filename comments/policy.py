"""Submission -> Decision: the worst verdict of all checks, and all that they found.

Pure but for the checks themselves; writes nothing. moderation/ carries the decision out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comments.spam import Finding, Owed, Verdict
from comments.spam.running import Judgement, judge
from comments.status import Status
from comments.submission import Submission

STATUS_OF_VERDICT = {
    Verdict.HAM: Status.APPROVED,
    Verdict.UNSURE: Status.PENDING,
    Verdict.SPAM: Status.SPAM,
}


@dataclass(frozen=True)
class Decision:
    """Shape: `has_sent` tells whether a remote check was asked."""

    status: Status
    findings: tuple[Finding, ...] = ()
    has_sent: bool = False

    def findings_as_json(self) -> list[dict]:
        return [finding.as_json() for finding in self.findings]

    @property
    def listed(self) -> set[int]:
        """The rows of the editors' lists that were found."""
        return {entry for finding in self.findings for entry in finding.entries}

    @property
    def owed(self) -> list[Owed]:
        """The verdicts that checks still owe. What others call spam owes nothing."""
        if self.status == Status.SPAM:
            return []
        return [finding.owed for finding in self.findings if finding.owed]


def decide(submission: Submission, checks: Iterable[str] | None = None) -> Decision:
    """Decide where a submission goes. `checks`: dotted paths instead of the setting's (rehearsal).

    Whoever may moderate here is not held by rules meant for strangers.
    """
    if submission.is_trusted:
        return Decision(Status.APPROVED)
    return decision_of(judge(submission, checks))


def decision_of(judged: Judgement) -> Decision:
    """Return what follows from what the checks said. Pure."""
    return Decision(STATUS_OF_VERDICT[judged.worst], judged.findings, judged.has_sent)
