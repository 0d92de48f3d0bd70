"""Submission -> Decision: the worst verdict of all checks, and all that they found.

Pure but for the checks themselves; writes nothing. moderation/ carries the decision out.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from comments.spam import Finding, Verdict, run_checks
from comments.status import Status
from comments.submission import Submission

STATUS_OF_VERDICT = {
    Verdict.HAM: Status.APPROVED,
    Verdict.UNSURE: Status.PENDING,
    Verdict.SPAM: Status.SPAM,
}


@dataclass(frozen=True)
class Decision:
    status: Status
    findings: tuple[Finding, ...] = ()

    def findings_as_json(self) -> list[dict]:
        return [finding.as_json() for finding in self.findings]

    @property
    def listed(self) -> set[int]:
        """The rows of the editors' lists that were found."""
        return {entry for finding in self.findings for entry in finding.entries}


def decide(submission: Submission, checks: Iterable[str] | None = None) -> Decision:
    """Decide where a submission goes. `checks`: dotted paths instead of the setting's (rehearsal).

    Whoever may moderate here is not held by rules meant for strangers.
    """
    if submission.is_trusted:
        return Decision(Status.APPROVED)
    findings = tuple(run_checks(submission, checks))
    return Decision(STATUS_OF_VERDICT[worst_of(findings)], findings)


def worst_of(findings: Iterable[Finding]) -> Verdict:
    """Return what findings come to. Pure."""
    deciding = (finding.verdict for finding in findings if not finding.is_advice)
    return max(deciding, key=_weight, default=Verdict.HAM)


def _weight(verdict: Verdict) -> int:
    return verdict.weight
