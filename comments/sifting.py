"""What of a comment the queues are ordered and filtered by: the columns `risk` and `facets`.

Made of the words and of what the checks said, whenever either is stored. Pure.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comments.facets import facets_of, risk_of
from comments.markup import links_in
from comments.models import Comment
from comments.submission import Submission

Findings = Sequence[Mapping[str, Any]]


def sifted(submission: Submission, findings: Findings) -> dict[str, Any]:
    """Return the columns of a comment that is offered."""
    facets = facets_of(
        body=submission.body,
        links=submission.links,
        website=submission.author_website,
        ip=submission.ip_address,
        findings=findings,
    )
    return {"risk": risk_of(findings), "facets": facets}


def sifted_anew(comment: Comment, body: str, findings: Findings | None) -> dict[str, Any]:
    """Return the columns of a comment that gets other words.

    Where no check was asked, what they said before still stands.
    """
    facets = facets_of(
        body=body,
        links=links_in(body),
        website=comment.author_website,
        ip=comment.ip_address,
        findings=_as_before(comment) if findings is None else findings,
    )
    return {"facets": facets} if findings is None else {"risk": risk_of(findings), "facets": facets}


def sift(comment: Comment, findings: Findings) -> None:
    """Give a comment that is about to be stored the columns that follow from the rest of it."""
    for name, value in sifted_anew(comment, comment.body, findings).items():
        setattr(comment, name, value)


def _as_before(comment: Comment) -> list[dict[str, str]]:
    checks = (token[2:] for token in comment.facets.split() if token.startswith("c:"))
    return [{"check": check} for check in checks]
