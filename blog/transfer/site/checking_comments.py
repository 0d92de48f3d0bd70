"""Checks the comments of a site's zip against each other and against what else it holds."""

from typing import Any

from blog.transfer.site import converters, layout, shapes
from blog.transfer.site.contents import Contents, add, require, told
from blog.transfer.site.opened import NotASite, SiteFile
from comments.status import Status

Row = dict[str, Any]


class Discussions:
    """Checks the comments, thread by thread: only one thread's numbers are held at a time."""

    def __init__(self, contents: Contents) -> None:
        self.contents = contents
        self.thread = ""
        self.done: set[str] = set()
        self.numbers: set[int] = set()
        self.parents: dict[int, int] = {}
        # Places that comments were moved from, of all threads.
        self.left: set[str] = set()

    def check(self, site: SiteFile) -> None:
        for number, row in site.rows(layout.COMMENTS):
            with told(layout.COMMENTS, number):
                self._check(converters.converted(row, shapes.COMMENT), number)
        self._end_thread()

    def _check(self, comment: Row, line: int) -> None:
        if comment["thread"] != self.thread:
            self._end_thread()
            self.thread = comment["thread"]
            require(self.contents.threads, self.thread, "thread")
            add(self.done, self.thread)
        if comment["number"] in self.numbers:
            raise ValueError(f"comment {comment['number']} of {self.thread} for the second time")
        self.numbers.add(comment["number"])
        if comment["parent"] is not None and comment["parent"] not in self.numbers:
            self.parents[comment["parent"]] = line
        require(self.contents.people, comment["author"], "person")
        _check_history(comment, self.contents)
        _check_standing(comment)
        _check_marks(comment, self.contents)
        _check_reports(comment, self.contents)
        self._check_moves(comment)

    def _check_moves(self, comment: Row) -> None:
        for left in comment["moved_from"]:
            thread, number = left["thread"], left["number"]
            require(self.contents.threads, thread, "thread")
            add(self.left, f"{thread}#{number}", "moved_from: ")

    def _end_thread(self) -> None:
        for parent, line in self.parents.items():
            if parent not in self.numbers:
                reason = f"answers comment {parent}, which is not in {self.thread}"
                raise NotASite(reason, layout.COMMENTS, line)
        self.numbers, self.parents = set(), {}


def _check_history(comment: Row, contents: Contents) -> None:
    undone: set[int] = set()
    for at, act in enumerate(comment["log"]):
        require(contents.people, act["actor"], "person")
        if act["undoes"] is not None:
            if act["undoes"] >= at or act["undoes"] in undone:
                raise ValueError("log: an act undoes what was not there to be undone")
            undone.add(act["undoes"])
    revisions = [earlier["revision"] for earlier in comment["earlier"]]
    if len(revisions) != len(set(revisions)):
        raise ValueError("earlier: a revision for the second time")
    last = comment["log"][-1] if comment["log"] else None
    if last and last["detail"] and last["revision"] - 1 not in revisions:
        raise ValueError("log: the words before an editor's change of them are not among earlier")


def _check_standing(comment: Row) -> None:
    """See that readers can be seeing the revision that they are said to see."""
    public, own = comment["approved_revision"], comment["revision"]
    if public is None:
        return
    waits = comment["status"] == Status.PENDING and public < own
    is_there = public in {earlier["revision"] for earlier in comment["earlier"]}
    if not (waits and is_there) and (comment["status"], public) != (Status.APPROVED, own):
        raise ValueError(f"approved_revision: nobody can be reading revision {public} of it")


def _check_marks(comment: Row, contents: Contents) -> None:
    readers: set[str] = set()
    for mark in comment["helpful"]:
        require(contents.people, mark["user"], "person")
        add(readers, mark["user"], "helpful: ")
    if comment["author"] in readers:
        raise ValueError("helpful: nobody marks their own comment")


def _check_reports(comment: Row, contents: Contents) -> None:
    waiting: set[tuple[str, str]] = set()
    for report in comment["reports"]:
        require(contents.people, report["reporter"], "person")
        who = report["reporter"] or "", report["reporter_key"]
        if all(who) or not any(who):
            raise ValueError("reports: either reporter or reporter_key says who it was")
        if report["settled"] is None:
            if who in waiting:
                raise ValueError("reports: one reader has two that are open")
            waiting.add(who)
        elif report["settled"] >= len(comment["log"]):
            raise ValueError("reports: settled by an act that is not in the log")
