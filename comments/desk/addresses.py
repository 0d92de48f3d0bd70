"""Where the parts of the desk answer about one comment. Made of one address a page: Django takes
longer to find a dozen of them for each card than to write the card.
"""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode


@dataclass(frozen=True)
class Desk:
    """Shape: `root`, `changes` and `threads` are what all of these addresses begin with."""

    root: str
    changes: str
    threads: str

    @classmethod
    def here(cls) -> "Desk":
        first = reverse("admin:comments_comment_change", args=[0])
        rules = reverse("comments:manage", args=[0])
        return cls(
            reverse("admin:desk"), first.removesuffix("0/change/"), rules.removesuffix("0/manage/")
        )

    def all_of(self, source: str, value: Any) -> str:
        """Return where all that came from one source is shown."""
        return f"{self.root}all/?{urlencode({source: value})}"

    def about(self, comment_id: int, thread_id: int) -> "Addresses":
        return Addresses(self, comment_id, thread_id)


@dataclass(frozen=True)
class Addresses:
    """A test holds each of them against what Django finds."""

    desk: Desk
    comment_id: int
    thread_id: int

    def _of(self, name: str) -> str:
        return f"{self.desk.root}{self.comment_id}/{name}/"

    @property
    def decide(self) -> str:
        return self._of("decide")

    @property
    def edit(self) -> str:
        return self._of("edit")

    @property
    def reply(self) -> str:
        return self._of("reply")

    @property
    def people(self) -> str:
        return self._of("people")

    @property
    def move(self) -> str:
        return self._of("move")

    @property
    def run_thread(self) -> str:
        return self._of("thread")

    @property
    def log(self) -> str:
        return f"{self.desk.root}log/?comment={self.comment_id}"

    @property
    def same_thread(self) -> str:
        return f"{self.desk.root}all/?thread={self.thread_id}"

    @property
    def rules(self) -> str:
        return f"{self.desk.threads}{self.thread_id}/manage/"

    @property
    def whole(self) -> str:
        return f"{self.desk.changes}{self.comment_id}/change/"
