"""The comments of one WordPress file on their way in: which are for readers, batch by batch.

comments.py says what each of them was; comments/transfer/intake.py stores them.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from blog.models import Post
from blog.transfer.wordpress.comments import arrival_of, is_of_a_known_type, not_for_readers
from blog.transfer.wordpress.people import People
from blog.transfer.wxr.reading import Comment
from comments.transfer.arrivals import Arrival
from comments.transfer.intake import Intake
from comments.transfer.records import ImportRun
from comments.transfer.report import Report

COMMENTS_A_BATCH = 500


@dataclass
class CommentIntake:
    """Call take() for what the file has of each post, then finish() once.

    Shape: `fallback` is the date of what has none, nor its post; `position` is the place in the
    file of the comment before; with `is_ours` the file was written by Parley.
    """

    run: ImportRun
    report: Report
    people: People
    fallback: datetime
    position: int = 0
    is_ours: bool = False
    arrivals: list[Arrival] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.intake = Intake(self.run, self.report)

    def take(self, comments: Iterable[Comment], post: Post) -> None:
        for comment in comments:
            if self._is_wanted(comment):
                self._admit_later(comment, post)
            if len(self.arrivals) >= COMMENTS_A_BATCH:
                self._admit()

    def finish(self) -> None:
        """Store what is left."""
        self._admit()
        self.intake.finish()

    def _is_wanted(self, comment: Comment) -> bool:
        reason = not_for_readers(comment) if comment.id else "comments without an id"
        if reason:
            self.report.skip(reason, line=comment.line)
        return not reason

    def _admit_later(self, comment: Comment, post: Post) -> None:
        if not is_of_a_known_type(comment):
            words = f'comment {comment.id} is of the type "{comment.type}": it waits to be judged'
            self.report.note(words, line=comment.line)
        self.position += 1
        arrival = arrival_of(
            comment,
            post,
            self.people,
            position=self.position,
            fallback=post.published_at or self.fallback,
            is_ours=self.is_ours,
        )
        self.arrivals.append(arrival)

    def _admit(self) -> None:
        arrivals, self.arrivals = self.arrivals, []
        self.intake.admit(arrivals)
