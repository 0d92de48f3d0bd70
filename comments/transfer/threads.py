"""Another system's comments into our threads: each Told finds its page and becomes an Arrival.

Nobody is matched with an account here: these files prove no address.
"""

from collections.abc import Iterable, Iterator
from itertools import islice

from comments.models import Thread
from comments.transfer.addresses import Addresses
from comments.transfer.arrivals import Arrival
from comments.transfer.formats.told import Told
from comments.transfer.intake import BATCH, Intake
from comments.transfer.report import Report

NO_PAGE = "no page at this address"
OTHER_SITE = "of another site"


def take_threads(told: Iterable[Told], intake: Intake, addresses: Addresses) -> None:
    """Store all comments that have a page here. Batches are the same in every run of one file."""
    report = intake.report
    numbered = enumerate(told, start=1)
    unmatched: set[tuple[str, ...]] = set()
    while batch := list(islice(numbered, BATCH)):
        intake.admit(_arrivals(batch, addresses, report, unmatched))
    intake.finish()


def _arrivals(
    batch: list[tuple[int, Told]],
    addresses: Addresses,
    report: Report,
    unmatched: set[tuple[str, ...]],
) -> Iterator[Arrival]:
    for position, each in batch:
        if each.skip:
            report.skip(each.skip, line=each.line, what=f"comment {each.external_id}")
        elif thread := addresses.find(each.addresses):
            yield _arrival(position, each, thread)
        else:
            reason = NO_PAGE if addresses.is_ours(each.addresses) else OTHER_SITE
            report.skipped[reason] += 1
            if each.addresses not in unmatched:
                unmatched.add(each.addresses)
                report.note(f"{' or '.join(each.addresses)[:200]}: {reason}", line=each.line)


def _arrival(position: int, each: Told, thread: Thread) -> Arrival:
    if each.created_at is None:
        raise ValueError("A comment without a date was not skipped.")
    return Arrival(
        external_id=each.external_id,
        parent_id=each.parent_id,
        thread=thread,
        position=position,
        status=each.status,
        body=each.text,
        markup=each.markup,
        created_at=each.created_at,
        edited_at=each.edited_at,
        author_name=each.name,
        author_email=each.email,
        author_website=each.website,
        ip_address=each.ip_address,
        line=each.line,
    )
