"""Another system's comments into our threads: each Told finds its page and becomes an Arrival.

Nobody is matched with an account here: these files prove no address. What is here already from
elsewhere is known by recognising.py.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

from django.utils.translation import gettext as _

from comments.models import Thread
from comments.status import Action, Status
from comments.transfer.addresses import Addresses
from comments.transfer.arrivals import Act, Arrival
from comments.transfer.formats.told import Told
from comments.transfer.intake import BATCH, Intake
from comments.transfer.mending import fitted, fitting_id
from comments.transfer.recognising import Recognising
from comments.transfer.records import ImportRun
from comments.transfer.report import Report

NO_PAGE = "no page at this address"
OTHER_SITE = "of another site"
OF_DELETED_THREADS = "comments of deleted threads"


def take_threads(
    told: Iterable[Told], run: ImportRun, report: Report, addresses: Addresses
) -> None:
    """Store all comments that have a page here. Batches are the same in every run of one file."""
    intake, recognising = Intake(run, report, is_exact=True), Recognising(run, report)
    pages = _Pages(addresses, report)
    numbered = enumerate(told, start=1)
    while batch := list(islice(numbered, BATCH)):
        arrivals = [fitted(each) for each in pages.arrivals(batch)]
        intake.admit(recognising.strangers(arrivals, _wordpress_ids(batch)))
    intake.finish()


@dataclass
class _Pages:
    """Finds the page of each comment; what has none is counted, each address named once."""

    addresses: Addresses
    report: Report
    unmatched: set[tuple[str, ...]] = field(default_factory=set)

    def arrivals(self, batch: list[tuple[int, Told]]) -> Iterator[Arrival]:
        for position, each in batch:
            if each.skip:
                self.report.skip(each.skip, line=each.line, what=f"comment {each.external_id}")
            elif thread := self.addresses.find(each.addresses):
                if each.is_in_deleted_thread:
                    self.report.took(OF_DELETED_THREADS, _status(each))
                yield _arrival(position, each, thread)
            else:
                self._leave_out(each)

    def _leave_out(self, each: Told) -> None:
        reason = NO_PAGE if self.addresses.is_ours(each.addresses) else OTHER_SITE
        self.report.skipped[reason] += 1
        if each.addresses not in self.unmatched:
            self.unmatched.add(each.addresses)
            self.report.note(f"{' or '.join(each.addresses)[:200]}: {reason}", line=each.line)


def _wordpress_ids(batch: list[tuple[int, Told]]) -> dict[str, str]:
    return {
        fitting_id(each.external_id): each.wordpress_id for _at, each in batch if each.wordpress_id
    }


def _arrival(position: int, each: Told, thread: Thread) -> Arrival:
    if each.created_at is None:
        raise ValueError("A comment without a date was not skipped.")
    return Arrival(
        external_id=each.external_id,
        parent_id=each.parent_id,
        thread=thread,
        position=position,
        status=_status(each),
        body=each.text,
        markup=each.markup,
        created_at=each.created_at,
        edited_at=each.edited_at,
        author_name=each.name,
        author_email=each.email,
        author_website=each.website,
        ip_address=each.ip_address,
        history=_history(each, each.created_at),
        line=each.line,
    )


def _status(each: Told) -> Status:
    """Return a status under which nobody reads what nobody could read there."""
    was_shown = each.status in {Status.APPROVED, Status.PENDING}
    return Status.REJECTED if each.is_in_deleted_thread and was_shown else each.status


def _history(each: Told, at: datetime) -> tuple[Act, ...]:
    """Return why it is not what it was called there; all else says the import by itself."""
    status = _status(each)
    if status == each.status:
        return ()
    return (Act(Action.IMPORT, status, at, note=_("Its discussion was deleted there.")),)
