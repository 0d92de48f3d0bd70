"""Replies whose parents stand further on in the file: in which order they are placed at its end.

The order of a whole thread is found before any of it is written, with what an earlier run wrote of
it in its place: so it follows from the file alone, and the writing may stop and go on anywhere. No
query here but what is known of their parents.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from comments.transfer.arrivals import Arrival, tombstone
from comments.transfer.places import Known
from comments.transfer.report import Report
from comments.transfer.rows import firsts_of_circles, in_order


def whole_threads(waiting: Iterable[Arrival], size: int) -> Iterator[list[Arrival]]:
    """Yield what waited of one thread, or of several that make `size` together."""
    threads: defaultdict[int, list[Arrival]] = defaultdict(list)
    for each in sorted(waiting, key=lambda each: each.position):
        threads[each.thread.pk].append(each)
    group: list[Arrival] = []
    for arrivals in threads.values():
        group += arrivals
        if len(group) >= size:
            yield group
            group = []
    if group:
        yield group


def order_of_the_rest(
    group: list[Arrival], homes: dict[str, int], source: str, report: Report
) -> list[Arrival]:
    """Return what waited of whole threads as it is numbered, after tombstones for lost parents.

    Shape: `homes` are the threads of all that waited. Those that are here already, from a run that
    was cut off, keep their place in the order; none of the others comes before its parent.
    """
    own = {each.external_id for each in group}
    known = Known(source, {each.parent_id for each in group} - own - {""})
    homes = homes | {external: place.thread_id for external, place in known.places.items()}
    stones = list(_stones(group, homes, known))
    keep_in_thread(group, homes, report)
    ready, left = in_order([*stones, *group], known.places)
    for first in firsts_of_circles(left):
        if not first.is_here:
            report.note("comments that answer each other in a circle", line=first.line)
        first.parent_id = ""
    more, _none = in_order(left, {each.external_id for each in ready})
    return ready + more


def keep_in_thread(arrivals: Iterable[Arrival], homes: dict[str, int], report: Report) -> None:
    """Make a root of a reply to a comment of another thread."""
    for each in arrivals:
        if each.parent_id and homes.get(each.parent_id, each.thread.pk) != each.thread.pk:
            if not each.is_here:
                report.note("a reply to a comment of another thread", line=each.line)
            each.parent_id = ""


def _stones(group: list[Arrival], homes: dict[str, int], known: Known) -> Iterator[Arrival]:
    """Yield tombstones for the parents that never came, and those that stand; add to `homes`."""
    told: set[str] = set()
    for each in group:
        parent_id = each.parent_id
        if not parent_id or parent_id in told:
            continue
        if parent_id not in homes:
            homes[parent_id] = each.thread.pk
            told.add(parent_id)
            yield tombstone(each)
        elif known.is_stone(parent_id) and homes[parent_id] == each.thread.pk:
            told.add(parent_id)
            yield tombstone(each).without_words()
